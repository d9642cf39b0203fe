/* lower_asm.c: inline asm.  Its operands are expressions in their order; an output, and an input in memory, is a place. */
#include "lower.h"

#include <string.h>

unsigned asm_inputs(struct unit *unit, const struct node *node)
{
	const struct source *source = unit->source;
	struct token token = next_token(source, node->span.start, node->span.end);
	while (token.kind != TOKEN_END && !token_is(source, token, "("))
		token = next_token(source, token.span.end, node->span.end);
	int colons = 0;
	while (token.kind != TOKEN_END && colons < 2) {
		unsigned from = token.span.end;
		if (token_is(source, token, "(") && colons)
			from = closing_bracket(source, token.span.start, node->span.end) + 1;
		token = next_token(source, from, node->span.end);
		if (token_is(source, token, "[")) /* a name */
			token = next_token(source, closing_bracket(source, token.span.start, node->span.end) + 1, node->span.end);
		colons += token_is(source, token, "::") ? 2 : token_is(source, token, ":");
	}
	return token.kind == TOKEN_END ? node->span.end : token.span.start;
}

/* "m"(x): the constraint before the operand's bracket allows memory, and no register. */
static bool is_in_memory(struct lowering *l, const struct node *operand)
{
	const char *text = l->unit->source->text;
	unsigned at = operand->span.start;
	while (at && text[at - 1] != '"')
		at--;
	for (at = at ? at - 1 : 0; at && text[at - 1] != '"' && text[at - 1] != '\n'; at--)
		if (strchr("rgqQRabcdSDinIJ", text[at - 1]))
			return false;
	return true;
}

static void keep(struct lowering *l, struct node *operand, unsigned inputs)
{
	if (operand->span.start < inputs || (operand->is_lvalue && is_in_memory(l, operand)))
		spill_address(l, operand);
	else
		spill(l, operand, "operand");
}

void lower_asm(struct lowering *l, struct node *node)
{
	unsigned inputs = asm_inputs(l->unit, node);
	int saved = l->awaits_left;
	l->awaits_left = node->awaits;
	for (int i = 0; i < node->n_kids; i++)
		mark_order(node->kids[i]);
	for (int i = 0; i < node->n_kids; i++) {
		hoist(l, node->kids[i]);
		bool is_disturbed = false;
		for (int j = i + 1; j < node->n_kids; j++)
			is_disturbed |= node->kids[j]->awaits && disturbs(node->kids[j], node->kids[i]);
		if (is_disturbed)
			keep(l, node->kids[i], inputs);
	}
	l->awaits_left = saved;
	say(l, rope_around(l, node->span.start, node->span.end, node->kids, node->n_kids));
	for (int i = 0; i < node->n_kids; i++)
		flow(l, node->kids[i]);
}
