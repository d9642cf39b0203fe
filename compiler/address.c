/* address.c: where the address of an async function that a header defines is taken.  The header's own text is a plain function; one
 * whose address may be awaited has to be lowered, so the file's references become those of an entry in the lowered file.  One that
 * stands in a header, or comes out of a macro, stays the header's, and asyncc warns.
 * Knows libclang; changes nothing. */
#include "macros.h"

#include <string.h>

struct walk {
	struct unit *unit;
	struct addresses *found;
	CXCursor top;            /* the declaration at file scope that we are in */
	bool is_callee;          /* of the cursor that is visited next */
	bool warn;
};

bool is_header_async(struct unit *unit, CXCursor function)
{
	CXFile file;
	if (clang_getCursorKind(function) != CXCursor_FunctionDecl || !clang_isCursorDefinition(function) || !cursor_is_async(function))
		return false;
	clang_getFileLocation(clang_getCursorLocation(function), &file, NULL, NULL, NULL);
	return file && !clang_File_isEqual(file, unit->clang->file);
}

static unsigned offset_in_text(struct unit *unit, CXSourceLocation location,
			       void (*get)(CXSourceLocation, CXFile *, unsigned *, unsigned *, unsigned *))
{
	CXFile file;
	unsigned offset;
	get(location, &file, NULL, NULL, &offset);
	return file && clang_File_isEqual(file, unit->clang->file) ? offset : ~0u;
}

/* The name at `at` is an argument of the macro invoked at `seen`, which makes nothing else of it. */
static bool is_argument(struct unit *unit, unsigned seen, unsigned at)
{
	const struct source *source = unit->source;
	struct token macro = next_token(source, seen, source->size), open = next_token(source, macro.span.end, source->size);
	struct names names = {0};
	if (!token_is(source, open, "(") || at < open.span.end || at >= closing_bracket(source, open.span.start, source->size))
		return false;
	list_add(unit->arena, &names, arena_copy(unit->arena, source->text + macro.span.start, macro.span.end - macro.span.start));
	close_names(unit, &names);
	return !(effects_of(unit, &names) & (STRINGIFIES | PASTES));
}

static void warn_of_address(struct walk *w, struct span where, const char *what, const char *name)
{
	if (w->warn)
		warning_at(w->unit, where, "%s has the address of '%s' as its header defines it: an await through it does not suspend", what, name);
}

/* The header's own: of interest if the file uses what has it. */
static void note_address_in_header(struct walk *w, const char *name)
{
	struct unit *unit = w->unit;
	const char *owner = keep_string(unit, clang_getCursorSpelling(w->top));
	struct occurrences uses = occurrences_in(unit, (struct span){0, unit->source->size}, owner);
	struct span where = {uses.n ? uses.at[0].at : 0, uses.n ? uses.at[0].at + strlen(owner) : 0};
	if (uses.n && !cursor_is_async(w->top)) /* what runs of an async one is the text that is taken over */
		warn_of_address(w, where, arena_printf(unit->arena, "'%s'", owner), name);
}

static void note_address(struct walk *w, CXCursor cursor, const char *name)
{
	struct unit *unit = w->unit;
	unsigned seen = offset_in_text(unit, clang_getCursorLocation(cursor), clang_getExpansionLocation);
	unsigned at = offset_in_text(unit, clang_getCursorLocation(cursor), clang_getSpellingLocation);
	if (seen == ~0u) {
		note_address_in_header(w, name);
	} else if (at == ~0u || (at != seen && !is_argument(unit, seen, at))) {
		warn_of_address(w, (struct span){seen, seen + 1}, "what comes out of this macro", name);
	} else {
		struct address address = {name, at, extent_of(unit, w->top).start};
		list_add(unit->arena, w->found, address);
	}
}

static void note_reference(struct walk *w, CXCursor cursor)
{
	CXCursor function = clang_getCursorReferenced(cursor);
	if (clang_getCursorKind(function) == CXCursor_FunctionDecl && is_header_async(w->unit, clang_getCursorDefinition(function)))
		note_address(w, cursor, keep_string(w->unit, clang_getCursorSpelling(function)));
}

static void visit(CXCursor cursor, void *arg)
{
	struct walk *w = arg;
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	bool is_callee = w->is_callee;
	w->is_callee = kind == CXCursor_CallExpr ||
		       (is_callee && (kind == CXCursor_ParenExpr || kind == CXCursor_UnexposedExpr || kind == CXCursor_UnaryOperator));
	if (kind == CXCursor_DeclRefExpr && !is_callee)
		note_reference(w, cursor);
	each_child(cursor, visit, w);
	w->is_callee = false;
}

static void visit_top(CXCursor cursor, void *arg)
{
	struct walk *w = arg;
	w->top = cursor;
	w->is_callee = false;
	if (clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
		return;
	if (clang_getCursorKind(cursor) == CXCursor_FunctionDecl || clang_getCursorKind(cursor) == CXCursor_VarDecl)
		visit(cursor, w);
}

struct addresses find_addresses(struct unit *unit, bool warn)
{
	struct addresses found = {0};
	struct walk w = {unit, &found, clang_getNullCursor(), false, warn};
	each_declaration(unit, visit_top, &w);
	return found;
}
