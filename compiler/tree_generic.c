/* tree_generic.c: expressions of several arms of which the compiler chooses one: _Generic, __builtin_choose_expr. */
#include "tree.h"

#include <string.h>

/* One arm of a _Generic or __builtin_choose_expr, known to be chosen: the node is only a shell around it. */
static struct node *choose(struct node *node, struct node *chosen)
{
	node->kind = N_CONVERSION;
	node->kids[0] = chosen;
	node->n_kids = 1;
	node->is_lvalue = chosen->is_lvalue;
	return finish(node);
}

static void add_chunk(struct builder *b, struct rope *rope, unsigned start, unsigned end, const char *text)
{
	struct chunk span = {.kind = CHUNK_SPAN, .span = {start, end}}, ours = {.kind = CHUNK_TEXT, .text = text};
	list_add(b->unit->arena, rope, span);
	list_add(b->unit->arena, rope, ours);
}

/* The _Generic itself says which arm it is: with 1 for this arm and 0 for all others. */
static struct node *build_generic_test(struct builder *b, struct node *node, struct cursors list, int arm)
{
	struct node *test = new_node(b, N_CONST, node->span);
	unsigned at = node->span.start;
	test->as = arena_alloc(b->unit->arena, sizeof *test->as);
	for (int i = 1; i < list.n; i++) {
		struct span span = raw_span(b, list.at[i]);
		add_chunk(b, test->as, at, span.start, i == arm ? "1" : "0");
		at = span.end;
	}
	add_chunk(b, test->as, at, node->span.end, "");
	return test;
}

/* libclang does not tell which arm of a _Generic is chosen, only its type: among arms of that type the program asks. */
struct node *build_generic(struct builder *b, CXCursor cursor, struct node *node)
{
	struct cursors list = children(b, cursor);
	struct node *rest = NULL;
	struct node control = *node;
	bool unevaluated = b->unevaluated, special = false;
	b->unevaluated = true;
	build_kids(b, &control, (struct cursors){.at = list.at, .n = 1});
	b->unevaluated = unevaluated;
	build_kids(b, node, (struct cursors){.at = list.at + 1, .n = list.n - 1});
	for (int i = 0; i < node->n_kids; i++)
		special |= node->kids[i]->special;
	for (int i = list.n - 1; i > 0; i--) {
		struct node *arm = node->kids[i - 1];
		if (strcmp(arm->type->spelling, node->type->spelling) != 0)
			continue;
		if (!rest || !special) {
			rest = arm;
			continue;
		}
		struct node *pick = new_node(b, N_CONDITIONAL, node->span);
		pick->type = node->type;
		set_kids(b, pick, 3, build_generic_test(b, node, list, i), arm, rest);
		arm->in_order = rest->in_order = pick->in_order = true;
		rest = finish(pick);
	}
	if (!rest || node->in_macro)
		return node->kind = N_OTHER, finish(node);
	return choose(node, rest);
}

struct node *build_choose_expr(struct builder *b, struct node *node, struct cursors list)
{
	CXEvalResult result = clang_Cursor_Evaluate(list.at[0]);
	bool first = result && clang_EvalResult_getAsLongLong(result) != 0;
	if (result)
		clang_EvalResult_dispose(result);
	build_kids(b, node, list);
	if (node->in_macro)
		return node->kind = N_OTHER, finish(node);
	return choose(node, node->kids[first ? 1 : 2]);
}
