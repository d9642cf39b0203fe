/* tree_marker.c: what async.h's macros leave in libclang's tree, so that asyncc finds await, async_gather, async_try... in it. */
#include "tree.h"

#include <string.h>

static const struct marker markers[] = {
	{"async__mark_gather", N_GATHER}, {"async__mark_wait_for", N_WAIT_FOR}, {"async__mark_shield", N_SHIELD},
	{"async__mark_catch", N_CATCH}, {"async__mark_run_in_executor", N_EXECUTOR},
	{"async__mark_run_in_executor_abandon", N_EXECUTOR}, {"async__mark_executor_map", N_MAP},
	{"async__mark_awaitable", N_AWAITABLE}, {"async__mark_awaitable_by", N_AWAITABLE}, {"async__mark_create_task", N_CREATE_TASK},
	{"async__mark_create_task_eager", N_CREATE_TASK_EAGER}, {"async__mark_coroutine", N_COROUTINE},
	{"async__mark_run", N_RUN}, {"async__mark_run_on", N_RUN_ON}, {"async__mark_raise", N_RAISE},
	{"async__mark_reraise", N_RERAISE}, {"async__mark_try", N_TRY}, {"async__mark_finally", N_TRY},
	{"async__mark_caught", N_TRY}, {"async__mark_caught_error", N_TRY}, {"async__mark_timeout", N_TIMEOUT}, {"async__mark_timeout_as", N_TIMEOUT},
	{"async__mark_threadsafe", N_RUN_THREADSAFE}, {"async__mark_group", N_GROUP}, {"async__mark_create_task_in", N_CREATE_TASK_IN}, {"async__mark_raise_error", N_RAISE_ERROR},
	{"async__mark_queue_put", N_QUEUE}, {"async__mark_queue_get", N_QUEUE}, {"async__mark_queue_join", N_QUEUE},
};

const struct marker *marker_named(const char *function)
{
	if (strncmp(function, "async__mark_", 12) == 0)
		for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
			if (strcmp(markers[i].name, function) == 0)
				return &markers[i];
	return NULL;
}

static const struct marker *find_marker(struct builder *b, CXCursor call)
{
	CXCursor function = clang_getCursorKind(call) == CXCursor_CallExpr ? clang_getCursorReferenced(call) : clang_getNullCursor();
	return clang_Cursor_isNull(function) ? NULL : declared(b->unit, function)->marker;
}

static CXCursor strip(struct builder *b, CXCursor cursor, bool keeps_casts)
{
	for (;;) {
		enum CXCursorKind kind = clang_getCursorKind(cursor);
		if (keeps_casts && kind == CXCursor_CStyleCastExpr && clang_getCursorType(cursor).kind != CXType_Void)
			return cursor;
		if (kind != CXCursor_ParenExpr && kind != CXCursor_CStyleCastExpr && kind != CXCursor_UnexposedExpr)
			return cursor;
		struct cursors kids = children(b, cursor);
		if (kids.n != 1)
			return cursor;
		cursor = kids.at[0];
	}
}

/* Takes parentheses, casts and implicit conversions off. */
CXCursor strip_cursor(struct builder *b, CXCursor cursor)
{
	return strip(b, cursor, false);
}

/* The same, but a cast that the user wrote is not lost: check.c refuses it. */
static CXCursor strip_operand(struct builder *b, CXCursor cursor)
{
	return strip(b, cursor, true);
}

bool is_comma(CXCursor cursor)
{
	return clang_getCursorKind(cursor) == CXCursor_BinaryOperator &&
	       clang_getCursorBinaryOperatorKind(cursor) == CXBinaryOperator_Comma;
}

/* It begins with a marker, for all that is known; what a chain of commas begins with is looked for once. */
static bool may_be_marked(struct builder *b, CXCursor comma)
{
	return clang_Cursor_isNull(b->plain_comma) || !clang_equalCursors(b->plain_comma, comma);
}

static void note_plain_comma(struct builder *b, CXCursor comma)
{
	CXCursor first = children(b, comma).at[0];
	if (is_comma(first))
		b->plain_comma = first;
}

/* The operands of a chain of commas that came out of one macro, left to right. */
static void flatten_commas(struct builder *b, CXCursor cursor, struct cursors *list)
{
	if (is_comma(cursor)) {
		struct cursors kids = children(b, cursor);
		flatten_commas(b, kids.at[0], list);
		list_add(b->unit->arena, list, kids.at[1]);
	} else {
		list_add(b->unit->arena, list, cursor);
	}
}

static struct node *build_marker_call(struct builder *b, const struct marker *marker, CXCursor call, struct node *node)
{
	int n = clang_Cursor_getNumArguments(call);
	struct cursors list = {.arena = b->unit->arena};
	for (int i = 0; i < n; i++)
		list_add(b->unit->arena, &list, clang_Cursor_getArgument(call, i));
	node->kind = marker->kind;
	if (marker->kind == N_CATCH) { /* ((void)(A), 0) */
		struct cursors parts = {.arena = b->unit->arena};
		flatten_commas(b, strip_cursor(b, list.at[0]), &parts);
		list.n = 0;
		list_add(b->unit->arena, &list, strip_operand(b, parts.at[0]));
	} else if (marker->kind == N_RAISE) { /* ((code), format, ...) */
		list.at[0] = strip_cursor(b, list.at[0]);
	} else if (marker->kind == N_AWAITABLE) { /* (&(object)->awaitable), or (..., step) */
		CXCursor member = children(b, strip_cursor(b, list.at[0])).at[0];
		list.at[0] = strip_cursor(b, children(b, member).at[0]);
	}
	build_kids(b, node, list);
	return finish(node);
}

/* A gather in a gather: its elements are elements of the outer one. */
static void join_gathers(struct builder *b, struct node *gather)
{
	struct { struct node **at; int n; } elements = {0};
	for (int i = 0; i < gather->n_kids; i++) {
		struct node *element = gather->kids[i];
		if (element->kind != N_GATHER) {
			list_add(b->unit->arena, &elements, element);
			continue;
		}
		for (int j = 0; j < element->n_kids; j++)
			list_add(b->unit->arena, &elements, element->kids[j]);
	}
	gather->kids = elements.at;
	gather->n_kids = elements.n;
}

/* (marker(pool, at_once, results, arguments, n), (void)((results)[0] = (function)((arguments)[0]))): the second half tells the
 * function and the types. */
static void build_map(struct builder *b, CXCursor marker, CXCursor assignment, struct node *node, struct cursors *kids)
{
	struct cursors sides = children(b, assignment);
	CXCursor call = strip_cursor(b, sides.at[1]);
	struct cursors parts = children(b, call);
	node->map = arena_alloc(b->unit->arena, sizeof *node->map);
	node->map->returned = make_type(b->unit, clang_getCursorType(call));
	node->map->taken = make_type(b->unit, clang_getCursorType(parts.at[1]));
	node->map->result = make_type(b->unit, clang_getCursorType(sides.at[0]));
	node->map->argument = make_type(b->unit, clang_getCursorType(strip_cursor(b, parts.at[1])));
	for (unsigned i = 0; i < 3; i++)
		list_add(b->unit->arena, kids, clang_Cursor_getArgument(marker, i));
	list_add(b->unit->arena, kids, strip_operand(b, parts.at[0]));
	for (unsigned i = 3; i < 5; i++)
		list_add(b->unit->arena, kids, clang_Cursor_getArgument(marker, i));
}

/* The call says it all: what is behind it and a comma is another operand. */
static bool is_whole(const struct marker *marker)
{
	switch (marker->kind) {
	case N_CATCH: case N_AWAITABLE: case N_RAISE: case N_RAISE_ERROR: case N_RERAISE:
		return true;
	default:
		return false;
	}
}

/* (marker(...), operands...) : the node for it, or NULL if the cursor is something else. */
struct node *build_marked(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor inner = strip_cursor(b, cursor);
	const struct marker *marker = find_marker(b, inner);
	if (marker && marker->kind < N_COMPOUND)
		return build_marker_call(b, marker, inner, node);
	if (marker && marker->kind == N_TRY)
		return NULL;
	if (clang_getCursorKind(inner) == CXCursor_UnaryOperator) { /* *mark_awaitable(object) */
		struct cursors kids = children(b, inner);
		CXCursor pointer = kids.n ? strip_cursor(b, kids.at[0]) : inner;
		marker = find_marker(b, pointer);
		if (marker && marker->kind == N_AWAITABLE &&
		    clang_getCursorUnaryOperatorKind(inner) == CXUnaryOperator_Deref) {
			node->type = make_type(b->unit, clang_getCursorType(inner));
			return build_marker_call(b, marker, pointer, node);
		}
		return NULL;
	}
	if (!is_comma(inner))
		return NULL;
	struct cursors list = {.arena = b->unit->arena};
	if (may_be_marked(b, inner))
		flatten_commas(b, inner, &list);
	marker = list.n ? find_marker(b, strip_cursor(b, list.at[0])) : NULL;
	if (!marker || is_whole(marker)) {
		note_plain_comma(b, inner);
		return NULL;
	}
	CXCursor call = strip_cursor(b, list.at[0]);
	struct cursors kids = {.arena = b->unit->arena};
	node->kind = marker->kind;
	switch (marker->kind) {
	case N_GATHER:
		for (int i = 1; i < list.n; i++)
			list_add(b->unit->arena, &kids, strip_operand(b, list.at[i]));
		break;
	case N_WAIT_FOR:
		list_add(b->unit->arena, &kids, strip_operand(b, list.at[1]));
		list_add(b->unit->arena, &kids, clang_Cursor_getArgument(call, 0));
		break;
	case N_QUEUE:
		node->name = marker->name + strlen("async__mark_queue_");
		list_add(b->unit->arena, &kids, clang_Cursor_getArgument(call, 0));
		if (strcmp(node->name, "put") == 0) /* (**(q) = value) */
			list_add(b->unit->arena, &kids, children(b, strip_cursor(b, list.at[1])).at[1]);
		break;
	case N_MAP:
		build_map(b, call, strip_cursor(b, list.at[1]), node, &kids);
		break;
	case N_EXECUTOR:
		node->name = marker_is(marker, "async__mark_run_in_executor_abandon") ? "abandon" : NULL;
		__attribute__((fallthrough));
	case N_RUN_ON:
	case N_RUN_THREADSAFE:
	case N_CREATE_TASK_IN:
		list_add(b->unit->arena, &kids, clang_Cursor_getArgument(call, 0));
		list_add(b->unit->arena, &kids, strip_operand(b, list.at[1]));
		break;
	default:
		list_add(b->unit->arena, &kids, strip_operand(b, list.at[1]));
	}
	build_kids(b, node, kids);
	if (node->kind == N_GATHER)
		join_gathers(b, node);
	return finish(node);
}

/* What an `if` or a `for` really is: just that, or a piece of async_try ... async_finally, or a block of another kind. */
const struct marker *statement_marker(struct builder *b, CXCursor cursor)
{
	if (clang_getCursorKind(cursor) == CXCursor_ForStmt) { /* for (async_group *g = mark();;) */
		CXCursor decl = children(b, cursor).at[0];
		CXCursor var = clang_getCursorKind(decl) == CXCursor_DeclStmt ? children(b, decl).at[0] : decl;
		CXCursor init = clang_getCursorKind(var) == CXCursor_VarDecl ? clang_Cursor_getVarDeclInitializer(var) : var;
		return clang_getCursorKind(var) == CXCursor_VarDecl && !clang_Cursor_isNull(init) ? find_marker(b, strip_cursor(b, init)) : NULL;
	}
	if (clang_getCursorKind(cursor) != CXCursor_IfStmt)
		return NULL;
	struct cursors kids = children(b, cursor);
	return find_marker(b, strip_cursor(b, kids.at[0]));
}

bool marker_is(const struct marker *marker, const char *name)
{
	return marker && strcmp(marker->name, name) == 0;
}
