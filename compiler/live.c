/* live.c: which locals must survive which await.  Needs a finished cfg; fills await_point.live and var.live_across.
 * Backward data flow over the blocks, a bit per variable.  A variable whose address is taken is not judged by this: frame.c
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
	struct async_fn *fn = l->cfg->fn;
	meet(l, block);
	for (int i = 0; i < fn->vars.n; i++) {
		if (!has_bit(l->now, i))
			continue;
		fn->vars.at[i]->live_across = true;
		list_add(l->unit->arena, &await->live, fn->vars.at[i]);
	}
}

void compute_liveness(struct unit *unit, struct cfg *cfg)
{
	struct async_fn *fn = cfg->fn;
	struct liveness l = {.unit = unit, .cfg = cfg, .words = fn->vars.n / 64 + 1};
	l.now = arena_alloc(unit->arena, l.words * sizeof *l.now);
	l.live_in = arena_alloc(unit->arena, (cfg->blocks.n + 1) * sizeof *l.live_in);
	for (int i = 0; i < cfg->blocks.n; i++)
		l.live_in[i] = arena_alloc(unit->arena, l.words * sizeof *l.now);
	for (bool changed = true; changed;) {
		changed = false;
		for (int i = cfg->blocks.n - 1; i >= 0; i--)
			changed |= update_block(&l, i);
	}
	for (int i = 0; i < cfg->blocks.n; i++) {
		const struct op *last = &fn->ops.at[cfg->blocks.at[i].last];
		if (last->kind == OP_AWAIT)
			record_await(&l, &cfg->blocks.at[i], last->await);
	}
}
