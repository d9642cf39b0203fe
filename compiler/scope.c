/* scope.c: which variables AddressSanitizer is to miss outside of their blocks.  Needs the cfg and every variable placed.
 *
 * A local that stays a C local is the sanitizer's business.  One that lives in the frame because its address is taken is poisoned at
 * the normal end of its block (OP_LEAVE) and usable again from its declaration on (OP_VAR_DECL), so that a pointer to it that outlives the block is
 * reported.  Ways out that are jumps leave it as it is, and so is a variable that some path from the end of its block reaches without
 * passing its declaration: nothing is ever reported that is right.  The end of the function makes all of its frame usable. */
#include "compiler.h"

#include <string.h>

bool is_for_address_sanitizer(const struct unit *unit)
{
	const struct options *options = unit->options;
	bool is = false;
	for (int i = 0; i < options->n_clang_args; i++) {
		const char *argument = options->clang_args[i];
		bool on = strncmp(argument, "-fsanitize=", 11) == 0, off = strncmp(argument, "-fno-sanitize=", 14) == 0;
		for (const char *name = on || off ? strchr(argument, '=') : NULL; name; name = strchr(name + 1, ','))
			if (strncmp(name + 1, "address", 7) == 0 && (name[8] == ',' || name[8] == '\0'))
				is = on;
	}
	return is;
}

static bool can_dangle(const struct async_fn *fn, const struct var *var)
{
	return var->place == PLACE_FRAME && var->address_taken && !var->is_param && !var->is_temp && var->type && var->type->size > 0 &&
	       var->scope && var->scope->kind == N_COMPOUND && var->scope != fn->tree;
}

static bool declares(const struct op *op, const struct var *var)
{
	if (op->kind != OP_VAR_DECL)
		return false;
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++)
		if (op->node->kids[i]->kind == N_VAR && op->node->kids[i]->var == var)
			return true;
	return false;
}

static bool uses(const struct op *op, const struct var *var)
{
	return (op->kind == OP_USE || op->kind == OP_DEF || op->kind == OP_ADDRESS) && op->var == var;
}

struct search {
	const struct cfg *cfg;
	const struct var *var;
	bool *seen; /* blocks whose beginning has been searched from */
};

/* Can the variable be used from the op on, and its declaration has not been passed? */
static bool is_used_from(struct search *s, int at)
{
	const struct block *block = &s->cfg->blocks.at[s->cfg->block_of[at]];
	for (int i = at; i <= block->last; i++) {
		const struct op *op = &s->cfg->fn->ops.at[i];
		if (declares(op, s->var))
			return false;
		if (uses(op, s->var))
			return true;
	}
	for (int i = 0; i < block->next.n; i++) {
		int next = block->next.at[i];
		if (s->seen[next])
			continue;
		s->seen[next] = true;
		if (is_used_from(s, s->cfg->blocks.at[next].first))
			return true;
	}
	return false;
}

static bool is_used_outside(struct unit *unit, const struct cfg *cfg, const struct var *var)
{
	struct search search = {cfg, var, arena_alloc(unit->scratch, cfg->blocks.n + 1)};
	for (int i = 0; i < cfg->fn->ops.n; i++) {
		const struct op *op = &cfg->fn->ops.at[i];
		if (op->kind == OP_LEAVE && op->scope == var->scope && is_used_from(&search, i))
			return true;
	}
	return false;
}

static void reach(const struct cfg *cfg, int at, bool *reached)
{
	for (; !reached[at]; at = cfg->blocks.at[at].next.at[0]) {
		const struct block *block = &cfg->blocks.at[at];
		reached[at] = true;
		for (int i = 1; i < block->next.n; i++)
			reach(cfg, block->next.at[i], reached);
		if (!block->next.n)
			return;
	}
}

/* What stands behind a return must not look as if it fell into the next case. */
static void drop_unreached_ends(struct unit *unit, const struct cfg *cfg)
{
	bool *reached = arena_alloc(unit->scratch, cfg->blocks.n + 1);
	reach(cfg, 0, reached);
	for (int i = 0; i < cfg->fn->ops.n; i++)
		if (cfg->fn->ops.at[i].kind == OP_LEAVE && !reached[cfg->block_of[i]])
			cfg->fn->ops.at[i].scope = NULL;
}

void find_poisoned(struct unit *unit, const struct cfg *cfg)
{
	struct async_fn *fn = cfg->fn;
	if (!fn->is_async || !is_for_address_sanitizer(unit) || !fn->ops.n)
		return;
	drop_unreached_ends(unit, cfg);
	for (int i = 0; i < fn->vars.n; i++) {
		struct var *var = fn->vars.at[i];
		var->poisoned = can_dangle(fn, var) && !is_used_outside(unit, cfg, var);
	}
}

bool any_poisoned(const struct async_fn *fn)
{
	for (int i = 0; i < fn->vars.n; i++)
		if (fn->vars.at[i]->poisoned)
			return true;
	return false;
}
