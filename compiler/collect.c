/* collect.c: the unit's functions and callees, from libclang's cursors.
 * Knows libclang.  The trees of the functions' bodies are tree.c's, the macros in them macros.c's. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

const char *keep_string(struct unit *unit, CXString string)
{
	const char *text = clang_getCString(string);
	const char *copy = arena_copy(unit->arena, text ? text : "", text ? strlen(text) : 0);
	clang_disposeString(string);
	return copy;
}

/* ---- async functions as seen by callers ---- */

static void note_async_attribute(CXCursor child, void *found)
{
	if (clang_getCursorKind(child) != CXCursor_AnnotateAttr)
		return;
	CXString name = clang_getCursorSpelling(child);
	if (strcmp(clang_getCString(name), "async") == 0)
		*(bool *)found = true;
	clang_disposeString(name);
}

bool cursor_is_async(CXCursor function)
{
	bool found = false;
	CXCursor first = clang_getCanonicalCursor(function);
	if (clang_Cursor_hasAttrs(function))
		each_child(function, note_async_attribute, &found);
	if (!found && !clang_equalCursors(function, first))
		each_child(first, note_async_attribute, &found);
	return found;
}

struct callee *find_callee(struct unit *unit, const char *name)
{
	return index_get(&unit->callee_names, name);
}

/* A parameter's name in the frame: never empty, none twice, and not one of the frame's own. */
static const char *parameter_name(struct unit *unit, CXCursor function, int i, const struct callee *callee)
{
	const char *name = keep_string(unit, clang_getCursorSpelling(clang_Cursor_getArgument(function, i)));
	if (!name[0])
		name = arena_printf(unit->arena, "arg_%d", i + 1);
	if (strcmp(name, "base") == 0 || strcmp(name, "result") == 0)
		name = arena_printf(unit->arena, "%s_", name);
	for (int j = 0; j < i; j++)
		if (strcmp(callee->param_names[j], name) == 0)
			return arena_printf(unit->arena, "%s_%d", name, i + 1);
	return name;
}

/* `...`; libclang says so of `()` too. */
static bool is_variadic(CXCursor function)
{
	CXType type = clang_getCursorType(function);
	return clang_getCanonicalType(type).kind == CXType_FunctionProto && clang_isFunctionTypeVariadic(type);
}

static void set_parameters(struct unit *unit, struct callee *callee, CXCursor function)
{
	callee->n_params = clang_Cursor_getNumArguments(function); /* an old-style definition's type has none */
	callee->params = arena_alloc(unit->arena, (callee->n_params + 1) * sizeof *callee->params);
	callee->param_names = arena_alloc(unit->arena, (callee->n_params + 1) * sizeof *callee->param_names);
	for (int i = 0; i < callee->n_params; i++) {
		CXType type = clang_getCursorType(clang_Cursor_getArgument(function, i));
		callee->params[i] = make_parameter_type(unit, type);
		callee->param_names[i] = parameter_name(unit, function, i, callee);
	}
}

/* A result is a value: its qualifiers mean nothing, and it has to be assigned. */
static struct type *result_type(struct unit *unit, CXType type)
{
	struct type *result = arena_alloc(unit->arena, sizeof *result);
	*result = *make_type(unit, type);
	result->is_const = result->is_volatile = false;
	return result;
}

struct callee *callee_of(struct unit *unit, CXCursor function)
{
	const char *name = keep_string(unit, clang_getCursorSpelling(function));
	struct callee *callee = find_callee(unit, name);
	if (callee)
		return callee;
	CXType type = clang_getCursorType(function);
	callee = arena_alloc(unit->arena, sizeof *callee);
	callee->name = name;
	callee->result = result_type(unit, clang_getResultType(type));
	callee->is_variadic = is_variadic(function);
	callee->is_static = clang_Cursor_getStorageClass(function) == CX_SC_Static;
	callee->is_inline = clang_Cursor_isFunctionInlined(function);
	set_parameters(unit, callee, function);
	list_add(unit->arena, &unit->callees, callee);
	index_put(unit->arena, &unit->callee_names, name, callee);
	return callee;
}

/* ---- functions ---- */

/* In the text, or by way of a macro. */
static void note_marker(CXCursor cursor, void *found)
{
	if (clang_getCursorKind(cursor) == CXCursor_CallExpr) {
		CXString name = clang_getCursorSpelling(cursor);
		const char *text = clang_getCString(name);
		if (text && strncmp(text, "async__mark_", 12) == 0)
			*(bool *)found = true;
		clang_disposeString(name);
	}
	if (!*(bool *)found)
		each_child(cursor, note_marker, found);
}

static bool uses_markers(struct unit *unit, struct span span, CXCursor function)
{
	enum keyword_use use = keywords_in(unit, span);
	bool found = use == KEYWORDS_WRITTEN;
	if (use == KEYWORDS_POSSIBLE)
		note_marker(function, &found);
	return found;
}

static void note_body(CXCursor child, void *arg)
{
	if (clang_getCursorKind(child) == CXCursor_CompoundStmt)
		*(CXCursor *)arg = child;
}

/* libclang leaves [[attributes]] before a declaration out of it. */
static unsigned before_brackets(const struct source *source, unsigned offset)
{
	for (;;) {
		unsigned at = offset;
		while (at && strchr(" \t\r\n", source->text[at - 1]))
			at--;
		if (at < 4 || source->text[at - 1] != ']' || source->text[at - 2] != ']')
			return offset;
		while (at && !(source->text[at] == '[' && source->text[at - 1] == '['))
			at--;
		if (!at)
			return offset;
		offset = at - 1;
	}
}

/* `SAME(static) int f(void) {}` begins with its macro, not in the brackets of that; unless it is in them as a whole. */
static unsigned before_invocation(const struct source *source, CXCursor cursor, unsigned offset, unsigned body)
{
	unsigned start;
	clang_getExpansionLocation(clang_getRangeStart(clang_getCursorExtent(cursor)), NULL, NULL, NULL, &start);
	if (start >= offset)
		return offset;
	struct token name = next_token(source, start, offset), open = next_token(source, name.span.end, offset);
	return token_is(source, open, "(") && closing_bracket(source, open.span.start, body) < body ? start : offset;
}

static struct async_fn *make_function(struct unit *unit, CXCursor cursor, unsigned offset, bool is_async)
{
	struct async_fn *fn = arena_alloc(unit->arena, sizeof *fn);
	CXCursor body = clang_getNullCursor();
	each_child(cursor, note_body, &body);
	fn->name = keep_string(unit, clang_getCursorSpelling(cursor));
	fn->is_async = is_async;
	clang_getFileLocation(clang_getRangeEnd(clang_getCursorExtent(cursor)), NULL, NULL, NULL, &fn->span.end);
	clang_getFileLocation(clang_getRangeStart(clang_getCursorExtent(body)), NULL, NULL, NULL, &fn->body.start);
	fn->span.start = before_brackets(unit->source, before_invocation(unit->source, cursor, offset, fn->body.start));
	fn->body.end = fn->span.end;
	fn->is_variadic = is_variadic(cursor);
	struct token token;
	for (unsigned at = fn->span.start; (token = next_token(unit->source, at, fn->body.start)).kind != TOKEN_END;
	     at = token.span.end)
		if (token_is(unit->source, token, "async") || token_is(unit->source, token, "_Async"))
			fn->async_keyword = token.span;
	return fn;
}

struct functions {
	struct unit *unit;
	struct { CXCursor *at; int n; } bodies; /* beside unit->fns */
};

/* A function taken over from a header is known to its callers by the header's declaration. */
struct callee *callee_for(struct unit *unit, CXCursor function)
{
	const char *adopted = adopted_name(keep_string(unit, clang_getCursorSpelling(function)));
	struct callee *callee = adopted ? find_callee(unit, adopted) : NULL;
	return callee ? callee : callee_of(unit, function);
}

static void note_function(CXCursor cursor, void *arg)
{
	struct functions *functions = arg;
	struct unit *unit = functions->unit;
	unsigned offset;
	if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl)
		return;
	bool is_async = cursor_is_async(cursor);
	if (is_async)
		note_callee_attributes(unit, callee_for(unit, cursor), cursor);
	unit->clang->has_header_async |= is_async && is_header_async(unit, cursor);
	if (!clang_isCursorDefinition(cursor) || !is_in_input(unit, clang_getRangeStart(clang_getCursorExtent(cursor)), &offset))
		return;
	struct async_fn *fn = make_function(unit, cursor, offset, is_async);
	const char *adopted = adopted_name(fn->name);
	if (adopted) {
		fn->name = adopted;
		fn->is_adopted = true;
	}
	if (!is_async && !uses_markers(unit, fn->body, cursor))
		return;
	if (is_async) {
		fn->callee = callee_for(unit, cursor);
		fn->callee->definition = fn;
		sort_attributes(unit, fn, cursor);
		/* The definition's names and types are the ones the frame is made with. */
		set_parameters(unit, fn->callee, cursor);
		fn->callee->is_static |= clang_Cursor_getStorageClass(cursor) == CX_SC_Static;
	}
	list_add(unit->arena, &unit->fns, fn);
	list_add(unit->arena, &functions->bodies, cursor);
}

/* A library function whose frame a header shows: struct NAME__frame. */
static void note_visible_frame(CXCursor cursor, void *arg)
{
	struct functions *functions = arg;
	struct unit *unit = functions->unit;
	if (clang_getCursorKind(cursor) != CXCursor_StructDecl || !clang_isCursorDefinition(cursor))
		return;
	const char *name = keep_string(unit, clang_getCursorSpelling(cursor));
	size_t size = strlen(name);
	if (size <= 7 || strcmp(name + size - 7, "__frame") != 0)
		return;
	struct callee *callee = find_callee(unit, arena_copy(unit->arena, name, size - 7));
	if (callee)
		callee->frame_visible = true;
}

static void note_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	struct unit *unit = data;
	(void)stack;
	(void)depth;
	const char *name = keep_string(unit, clang_getFileName(file));
	list_add(unit->arena, &unit->dependencies, name);
}

void collect_functions(struct unit *unit)
{
	struct functions functions = {.unit = unit};
	unit->local_types.n = unit->fns.n = unit->callees.n = unit->dirty.n = 0;
	unit->callee_names = (struct index){.of_names = true};
	if (unit->dependencies.n == 0) /* what is read again after normalising has its inclusions in it */
		clang_getInclusions(unit->clang->tu, note_inclusion, unit);
	record_macros(unit);
	each_declaration(unit, note_function, &functions);
	if (unit->fns.n == 0)
		return;
	each_declaration(unit, note_visible_frame, &functions);
	collect_invocations(unit);
	find_conditionals(unit);
	find_hidden_keywords(unit);
	if (unit->errors || unit->dirty.n || unit->inclusions.n || unit->conditionals.n)
		return;
	for (int i = 0; i < unit->fns.n; i++) {
		build_tree(unit, unit->fns.at[i], functions.bodies.at[i]);
		find_dirt(unit, unit->fns.at[i]);
	}
}
