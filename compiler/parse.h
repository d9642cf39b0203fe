/* parse.h: what the files that know libclang share: parse.c, collect.c and type.c.  No other file includes it. */
#ifndef PARSE_H
#define PARSE_H

#include "compiler.h"

#include <clang-c/Index.h>

struct clang_unit {
	CXIndex index;
	CXTranslationUnit tu;
	CXFile file; /* the input */
	struct type_table *types; /* type.c's */
};

/* clang_diag.c: prints clang's errors, counted in unit->errors; keeps the warnings that only clang can give. */
void print_clang_errors(struct unit *unit, struct clang_unit *clang);

/* local.c: NULL if it is not in the body of an async function. */
struct local_type *find_local_type(struct unit *unit, CXCursor declaration);
/* The type as our struct; never NULL.  Shared by all that have it, but for types of a run-time size. */
struct type *make_type(struct unit *unit, CXType type);
/* A parameter's type: an array is a pointer, a function a pointer to it. */
struct type *make_parameter_type(struct unit *unit, CXType type);
/* A copy of a libclang string in the unit's arena. */
const char *keep_string(struct unit *unit, CXString string);
/* Calls visit for each child, in order. */
typedef void child_visitor(CXCursor child, void *arg);
void each_child(CXCursor cursor, child_visitor *visit, void *arg);

#endif
