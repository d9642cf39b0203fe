/* parse.h: what the files that know libclang share.  Beside tree.h, parse.c, clang_diag.c, type.c and layout.c include it. */
#ifndef PARSE_H
#define PARSE_H

#include "compiler.h"

#include <clang-c/Index.h>

struct clang_unit {
	CXIndex index;
	CXTranslationUnit tu;
	CXFile file; /* the input */
	struct index types; /* type.c's: by libclang's pointer */
	struct index declared; /* declared.c's: by libclang's pointer */
	struct seen_cursors *seen; /* cursors.c's */
	struct { CXCursor *at; int n; } declarations; /* at file scope, everywhere: macros.c reads them with its own */
	bool has_header_async; /* collect.c: an included file defines an async function */
	/* libclang's numbers for places go up by one with each byte of the input: the first one; 0: they do not, or the input
	 * includes itself. */
	unsigned first_location, file_size;
	struct { CXFile file; const char *text; size_t size; } latest; /* cursors.c: what text_of_file was asked for last */
};

/* clang_diag.c: prints clang's errors, counted in unit->errors; keeps the warnings that only clang can give. */
void print_clang_errors(struct unit *unit, struct clang_unit *clang);

/* local.c: NULL if it is not in the body of an async function. */
struct local_type *find_local_type(struct unit *unit, CXCursor declaration);
/* The type as our struct; never NULL.  Shared by all that have it, but for types of a run-time size. */
struct type *make_type(struct unit *unit, CXType type);
/* A function type that GNU C's noreturn is a part of. */
bool type_never_returns(struct unit *unit, CXType function);
/* A parameter's type: an array is a pointer, a function a pointer to it. */
struct type *make_parameter_type(struct unit *unit, CXType type);
/* A copy of a libclang string in the unit's arena. */
const char *keep_string(struct unit *unit, CXString string);
/* cursors.c: calls visit for each child, in order. */
typedef void child_visitor(CXCursor child, void *arg);
void each_child(CXCursor cursor, child_visitor *visit, void *arg);
/* cursors.c: the offset in its file, of an invocation for what comes out of a macro. */
unsigned file_offset(const struct unit *unit, CXSourceLocation location);
struct span extent_of(const struct unit *unit, CXCursor cursor);
/* The place is in the input: at *offset. */
bool is_in_input(const struct unit *unit, CXSourceLocation location, unsigned *offset);
/* ... of the declaration's first token. */
bool starts_in_input(const struct unit *unit, CXCursor cursor);
/* NULL: it has none.  To look for it costs libclang a walk over all that it has read. */
const char *text_of_file(struct unit *unit, CXFile file, size_t *size);
/* Those at file scope, of all files. */
void each_declaration(const struct unit *unit, child_visitor *visit, void *arg);

#endif
