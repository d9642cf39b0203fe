/* tree_statement.c: statements, one function per kind. */
#include "tree.h"

#include <string.h>

static void extend_to_semicolon(struct builder *b, struct node *node)
{
	if (node->in_macro && b->in_macro)
		return;
	struct token token = next_token(b->unit->source, node->span.end, b->fn->body.end);
	if (token_is(b->unit->source, token, ";"))
		node->span.end = token.span.end;
}

static bool is_label(const struct node *node)
{
	return node->kind == N_LABEL || node->kind == N_CASE || node->kind == N_DEFAULT;
}

/* What a statement's labels stand before. */
static struct node *behind_labels(struct node *node)
{
	while (is_label(node) && node->n_kids)
		node = node->kids[0];
	return node;
}

/* An async_try, and labels before it, are complete when it is known that no async_finally follows. */
static void finish_try(struct builder *b, struct node *node)
{
	if (is_label(node)) {
		finish_try(b, node->kids[0]);
		finish(node);
		return;
	}
	if (!node->kids[1] && !node->kids[2])
		error_at(b->unit, node->head, "async_try without async_except or async_finally after it");
	finish(node);
	node->special = true;
}

static struct node *statement_kid(struct builder *b, struct node *parent, CXCursor cursor)
{
	struct span outer = b->outer;
	bool in_macro = b->in_macro;
	b->outer = parent->span;
	b->in_macro = parent->in_macro;
	struct node *kid = build_statement(b, cursor);
	b->outer = outer;
	b->in_macro = in_macro;
	if (!parent->in_macro && kid->span.end > parent->span.end)
		parent->span.end = kid->span.end;
	if (behind_labels(kid)->kind == N_TRY && parent->kind != N_COMPOUND && !is_label(parent))
		finish_try(b, kid);
	return kid;
}

static struct node *expression_kid(struct builder *b, struct node *parent, CXCursor cursor)
{
	struct span outer = b->outer;
	bool in_macro = b->in_macro;
	b->outer = parent->span;
	b->in_macro = parent->in_macro;
	struct node *kid = build(b, cursor);
	b->outer = outer;
	b->in_macro = in_macro;
	return kid;
}

static void build_except(struct builder *b, struct node *node, CXCursor loop)
{
	struct cursors kids = children(b, loop);
	struct node *scope = b->scope;
	if (clang_getCursorKind(loop) != CXCursor_ForStmt || kids.n < 2) {
		error_at(b->unit, raw_span(b, loop), "an async_try is followed by async_except or async_finally, not by else");
		return;
	}
	struct cursors decl = children(b, kids.at[0]);
	/* The variable is declared by the macro; its name is the macro's argument. */
	struct span head = raw_span(b, loop);
	node->only_errors = marker_is(statement_marker(b, loop), "async__mark_caught_error");
	unsigned word = node->only_errors ? strlen("async_except_error") : strlen("async_except");
	struct token open = next_token(b->unit->source, head.start + word, b->fn->body.end);
	struct token name = next_token(b->unit->source, open.span.end, b->fn->body.end);
	b->scope = node;
	node->var = new_var(b, decl.at[0], name.span);
	node->name_at = name.span.start;
	add_ref(b, name.span.start, node->var);
	node->kids[1] = statement_kid(b, node, kids.at[kids.n - 1]);
	b->scope = scope;
}

static struct node *build_try(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors kids = children(b, cursor);
	node->kind = N_TRY;
	node->kids = arena_alloc(b->unit->arena, 4 * sizeof *node->kids);
	node->n_kids = 3;
	node->head = (struct span){node->span.start, node->span.start + strlen("async_try")};
	node->kids[0] = statement_kid(b, node, kids.at[1]);
	if (kids.n > 2)
		build_except(b, node, kids.at[2]);
	return node;
}

/* The variable is declared by the macro; its name is the macro's argument. */
static void declare_head_variable(struct builder *b, struct node *node, CXCursor loop, const char *macro)
{
	struct token open = next_token(b->unit->source, raw_span(b, loop).start + strlen(macro), b->fn->body.end);
	struct token name = next_token(b->unit->source, open.span.end, b->fn->body.end);
	b->scope = node;
	node->var = new_var(b, children(b, children(b, loop).at[0]).at[0], name.span);
	node->name_at = name.span.start;
	add_ref(b, name.span.start, node->var);
	node->head = (struct span){node->span.start, closing_bracket(b->unit->source, open.span.start, b->fn->body.end) + 1};
}

static struct node *build_group(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors kids = children(b, cursor);
	struct node *scope = b->scope;
	node->kind = N_GROUP;
	node->kids = arena_alloc(b->unit->arena, 2 * sizeof *node->kids);
	node->n_kids = 1;
	declare_head_variable(b, node, cursor, "async_task_group");
	node->kids[0] = statement_kid(b, node, kids.at[kids.n - 1]);
	b->scope = scope;
	node->special = true;
	return finish(node);
}

/* Behind what is an `if` to C.  It is built all the same, as something that is there. */
static void refuse_else(struct builder *b, struct node *node, CXCursor cursor, const char *keyword)
{
	const struct marker *marker = statement_marker(b, cursor);
	bool is_except = marker_is(marker, "async__mark_caught") || marker_is(marker, "async__mark_caught_error");
	if (is_except && strcmp(keyword, "async_finally") == 0) {
		error_at(b->unit, raw_span(b, cursor), "async_except has to stand before the async_finally");
		return;
	}
	error_at(b->unit, raw_span(b, cursor), "an %s has no else", keyword);
	statement_kid(b, node, cursor);
}

/* async_timeout, an `if`, or async_timeout_as, a `for` whose variable is the scope. */
static struct node *build_timeout(struct builder *b, CXCursor cursor, struct node *node, bool is_named)
{
	struct cursors kids = children(b, cursor);
	struct node *scope = b->scope;
	CXCursor marker = is_named ? clang_Cursor_getVarDeclInitializer(children(b, kids.at[0]).at[0]) : kids.at[0];
	if (!is_named && kids.n > 2)
		refuse_else(b, node, kids.at[2], "async_timeout");
	node->kind = N_TIMEOUT;
	node->kids = arena_alloc(b->unit->arena, 3 * sizeof *node->kids);
	node->n_kids = 2;
	node->kids[0] = expression_kid(b, node, clang_Cursor_getArgument(strip_cursor(b, marker), 0));
	if (is_named)
		declare_head_variable(b, node, cursor, "async_timeout_as");
	node->kids[1] = statement_kid(b, node, kids.at[is_named ? kids.n - 1 : 1]);
	b->scope = scope;
	node->special = true;
	return finish(node);
}

static struct node *build_for(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors kids = children(b, cursor);
	struct node *scope = b->scope;
	struct source *source = b->unit->source;
	node->kind = N_FOR;
	node->kids = arena_alloc(b->unit->arena, 5 * sizeof *node->kids);
	node->n_kids = 4;
	b->scope = node;
	/* libclang leaves absent parts out: tell the three apart by the semicolons. */
	unsigned open = next_token(source, node->span.start + 3, node->span.end).span.start;
	unsigned close = closing_bracket(source, open, b->fn->body.end);
	unsigned semicolons[2] = {close, close};
	int found = 0;
	struct token token;
	for (unsigned at = open + 1; found < 2 && (token = next_token(source, at, close)).kind != TOKEN_END;) {
		at = token.span.end;
		if (token_is(source, token, "(") || token_is(source, token, "{") || token_is(source, token, "["))
			at = closing_bracket(source, token.span.start, close) + 1;
		else if (token_is(source, token, ";"))
			semicolons[found++] = token.span.start;
	}
	node->head = (struct span){node->span.start, close + 1};
	for (int i = 0; i < kids.n - 1; i++) {
		unsigned start = raw_span(b, kids.at[i]).start;
		int part = start < semicolons[0] ? 0 : start < semicolons[1] ? 1 : 2;
		if (node->in_macro)
			part = kids.n == 4 ? i : 1;
		if (part == 0)
			node->kids[0] = statement_kid(b, node, kids.at[i]);
		else
			node->kids[part] = expression_kid(b, node, kids.at[i]);
	}
	node->kids[3] = statement_kid(b, node, kids.at[kids.n - 1]);
	b->scope = scope;
	return finish(node);
}

/* async_finally belongs to the async_try before it. */
static bool join_finally(struct builder *b, struct node *compound, CXCursor cursor)
{
	if (!marker_is(statement_marker(b, cursor), "async__mark_finally"))
		return false;
	struct node *last = compound->n_kids ? compound->kids[compound->n_kids - 1] : NULL, *previous = last ? behind_labels(last) : NULL;
	if (!previous || previous->kind != N_TRY || previous->kids[2]) {
		error_at(b->unit, raw_span(b, cursor), "async_finally without async_try before it");
		return true;
	}
	struct cursors kids = children(b, cursor);
	if (kids.n > 2)
		refuse_else(b, previous, kids.at[2], "async_finally");
	previous->kids[2] = statement_kid(b, previous, kids.at[1]);
	previous->span.end = previous->kids[2]->span.end;
	for (; last != previous; last = last->kids[0])
		last->span.end = previous->span.end;
	return true;
}

static struct node *build_compound(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	struct node *scope = b->scope;
	node->kind = N_COMPOUND;
	node->kids = arena_alloc(b->unit->arena, (list.n + 1) * sizeof *node->kids);
	b->scope = node;
	for (int i = 0; i < list.n; i++)
		if (!join_finally(b, node, list.at[i]))
			node->kids[node->n_kids++] = statement_kid(b, node, list.at[i]);
	b->scope = scope;
	for (int i = 0; i < node->n_kids; i++)
		if (behind_labels(node->kids[i])->kind == N_TRY)
			finish_try(b, node->kids[i]);
	return finish(node);
}

/* A statement made of expressions and statements: kinds says which kid is what ('e' or 's'). */
static struct node *build_parts(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind, const char *kinds)
{
	struct cursors list = children(b, cursor);
	int n = strlen(kinds);
	node->kind = kind;
	node->kids = arena_alloc(b->unit->arena, (n + 1) * sizeof *node->kids);
	node->n_kids = n;
	for (int i = 0; i < list.n && i < n; i++)
		node->kids[i] = kinds[i] == 's' ? statement_kid(b, node, list.at[i]) : expression_kid(b, node, list.at[i]);
	return finish(node);
}

static struct node *build_labelled(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind)
{
	struct cursors list = children(b, cursor);
	node->kind = kind;
	node->name = keep_string(b->unit, clang_getCursorSpelling(cursor));
	node->name_at = file_offset(b->unit, clang_getCursorLocation(cursor));
	node->kids = arena_alloc(b->unit->arena, 2 * sizeof *node->kids);
	node->n_kids = 1;
	node->kids[0] = statement_kid(b, node, list.at[list.n - 1]);
	return behind_labels(node)->kind == N_TRY ? node : finish(node);
}

static struct node *build_jump(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind)
{
	struct cursors list = children(b, cursor);
	node->kind = kind;
	if (list.n) {
		node->kids = arena_alloc(b->unit->arena, 2 * sizeof *node->kids);
		node->kids[0] = expression_kid(b, node, list.at[0]);
		node->n_kids = 1;
		if (!node->in_macro && node->kids[0]->span.end > node->span.end)
			node->span.end = node->kids[0]->span.end;
	}
	extend_to_semicolon(b, node);
	return finish(node);
}

static void note_label_name(CXCursor child, void *arg)
{
	if (clang_getCursorKind(child) == CXCursor_LabelRef)
		*(CXCursor *)arg = child;
}

static struct node *build_goto(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor label = clang_getNullCursor();
	each_child(cursor, note_label_name, &label);
	node->kind = N_GOTO;
	node->name = keep_string(b->unit, clang_getCursorSpelling(label));
	node->name_at = file_offset(b->unit, clang_getCursorLocation(clang_getCursorReferenced(label)));
	extend_to_semicolon(b, node);
	return finish(node);
}

/* clang makes one statement of a loop and the #pragma unroll before it. */
static bool is_loop_with_pragma(struct builder *b, CXCursor cursor, CXCursor *loop)
{
	if (clang_getCursorKind(cursor) != CXCursor_UnexposedStmt)
		return false;
	struct cursors kids = children(b, cursor);
	if (kids.n != 1)
		return false;
	*loop = kids.at[0];
	enum CXCursorKind kind = clang_getCursorKind(*loop);
	return kind == CXCursor_ForStmt || kind == CXCursor_WhileStmt || kind == CXCursor_DoStmt;
}

struct node *build_statement(struct builder *b, CXCursor cursor)
{
	CXCursor loop;
	if (is_loop_with_pragma(b, cursor, &loop))
		return build_statement(b, loop);
	struct node *node = new_node(b, N_OTHER_STMT, (struct span){0, 0});
	node->span = place_in_text(b, cursor, &node->in_macro);
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	if (clang_isExpression(kind)) {
		struct node *expression = build(b, cursor);
		node->kind = N_EXPR_STMT;
		node->span = expression->span;
		node->in_macro = expression->in_macro;
		set_kids(b, node, 1, expression);
		extend_to_semicolon(b, node);
		return finish(node);
	}
	const struct marker *marker = statement_marker(b, cursor);
	if (marker_is(marker, "async__mark_try"))
		return build_try(b, cursor, node);
	if (marker_is(marker, "async__mark_finally")) {
		error_at(b->unit, raw_span(b, cursor), "async_finally without async_try before it");
		return node;
	}
	if (marker_is(marker, "async__mark_caught") || marker_is(marker, "async__mark_caught_error")) {
		error_at(b->unit, raw_span(b, cursor), "%s without async_try before it",
			 marker_is(marker, "async__mark_caught") ? "async_except" : "async_except_error");
		return node;
	}
	if (marker_is(marker, "async__mark_group"))
		return build_group(b, cursor, node);
	if (marker_is(marker, "async__mark_timeout") || marker_is(marker, "async__mark_timeout_as"))
		return build_timeout(b, cursor, node, marker_is(marker, "async__mark_timeout_as"));
	switch ((int)kind) {
	case CXCursor_CompoundStmt: return build_compound(b, cursor, node);
	case CXCursor_DeclStmt: return build_decl_statement(b, cursor, node);
	case CXCursor_IfStmt: return build_parts(b, cursor, node, N_IF, "ess");
	case CXCursor_WhileStmt: return build_parts(b, cursor, node, N_WHILE, "es");
	case CXCursor_DoStmt:
		build_parts(b, cursor, node, N_DO, "se");
		extend_to_semicolon(b, node);
		return node;
	case CXCursor_ForStmt: return build_for(b, cursor, node);
	case CXCursor_SwitchStmt: return build_parts(b, cursor, node, N_SWITCH, "es");
	case CXCursor_CaseStmt: return build_labelled(b, cursor, node, N_CASE);
	case CXCursor_DefaultStmt: return build_labelled(b, cursor, node, N_DEFAULT);
	case CXCursor_LabelStmt:
		b->fn->has_labels = true;
		return build_labelled(b, cursor, node, N_LABEL);
	case CXCursor_GotoStmt:
		return build_goto(b, cursor, node);
	case CXCursor_IndirectGotoStmt: return build_jump(b, cursor, node, N_INDIRECT_GOTO);
	case CXCursor_ReturnStmt:
		return build_jump(b, cursor, node, N_RETURN);
	case CXCursor_BreakStmt: return build_jump(b, cursor, node, N_BREAK);
	case CXCursor_ContinueStmt: return build_jump(b, cursor, node, N_CONTINUE);
	case CXCursor_NullStmt:
		node->kind = N_NULL;
		return finish(node);
	case CXCursor_GCCAsmStmt:
		build_other(b, cursor, node, N_ASM);
		extend_to_semicolon(b, node);
		for (int i = 0; i < node->n_kids; i++)
			if (node->kids[i]->span.start < asm_inputs(b->unit, node) && addressed_var(node->kids[i]))
				addressed_var(node->kids[i])->assigned = true;
		return node;
	default:
		return build_other(b, cursor, node, N_OTHER_STMT);
	}
}
