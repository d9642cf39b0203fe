/* emit.h: what the files share that write the output: emit.c (the file and a function's parts), emit_call.c (what calls need), emit_resume.c (its
 * code), emit_entry.c (its entry), body.c and body_*.c (the ops of a resume function).  No other file includes it. */
#ifndef EMIT_H
#define EMIT_H

#include "compiler.h"

struct emitter {
	struct unit *unit;
	struct output *output;
	struct async_fn *fn; /* the one being written */
	bool in_user_text;   /* the last thing written was the user's */
	const struct op *shown_await; /* its first line has been begun */
	struct span blank;   /* of the user's, written if more of the user's text follows */
	struct clashes *clashes;
};

/* emit_call.c: before the function */
void emit_requirements(struct emitter *e);
void emit_parameter_field(struct emitter *e, const struct callee *callee, int i, int deeper);
void emit_arguments_field(struct emitter *e, const struct callee *callee, int deeper);
int begin_shared_place(struct emitter *e, const struct callee *callee, int n, int deeper);
void end_shared_place(struct emitter *e, int deeper, int inner);
void emit_store(struct emitter *e, const struct type *type, int deeper, const char *frame, const char *field, const char *name);
/* NAME__start and what it answers; once in a file.  defines: its definition comes next. */
void emit_start_declaration(struct emitter *e, struct callee *callee, bool defines);
const char *start_signature(struct emitter *e, const struct callee *callee);

/* emit_resume.c: the function's code: resume function, start */
void emit_resume(struct emitter *e);
/* Where an await begins: a function that begins without a frame needs one now. */
void emit_frame_if_none(struct emitter *e, const struct op *op);

/* emit_entry.c: the function as ordinary C calls it */
void emit_prototype(struct emitter *e);
void emit_entry(struct emitter *e);

/* emit.c: is there a va_start? */
bool reads_arguments(struct emitter *e);

/* body_declaration.c, body_await.c */
void emit_declaration(struct emitter *e, const struct op *op);
void emit_await(struct emitter *e, const struct op *op);

/* body.c */
void emit_rope(struct emitter *e, const struct rope *rope);
void emit_span(struct emitter *e, struct span span);
/* A line of ours begins: where the op's statement stands, `deeper` tabs to the right. */
void begin_own(struct emitter *e, const struct op *op, int deeper);
/* ... with n ropes on it. */
void begin_own_with(struct emitter *e, const struct op *op, int deeper, const struct rope *ropes, int n);
void say_own_line(struct emitter *e, const struct op *op, int deeper, const char *format, ...) __attribute__((format(printf, 4, 5)));
void emit_label(struct emitter *e, const struct op *op, const char *name, const char *after);
/* Text of the user's as it stands. */
void emit_as_written(struct emitter *e, unsigned start, unsigned end);
/* Writes the blanks of the user's that were held back. */
void flush_blank(struct emitter *e);
/* The ops as text: the resume function's body, or an ordinary function's. */
void emit_body(struct emitter *e);
/* The declarations of local types that move to file scope. */
void emit_type_moves(struct emitter *e);
/* At the left margin, a line of ours. */
void own_line(struct emitter *e, int deeper, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
