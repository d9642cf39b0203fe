/* lower_loop.c: loops -> ops.  An await in a head is hoisted to where the head runs: before the loop, or into the body. */
#include "lower.h"

#include <string.h>

static void say_unless_break(struct lowering *l, struct node *condition, struct label *end)
{
	struct rope rope = {0}, text = rope_of(l, condition);
	rope_text(l, &rope, "if (!(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ")) break;");
	flow(l, condition);
	say_own(l, rope);
	branch(l, end);
}

/* A condition that is evaluated in the body. */
static void hoist_in_body(struct lowering *l, struct node *condition, struct label *end)
{
	l->deeper++;
	hoist_full(l, condition);
	say_unless_break(l, condition, end);
	l->deeper--;
}

static void push_loop(struct lowering *l, struct region *region, struct node *node, struct label *end, struct label *next,
		      bool continue_by_goto)
{
	push_region(l, region, REGION_LOOP, node);
	region->on_break = end;
	region->on_continue = next;
	region->continue_by_goto = continue_by_goto;
}

/* ---- back from a yield ----
 * A jump into the middle of a loop costs: C compilers keep less in registers, and do not vectorise.  What comes back from a yield at the
 * end of a loop's body does what is left of its turn where it is, and enters the loop by its head. */

/* Marks the yields that are last in the statement. */
static bool find_last_yields(struct lowering *l, struct node *node)
{
	struct node *expression;
	bool found = false;
	switch (node->kind) {
	case N_COMPOUND:
		return node->n_kids && find_last_yields(l, node->kids[node->n_kids - 1]);
	case N_IF:
		for (int i = 1; i < 3; i++)
			found |= node->kids[i] && find_last_yields(l, node->kids[i]);
		return found;
	case N_EXPR_STMT:
		expression = strip_parens(node->kids[0]);
		return node->ends_turn = expression->kind == N_AWAIT && is_yield(l, expression);
	default:
		return false;
	}
}

/* Nothing may stand between a pragma and its loop. */
static bool has_pragma(struct lowering *l, const struct node *loop)
{
	const struct source *source = l->unit->source;
	unsigned at = loop->span.start;
	while (at > l->fn->body.start && strchr(" \t\r\n", source->text[at - 1]))
		at--;
	for (int i = 0; i < source->directives.n; i++)
		if (source->directives.at[i].start < at && source->directives.at[i].end + 1 >= at)
			return true;
	return at > l->fn->body.start && source->text[at - 1] == ')'; /* of a _Pragma, maybe */
}

static struct label *reentry(struct lowering *l, struct node *loop, struct node *body)
{
	bool wanted = !l->silent && !has_pragma(l, loop) && find_last_yields(l, body);
	return wanted ? new_label(l, "loop", true) : NULL;
}

void reenter_loop(struct lowering *l)
{
	struct region *loop = l->region;
	while (loop && loop->kind != REGION_LOOP)
		loop = loop->outer;
	if (!loop || !loop->reenter || !leaves_quietly(l, loop))
		return;
	if (loop->increment) {
		struct rope rope = rope_of(l, loop->increment);
		rope_text(l, &rope, ";");
		flow(l, loop->increment);
		say_own(l, rope);
	}
	jump(l, loop->reenter);
}

/* ---- the loops ---- */

void lower_while(struct lowering *l, struct node *node)
{
	struct node *condition = node->kids[0], *body = node->kids[1];
	struct label *next = new_label(l, "while", false), *end = new_label(l, "endwhile", false);
	struct region region;
	bool awaits = condition->awaits > 0;
	struct label *again = awaits ? NULL : reentry(l, node, body);
	if (!awaits)
		hoist_full(l, condition);
	if (again)
		place_label(l, again);
	place_label(l, next);
	if (awaits) { /* evaluated again each time round */
		say_text(l, "for (;;) {");
		hoist_in_body(l, condition, end);
	} else {
		say(l, rope_around(l, node->span.start, head_end(l, condition->span.end, body), &condition, 1));
		flow(l, condition);
		branch(l, end);
	}
	push_loop(l, &region, node, end, next, false);
	region.reenter = again;
	lower_part(l, body);
	pop_region(l, &region);
	add_op(l, OP_JUMP)->label = next;
	if (awaits)
		say_text(l, "}");
	place_label(l, end);
}

void lower_do(struct lowering *l, struct node *node)
{
	struct node *body = node->kids[0], *condition = node->kids[1];
	bool awaits = condition->awaits > 0;
	struct label *again = new_label(l, "do", false), *end = new_label(l, "enddo", false);
	struct label *next = new_label(l, "next", awaits);
	struct region region;
	if (!awaits)
		hoist_full(l, condition);
	place_label(l, again);
	say_span(l, node->span.start, awaits ? body->span.start : head_end(l, node->span.start, body));
	if (awaits)
		say_text(l, "{");
	push_loop(l, &region, node, end, next, awaits);
	lower_part(l, body);
	pop_region(l, &region);
	place_label(l, next);
	if (awaits) {
		open_block(l);
		hoist_full(l, condition);
		close_block(l, "}");
		struct rope rope = {0}, text = rope_of(l, condition);
		rope_text(l, &rope, "while (");
		rope_add(l, &rope, &text);
		rope_text(l, &rope, ");");
		say_own(l, rope);
	} else {
		say(l, rope_around(l, body->span.end, node->span.end, &condition, 1));
	}
	flow(l, condition);
	branch(l, again);
	place_label(l, end);
}

/* The head of a for, without the parts that run in its body instead. */
static void say_for_head(struct lowering *l, struct node *node, bool apart)
{
	unsigned at = node->span.start;
	struct node *init = node->kids[0];
	struct rope rope = {0};
	if (init) {
		say_span(l, at, init->span.start);
		if (apart) {
			rope_text(l, &rope, ";");
		} else if (init->kind == N_DECL_STMT && !init->in_macro) {
			say_declaration(l, init, 0, init->n_kids, true);
		} else if (init->kind != N_DECL_STMT && !init->awaits) {
			say(l, rope_of(l, init->kids[0]));
			rope_text(l, &rope, ";");
		} else {
			rope_text(l, &rope, ";");
		}
		at = init->span.end;
	}
	for (int i = 1; i < 3; i++) {
		struct node *part = node->kids[i];
		if (!part)
			continue;
		rope_span(l, &rope, at, part->span.start);
		if (!part->awaits) {
			struct rope text = rope_of(l, part);
			rope_add(l, &rope, &text);
		}
		at = part->span.end;
	}
	rope_span(l, &rope, at, head_end(l, at, node->kids[3]));
	say(l, rope);
}

/* What runs before the loop. */
static void lower_for_init(struct lowering *l, struct node *init, bool apart)
{
	if (init->kind == N_DECL_STMT) {
		if (apart) {
			lower_declarators(l, init);
			return;
		}
		for (int i = 0; i < init->n_kids; i++) {
			struct node *kid = init->kids[i];
			if (kid->n_kids)
				hoist_full(l, kid->kids[0]);
			declare_kid(l, kid);
			if (kid->kind == N_VAR)
				kid->var->in_head = true;
		}
		return;
	}
	if (init->awaits) {
		lower_statement(l, init);
		return;
	}
	hoist_full(l, init->kids[0]);
	flow(l, init->kids[0]);
	if (apart) {
		struct rope rope = rope_of(l, init->kids[0]);
		rope_text(l, &rope, ";");
		say_own(l, rope);
	}
}

void lower_for(struct lowering *l, struct node *node)
{
	struct node *init = node->kids[0], *condition = node->kids[1], *increment = node->kids[2], *body = node->kids[3];
	bool condition_awaits = condition && condition->awaits, increment_awaits = increment && increment->awaits;
	struct label *again = new_label(l, "for", false), *end = new_label(l, "endfor", false);
	struct label *next = new_label(l, "next", increment_awaits);
	struct region region, *outer = l->region;
	struct label *reenter = condition_awaits || increment_awaits ? NULL : reentry(l, node, body);
	bool apart = init && (reenter || (init->kind == N_DECL_STMT && needs_declarators(l, init)));
	if (apart) /* what the head declares is not known behind the loop */
		say_text(l, "{");
	if (init)
		lower_for_init(l, init, apart);
	l->statement = node;
	if (condition && !condition_awaits)
		hoist_full(l, condition);
	if (increment && !increment_awaits)
		hoist_full(l, increment);
	if (reenter)
		place_label(l, reenter);
	say_for_head(l, node, apart);
	place_label(l, again);
	if (condition_awaits || increment_awaits)
		say_text(l, "{");
	if (condition_awaits) {
		hoist_in_body(l, condition, end);
	} else if (condition) {
		flow(l, condition);
		branch(l, end);
	}
	push_loop(l, &region, node, end, next, increment_awaits);
	region.reenter = reenter;
	region.increment = increment;
	lower_part(l, body);
	pop_region(l, &region);
	place_label(l, next);
	l->statement = node;
	if (increment_awaits) {
		l->deeper++;
		hoist_full_discarded(l, increment);
		l->deeper--;
	} else if (increment) {
		flow(l, increment);
	}
	if (condition_awaits || increment_awaits)
		say_text(l, "}");
	add_op(l, OP_JUMP)->label = again;
	place_label(l, end);
	end_cleanups(l, outer);
	if (apart)
		say_text(l, "}");
}
