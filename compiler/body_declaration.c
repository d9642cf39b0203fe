/* body_declaration.c: declarations as text: what lives across no await stays one; of the others only the initialisation is left. */
#include "emit.h"

static bool is_brace_list(const struct node *init)
{
	return init->kind == N_INIT_LIST;
}

/* A literal or braces that can initialise the array as they are. */
static bool is_array_value(const struct node *init)
{
	while (init->kind == N_PAREN || init->kind == N_CONVERSION)
		init = init->kids[0];
	return init->kind == N_INIT_LIST || init->kind == N_COMPOUND_LITERAL;
}

static bool has_qualified_elements(const struct type *type)
{
	while (type->kind == TYPE_ARRAY)
		type = type->to;
	return type->is_volatile || type->is_const;
}

/* The bytes of a literal, where an assignment is not allowed: arrays, const members. */
static void emit_copy(struct emitter *e, struct node *kid, const struct rope *init)
{
	const struct var *var = kid->var;
	const char *type = declare(e->unit, var->type, ""), *cast = has_qualified_elements(var->type) ? "(void *)" : "";
	bool is_array = var->type->kind == TYPE_ARRAY, is_list = is_brace_list(kid->kids[0]);
	bool is_literal = is_array && !is_list && is_array_value(kid->kids[0]);
	output_printf(e->output, "__builtin_memcpy(%s%s%s, %s", cast, is_array ? "" : "&", var->out, cast);
	if (!is_literal)
		output_printf(e->output, "%s(%s%s)%s", !is_array && is_list ? "&" : "", type, is_array || is_list ? "" : "[]",
			      is_list ? "" : "{");
	emit_rope(e, init);
	output_printf(e->output, "%s, sizeof %s)", is_list || is_literal ? "" : "}", var->out);
}

/* `target = init` for any type; an expression. */
static void emit_initialisation(struct emitter *e, struct node *kid, const struct rope *init)
{
	const struct var *var = kid->var;
	const char *type = declare(e->unit, var->type, "");
	if (var->type->kind == TYPE_ARRAY || var->type->is_unassignable) {
		emit_copy(e, kid, init);
		return;
	}
	output_printf(e->output, "%s = ", var->out);
	if (is_brace_list(kid->kids[0]))
		output_printf(e->output, "(%s)", type);
	emit_rope(e, init);
}

/* Type and name of a variable declared apart from its neighbours; an array whose bound the initialiser gives has it. */
static const char *declarator(struct emitter *e, const struct var *var)
{
	return declare_var(e->unit, var, var->out);
}

static bool stays_as_written(const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		const struct node *kid = op->node->kids[i];
		if (kid->kind == N_VAR && (kid->var->place != PLACE_AS_WRITTEN || kid->var->apart))
			return false;
	}
	return op->n_kids == op->node->n_kids;
}

static void emit_declaration_as_written(struct emitter *e, const struct op *op)
{
	output_user(e->output, e->unit->source, op->node->span.start);
	emit_rope(e, &op->rope);
}

static void emit_head_declaration(struct emitter *e, const struct op *op)
{
	bool any = false;
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		struct node *kid = op->node->kids[i];
		if (kid->kind != N_VAR || !kid->n_kids)
			continue;
		if (any)
			output_printf(e->output, ", ");
		any = true;
		emit_initialisation(e, kid, &op->inits[i]);
	}
	output_printf(e->output, ";");
}

static void emit_declarator(struct emitter *e, const struct op *op, struct node *kid, int i)
{
	const struct var *var = kid->var;
	switch (var->place) {
	case PLACE_AS_WRITTEN:
		output_printf(e->output, "%s", declarator(e, var));
		if (kid->n_kids) {
			output_printf(e->output, " = ");
			emit_rope(e, &op->inits[i]);
		}
		output_printf(e->output, ";");
		break;
	case PLACE_SPLIT:
		output_printf(e->output, "%s;", declarator(e, var));
		if (!kid->n_kids)
			break;
		output_printf(e->output, " ");
		/* fall through */
	case PLACE_LOCAL:
	case PLACE_FRAME:
	case PLACE_ELSEWHERE:
		if (kid->n_kids) {
			emit_initialisation(e, kid, &op->inits[i]);
			output_printf(e->output, ";");
		}
		break;
	}
}

static bool emits_something(const struct node *kid)
{
	return kid->n_kids || kid->var->place == PLACE_AS_WRITTEN || kid->var->place == PLACE_SPLIT;
}

/* A type that has moved to file scope. */
static bool has_moved(const struct emitter *e, const struct node *kid)
{
	for (int i = 0; i < e->fn->type_moves.n; i++) {
		const struct type_move *move = &e->fn->type_moves.at[i];
		if (kid->kind == N_OTHER_DECL && move->span.start <= kid->span.start && kid->span.end <= move->span.end &&
		    move->type && move->type->hoisted)
			return true;
	}
	return false;
}

static bool all_have_moved(const struct emitter *e, const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++)
		if (!has_moved(e, op->node->kids[i]))
			return false;
	return true;
}

static bool prints_something(const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++)
		if (op->node->kids[i]->kind != N_VAR || emits_something(op->node->kids[i]))
			return true;
	return false;
}

static void emit_unpoison(struct emitter *e, const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		const struct node *kid = op->node->kids[i];
		if (kid->kind == N_VAR && kid->var->poisoned)
			say_own_line(e, op, 0, "async__in_scope(%s);", kid->var->out);
	}
}

void emit_declaration(struct emitter *e, const struct op *op)
{
	emit_unpoison(e, op);
	if (all_have_moved(e, op))
		return;
	if (!op->in_head && !stays_as_written(op) && !prints_something(op))
		return;
	flush_blank(e);
	if (stays_as_written(op)) {
		emit_declaration_as_written(e, op);
		return;
	}
	if (op->in_head) {
		emit_head_declaration(e, op);
		return;
	}
	bool first = true;
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		struct node *kid = op->node->kids[i];
		if (kid->kind != N_VAR) {
			/* A type that is declared along with the variables. */
			if (has_moved(e, kid))
				continue;
			output_user(e->output, e->unit->source, kid->span.start);
			emit_span(e, kid->span);
			output_printf(e->output, ";");
			continue;
		}
		if (!emits_something(kid))
			continue;
		output_user(e->output, e->unit->source, first ? op->node->span.start : kid->span.start);
		if (!first)
			output_printf(e->output, " ");
		first = false;
		emit_declarator(e, op, kid, i);
	}
}
