/* asyncify.h: the map of asyncify, which makes an ordinary C program async: `async` before its functions, `await` before
 * their calls.  collect.c reads the program through libclang, decide.c says what has to stay plain, write.c puts the words in. */
#ifndef ASYNCIFY_H
#define ASYNCIFY_H

#include "../../../compiler/compiler.h"

struct function { /* one that the file defines or declares, or that it calls */
	const char *name;
	const char *type;       /* canonical, as clang spells it */
	bool defined;           /* in the file, with a place for the words */
	bool address_taken;
	const char *plain;      /* why it stays as it is; NULL: it becomes async */
	bool variadic;
	unsigned last_va_end;   /* variadic: until there it cannot suspend */
	struct { unsigned *at; int n; } declarations; /* where `async` goes */
	unsigned body;          /* behind its opening brace */
};

struct call {
	struct function *from;  /* who calls */
	struct function *to;    /* NULL: through a pointer */
	bool placed;            /* span and brackets hold: the call can be found in the file's text */
	struct span span;       /* where it is spelt: in a macro's definition, if it comes from there */
	bool brackets;          /* something follows that binds tighter than await */
	const char *fixed;      /* where it stands there is no room for an await; NULL: there is */
};

struct escape { /* a function, or a pointer of a type, that is handed to a function outside of the file */
	struct function *function; /* NULL: whatever has that type */
	const char *type;
	struct function *to;       /* NULL: a member of somebody else's struct */
};

struct program {
	struct arena *arena;
	struct source *source;
	struct { struct function **at; int n; } functions;
	struct { struct call *at; int n; } calls;
	struct { struct escape *at; int n; } escapes;
};

/* collect.c: false after clang's errors were printed. */
bool collect_program(struct program *program, const char **arguments, int n);

/* decide.c: sets function->plain wherever async would not be possible, or would make another one impossible. */
void decide_what_stays_plain(struct program *program);
bool becomes_async(const struct function *function);
bool is_awaited(const struct call *call);

/* write.c: enter_one_in: 0 no function begins with a suspension, 1 every one, n one in n. */
void write_program(const struct program *program, unsigned enter_one_in, FILE *out);
/* A line for each kind of what was left plain, with the names. */
void write_summary(const struct program *program, FILE *out);

#endif
