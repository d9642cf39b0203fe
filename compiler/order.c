/* order.c: which parts of an expression must keep their order, for hoisting.  What other code can see (memory behind pointers,
 * globals, variables whose address is taken) counts as one thing; every other local variable counts for itself. */
#include "lower.h"

#include <string.h>

enum { READS = 1, WRITES = 2 }; /* what other code can see */

static bool changes_operand(const struct node *node)
{
	return node->kind == N_ASSIGN || node->kind == N_COMPOUND_ASSIGN ||
	       (node->kind == N_UNARY && (strstr(node->name, "++") || strstr(node->name, "--")));
}

static bool is_vector_element(const struct node *node)
{
	return node->kind == N_INDEX && node->kids[0]->type && node->kids[0]->type->kind == TYPE_VECTOR;
}

struct var *whole_of(struct node *node)
{
	for (;;) {
		if (node->kind == N_REF)
			return node->var;
		if (node->kind == N_PAREN || node->kind == N_CONVERSION || (node->kind == N_MEMBER && !node->is_arrow) ||
		    is_vector_element(node) || (node->kind == N_UNARY && strcmp(node->name, "value") == 0) || node->only_kid)
			node = node->kids[0];
		else
			return NULL;
	}
}

static bool is_private(const struct var *var)
{
	return var && !var->address_taken && !var->is_volatile;
}

/* It is text of ours that always gives the same: a temporary, or a result where the callee left it. */
static bool is_settled(const struct node *node)
{
	return node->unevaluated || (node->as && (node->as_var || node->as->n <= 1));
}

static bool decays(const struct node *conversion)
{
	const struct type *from = conversion->kids[0]->type;
	return from && (from->kind == TYPE_ARRAY || from->kind == TYPE_VLA || from->kind == TYPE_FUNCTION);
}

/* address: not what is in the object, only where it is. */
static int touches(struct node *node, bool address)
{
	if (!node || is_settled(node) || !is_expression(node))
		return 0;
	int own = 0;
	switch (node->kind) {
	case N_CONST:
	case N_FUNCTION:
		return 0;
	case N_CONVERSION:
		return touches(node->kids[0], address || decays(node));
	case N_PAREN:
		return touches(node->kids[0], address);
	case N_REF:
	case N_GLOBAL:
	case N_MEMBER:
	case N_INDEX:
		own = address || is_private(whole_of(node)) ? 0 : READS;
		if (own && node->type && node->type->is_volatile)
			own |= WRITES;
		break;
	case N_UNARY:
		if (strcmp(node->name, "&") == 0 || changes_operand(node))
			own = touches(node->kids[0], true);
		else if (strcmp(node->name, "value") == 0)
			return touches(node->kids[0], address);
		if (changes_operand(node) && !is_private(whole_of(node->kids[0])))
			own |= READS | WRITES;
		if (own || strcmp(node->name, "&") == 0 || changes_operand(node))
			return own;
		own = strcmp(node->name, "*") == 0 && !address ? READS : 0;
		if (own && node->type && node->type->is_volatile)
			own |= WRITES;
		break;
	case N_ASSIGN:
	case N_COMPOUND_ASSIGN:
		own = is_private(whole_of(node->kids[0])) ? 0 : WRITES;
		if (own && node->kind == N_COMPOUND_ASSIGN)
			own |= READS;
		return own | touches(node->kids[0], true) | touches(node->kids[1], false);
	case N_CALL:
	case N_OTHER:
	case N_STMT_EXPR:
		return READS | WRITES;
	default:
		if (node->kind >= N_AWAIT)
			return READS | WRITES;
	}
	for (int i = 0; i < node->n_kids; i++) {
		bool base = i == 0 && ((node->kind == N_MEMBER && !node->is_arrow) || is_vector_element(node));
		own |= touches(node->kids[i], base);
	}
	return own;
}

static bool changes_something(struct node *node)
{
	if (!node || is_settled(node))
		return false;
	if (changes_operand(node))
		return true;
	for (int i = 0; i < node->n_kids; i++)
		if (changes_something(node->kids[i]))
			return true;
	return false;
}

bool has_effects(struct node *node)
{
	return touches(node, false) & WRITES || changes_something(node);
}

bool touches_anything(struct node *node)
{
	return strip_parens(node)->kind != N_CONST && !is_settled(node);
}

static bool mentions(struct node *node, struct var *var)
{
	if (!node || is_settled(node))
		return false;
	if (node->kind == N_REF && node->var == var)
		return true;
	for (int i = 0; i < node->n_kids; i++)
		if (mentions(node->kids[i], var))
			return true;
	return false;
}

/* Something in `a` sets a private variable that `b` has to do with. */
static bool sets_what_is_used(struct node *a, struct node *b)
{
	if (!a || is_settled(a))
		return false;
	if (changes_operand(a)) {
		struct var *var = whole_of(a->kids[0]);
		if (is_private(var) && mentions(b, var))
			return true;
	}
	if (a->kind == N_VAR && mentions(b, a->var))
		return true;
	for (int i = 0; i < a->n_kids; i++)
		if (sets_what_is_used(a->kids[i], b))
			return true;
	if (a->kind == N_ASM)
		for (int i = 0; i < a->n_kids; i++)
			if (a->kids[i] && whole_of(a->kids[i]) && mentions(b, whole_of(a->kids[i])))
				return true;
	return false;
}

static bool collide(int a, int b)
{
	return (a & WRITES && b) || (b & WRITES && a);
}

/* Neither reads nor changes anything any more. */
static bool is_inert(const struct node *node)
{
	while (!is_settled(node) && (node->kind == N_CONVERSION || node->kind == N_PAREN))
		node = node->kids[0];
	return is_settled(node) || node->kind == N_CONST;
}

bool disturbs(struct node *later, struct node *earlier)
{
	if (is_inert(earlier) || is_inert(later))
		return false;
	return collide(touches(earlier, false), touches(later, false)) || sets_what_is_used(earlier, later) ||
	       sets_what_is_used(later, earlier);
}

bool target_is_disturbed(struct node *target, struct node *value)
{
	target = strip_parens(target);
	if (is_settled(target) || target->kind == N_REF || target->kind == N_GLOBAL)
		return false;
	if (target->kind == N_MEMBER && !target->is_arrow)
		return target_is_disturbed(target->kids[0], value);
	if (target->kind == N_UNARY && strcmp(target->name, "value") == 0)
		return target_is_disturbed(target->kids[0], value);
	for (int i = 0; i < target->n_kids; i++) {
		if (i == 0 && is_vector_element(target)) {
			if (target_is_disturbed(target->kids[0], value))
				return true;
		} else if (disturbs(value, target->kids[i])) {
			return true;
		}
	}
	return false;
}

struct node *temporary_under(struct node *node)
{
	if (node->kind == N_PAREN)
		return temporary_under(node->kids[0]);
	if (node->kind != N_CONVERSION || !node->kids[0]->type || node->kids[0]->type->kind != TYPE_ARRAY)
		return NULL;
	for (node = node->kids[0];;) {
		if (node->kind == N_PAREN || (node->kind == N_MEMBER && !node->is_arrow) || node->only_kid)
			node = node->kids[0];
		else if (node->kind == N_INDEX && strip_parens(node->kids[0])->type->kind == TYPE_ARRAY)
			node = strip_parens(node->kids[0]); /* an array in the array */
		else
			break;
	}
	bool is_value = node->type && node->type->kind == TYPE_RECORD && !node->is_lvalue && node->kind != N_COMPOUND_LITERAL;
	return is_value ? node : NULL;
}

/* ---- what the C compiler is not to choose ---- */

static bool parts_collide(struct node *node)
{
	switch (node->kind) {
	case N_AND: case N_OR: case N_CONDITIONAL: case N_ELVIS: case N_COMMA: case N_STMT_EXPR:
		return false; /* C says */
	case N_ASSIGN:
	case N_COMPOUND_ASSIGN:
		return target_is_disturbed(node->kids[0], node->kids[1]);
	case N_CONVERSION:
		return temporary_under(node) != NULL;
	default:
		for (int i = 0; i < node->n_kids; i++)
			for (int j = i + 1; j < node->n_kids; j++)
				if (node->kids[i] && node->kids[j] && disturbs(node->kids[j], node->kids[i]))
					return true;
		return false;
	}
}

void mark_order(struct node *node)
{
	if (!node || node->unevaluated || !is_expression(node) || node->kind == N_STMT_EXPR)
		return;
	for (int i = 0; i < node->n_kids; i++) {
		if (!node->kids[i])
			continue;
		mark_order(node->kids[i]);
		node->in_order |= is_expression(node->kids[i]) && node->kids[i]->in_order;
	}
	node->in_order = node->in_order || parts_collide(node);
}
