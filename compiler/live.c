/* live.c: which locals must survive which await.  Needs a finished cfg; fills await_point.live, var.live_across, mentions and
 * maybe_unset.
 * Backward data flow over the blocks for liveness, forward for what is surely assigned; a bit per variable.  A variable whose address is taken is not judged by this: frame.c
 * keeps it in the frame as long as its scope lasts. */
#include "compiler.h"

#include <stdint.h>
#include <string.h>

struct liveness {
	struct unit *unit;
	struct cfg *cfg;
	int words;          /* of a set */
	uint64_t **live_in; /* per block */
	uint64_t *now;      /* while walking a block */
};

static void set_bit(uint64_t *set, int i)
{
	set[i / 64] |= (uint64_t)1 << (i % 64);
}

static void clear_bit(uint64_t *set, int i)
{
	set[i / 64] &= ~((uint64_t)1 << (i % 64));
}

static bool has_bit(const uint64_t *set, int i)
{
	return set[i / 64] >> (i % 64) & 1;
}

/* What is live before the op, from what is live after it. */
static void step_back(uint64_t *live, const struct op *op)
{
	switch (op->kind) {
	case OP_USE:
	case OP_ADDRESS:
		set_bit(live, op->var->index);
		break;
	case OP_DEF:
	case OP_DECLARE:
		clear_bit(live, op->var->index);
		break;
	default:
		break;
	}
}

/* The set after the block's last op: what any successor wants. */
static void meet(struct liveness *l, const struct block *block)
{
	memset(l->now, 0, l->words * sizeof *l->now);
	for (int i = 0; i < block->next.n; i++)
		for (int w = 0; w < l->words; w++)
			l->now[w] |= l->live_in[block->next.at[i]][w];
}

static bool update_block(struct liveness *l, int index)
{
	const struct block *block = &l->cfg->blocks.at[index];
	meet(l, block);
	for (int i = block->last; i >= block->first; i--)
		step_back(l->now, &l->cfg->fn->ops.at[i]);
	if (memcmp(l->now, l->live_in[index], l->words * sizeof *l->now) == 0)
		return false;
	memcpy(l->live_in[index], l->now, l->words * sizeof *l->now);
	return true;
}

static void record_await(struct liveness *l, const struct block *block, struct await_point *await)
{
	int n = 0;
	meet(l, block);
	for (int w = 0; w < l->words; w++)
		n += __builtin_popcountll(l->now[w]);
	await->live.at = arena_alloc(l->unit->arena, (n + 1) * sizeof *await->live.at);
	for (int w = 0; w < l->words; w++)
		for (uint64_t rest = l->now[w]; rest; rest &= rest - 1) {
			struct var *var = l->cfg->fn->vars.at[w * 64 + __builtin_ctzll(rest)];
			var->live_across++;
			await->live.at[await->live.n++] = var;
		}
}

/* ---- what is surely assigned ---- */

static void step_on(uint64_t *assigned, const struct op *op)
{
	if (op->kind == OP_DEF || op->kind == OP_ADDRESS)
		set_bit(assigned, op->var->index);
	else if (op->kind == OP_DECLARE)
		clear_bit(assigned, op->var->index);
}

/* Hands the set at the end of a block on to a successor: assigned there only if on every way in. */
static bool narrow(struct liveness *l, uint64_t *in)
{
	bool changed = false;
	for (int w = 0; w < l->words; w++) {
		changed |= (in[w] & l->now[w]) != in[w];
		in[w] &= l->now[w];
	}
	return changed;
}

static bool pass_on(struct liveness *l, uint64_t **assigned_in, const struct block *block, int index)
{
	bool changed = false;
	memcpy(l->now, assigned_in[index], l->words * sizeof *l->now);
	for (int i = block->first; i <= block->last; i++)
		step_on(l->now, &l->cfg->fn->ops.at[i]);
	for (int i = 0; i < block->next.n; i++)
		changed |= narrow(l, assigned_in[block->next.at[i]]);
	return changed;
}

static void record_unset(struct liveness *l, uint64_t **assigned_in)
{
	struct cfg *cfg = l->cfg;
	for (int i = 0; i < cfg->blocks.n; i++) {
		const struct op *last = &cfg->fn->ops.at[cfg->blocks.at[i].last];
		if (last->kind != OP_AWAIT)
			continue;
		memcpy(l->now, assigned_in[i], l->words * sizeof *l->now);
		for (int j = cfg->blocks.at[i].first; j <= cfg->blocks.at[i].last; j++)
			step_on(l->now, &cfg->fn->ops.at[j]);
		for (int j = 0; j < last->await->live.n; j++)
			if (!has_bit(l->now, last->await->live.at[j]->index))
				last->await->live.at[j]->maybe_unset = true;
	}
}

static void find_unset(struct liveness *l)
{
	struct cfg *cfg = l->cfg;
	uint64_t **assigned_in = arena_alloc(l->unit->arena, (cfg->blocks.n + 1) * sizeof *assigned_in);
	for (int i = 0; i < cfg->blocks.n; i++) {
		assigned_in[i] = arena_alloc(l->unit->arena, l->words * sizeof *l->now);
		memset(assigned_in[i], i ? 0xff : 0, l->words * sizeof *l->now);
	}
	for (bool changed = true; changed;) {
		changed = false;
		for (int i = 0; i < cfg->blocks.n; i++)
			changed |= pass_on(l, assigned_in, &cfg->blocks.at[i], i);
	}
	record_unset(l, assigned_in);
}

void compute_liveness(struct unit *unit, struct cfg *cfg)
{
	struct async_fn *fn = cfg->fn;
	struct liveness l = {.unit = unit, .cfg = cfg, .words = fn->vars.n / 64 + 1};
	l.now = arena_alloc(unit->arena, l.words * sizeof *l.now);
	l.live_in = arena_alloc(unit->arena, (cfg->blocks.n + 1) * sizeof *l.live_in);
	for (int i = 0; i < cfg->blocks.n; i++)
		l.live_in[i] = arena_alloc(unit->arena, l.words * sizeof *l.now);
	for (int i = 0; i < fn->ops.n; i++)
		if (fn->ops.at[i].kind == OP_USE || fn->ops.at[i].kind == OP_DEF || fn->ops.at[i].kind == OP_ADDRESS)
			fn->ops.at[i].var->mentions++;
	for (bool changed = true; changed;) {
		changed = false;
		for (int i = cfg->blocks.n - 1; i >= 0; i--)
			changed |= update_block(&l, i);
	}
	for (int i = 0; i < cfg->blocks.n; i++) {
		const struct op *last = &fn->ops.at[cfg->blocks.at[i].last];
		if (last->kind == OP_AWAIT && !last->await->plain)
			record_await(&l, &cfg->blocks.at[i], last->await);
	}
	find_unset(&l);
}
