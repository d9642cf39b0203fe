/* region.c: ways out.  A return, break, continue, goto or error that leaves a region does what the region asks for on
 * the way: disarm the timeout, drop the caught error, call the cleanup function; or pass through the async_finally. */
#include "lower.h"

#include <string.h>

void push_region(struct lowering *l, struct region *region, enum region_kind kind, struct node *owner)
{
	memset(region, 0, sizeof *region);
	region->kind = kind;
	region->owner = owner;
	region->outer = l->region;
	l->region = region;
}

void pop_region(struct lowering *l, struct region *region)
{
	if (l->region != region)
		ice("regions are not left in order");
	l->region = region->outer;
}

struct label *error_label(struct lowering *l)
{
	for (struct region *region = l->region; region; region = region->outer)
		if (region->on_error)
			return region->on_error;
	return NULL;
}

void go_to_error(struct lowering *l)
{
	struct label *label = error_label(l);
	if (label) {
		jump(l, label);
		return;
	}
	say_text(l, "return ASYNC_FAILED;");
	stop(l);
}

static void say_if_exit(struct lowering *l, struct region *region, int number)
{
	struct rope rope = {0};
	rope_text(l, &rope, "if (");
	rope_var(l, &rope, region->exit);
	rope_text(l, &rope, " == %d) {", number);
	flow_use(l, region->exit);
	say_own(l, rope);
}

void say_pending(struct lowering *l, struct region *region, const char *what)
{
	say_if_exit(l, region, 1);
	say_text(l, "%s(&%s->%s);", what, frame(l), region->slot);
	say_text(l, "}");
}

/* What leaving a region asks for, in place. */
static void say_epilogue(struct lowering *l, struct region *region)
{
	switch (region->kind) {
	case REGION_EXCEPT:
		say_text(l, "async__drop(&%s->%s);", frame(l), region->slot);
		break;
	case REGION_PENDING:
		say_pending(l, region, "async__drop");
		break;
	case REGION_TIMEOUT:
		say_text(l, "(void)async__timeout_end(&%s->%s, ASYNC_DONE);", frame(l), region->slot);
		break;
	case REGION_CLEANUP:
		say_cleanup(l, region);
		break;
	default:
		break;
	}
}

static bool has_epilogue(const struct region *region)
{
	return region->kind == REGION_EXCEPT || region->kind == REGION_PENDING || region->kind == REGION_TIMEOUT || region->kind == REGION_CLEANUP ||
	       region->kind == REGION_FINALLY;
}

bool leaves_quietly(struct lowering *l, struct region *target)
{
	for (struct region *region = l->region; region != target; region = region->outer)
		if (has_epilogue(region))
			return false;
	return true;
}

void store_kept_result(struct lowering *l, struct rope *rope)
{
	rope_result(l, rope);
	rope_text(l, rope, " = ");
	rope_var(l, rope, l->kept);
	rope_text(l, rope, ";");
	flow_use(l, l->kept);
}

static void arrive(struct lowering *l, const struct way_out *way)
{
	if (way->kind == OUT_RETURN) {
		struct rope rope = {0};
		if (l->kept) {
			store_kept_result(l, &rope);
			say_own(l, rope);
		}
		say_text(l, "return ASYNC_DONE;");
		stop(l);
		return;
	}
	if (way->kind == OUT_GOTO || way->by_goto)
		say_text(l, "goto %s;", way->label->name);
	else
		say_text(l, way->kind == OUT_BREAK ? "break;" : "continue;");
	way->label->uses += way->by_goto;
	add_op(l, OP_JUMP)->label = way->label;
}

static void exit_through(struct lowering *l, struct region *finally, const struct way_out *way)
{
	int number = -1;
	for (int i = 0; i < finally->exits.n; i++) {
		const struct way_out *known = &finally->exits.at[i];
		if (known->kind == way->kind && known->label == way->label && known->target == way->target)
			number = i + 2;
	}
	if (number < 0) {
		list_add(l->arena, &finally->exits, *way);
		number = finally->exits.n + 1;
	}
	struct rope rope = {0};
	if (!finally->exit)
		finally->exit = new_temp(l, "exit", NULL, "int ", finally->owner);
	rope_var(l, &rope, finally->exit);
	rope_text(l, &rope, " = %d;", number);
	say_own(l, rope);
	flow_define(l, finally->exit);
	jump(l, finally->entry);
}

void leave(struct lowering *l, struct way_out way)
{
	for (struct region *region = l->region; region != way.target; region = region->outer) {
		if (region->kind == REGION_FINALLY) {
			exit_through(l, region, &way);
			return;
		}
		say_epilogue(l, region);
	}
	arrive(l, &way);
}

/* After an async_finally: on with whatever led into it.  The region has been popped. */
void end_finally(struct lowering *l, struct region *region)
{
	struct label *next = new_label(l, "next", false);
	say_if_exit(l, region, 1);
	branch(l, next);
	say_text(l, "(void)async__reraise(&%s->%s);", frame(l), region->slot);
	say_text(l, "%s = ASYNC_FAILED;", l->status);
	go_to_error(l);
	say_text(l, "}");
	place_label(l, next);
	go_on(l, region);
}

void go_on(struct lowering *l, struct region *region)
{
	for (int i = 0; i < region->exits.n; i++) {
		struct label *next = new_label(l, "next", false);
		say_if_exit(l, region, i + 2);
		branch(l, next);
		leave(l, region->exits.at[i]);
		say_text(l, "}");
		place_label(l, next);
	}
}
