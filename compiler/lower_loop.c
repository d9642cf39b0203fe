/* lower_loop.c: loops -> ops.  An await in a head is hoisted to where the head runs: before the loop, or into the body. */
#include "lower.h"

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

void lower_while(struct lowering *l, struct node *node)
{
	struct node *condition = node->kids[0], *body = node->kids[1];
	struct label *next = new_label(l, "while", false), *end = new_label(l, "endwhile", false);
	struct region region;
	bool awaits = condition->awaits > 0;
	if (!awaits)
		hoist_full(l, condition);
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
static void say_for_head(struct lowering *l, struct node *node)
{
	unsigned at = node->span.start;
	struct node *init = node->kids[0];
	struct rope rope = {0};
	if (init) {
		say_span(l, at, init->span.start);
		if (init->kind == N_DECL_STMT && !init->in_macro && !needs_declarators(l, init)) {
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
static void lower_for_init(struct lowering *l, struct node *init)
{
	if (init->kind == N_DECL_STMT) {
		if (needs_declarators(l, init)) {
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
}

void lower_for(struct lowering *l, struct node *node)
{
	struct node *init = node->kids[0], *condition = node->kids[1], *increment = node->kids[2], *body = node->kids[3];
	bool condition_awaits = condition && condition->awaits, increment_awaits = increment && increment->awaits;
	struct label *again = new_label(l, "for", false), *end = new_label(l, "endfor", false);
	struct label *next = new_label(l, "next", increment_awaits);
	struct region region, *outer = l->region;
	bool apart = init && init->kind == N_DECL_STMT && needs_declarators(l, init);
	if (apart) /* what the head declares is not known behind the loop */
		say_text(l, "{");
	if (init)
		lower_for_init(l, init);
	l->statement = node;
	if (condition && !condition_awaits)
		hoist_full(l, condition);
	if (increment && !increment_awaits)
		hoist_full(l, increment);
	say_for_head(l, node);
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
