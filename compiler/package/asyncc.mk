# asyncc.mk: for Makefiles.
#
#   include $(shell asyncc --make-rules)
#   app: server.o client.o
#
# Async C is compiled and linked by the usual rules: CC becomes `asyncc cc $(CC)`, which passes everything else through.
# To look at the lowered text of server.c: `make server.lowered.c`.
ASYNCC ?= asyncc
ifeq ($(filter $(ASYNCC),$(CC)),)
override CC := $(ASYNCC) cc $(CC)
endif

%.lowered.c: %.c
	$(ASYNCC) $(CPPFLAGS) $(filter -D% -U% -I% -std=% -fsanitize=% -fno-sanitize=%,$(CFLAGS)) $< -o $@
