/* tree_expression.c: expressions, one function per kind. */
#include "tree.h"

#include <string.h>

static const char *unary_name(enum CXUnaryOperatorKind kind)
{
	switch (kind) {
	case CXUnaryOperator_PostInc: return "x++";
	case CXUnaryOperator_PostDec: return "x--";
	case CXUnaryOperator_PreInc: return "++x";
	case CXUnaryOperator_PreDec: return "--x";
	case CXUnaryOperator_AddrOf: return "&";
	case CXUnaryOperator_Deref: return "*";
	case CXUnaryOperator_Extension: return "__extension__";
	default: return "value";
	}
}

bool starts_with_await(struct unit *unit, struct span span)
{
	struct token token = next_token(unit->source, span.start, span.end);
	return token_is(unit->source, token, "await") || token_is(unit->source, token, "_Await");
}

static bool starts_with(struct unit *unit, struct span span, const char *name)
{
	return token_is(unit->source, next_token(unit->source, span.start, span.end), name);
}

struct var *addressed_var(struct node *node)
{
	for (;;) {
		if (node->kind == N_REF)
			return node->var;
		if (node->kind == N_MEMBER && !node->is_arrow)
			node = node->kids[0];
		else if (node->kind == N_INDEX || node->kind == N_PAREN || node->kind == N_CONVERSION)
			node = node->kids[0];
		else if (node->kind == N_UNARY && strcmp(node->name, "value") == 0)
			node = node->kids[0];
		else
			return NULL;
	}
}

/* A compound literal whose address is taken lives as long as its block, which may contain awaits: lowering gives it a place of
 * its own, by the same means that take awaits out of expressions.  `node` is what the address is taken of. */
static void give_literal_a_home(struct builder *b, struct node *node)
{
	struct node *literal = node;
	while (literal->kind == N_PAREN || literal->kind == N_CONVERSION || (literal->kind == N_MEMBER && !literal->is_arrow) ||
	       (literal->kind == N_INDEX && literal->kids[0]->kind == N_COMPOUND_LITERAL))
		literal = literal->kids[0];
	if (literal->kind != N_COMPOUND_LITERAL || literal->unevaluated || !b->fn->is_async || literal->needs_home)
		return;
	literal->needs_home = true;
	for (;; node = node->kids[0]) {
		node->awaits++;
		node->special = node->writes = true;
		if (node == literal)
			return;
	}
}

static struct node *build_unary(struct builder *b, CXCursor cursor, struct node *node)
{
	enum CXUnaryOperatorKind kind = clang_getCursorUnaryOperatorKind(cursor);
	node->name = unary_name(kind);
	node->kind = N_UNARY;
	if (kind == CXUnaryOperator_Extension && starts_with_await(b->unit, node->span)) {
		node->kind = N_AWAIT;
		if (!b->unevaluated)
			list_add(b->unit->arena, &b->awaits, node->span.start);
	}
	node->is_lvalue = kind == CXUnaryOperator_Deref;
	build_kids(b, node, children(b, cursor));
	if (kind == CXUnaryOperator_AddrOf && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->address_taken = true;
	if (kind == CXUnaryOperator_AddrOf)
		give_literal_a_home(b, node->kids[0]);
	if (writes_itself(node) && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->assigned = true;
	return finish(node);
}

static struct node *build_binary(struct builder *b, CXCursor cursor, struct node *node)
{
	switch (clang_getCursorBinaryOperatorKind(cursor)) {
	case CXBinaryOperator_LAnd: node->kind = N_AND; break;
	case CXBinaryOperator_LOr: node->kind = N_OR; break;
	case CXBinaryOperator_Comma: node->kind = N_COMMA; break;
	case CXBinaryOperator_Assign: node->kind = N_ASSIGN; break;
	default: node->kind = N_BINARY;
	}
	build_kids(b, node, children(b, cursor));
	if (node->kind == N_ASSIGN && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->assigned = true;
	return finish(node);
}

static struct node *build_conversion(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	CXCursor ends[2];
	if (list.n == 4 && same_span(raw_span(b, list.at[0]), raw_span(b, list.at[1]))) { /* GNU a ?: b shows a three times */
		ends[0] = list.at[0], ends[1] = list.at[3];
		list = (struct cursors){.at = ends, .n = 2};
		node->kind = N_ELVIS;
	} else if (list.n == 3 && starts_with(b->unit, node->span, "__builtin_choose_expr")) {
		return build_choose_expr(b, node, list);
	} else if (list.n == 1) {
		node->kind = same_span(raw_span(b, cursor), raw_span(b, list.at[0])) ? N_CONVERSION : N_OTHER;
	} else {
		node->kind = list.n ? N_OTHER : N_CONST;
	}
	build_kids(b, node, list);
	/* An array that decays gives its address away. */
	if (node->kind == N_CONVERSION && node->type->kind == TYPE_POINTER && node->kids[0]->type &&
	    node->kids[0]->type->kind == TYPE_ARRAY && addressed_var(node->kids[0]))
		addressed_var(node->kids[0])->address_taken = true;
	if (node->kind == N_CONVERSION && node->type->kind == TYPE_POINTER && node->kids[0]->type &&
	    node->kids[0]->type->kind == TYPE_ARRAY)
		give_literal_a_home(b, node->kids[0]);
	if (node->kind == N_CONVERSION && !node->in_macro)
		node->span = node->kids[0]->span;
	return finish(node);
}

static struct node *build_member(struct builder *b, CXCursor cursor, struct node *node)
{
	node->kind = N_MEMBER;
	node->name = declared(b->unit, clang_getCursorReferenced(cursor))->name;
	node->name_at = file_offset(b->unit, clang_getCursorLocation(cursor));
	node->is_lvalue = true;
	build_kids(b, node, children(b, cursor));
	if (node->n_kids == 0) {
		node->kind = N_OTHER;
		return finish(node);
	}
	node->is_arrow = node->kids[0]->type && node->kids[0]->type->kind == TYPE_POINTER;
	return finish(node);
}

static bool is_alloca(const char *name)
{
	static const char *const names[] = {"alloca", "__builtin_alloca", "__builtin_alloca_with_align", "__builtin_alloca_uninitialized",
					    "__builtin_alloca_with_align_uninitialized"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The stack of a function that is suspended is gone: vla.c takes the memory from elsewhere. */
static void note_alloca(struct builder *b, struct node *call)
{
	struct node *function = call->n_kids ? call->kids[0] : NULL;
	while (function && (function->kind == N_CONVERSION || function->kind == N_PAREN))
		function = function->kids[0];
	if (!function || function->kind != N_FUNCTION || call->unevaluated || !b->fn->is_async)
		return;
	if (!is_alloca(function->name))
		return;
	const struct invocation *invocation = call->in_macro ? invocation_at(b->unit, call->span.start) : NULL;
	if (invocation)
		add_dirty(b->unit, b->fn, invocation, "allocates on the stack");
	call->takes_stack = call->special = b->fn->uses_alloca = true;
}

static struct node *build_call(struct builder *b, CXCursor cursor, struct node *node)
{
	CXCursor function = clang_getCursorReferenced(cursor);
	bool unevaluated = b->unevaluated;
	if (!clang_Cursor_isNull(function) && strcmp(declared(b->unit, function)->name, "__builtin_constant_p") == 0)
		b->unevaluated = true;
	node->kind = N_CALL;
	build_kids(b, node, children(b, cursor));
	b->unevaluated = unevaluated;
	note_alloca(b, node);
	return finish(node);
}

static struct node *build_unevaluated(struct builder *b, CXCursor cursor, struct node *node)
{
	bool unevaluated = b->unevaluated;
	b->unevaluated = true;
	node->kind = N_CONST;
	build_kids(b, node, children(b, cursor));
	b->unevaluated = unevaluated;
	for (int i = 0; i < node->n_kids; i++) /* sizeof of a VLA looks at the variable's bounds */
		if (node->kids[i]->type && node->kids[i]->type->kind == TYPE_VLA)
			node->kind = N_OTHER;
	return finish(node);
}

/* A type may show its own pieces first. */
static struct cursors last_of(struct cursors list)
{
	return list.n > 1 ? (struct cursors){.at = list.at + list.n - 1, .n = 1} : list;
}

static struct node *build_compound_literal(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = last_of(children(b, cursor));
	if (list.n == 1 && is_union_of_argument(b, cursor, list.at[0]))
		return build_union_of_argument(b, cursor, list.at[0], node);
	node->kind = N_COMPOUND_LITERAL;
	node->is_lvalue = true;
	build_kids(b, node, list);
	return finish(node);
}

static struct node *build_cast(struct builder *b, CXCursor cursor, struct node *node)
{
	node->kind = N_CAST;
	build_kids(b, node, last_of(children(b, cursor)));
	return finish(node);
}

struct node *build_other(struct builder *b, CXCursor cursor, struct node *node, enum node_kind kind)
{
	node->kind = kind;
	build_kids(b, node, children(b, cursor));
	return finish(node);
}

/* One that returns or jumps, or holds a marker, cannot be copied as written either: it counts as an await. */
static struct node *build_statement_expression(struct builder *b, CXCursor cursor, struct node *node)
{
	build_other(b, cursor, node, N_STMT_EXPR);
	if (b->fn->is_async && !node->awaits && !node->unevaluated && (node->special || leaves_by_itself(node))) {
		node->awaits = 1;
		node->special = true;
	}
	return node;
}

struct node *build_expression(struct builder *b, CXCursor cursor, struct node *node)
{
	node->type = make_type(b->unit, clang_getCursorType(cursor));
	switch ((int)clang_getCursorKind(cursor)) {
	case CXCursor_IntegerLiteral:
	case CXCursor_FloatingLiteral:
	case CXCursor_ImaginaryLiteral:
	case CXCursor_StringLiteral:
	case CXCursor_CharacterLiteral:
		node->kind = N_CONST;
		return finish(node);
	case CXCursor_DeclRefExpr:
		return build_name(b, cursor, node);
	case CXCursor_MemberRefExpr:
		return build_member(b, cursor, node);
	case CXCursor_ArraySubscriptExpr:
		node->is_lvalue = true;
		return build_other(b, cursor, node, N_INDEX);
	case CXCursor_CallExpr:
	case CXCursor_ParenExpr:
	case CXCursor_CStyleCastExpr: {
		struct node *marked = build_marked(b, cursor, node);
		if (marked)
			return marked;
		if (clang_getCursorKind(cursor) == CXCursor_CallExpr)
			return build_call(b, cursor, node);
		if (clang_getCursorKind(cursor) == CXCursor_CStyleCastExpr)
			return build_cast(b, cursor, node);
		build_other(b, cursor, node, N_PAREN);
		node->is_lvalue = node->n_kids && node->kids[0]->is_lvalue;
		return node;
	}
	case CXCursor_UnaryOperator: {
		struct node *marked = clang_getCursorUnaryOperatorKind(cursor) == CXUnaryOperator_Deref
					      ? build_marked(b, cursor, node)
					      : NULL;
		return marked ? marked : build_unary(b, cursor, node);
	}
	case CXCursor_BinaryOperator: {
		struct node *marked = is_comma(cursor) ? build_marked(b, cursor, node) : NULL;
		return marked ? marked : build_binary(b, cursor, node);
	}
	case CXCursor_CompoundAssignOperator:
		build_other(b, cursor, node, N_COMPOUND_ASSIGN);
		if (addressed_var(node->kids[0]))
			addressed_var(node->kids[0])->assigned = true;
		return node;
	case CXCursor_ConditionalOperator:
		return build_other(b, cursor, node, N_CONDITIONAL);
	case CXCursor_UnaryExpr:
		return build_unevaluated(b, cursor, node);
	case CXCursor_InitListExpr:
		return build_init_list(b, cursor, node);
	case CXCursor_CompoundLiteralExpr:
		return build_compound_literal(b, cursor, node);
	case CXCursor_GenericSelectionExpr:
		return build_generic(b, cursor, node);
	case CXCursor_StmtExpr:
		return build_statement_expression(b, cursor, node);
	case CXCursor_UnexposedExpr:
		return build_conversion(b, cursor, node);
	default:
		build_other(b, cursor, node, N_OTHER);
		if (node->awaits)
			error_at(b->unit, node->span, "an await inside this construct is not supported");
		return node;
	}
}
