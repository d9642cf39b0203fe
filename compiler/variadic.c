/* variadic.c: what a caller passes for `...` is there while it makes the call, which ends when the function suspends for the first
 * time.  Until then a va_list can be read; behind an await, or in a task that begins later, it would read what others have put
 * there.  Needs the trees, and for check_arguments a finished cfg; changes nothing. */
#include "compiler.h"

#include <string.h>

static bool have_va_list(struct type **params, int n)
{
	for (int i = 0; i < n; i++)
		if (params[i]->is_va_list || (params[i]->kind == TYPE_POINTER && params[i]->to->is_va_list))
			return true;
	return false;
}

bool begins_at_once(const struct callee *callee)
{
	return callee->is_variadic || have_va_list(callee->params, callee->n_params);
}

static const struct node *bare(const struct node *node)
{
	while (node->kind == N_PAREN || node->kind == N_CONVERSION)
		node = node->kids[0];
	return node;
}

void refuse_started_arguments(struct unit *unit, const struct node *call)
{
	const struct type *type = call->kids[0]->type;
	const struct type *function = type && type->kind == TYPE_POINTER ? type->to : type;
	if (function && function->is_variadic && function->has_prototype) {
		error_at(unit, call->span, "the arguments of a variadic function are gone when it begins as a task: await it, or call it in an async function and start that");
		return;
	}
	for (int i = 1; i < call->n_kids; i++) {
		const struct node *argument = bare(call->kids[i]);
		if (argument->type && argument->type->is_va_list)
			error_at(unit, argument->span, "what is in a va_list may be gone when the task begins: take it out first");
	}
}

/* ---- behind an await ---- */

struct search {
	struct unit *unit;
	const struct cfg *cfg;
	const struct await_point **before; /* per block, where it begins: an await that may come before; NULL: none can */
};

static bool has_arguments(const struct async_fn *fn)
{
	for (int i = 0; i < fn->ops.n; i++)
		if (fn->ops.at[i].kind == OP_ARGUMENTS)
			return true;
	return false;
}

/* Of the block's awaits only its last op can be one. */
static bool pass_on(struct search *s, const struct block *block, const struct await_point *before)
{
	const struct op *last = &s->cfg->fn->ops.at[block->last];
	const struct await_point *await = last->kind == OP_AWAIT ? last->await : before;
	bool changed = false;
	for (int i = 0; await && i < block->next.n; i++) {
		const struct await_point **next = &s->before[block->next.at[i]];
		changed |= !*next;
		*next = *next ? *next : await;
	}
	return changed;
}

static bool is_va_start(const struct node *node)
{
	return node->kind == N_CALL && bare(node->kids[0])->kind == N_FUNCTION && strstr(bare(node->kids[0])->name, "va_start");
}

static void refuse_arguments_after(struct unit *unit, const struct node *node, const struct await_point *await)
{
	if (is_va_start(node))
		error_at(unit, node->span, "va_start after an await: the caller's arguments may be gone");
	else
		error_at(unit, node->span, "a va_list is used after an await: what its caller has passed may be gone");
	note_at(unit, await->span, "this await may come before: take what is needed out of the va_list first");
}

static void check_block(struct search *s, int index, struct span *latest)
{
	const struct block *block = &s->cfg->blocks.at[index];
	for (int i = block->first; i <= block->last; i++) {
		const struct op *op = &s->cfg->fn->ops.at[i];
		if (op->kind != OP_ARGUMENTS || !s->before[index] || span_contains(*latest, op->node->span))
			continue;
		refuse_arguments_after(s->unit, op->node, s->before[index]);
		*latest = op->node->span;
	}
}

void check_arguments(struct unit *unit, const struct cfg *cfg)
{
	struct search s = {.unit = unit, .cfg = cfg};
	struct span latest = {0, 0};
	if (!has_arguments(cfg->fn))
		return;
	s.before = arena_alloc(unit->scratch, (cfg->blocks.n + 1) * sizeof *s.before);
	for (bool changed = true; changed;) {
		changed = false;
		for (int i = 0; i < cfg->blocks.n; i++)
			changed |= pass_on(&s, &cfg->blocks.at[i], s.before[i]);
	}
	for (int i = 0; i < cfg->blocks.n; i++)
		check_block(&s, i, &latest);
}
