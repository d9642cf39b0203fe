/* lower_jump.c: break, continue, goto, return -> ops: each leaves the regions it is in. */
#include "lower.h"

#include <stdint.h>
#include <string.h>

static struct region *nearest(struct lowering *l, bool loops_only)
{
	struct region *region = l->region;
	while (region && region->kind != REGION_LOOP && (loops_only || region->kind != REGION_SWITCH))
		region = region->outer;
	return region;
}

void lower_loop_exit(struct lowering *l, struct node *node)
{
	bool is_break = node->kind == N_BREAK;
	struct region *target = nearest(l, !is_break);
	if (!target) {
		error_at(l->unit, node->span, "'%s' is not inside a loop", is_break ? "break" : "continue");
		return;
	}
	struct label *label = is_break ? target->on_break : target->on_continue;
	bool by_goto = is_break ? target->break_by_goto : target->continue_by_goto;
	if (!by_goto && leaves_quietly(l, target)) {
		say_span(l, node->span.start, node->span.end);
		add_op(l, OP_JUMP)->label = label;
		return;
	}
	leave(l, (struct way_out){is_break ? OUT_BREAK : OUT_CONTINUE, target, label, by_goto});
}

static bool has_owners(const struct node *node)
{
	return node->kind == N_TRY || node->kind == N_TIMEOUT || node->kind == N_GROUP || node->kind == N_COMPOUND || node->kind == N_FOR;
}

/* How many regions may begin in it. */
static int most_owners(const struct node *node)
{
	int most = 1;
	for (int i = 0; i < node->n_kids; i++)
		most += 1 + (node->kids[i] && node->kids[i]->kind == N_DECL_STMT ? node->kids[i]->n_kids : 0);
	return most;
}

static bool guards_what_follows(const struct node *declared)
{
	return declared->kind == N_VAR && (declared->var->cleanup || has_run_time_size(declared->var->type));
}

static void add_user_label(struct lowering *l, const struct node *node, struct node **owners, int n)
{
	struct user_label label = {node->name, named_label(l, node->name, false), NULL, n, node->name_at, 0};
	int *number = NULL, first = (int)(intptr_t)index_get(&l->label_names, node->name);
	label.owners = arena_alloc(l->arena, (n + 1) * sizeof *owners);
	for (int i = 0; i < n; i++)
		label.owners[i] = owners[i];
	list_add(l->arena, &l->user_labels, label);
	for (int i = first; i; i = *number)
		number = &l->user_labels.at[i - 1].next;
	if (number)
		*number = l->user_labels.n;
	else
		index_put(l->arena, &l->label_names, node->name, (void *)(intptr_t)l->user_labels.n);
}

/* Regions are known by the node that makes them and the part of it: a label's are those around it. */
void find_labels(struct lowering *l, struct node *node, struct node **owners, int n)
{
	if (!node)
		return;
	if (node->kind == N_LABEL)
		add_user_label(l, node, owners, n);
	struct node **deeper = owners;
	if (has_owners(node)) {
		deeper = arena_alloc(l->arena, (n + most_owners(node)) * sizeof *deeper);
		memcpy(deeper, owners, n * sizeof *deeper);
	}
	int m = n;
	for (int i = 0; i < node->n_kids; i++) {
		struct node *kid = node->kids[i];
		bool owns = node->kind == N_TRY || (node->kind == N_TIMEOUT && i == 1) || node->kind == N_GROUP;
		if (owns)
			deeper[m] = kid;
		find_labels(l, kid, deeper, m + owns);
		bool is_scope = node->kind == N_COMPOUND || (node->kind == N_FOR && i == 0);
		if (kid && is_scope && kid->kind == N_DECL_STMT)
			for (int j = 0; j < kid->n_kids; j++)
				if (guards_what_follows(kid->kids[j]))
					deeper[m++] = kid->kids[j];
	}
}

static bool is_around(const struct user_label *label, const struct region *region)
{
	if (region->kind == REGION_ERRORS || region->kind == REGION_LOOP || region->kind == REGION_SWITCH)
		return true;
	for (int i = 0; i < label->n_owners; i++) {
		struct node *owner = label->owners[i];
		if (owner == region->owner)
			return true;
		if (region->owner->kind == N_TRY || region->owner->kind == N_TIMEOUT || region->owner->kind == N_GROUP)
			for (int k = 0; k < region->owner->n_kids; k++)
				if (region->owner->kids[k] == owner && (region->kind != REGION_EXCEPT || k == 1) &&
				    (region->kind != REGION_PENDING || k == 2) &&
				    !(region->kind == REGION_FINALLY && k == 2))
					return true;
	}
	return false;
}

void lower_goto(struct lowering *l, struct node *node)
{
	bool alone;
	struct user_label *label = find_label_at(l, node->name, node->name_at, &alone);
	struct region *target = l->region;
	for (struct region *region = l->region; region; region = region->outer)
		if (!is_around(label, region))
			target = region->outer;
	if (leaves_quietly(l, target)) {
		say_span(l, node->span.start, node->span.end);
		add_op(l, OP_JUMP)->label = label->label;
		return;
	}
	if (!alone)
		error_at(l->unit, node->span, "a goto that runs cleanups on its way needs a label of another name than '%s', which there are several of",
			 node->name);
	leave(l, (struct way_out){OUT_GOTO, target, label->label, true});
}

/* The text that was said last returns what a tail await has got, if there was one. */
static void note_tail(struct lowering *l)
{
	struct async_fn *fn = l->fn;
	struct await_point *last = fn->awaits.n ? fn->awaits.at[fn->awaits.n - 1] : NULL;
	if (last && last->is_tail && !l->silent && last->span.start >= l->statement->span.start)
		fn->ops.at[fn->ops.n - 1].returns = last;
}

/* Some variable is set beside the value, at no certain moment: it may lie where the result does. */
static bool sets_beside(const struct node *value)
{
	if (value->as || value->unevaluated)
		return false;
	if (value->kind == N_ASSIGN || value->kind == N_COMPOUND_ASSIGN)
		return true;
	if (value->kind == N_UNARY && (strstr(value->name, "++") || strstr(value->name, "--")))
		return true;
	for (int i = 0; i < value->n_kids; i++)
		if (value->kids[i] && sets_beside(value->kids[i]))
			return true;
	return false;
}

/* Parameters lie where the result does, so that it is stored there when nothing is left that may look at them.  To read one and store
 * that takes no care: whatever its type, the value is in a register between. */
static struct var *kept_result(struct lowering *l, const struct node *value, bool quiet)
{
	if (!shares_with_parameters(l->fn->callee) || (quiet && !sets_beside(value)))
		return NULL;
	if (!l->kept)
		l->kept = new_temp(l, "returned", l->fn->callee->result, NULL, l->fn->tree);
	return l->kept;
}

static void say_value(struct lowering *l, struct node *value, bool quiet, struct rope *rope)
{
	hoist_full(l, value);
	struct var *kept = kept_result(l, value, quiet);
	struct rope text = rope_of_value(l, value);
	bool as_bytes = value->type->is_unassignable;
	if (as_bytes)
		rope_text(l, rope, "__builtin_memcpy(&%s->result, (%s[1]){ ", frame(l), declare(l->unit, value->type, ""));
	else if (kept)
		rope_var(l, rope, kept);
	else
		rope_result(l, rope);
	rope_text(l, rope, as_bytes ? "" : " = ");
	rope_add(l, rope, &text);
	if (as_bytes)
		rope_text(l, rope, " }, sizeof %s->result)", frame(l));
	rope_text(l, rope, "; ");
	flow(l, value);
	if (kept)
		flow_define(l, kept);
	if (kept && quiet) {
		store_kept_result(l, rope);
		rope_text(l, rope, " ");
	}
	l->fn->keeps_result |= !kept && !quiet;
}

void lower_return(struct lowering *l, struct node *node)
{
	struct node *value = node->n_kids ? node->kids[0] : NULL;
	struct rope rope = {0};
	bool quiet = leaves_quietly(l, NULL), braces = l->part == node && value && quiet && !value->awaits;
	rope_text(l, &rope, braces ? "{ " : "");
	if (value && value->type->kind == TYPE_VOID)
		hoist_full_discarded(l, value);
	else if (value)
		say_value(l, value, quiet, &rope);
	if (quiet) {
		rope_text(l, &rope, braces ? "return ASYNC_DONE; }" : "return ASYNC_DONE;");
		say(l, rope);
		note_tail(l);
		stop(l);
		return;
	}
	say_own(l, rope);
	leave(l, (struct way_out){OUT_RETURN, NULL, NULL, false});
}

/* Some label, which may be the target, is outside of a region that we are in. */
static bool may_leave(struct lowering *l)
{
	for (struct region *region = l->region; region != l->function; region = region->outer)
		for (int i = 0; i < l->user_labels.n; i++)
			if (!is_around(&l->user_labels.at[i], region))
				return true;
	return false;
}

static void refuse_leaving(struct lowering *l, struct node *node, const char *what)
{
	if (!leaves_quietly(l, l->function) && may_leave(l))
		error_at(l->unit, node->span, "%s cannot leave an async_try, an async_timeout or a variable with a cleanup", what);
}

void lower_indirect_goto(struct lowering *l, struct node *node)
{
	struct { struct label **at; int n; } labels = {0};
	refuse_leaving(l, node, "a computed goto");
	hoist_full(l, node->kids[0]);
	say(l, rope_around(l, node->span.start, node->span.end, node->kids, node->n_kids));
	flow(l, node->kids[0]);
	for (int i = 0; i < l->user_labels.n; i++)
		list_add(l->arena, &labels, l->user_labels.at[i].label);
	struct op *op = add_op(l, OP_SWITCH);
	op->labels = labels.at;
	op->n_labels = labels.n;
}

/* asm goto, asm volatile goto (...) */
static bool is_asm_goto(struct lowering *l, const struct node *node)
{
	const struct source *source = l->unit->source;
	if (node->in_macro) {
		const struct invocation *invocation = invocation_at(l->unit, node->span.start);
		struct names names = invocation ? names_in_invocation(l->unit, invocation) : (struct names){0};
		return names_have(&names, "goto");
	}
	struct token token = next_token(source, node->span.start, node->span.end);
	while (token.kind != TOKEN_END && !token_is(source, token, "(") && !token_is(source, token, "goto"))
		token = next_token(source, token.span.end, node->span.end);
	return token_is(source, token, "goto");
}

/* Behind an asm, which may have gone to any label. */
void flow_asm_goto(struct lowering *l, struct node *node)
{
	if (!is_asm_goto(l, node))
		return;
	refuse_leaving(l, node, "an asm goto");
	for (int i = 0; i < l->user_labels.n; i++)
		add_op(l, OP_BRANCH)->label = l->user_labels.at[i].label;
}
