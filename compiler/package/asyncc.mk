# asyncc.mk: for Makefiles.
#
#   include $(shell asyncc --make-rules)
#   app: server.o client.o
#
# Async C is compiled and linked by the usual rules: CC becomes `asyncc cc $(CC)`, which passes everything else through.
# To look at the lowered text of server.c, as these rules have it compiled: `make server.lowered.c`.
ASYNCC ?= asyncc
ifeq ($(filter $(ASYNCC),$(CC)),)
override CC := $(ASYNCC) cc $(CC)
endif

%.lowered.c: %.c
	$(ASYNCC) $(filter-out -M% -save-temps%,$(CPPFLAGS) $(CFLAGS)) $< -o $@
