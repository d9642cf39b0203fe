/* live.c: which locals must survive which await, and which of them its suspension has to store.  Needs a finished cfg; fills
 * await_point.live, var.live_across, mentions and maybe_unset; once the frame is laid out, await_point.saves and callee.always_suspends.
 * Backward data flow over the blocks for liveness, forward for what is surely assigned or stored; a bit per variable.  A variable whose address is taken is not judged by this: frame.c
 * keeps it in the frame as long as its scope lasts. */
#include "compiler.h"

#include <stdint.h>
#include <string.h>

struct liveness {
	struct unit *unit;
	struct cfg *cfg;
	int words;          /* of a set */
	uint64_t **live_in; /* per block */
	unsigned clock;     /* counts visits of blocks */
	unsigned *visited, *changed; /* per block: when it was visited last, and its live_in changed last; 0: never */
	uint64_t *now;      /* while walking a block */
	uint64_t *keepable; /* variables whose field is worth a look: find_saves */
};
enum { MORE_BITS = 2 }; /* behind the variables' */

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

/* Not visited yet, or something behind it has changed since. */
static bool is_due(const struct liveness *l, int index)
{
	const struct block *block = &l->cfg->blocks.at[index];
	bool due = !l->visited[index];
	for (int i = 0; i < block->next.n && !due; i++)
		due = l->changed[block->next.at[i]] > l->visited[index];
	return due;
}

static void solve_backward(struct liveness *l)
{
	struct arena *arena = l->unit->scratch;
	int n = l->cfg->blocks.n;
	l->visited = arena_alloc(arena, (n + 1) * sizeof *l->visited);
	l->changed = arena_alloc(arena, (n + 1) * sizeof *l->changed);
	for (bool changed = true; changed;) {
		changed = false;
		for (int i = n - 1; i >= 0; i--) {
			if (!is_due(l, i))
				continue;
			l->visited[i] = ++l->clock;
			if (!update_block(l, i))
				continue;
			l->changed[i] = ++l->clock;
			changed = true;
		}
	}
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

/* ---- forward: what is surely so ---- */

struct forward {
	struct liveness *l;
	uint64_t **in; /* per block: what is so at its beginning, on every way in */
	bool *due;     /* ... that has changed since the block was gone through */
	/* From what is so before the op to what is so after it. */
	void (*step)(const struct forward *forward, uint64_t *now, int op);
	/* ... after the await that ends the block, if that cannot have completed at once; NULL: no matter. */
	void (*resume)(const struct forward *forward, uint64_t *now, int block);
};

/* Hands the set at the end of a block on to a successor. */
static void narrow(const struct forward *forward, int index)
{
	uint64_t *in = forward->in[index];
	for (int w = 0; w < forward->l->words; w++) {
		forward->due[index] |= (in[w] & forward->l->now[w]) != in[w];
		in[w] &= forward->l->now[w];
	}
}

/* What is so at the end of a block, in l->now. */
static void walk(const struct forward *forward, int index, int last)
{
	const struct liveness *l = forward->l;
	memcpy(l->now, forward->in[index], l->words * sizeof *l->now);
	for (int i = l->cfg->blocks.at[index].first; i <= last; i++)
		forward->step(forward, l->now, i);
}

static void pass_on(const struct forward *forward, int index)
{
	const struct cfg *cfg = forward->l->cfg;
	const struct block *block = &cfg->blocks.at[index];
	const struct op *last = &cfg->fn->ops.at[block->last];
	int i = 0;
	walk(forward, index, block->last);
	if (last->kind == OP_AWAIT && last->await->on_error)
		narrow(forward, block->next.at[i++]);
	if (last->kind == OP_AWAIT && last->await->sure && forward->resume)
		forward->resume(forward, forward->l->now, index);
	for (; i < block->next.n; i++)
		narrow(forward, block->next.at[i]);
}

static void solve(struct forward *forward)
{
	const struct cfg *cfg = forward->l->cfg;
	struct arena *arena = forward->l->unit->scratch;
	forward->in = arena_alloc(arena, (cfg->blocks.n + 1) * sizeof *forward->in);
	forward->due = arena_alloc(arena, cfg->blocks.n + 1);
	memset(forward->due, true, cfg->blocks.n);
	for (int i = 0; i < cfg->blocks.n; i++) {
		forward->in[i] = arena_alloc(arena, forward->l->words * sizeof **forward->in);
		memset(forward->in[i], i ? 0xff : 0, forward->l->words * sizeof **forward->in);
	}
	for (bool changed = true; changed;) {
		changed = false;
		for (int i = 0; i < cfg->blocks.n; i++) {
			if (!forward->due[i])
				continue;
			forward->due[i] = false;
			pass_on(forward, i);
			changed = true;
		}
	}
}

/* The await at the end of a block that may suspend. */
static struct await_point *await_of(const struct cfg *cfg, int block)
{
	const struct op *last = &cfg->fn->ops.at[cfg->blocks.at[block].last];
	return last->kind == OP_AWAIT && !last->await->plain ? last->await : NULL;
}

/* ---- what is surely assigned ---- */

static void step_on(const struct forward *forward, uint64_t *assigned, int i)
{
	const struct op *op = &forward->l->cfg->fn->ops.at[i];
	if (op->kind == OP_DEF || op->kind == OP_ADDRESS)
		set_bit(assigned, op->var->index);
	else if (op->kind == OP_DECLARE)
		clear_bit(assigned, op->var->index);
}

static void find_unset(struct liveness *l)
{
	struct forward forward = {.l = l, .step = step_on};
	solve(&forward);
	for (int i = 0; i < l->cfg->blocks.n; i++) {
		const struct await_point *await = await_of(l->cfg, i);
		if (!await)
			continue;
		walk(&forward, i, l->cfg->blocks.at[i].last);
		for (int j = 0; j < await->live.n; j++)
			if (!has_bit(l->now, await->live.at[j]->index))
				await->live.at[j]->maybe_unset = true;
	}
}

static struct liveness new_liveness(struct unit *unit, struct cfg *cfg)
{
	struct liveness l = {.unit = unit, .cfg = cfg, .words = (cfg->fn->vars.n + MORE_BITS) / 64 + 1};
	l.now = arena_alloc(unit->scratch, l.words * sizeof *l.now);
	return l;
}

void compute_liveness(struct unit *unit, struct cfg *cfg)
{
	struct async_fn *fn = cfg->fn;
	struct liveness l = new_liveness(unit, cfg);
	l.live_in = arena_alloc(unit->scratch, (cfg->blocks.n + 1) * sizeof *l.live_in);
	for (int i = 0; i < cfg->blocks.n; i++)
		l.live_in[i] = arena_alloc(unit->scratch, l.words * sizeof *l.now);
	for (int i = 0; i < fn->ops.n; i++)
		if (fn->ops.at[i].kind == OP_USE || fn->ops.at[i].kind == OP_DEF || fn->ops.at[i].kind == OP_ADDRESS)
			fn->ops.at[i].var->mentions++;
	solve_backward(&l);
	for (int i = 0; i < cfg->blocks.n; i++)
		if (await_of(cfg, i))
			record_await(&l, &cfg->blocks.at[i], await_of(cfg, i));
	find_unset(&l);
}

/* ---- what a suspension has to store ----
 * A variable is kept while its field is equal to it: a parameter's from the beginning, any other's since a suspension that stored it,
 * if there is no way round that; until something sets the variable.  Nothing else is stored in its field meanwhile: fields that share
 * storage are not occupied at the same await, and what is kept and needed lives across every await on its way; a result is stored at
 * the end.  That says nothing of what writes to its field between awaits, so beside a variable that is only in the frame, a timeout and
 * the like none is kept. */

#define SUSPENDED(fn) ((fn)->vars.n)       /* the bit for: every way here has suspended */
#define UNREACHABLE(fn) ((fn)->vars.n + 1) /* ... there is no way here */

/* Of live: those that were kept before the await, or that its suspension has stored. */
static void keep_live(const struct forward *forward, uint64_t *now, const struct await_point *await, bool suspended)
{
	const struct liveness *l = forward->l;
	const struct async_fn *fn = l->cfg->fn;
	bool unreachable = has_bit(now, UNREACHABLE(fn)), before = suspended || has_bit(now, SUSPENDED(fn));
	uint64_t kept[l->words];
	memset(kept, 0, sizeof kept);
	for (int i = 0; i < await->live.n; i++) {
		int var = await->live.at[i]->index;
		if (has_bit(l->keepable, var) && (suspended || has_bit(now, var)))
			set_bit(kept, var);
	}
	if (unreachable)
		set_bit(kept, UNREACHABLE(fn));
	if (before)
		set_bit(kept, SUSPENDED(fn));
	memcpy(now, kept, sizeof kept);
}

/* Does the op set its variable, for all we know? */
static bool may_set(const struct op *op)
{
	return op->kind == OP_DEF || op->kind == OP_DECLARE || op->kind == OP_ADDRESS ||
	       (op->kind == OP_USE && op->var->assigned && !op->only_reads);
}

static void step_kept(const struct forward *forward, uint64_t *now, int i)
{
	const struct liveness *l = forward->l;
	const struct async_fn *fn = l->cfg->fn;
	const struct op *op = &fn->ops.at[i];
	if (op->kind == OP_AWAIT && !op->await->plain)
		keep_live(forward, now, op->await, false);
	else if (i < fn->n_params && has_bit(l->keepable, i)) /* the first ops: they arrive */
		set_bit(now, i);
	else if (may_set(op))
		clear_bit(now, op->var->index);
}

static void resume_kept(const struct forward *forward, uint64_t *now, int block)
{
	const struct await_point *await = await_of(forward->l->cfg, block);
	if (await)
		keep_live(forward, now, await, true);
}

static void clear_beside(const struct field_group *group, uint64_t *keepable)
{
	bool between = false;
	for (int i = 0; i < group->n; i++)
		between |= !group->at[i]->callee && !is_result(group->at[i]) && (!group->at[i]->var || group->at[i]->var->place != PLACE_LOCAL);
	for (int i = 0; i < group->n && between; i++)
		if (group->at[i]->var)
			clear_bit(keepable, group->at[i]->var->index);
}

static void find_keepable(struct liveness *l)
{
	const struct async_fn *fn = l->cfg->fn;
	l->keepable = arena_alloc(l->unit->scratch, l->words * sizeof *l->keepable);
	for (int i = 0; i < fn->vars.n; i++)
		if (fn->vars.at[i]->place == PLACE_LOCAL && !fn->vars.at[i]->address_taken)
			set_bit(l->keepable, i);
	for (int i = 0; i < fn->frame->groups.n; i++)
		clear_beside(&fn->frame->groups.at[i], l->keepable);
}

static void record_saves(const struct forward *forward, int block, struct await_point *await)
{
	const struct liveness *l = forward->l;
	walk(forward, block, l->cfg->blocks.at[block].last - 1);
	bool unreachable = has_bit(l->now, UNREACHABLE(l->cfg->fn));
	for (int i = 0; i < await->live.n; i++) {
		struct var *var = await->live.at[i];
		if (var->place == PLACE_LOCAL && (unreachable || !has_bit(l->now, var->index)))
			list_add(l->unit->arena, &await->saves, var);
	}
}

/* No way ends the function at once. */
static bool always_suspends(const struct forward *forward)
{
	const struct cfg *cfg = forward->l->cfg;
	for (int i = 0; i < cfg->blocks.n; i++) {
		if (cfg->fn->ops.at[cfg->blocks.at[i].last].kind != OP_STOP)
			continue;
		walk(forward, i, cfg->blocks.at[i].last);
		if (!has_bit(forward->l->now, SUSPENDED(cfg->fn)))
			return false;
	}
	return true;
}

void find_saves(struct unit *unit, struct cfg *cfg)
{
	struct liveness l = new_liveness(unit, cfg);
	struct forward forward = {.l = &l, .step = step_kept, .resume = resume_kept};
	if (!cfg->fn->is_async)
		return;
	find_keepable(&l);
	solve(&forward);
	for (int i = 0; i < cfg->blocks.n; i++)
		if (await_of(cfg, i))
			record_saves(&forward, i, await_of(cfg, i));
	cfg->fn->callee->always_suspends = !cfg->fn->callee->is_weak && suspends(cfg->fn) && always_suspends(&forward);
}
