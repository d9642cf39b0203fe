/* tree.h: what collect.c and tree.c share.  No other file includes it. */
#ifndef TREE_H
#define TREE_H

#include "parse.h"

bool cursor_is_async(CXCursor function);
/* The callee struct of an async function, made at the first call. */
struct callee *callee_of(struct unit *unit, CXCursor function);
bool is_own_macro(const char *name);
/* Fills fn->tree, vars, refs and n_params from the function's definition; adds to unit->dirty. */
void build_tree(struct unit *unit, struct async_fn *fn, CXCursor definition);

#endif
