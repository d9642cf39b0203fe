/* tree.h: what collect.c and tree.c share.  No other file includes it. */
#ifndef TREE_H
#define TREE_H

#include "parse.h"

bool cursor_is_async(CXCursor function);
/* The callee struct of an async function, made at the first call. */
struct callee *callee_of(struct unit *unit, CXCursor function);
/* Fills fn->tree, vars, refs and n_params from the function's definition; adds to unit->dirty. */
void build_tree(struct unit *unit, struct async_fn *fn, CXCursor definition);

/* local.c */
void collect_local_types(struct unit *unit, struct async_fn *fn, CXCursor body);
/* Decides which of them move to file scope; needs the tree. */
void place_local_types(struct unit *unit, struct async_fn *fn);

/* header.c: the name in the header; NULL if it has not been taken over. */
const char *adopted_name(const char *name);

/* attribute.c */
struct attribute {
	enum CXCursorKind kind;
	const char *name;      /* "cleanup": without underscores around it */
	const char *arguments; /* "(close_file)", or "" */
	bool in_macro;         /* then its arguments may be the macro's parameters */
	unsigned at;           /* offset in the text: its own, or the macro invocation's */
};
typedef void attribute_visitor(const struct attribute *attribute, void *arg);
void each_attribute(struct unit *unit, CXCursor declaration, attribute_visitor *visit, void *arg);
/* What a caller has to know: weak, noreturn. */
void note_callee_attributes(struct unit *unit, struct callee *callee, CXCursor function);
/* Fills fn->resume_attributes; refuses those that make no sense. */
void sort_attributes(struct unit *unit, struct async_fn *fn, CXCursor definition);

#endif
