/* lower_try.c: async_try, async_timeout, async_task_group -> ops. */
#include "lower.h"

#include <string.h>

typedef void finally_body(struct lowering *l, struct node *node);

static bool is_named(struct lowering *l, struct var *var, unsigned declared_at)
{
	for (int i = 0; i < l->fn->refs.n; i++)
		if (l->fn->refs.at[i].var == var && l->fn->refs.at[i].at != declared_at)
			return true;
	return false;
}

/* A cancellation goes on as if there were no handler. */
static void pass_cancellation(struct lowering *l)
{
	struct label *taken = new_label(l, "taken", false);
	say_text(l, "if (async__is_cancellation()) {");
	branch(l, taken);
	go_to_error(l);
	say_text(l, "}");
	place_label(l, taken);
}

static void lower_except(struct lowering *l, struct node *node, struct label *except, struct label *end)
{
	const char *slot = new_slot(l, "caught", "async_caught", "");
	struct region region;
	struct rope rope = {0};
	if (!ends_here(l))
		jump(l, end);
	place_label(l, except);
	if (node->only_errors)
		pass_cancellation(l);
	if (is_named(l, node->var, node->name_at)) {
		rope_var(l, &rope, node->var);
		rope_text(l, &rope, " = ");
	}
	rope_text(l, &rope, "async__hold(&%s->%s);", frame(l), slot);
	say_own(l, rope);
	flow_define(l, node->var);
	node->var->apart = true;
	push_region(l, &region, REGION_EXCEPT, node);
	region.slot = slot;
	region.on_error = new_label(l, "except_failed", true);
	lower_part(l, node->kids[1]);
	l->statement = node;
	pop_region(l, &region);
	if (!ends_here(l)) {
		say_text(l, "async__drop(&%s->%s);", frame(l), slot);
		if (region.on_error->uses)
			jump(l, end);
	}
	if (region.on_error->uses) {
		place_label(l, region.on_error);
		say_text(l, "async__chain(&%s->%s);", frame(l), slot);
		go_to_error(l);
	}
}

static void push_finally(struct lowering *l, struct region *region, struct node *owner)
{
	push_region(l, region, REGION_FINALLY, owner);
	region->slot = new_slot(l, "pending", "async_caught", "");
	region->exit = new_temp(l, "exit", NULL, "int ", owner);
	region->entry = new_label(l, "finally", true);
	region->on_error = new_label(l, "finally_failed", true);
}

/* What an async_finally runs: its own block. */
static void lower_block(struct lowering *l, struct node *node)
{
	lower_part(l, node->kids[2]);
	l->statement = node;
}

/* Its own error takes the place of the one that waits, and is caused by that. */
static void lower_finally_body(struct lowering *l, struct node *node, struct region *finally, finally_body *body)
{
	struct label *done = new_label(l, "finally_done", true);
	struct region region;
	if (!finally->on_error->uses) {
		body(l, node);
		return;
	}
	push_region(l, &region, REGION_PENDING, node);
	region.slot = finally->slot;
	region.exit = finally->exit;
	region.on_error = new_label(l, "finally_raised", true);
	body(l, node);
	pop_region(l, &region);
	if (!region.on_error->uses)
		return;
	if (!ends_here(l))
		jump(l, done);
	place_label(l, region.on_error);
	say_pending(l, &region, "async__chain");
	go_to_error(l);
	place_label(l, done);
}

/* Every way into a finally has been told apart, so nothing comes to what follows it. */
static void say_unreachable(struct lowering *l)
{
	say_text(l, "__builtin_unreachable();");
	stop(l);
}

static void lower_finally(struct lowering *l, struct node *node, struct region *region, finally_body *body)
{
	struct label *on_error = region->on_error;
	struct rope normal = {0}, failed = {0};
	bool falls = !ends_here(l);
	if (falls) {
		rope_var(l, &normal, region->exit);
		rope_text(l, &normal, " = 0;");
		say_own(l, normal);
		flow_define(l, region->exit);
	}
	if (on_error->uses) {
		if (falls)
			jump(l, region->entry);
		place_label(l, on_error);
		say_text(l, "(void)async__hold(&%s->%s);", frame(l), region->slot);
		rope_var(l, &failed, region->exit);
		rope_text(l, &failed, " = 1;");
		say_own(l, failed);
		flow_define(l, region->exit);
	}
	place_label(l, region->entry);
	lower_finally_body(l, node, region, body);
	end_finally(l, region);
	if (!falls)
		say_unreachable(l);
}

void lower_try(struct lowering *l, struct node *node)
{
	struct region finally, errors;
	struct node *except = node->kids[1];
	if (node->kids[2])
		push_finally(l, &finally, node);
	struct label *on_error = new_label(l, "except", true), *end = new_label(l, "try_end", true);
	if (except) {
		push_region(l, &errors, REGION_ERRORS, node);
		errors.on_error = on_error;
	}
	lower_part(l, node->kids[0]);
	l->statement = node;
	if (except) {
		pop_region(l, &errors);
		if (on_error->uses) {
			lower_except(l, node, on_error, end);
		}
		place_label(l, end);
	}
	if (node->kids[2]) {
		pop_region(l, &finally);
		lower_finally(l, node, &finally, lower_block);
	}
}

static void name_scope(struct lowering *l, struct node *node, const char *slot)
{
	struct rope rope = {0};
	node->var->apart = true;
	if (!is_named(l, node->var, node->name_at))
		return;
	rope_var(l, &rope, node->var);
	rope_text(l, &rope, " = &%s->%s;", frame(l), slot);
	say_own(l, rope);
	flow_define(l, node->var);
}

/* An error of the body stays one; but its end may be too late as well. */
static void end_timeout(struct lowering *l, const struct region *region)
{
	struct label *fine = new_label(l, "fine", false);
	bool falls = !ends_here(l);
	if (falls)
		say_text(l, "%s = ASYNC_DONE;", l->status);
	else if (!region->on_error->uses)
		return;
	place_label(l, region->on_error);
	say_text(l, "%s = async__timeout_end(&%s->%s, %s);", l->status, frame(l), region->slot, l->status);
	if (falls) {
		say_text(l, "if (%s == ASYNC_FAILED) {", l->status);
		branch(l, fine);
	}
	go_to_error(l);
	if (falls) {
		say_text(l, "}");
		place_label(l, fine);
	}
}

void lower_timeout(struct lowering *l, struct node *node)
{
	struct region region;
	const char *slot = new_slot(l, "timeout", "struct async__scope", "");
	struct rope rope = {0};
	struct label *begun = new_label(l, "begun", false);
	hoist_full(l, node->kids[0]);
	struct rope seconds = rope_of(l, node->kids[0]);
	rope_text(l, &rope, "%s = async__timeout_block_begin(&%s->%s, ", l->status, frame(l), slot);
	rope_add(l, &rope, &seconds);
	rope_text(l, &rope, ");");
	flow(l, node->kids[0]);
	say_own(l, rope);
	say_text(l, "if (%s == ASYNC_FAILED) {", l->status);
	branch(l, begun);
	say_text(l, "async__trace(&%s__async, %u);", l->fn->name, source_place(l->unit->source, node->span.start).line);
	go_to_error(l);
	say_text(l, "}");
	place_label(l, begun);
	if (node->var)
		name_scope(l, node, slot);
	push_region(l, &region, REGION_TIMEOUT, node);
	region.slot = slot;
	region.on_error = new_label(l, "timeout_end", true);
	lower_part(l, node->kids[1]);
	l->statement = node;
	pop_region(l, &region);
	end_timeout(l, &region);
}

static void set_exit(struct lowering *l, struct region *region, int how)
{
	struct rope rope = {0};
	if (!region->exit)
		return;
	rope_var(l, &rope, region->exit);
	rope_text(l, &rope, " = %d;", how);
	say_own(l, rope);
	flow_define(l, region->exit);
}

/* Every way out goes through the await of the group's end, which takes up an error of the body. */
void lower_group(struct lowering *l, struct node *node)
{
	struct region region;
	struct rope begin = {0}, *group = arena_alloc(l->arena, sizeof *group);
	const char *slot = new_slot(l, "group", "struct async__group", "");
	if (is_named(l, node->var, node->name_at)) {
		rope_var(l, &begin, node->var);
		rope_text(l, &begin, " = ");
	}
	rope_text(l, &begin, "async__group_begin(&%s->%s);", frame(l), slot);
	say_own(l, begin);
	flow_define(l, node->var);
	node->var->apart = true;
	push_region(l, &region, REGION_FINALLY, node);
	region.entry = new_label(l, "group_end", true);
	region.on_error = new_label(l, "group_failed", true);
	lower_part(l, node->kids[0]);
	l->statement = node;
	pop_region(l, &region);
	bool falls = !ends_here(l);
	if (falls)
		set_exit(l, &region, 0);
	if (region.on_error->uses) {
		if (falls)
			jump(l, region.entry);
		place_label(l, region.on_error);
		say_text(l, "async__group_failed(&%s->%s);", frame(l), slot);
		set_exit(l, &region, 1);
	}
	place_label(l, region.entry);
	rope_text(l, group, "&%s->%s", frame(l), slot);
	await_library(l, node->head, "async__group_end", group, 1);
	go_on(l, &region);
	if (!falls)
		say_unreachable(l);
}

/* ---- an async function in a cleanup attribute: what an async_finally around the rest of the block would do ---- */

static void await_cleanup(struct lowering *l, struct node *kid)
{
	struct var *var = kid->var;
	struct rope *argument = arena_alloc(l->arena, sizeof *argument);
	struct node *node = arena_alloc(l->arena, sizeof *node);
	node->kind = N_AWAIT;
	node->span = kid->span;
	node->type = var->cleanup_callee->result;
	rope_text(l, argument, "&");
	rope_var(l, argument, var);
	add_op(l, OP_ADDRESS)->var = var;
	await_call(l, node, var->cleanup_callee, argument, 1, false);
	l->fn->awaits.at[l->fn->awaits.n - 1]->text = arena_printf(l->arena, "%s(&%s)", var->cleanup, var->name);
}

void push_awaited_cleanup(struct lowering *l, struct region *region, struct node *kid)
{
	push_finally(l, region, kid);
	region->var = kid->var;
}

void end_awaited_cleanup(struct lowering *l, struct region *region)
{
	pop_region(l, region);
	lower_finally(l, region->owner, region, await_cleanup);
}
