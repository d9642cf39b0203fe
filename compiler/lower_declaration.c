/* lower_declaration.c: declarations -> ops: whole where nothing in them is hoisted, else one declarator at a time. */
#include "lower.h"

static bool is_in(const struct rope *rope, unsigned at)
{
	for (int i = 0; i < rope->n; i++)
		if (rope->at[i].kind == CHUNK_SPAN && at >= rope->at[i].span.start && at < rope->at[i].span.end)
			return true;
	return false;
}

/* Something that was hoisted out of the initialiser names the variable. */
static bool is_named_early(struct lowering *l, const struct node *kid)
{
	struct node *init = kid->kids[0];
	if (!init->awaits)
		return false;
	struct rope rest = rope_of(l, init);
	for (int i = 0; i < l->fn->refs.n; i++) {
		const struct ref *ref = &l->fn->refs.at[i];
		if (ref->var == kid->var && ref->at >= init->span.start && ref->at < init->span.end && !is_in(&rest, ref->at))
			return true;
	}
	return false;
}

static void hoist_initialiser(struct lowering *l, struct node *kid)
{
	if (!kid->n_kids)
		return;
	hoist_full(l, kid->kids[0]);
	if (kid->kind == N_VAR)
		kid->var->named_early = is_named_early(l, kid);
}

void declare_kid(struct lowering *l, struct node *kid)
{
	if (kid->kind != N_VAR)
		return;
	for (int i = 0; i < kid->var->n_bounds; i++)
		flow(l, kid->var->bounds[i]);
	add_op(l, OP_DECLARE)->var = kid->var;
	for (int i = 0; i < kid->n_kids; i++)
		flow(l, kid->kids[i]);
	if (kid->n_kids)
		flow_define(l, kid->var);
}

void say_declaration(struct lowering *l, struct node *node, int first, int n, bool in_head)
{
	if (l->silent)
		return;
	struct op *op = add_op(l, OP_VAR_DECL);
	op->node = node;
	op->first_kid = first;
	op->n_kids = n;
	op->in_head = in_head;
	/* The ropes are made now, when what was hoisted has its replacement. */
	struct rope *inits = arena_alloc(l->arena, (node->n_kids + 1) * sizeof *inits);
	for (int i = first; i < first + n; i++)
		if (node->kids[i]->n_kids)
			inits[i] = rope_of(l, node->kids[i]->kids[0]);
	op->inits = inits;
	op->rope = rope_of(l, node);
}

/* Without an await the C compiler runs the cleanup, but for a way out on which we have something to run: what is inside comes first. */
static bool is_guard(struct lowering *l, const struct node *kid)
{
	if (kid->kind != N_VAR || !kid->var->cleanup || !kid->var->scope || l->silent)
		return false;
	const struct node *scope = kid->var->scope;
	return scope->awaits || (!leaves_quietly(l, NULL) && leaves_by_itself(scope));
}

/* A variable with a cleanup function guards the rest of its block. */
static void guard_variable(struct lowering *l, struct node *kid)
{
	if (!is_guard(l, kid))
		return;
	struct region *region = arena_alloc(l->arena, sizeof *region);
	kid->var->apart = true;
	if (kid->var->cleanup_callee) {
		push_awaited_cleanup(l, region, kid);
		return;
	}
	push_region(l, region, REGION_CLEANUP, kid);
	region->var = kid->var;
	region->on_error = new_label(l, "cleanup", true);
}

/* Each declarator for itself: something has to run between them. */
void lower_declarators(struct lowering *l, struct node *node)
{
	for (int i = 0; i < node->n_kids; i++) {
		struct node *kid = node->kids[i];
		bool moves = has_to_move(l, kid);
		if (moves) /* its bounds come first */
			move_declaration(l, kid);
		if (kid->kind == N_VAR) {
			kid->var->apart = true;
			hoist_initialiser(l, kid);
		}
		if (moves && kid->n_kids && kid->var->type->kind != TYPE_POINTER)
			say_text(l, "__builtin_memset(&%s, 0, sizeof %s);", kid->var->out, kid->var->out); /* C23's `= {}`, all it may have */
		else if (!moves || kid->n_kids)
			say_declaration(l, node, i, 1, false);
		declare_kid(l, kid);
		guard_variable(l, kid);
	}
}

bool needs_declarators(struct lowering *l, struct node *node)
{
	bool moves = false, guards = false;
	for (int i = 0; i < node->n_kids; i++) {
		moves |= has_to_move(l, node->kids[i]);
		guards |= is_guard(l, node->kids[i]);
	}
	return moves || guards || (node->n_kids > 1 && node->awaits);
}

void lower_declaration(struct lowering *l, struct node *node, bool in_head)
{
	if (needs_declarators(l, node)) {
		lower_declarators(l, node);
		return;
	}
	for (int i = 0; i < node->n_kids; i++)
		hoist_initialiser(l, node->kids[i]);
	say_declaration(l, node, 0, node->n_kids, in_head);
	for (int i = 0; i < node->n_kids; i++) {
		declare_kid(l, node->kids[i]);
		if (node->kids[i]->kind == N_VAR)
			node->kids[i]->var->in_head = in_head;
	}
}
