/* cfg.c: control-flow graph over the ops.  Needs every label placed. */
#include "compiler.h"

static bool ends_block(enum op_kind kind)
{
	return kind == OP_JUMP || kind == OP_BRANCH || kind == OP_SWITCH || kind == OP_STOP || kind == OP_AWAIT;
}

static void split_into_blocks(struct unit *unit, struct cfg *cfg)
{
	struct async_fn *fn = cfg->fn;
	for (int i = 0; i < fn->ops.n; i++) {
		bool starts = i == 0 || fn->ops.at[i].kind == OP_LABEL || ends_block(fn->ops.at[i - 1].kind);
		if (starts) {
			struct block block = {.first = i};
			list_add(unit->scratch, &cfg->blocks, block);
		}
		cfg->blocks.at[cfg->blocks.n - 1].last = i;
		cfg->block_of[i] = cfg->blocks.n - 1;
	}
}

static void connect(struct unit *unit, struct cfg *cfg, struct block *block, const struct label *label)
{
	if (label->target < 0)
		ice("label '%s' of %s was never placed", label->name, cfg->fn->name);
	list_add(unit->scratch, &block->next, cfg->block_of[label->target]);
}

static void connect_block(struct unit *unit, struct cfg *cfg, int index)
{
	struct block *block = &cfg->blocks.at[index];
	const struct op *last = &cfg->fn->ops.at[block->last];
	bool falls_through = index + 1 < cfg->blocks.n;
	switch (last->kind) {
	case OP_STOP:
		return;
	case OP_JUMP:
		connect(unit, cfg, block, last->label);
		return;
	case OP_BRANCH:
		connect(unit, cfg, block, last->label);
		break;
	case OP_SWITCH:
		for (int i = 0; i < last->n_labels; i++)
			connect(unit, cfg, block, last->labels[i]);
		return;
	case OP_AWAIT:
		if (last->await->on_error)
			connect(unit, cfg, block, last->await->on_error);
		break;
	default:
		break;
	}
	if (falls_through)
		list_add(unit->scratch, &block->next, index + 1);
}

struct cfg *build_cfg(struct unit *unit, struct async_fn *fn)
{
	struct cfg *cfg = arena_alloc(unit->scratch, sizeof *cfg);
	cfg->fn = fn;
	cfg->block_of = arena_alloc(unit->scratch, (fn->ops.n + 1) * sizeof *cfg->block_of);
	split_into_blocks(unit, cfg);
	for (int i = 0; i < cfg->blocks.n; i++)
		connect_block(unit, cfg, i);
	return cfg;
}
