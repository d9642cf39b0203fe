/* emit.h: what emit.c (the file and a function's parts) and body.c (the ops of a resume function) share. */
#ifndef EMIT_H
#define EMIT_H

#include "compiler.h"

struct emitter {
	struct unit *unit;
	struct output *output;
	struct async_fn *fn; /* the one being written */
	bool in_user_text;   /* the last thing written was the user's */
	struct span blank;   /* of the user's, written if more of the user's text follows */
};

/* The ops as text: the resume function's body, or an ordinary function's. */
void emit_body(struct emitter *e);
/* The declarations of local types that move to file scope. */
void emit_type_moves(struct emitter *e);
/* At the left margin, a line of ours. */
void own_line(struct emitter *e, int deeper, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
