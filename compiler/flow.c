/* flow.c: what an expression reads, writes and where it forks, as ops without text.
 * Parts that hoisting has replaced count as what replaced them. */
#include "lower.h"

#include <string.h>

void flow_use(struct lowering *l, struct var *var)
{
	add_op(l, OP_USE)->var = var;
}

void flow_define(struct lowering *l, struct var *var)
{
	add_op(l, OP_DEF)->var = var;
}

/* Everything that is named in text already put together counts as read. */
void flow_rope(struct lowering *l, const struct rope *rope)
{
	for (int i = 0; i < rope->n; i++) {
		const struct chunk *chunk = &rope->at[i];
		if (chunk->kind == CHUNK_VAR)
			flow_use(l, chunk->var);
		if (chunk->kind != CHUNK_SPAN)
			continue;
		for (int j = first_from(l->fn->refs, struct ref, at, chunk->span.start); j < l->fn->refs.n && l->fn->refs.at[j].at < chunk->span.end; j++)
			flow_use(l, l->fn->refs.at[j].var);
	}
}

static void flow_kids(struct lowering *l, struct node *node)
{
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i])
			flow(l, node->kids[i]);
}

/* The part of an assignment's target that is evaluated; the target itself is not read. */
static void flow_target(struct lowering *l, struct node *target)
{
	if (target->as) {
		flow(l, target);
		return;
	}
	switch (target->kind) {
	case N_PAREN:
		flow_target(l, target->kids[0]);
		return;
	case N_REF:
		flow_define(l, target->var);
		return;
	default: /* part of a variable, or memory: the rest of the variable stays as it is */
		flow(l, target);
		if (whole_of(target))
			flow_use(l, whole_of(target));
	}
}

/* A conversion that takes a variable's value, or a member's. */
static void flow_conversion(struct lowering *l, struct node *node)
{
	const struct node *place = node->kids[0];
	int first = l->fn->ops.n;
	flow(l, node->kids[0]);
	while (!place->as && (place->kind == N_PAREN || (place->kind == N_MEMBER && !place->is_arrow)))
		place = place->kids[0];
	if (!node->is_lvalue && !place->as && place->kind == N_REF && first + 1 == l->fn->ops.n)
		l->fn->ops.at[first].only_reads = true;
}

/* Either of two paths. */
static void flow_fork(struct lowering *l, struct node *one, struct node *other)
{
	struct label *second = new_label(l, "fork", false), *end = new_label(l, "join", false);
	branch(l, second);
	if (one)
		flow(l, one);
	add_op(l, OP_JUMP)->label = end;
	place_label(l, second);
	if (other)
		flow(l, other);
	place_label(l, end);
}

static void flow_reference(struct lowering *l, struct node *node)
{
	if (node->as)
		return;
	if (node->kind == N_REF)
		add_op(l, OP_ADDRESS)->var = node->var;
	else
		flow(l, node);
}

static bool is_call_of(const struct node *node, const char *name)
{
	const struct node *function = node->kind == N_CALL ? node->kids[0] : NULL;
	while (function && (function->kind == N_PAREN || function->kind == N_CONVERSION))
		function = function->kids[0];
	return function && function->kind == N_FUNCTION && strcmp(function->name, name) == 0;
}

/* va_start, or a value of type va_list: for variadic.c.  True if there is nothing else to it. */
static bool flow_arguments(struct lowering *l, struct node *node)
{
	if (is_call_of(node, "__builtin_va_end")) /* does nothing: it may come when the arguments are gone */
		return true;
	bool is_another = node->kind == N_UNARY && !l->fn->is_variadic; /* *list: whose it is, and for how long it lasts, its owner knows */
	bool is_value = node->type && node->type->is_va_list && node->kind != N_CONVERSION && !is_another;
	if (is_value || is_call_of(node, "__builtin_va_start") || is_call_of(node, "__builtin_c23_va_start"))
		add_op(l, OP_ARGUMENTS)->node = node;
	return false;
}

void flow(struct lowering *l, struct node *node)
{
	if (node->as) {
		if (node->as_var)
			flow_use(l, node->as_var);
		else
			flow_rope(l, node->as);
		return;
	}
	if (node->unevaluated || flow_arguments(l, node))
		return;
	switch (node->kind) {
	case N_REF:
		flow_use(l, node->var);
		return;
	case N_ASSIGN:
		flow(l, node->kids[1]);
		flow_target(l, node->kids[0]);
		return;
	case N_COMPOUND_ASSIGN:
		flow(l, node->kids[1]);
		flow(l, node->kids[0]);
		flow_target(l, node->kids[0]);
		return;
	case N_UNARY:
		if (strcmp(node->name, "&") == 0) {
			flow_reference(l, node->kids[0]);
			return;
		}
		flow(l, node->kids[0]);
		if (strstr(node->name, "++") || strstr(node->name, "--"))
			flow_target(l, node->kids[0]);
		return;
	case N_AND:
	case N_OR:
	case N_ELVIS:
		flow(l, node->kids[0]);
		flow_fork(l, node->kids[1], NULL);
		return;
	case N_CONDITIONAL:
		flow(l, node->kids[0]);
		flow_fork(l, node->kids[1], node->kids[2]);
		return;
	case N_CONVERSION:
		flow_conversion(l, node);
		return;
	case N_STMT_EXPR:
		l->silent++;
		lower_statement(l, node->kids[0]);
		l->silent--;
		return;
	case N_ASM:
	default:
		flow_kids(l, node);
	}
}
