/* begin.c: how a function begins when it is awaited.  One that never suspends is a plain function; one that may return before it has
 * come to an await takes no frame until then.  Needs lowered ops; the second question, the frame's fields. */
#include "compiler.h"

#include <string.h>

bool has_start(const struct callee *callee)
{
	return !callee->by_hand && !begins_at_once(callee) && !callee->result->is_unassignable && strcmp(callee->name, "main") != 0;
}

bool suspends(const struct async_fn *fn)
{
	for (int i = 0; i < fn->awaits.n; i++)
		if (!fn->awaits.at[i]->plain)
			return true;
	return false;
}

bool is_resumed(const struct async_fn *fn)
{
	for (int i = 0; i < fn->awaits.n; i++)
		if (!fn->awaits.at[i]->plain && !fn->awaits.at[i]->takes_over)
			return true;
	return false;
}

/* Parameters that can be handed on as they are. */
static bool has_plain_parameters(const struct async_fn *fn)
{
	for (int i = 0; i < fn->n_params; i++) {
		const struct var *var = fn->vars.at[i];
		if (!var->name[0] || var->elsewhere || var->is_volatile || (var->type && has_run_time_size(var->type)))
			return false;
	}
	return true;
}

void begin_plainly(struct async_fn *fn)
{
	if (suspends(fn) || fn->slots.n || !has_start(fn->callee) || !has_plain_parameters(fn))
		return;
	fn->begins = BEGINS_PLAINLY;
	fn->callee->never_suspends = !fn->callee->is_weak;
}

/* ---- without a frame at first ---- */

enum { SMALL = 200 }; /* ops: the body is there twice, as it begins and as it is resumed */

static bool only_awaits_need_the_frame(const struct async_fn *fn)
{
	for (int i = 0; i < fn->frame->fields.n; i++)
		if (!fn->frame->fields.at[i].var || fn->frame->fields.at[i].var->place != PLACE_LOCAL)
			return false;
	for (int i = 0; i < fn->n_params; i++)
		if (fn->vars.at[i]->place != PLACE_LOCAL)
			return false;
	for (int i = 0; i < fn->awaits.n; i++)
		if (fn->awaits.at[i]->on_error) /* without memory for the frame, it just fails */
			return false;
	return true;
}

/* Can the end be reached from the block without a suspension?  Marks the awaits that can. */
static bool ends_early(const struct cfg *cfg, bool *seen, int index)
{
	const struct block *block = &cfg->blocks.at[index];
	const struct op *last = &cfg->fn->ops.at[block->last];
	bool ends = last->kind == OP_STOP;
	if (seen[index])
		return false;
	seen[index] = true;
	if (last->kind == OP_AWAIT && !last->await->plain) {
		last->await->may_be_first = true;
		last->await->forwards = last->await->is_tail && last->await->started && last->await->live.n == 0;
		return last->await->forwards;
	}
	for (int i = 0; i < block->next.n; i++)
		ends |= ends_early(cfg, seen, block->next.at[i]);
	return ends;
}

/* Otherwise all of them stand behind a return or the like. */
static bool comes_to_an_await(const struct async_fn *fn)
{
	for (int i = 0; i < fn->awaits.n; i++)
		if (fn->awaits.at[i]->may_be_first)
			return true;
	return false;
}

void begin_without_frame(struct unit *unit, struct async_fn *fn)
{
	if (fn->begins != BEGINS_IN_A_FRAME || fn->ops.n > SMALL || fn->has_labels || fn->resume_attributes[0] || !has_start(fn->callee) ||
	    !has_plain_parameters(fn) || !suspends(fn) || !only_awaits_need_the_frame(fn))
		return;
	const struct cfg *cfg = build_cfg(unit, fn);
	bool *seen = arena_alloc(unit->scratch, cfg->blocks.n + 1);
	if (ends_early(cfg, seen, 0) && comes_to_an_await(fn))
		fn->begins = BEGINS_WITHOUT;
}
