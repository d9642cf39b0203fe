/* vla.c: arrays whose size is known at run time, pointers to them, typedefs of them, and alloca.
 * C forbids to jump into the scope of such a declaration, which is what resuming would do; so if an await follows in its block
 * the declaration goes: the bounds are kept in the frame, the array on the heap until its scope is left, and its name in the
 * user's text becomes an lvalue of the same type. */
#include "lower.h"

#include <string.h>

bool has_run_time_size(const struct type *type)
{
	for (; type; type = type->to) {
		if (type->kind == TYPE_VLA)
			return true;
		if (type->kind != TYPE_ARRAY && type->kind != TYPE_POINTER)
			return false;
	}
	return false;
}

static bool await_follows(const struct var *var)
{
	const struct node *scope = var->scope;
	for (int i = 0; scope && i < scope->n_kids; i++) {
		const struct node *kid = scope->kids[i];
		if (kid && kid->awaits && (scope->kind == N_FOR || kid->span.end > var->span.start))
			return true;
	}
	return false;
}

static bool is_on_heap(const struct var *var)
{
	return var->type && var->type->kind != TYPE_POINTER && has_run_time_size(var->type) && await_follows(var);
}

bool cleanup_follows(const struct async_fn *fn, const struct var *var)
{
	if (fn->uses_alloca && var->scope == fn->tree) /* what it took is freed at the function's end */
		return fn->tree->awaits;
	for (int i = 0; var->scope && var->scope->awaits && i < fn->vars.n; i++) {
		const struct var *other = fn->vars.at[i];
		if (other->scope == var->scope && (other->cleanup || is_on_heap(other)))
			return true;
	}
	return false;
}

bool has_to_move(struct lowering *l, const struct node *kid)
{
	const struct var *var = kid->var;
	return !l->silent && l->fn->is_async && var && var->type && has_run_time_size(var->type) &&
	       (await_follows(var) || cleanup_follows(l->fn, var));
}

/* A field that is needed as long as the variable is in scope. */
static const char *new_scope_slot(struct lowering *l, const struct var *var, const char *stem, const char *type)
{
	const char *field = new_slot(l, stem, type, "");
	struct span everywhere = {0, 0};
	l->fn->slots.at[l->fn->slots.n - 1].statement = var && var->scope ? var->scope->span : everywhere;
	return field;
}

/* Evaluates the bounds, from the outermost type inwards, into the frame. */
static void keep_bounds(struct lowering *l, struct var *var, struct type *type, int next)
{
	for (; type && !type->by_name; type = type->to) {
		if (type->kind == TYPE_POINTER)
			continue;
		if (type->kind != TYPE_ARRAY && type->kind != TYPE_VLA)
			break;
		struct node *bound = next < var->n_bounds ? var->bounds[next++] : NULL;
		if (type->kind == TYPE_ARRAY)
			continue;
		if (!bound) {
			error_at(l->unit, var->span, "the run-time size of '%s' is not in its declaration, and an await follows", var->name);
			return;
		}
		const char *slot = new_scope_slot(l, var, arena_printf(l->arena, "%s_bound", var->name), "size_t");
		hoist_full(l, bound);
		struct rope rope = {0}, value = rope_of(l, bound);
		rope_text(l, &rope, "%s->%s = ", frame(l), slot);
		rope_add(l, &rope, &value);
		rope_text(l, &rope, ";");
		flow(l, bound);
		say_own(l, rope);
		type->bound = arena_printf(l->arena, "%s->%s", frame(l), slot);
	}
}

static const char *pointer_to(struct lowering *l, struct type *type)
{
	struct type pointer = {.kind = TYPE_POINTER, .to = type};
	return declare(l->unit, &pointer, "");
}

/* What an array has to be aligned to, as an expression; NULL: no more than malloc aligns. */
static const char *alignment(struct lowering *l, const struct var *var)
{
	struct type *element = var->type;
	while (element->to && (element->kind == TYPE_ARRAY || element->kind == TYPE_VLA))
		element = element->to;
	if (var->attributes && strstr(var->attributes, "lign"))
		return arena_printf(l->arena, "_Alignof(struct { %s%s; })", var->attributes, declare(l->unit, element, "of"));
	if (var->type->align > element->align) /* by a typedef of the array */
		return arena_printf(l->arena, "%ld", var->type->align);
	return element->align > 16 ? arena_printf(l->arena, "_Alignof(%s)", declare(l->unit, element, "")) : NULL;
}

static void allocate(struct lowering *l, struct node *kid, const char *slot)
{
	struct var *var = kid->var;
	struct region *region = arena_alloc(l->arena, sizeof *region);
	const char *type = declare(l->unit, var->type, ""), *align = alignment(l, var);
	if (align)
		say_text(l, "%s->%s = async__alloc_aligned(%s, sizeof(%s));", frame(l), slot, align, type);
	else
		say_text(l, "%s->%s = __builtin_malloc(sizeof(%s));", frame(l), slot, type);
	say_text(l, "if (!%s->%s) {", frame(l), slot);
	struct label *enough = new_label(l, "enough", false);
	branch(l, enough);
	l->deeper++;
	say_text(l, "%s = async__raise(ASYNC_NO_MEMORY, \"no memory for '%s'\");", l->status, var->name);
	go_to_error(l);
	l->deeper--;
	say_text(l, "}");
	place_label(l, enough);
	push_region(l, region, REGION_CLEANUP, kid);
	region->slot = slot;
	region->on_error = new_label(l, "free", true);
}

void move_declaration(struct lowering *l, struct node *kid)
{
	struct var *var = kid->var;
	keep_bounds(l, var, var->type, 0);
	if (kid->kind == N_OTHER_DECL) { /* a typedef: written out where it is named */
		if (kid->local) {
			kid->local->out = kid->local->written = arena_printf(l->arena, "__typeof__(%s)", declare(l->unit, var->type, ""));
			kid->local->hoisted = true;
		}
		return;
	}
	const char *slot = new_scope_slot(l, var, var->name, "void *");
	var->elsewhere = true;
	if (var->type->kind == TYPE_POINTER) {
		var->out = arena_printf(l->arena, "(*(%s)&%s->%s)", pointer_to(l, var->type), frame(l), slot);
		return;
	}
	var->out = arena_printf(l->arena, "(*(%s)%s->%s)", pointer_to(l, var->type), frame(l), slot);
	allocate(l, kid, slot);
}

/* A parameter `int a[n][n]` is a pointer that the caller has put into the frame. */
void keep_parameter_bounds(struct lowering *l, struct var *var)
{
	if (!has_run_time_size(var->type))
		return;
	keep_bounds(l, var, var->type, var->outer_bounds);
	var->elsewhere = true;
	var->out = arena_printf(l->arena, "(*(%s)&%s->%s)", pointer_to(l, var->type), frame(l),
				l->fn->callee->param_names[var->index]);
}

void say_cleanup(struct lowering *l, const struct region *region)
{
	struct rope rope = {0};
	if (region->slot) {
		say_text(l, "%s%s->%s);", region->owner == l->fn->tree ? "async__free_blocks(&" : "__builtin_free(", frame(l),
			 region->slot);
		return;
	}
	rope_text(l, &rope, "%s(&", region->var->cleanup);
	rope_var(l, &rope, region->var);
	rope_text(l, &rope, ");");
	add_op(l, OP_ADDRESS)->var = region->var;
	say_own(l, rope);
}

/* ---- alloca ---- */

/* Blocks that last as long as the function: a list in the frame, freed on every way out. */
void guard_allocas(struct lowering *l, struct region *region)
{
	if (!l->fn->uses_alloca || !l->fn->tree->awaits)
		return;
	push_region(l, region, REGION_CLEANUP, l->fn->tree);
	region->slot = l->blocks = new_scope_slot(l, NULL, "blocks", "void *");
	region->on_error = new_label(l, "failed", true);
	l->deeper++; /* than the function's brace */
	say_text(l, "%s->%s = NULL;", frame(l), region->slot);
	l->deeper--;
}

void replace_alloca(struct lowering *l, struct node *call)
{
	if (!l->blocks || call->n_kids < 2)
		return;
	bool aligned = call->n_kids == 3;
	struct rope rope = {0}, size = rope_of(l, call->kids[1]);
	rope_text(l, &rope, "async__alloca%s(&%s->%s, ", aligned ? "_aligned" : "", frame(l), l->blocks);
	rope_add(l, &rope, &size);
	if (aligned) { /* its unit is bits */
		struct rope bits = rope_of(l, call->kids[2]);
		rope_text(l, &rope, ", (");
		rope_add(l, &rope, &bits);
		rope_text(l, &rope, ") / 8");
	}
	rope_text(l, &rope, ")");
	replace_node(l, call, rope);
}
