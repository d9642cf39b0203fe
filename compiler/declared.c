/* declared.c: what is asked of a declaration again and again: libclang makes a new string for each answer.  Knows libclang. */
#include "tree.h"

struct declared *declared(struct unit *unit, CXCursor declaration)
{
	struct index *index = &unit->clang->declared;
	const void *key = declaration.data[0];
	struct declared *known = key ? index_get(index, key) : NULL;
	if (known)
		return known;
	known = arena_alloc(unit->arena, sizeof *known);
	known->name = keep_string(unit, clang_getCursorSpelling(declaration));
	known->kind = clang_getCursorKind(declaration);
	known->marker = known->kind == CXCursor_FunctionDecl ? marker_named(known->name) : NULL;
	known->is_async = known->kind == CXCursor_FunctionDecl && cursor_is_async(declaration);
	if (key)
		index_put(unit->arena, index, key, known);
	return known;
}
