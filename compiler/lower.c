/* lower.c: statements -> ops.  One way for all: a statement's own text is copied up to each part of it, the part is lowered, and
 * so on; awaits in its head are hoisted before it, or into its body where it runs again each time round. */
#include "lower.h"

#include <string.h>

static bool ends_here(struct lowering *l)
{
	if (l->fn->ops.n == 0)
		return false;
	enum op_kind kind = l->fn->ops.at[l->fn->ops.n - 1].kind;
	return kind == OP_STOP || kind == OP_JUMP;
}

static void say_span(struct lowering *l, unsigned start, unsigned end)
{
	struct rope rope = {0};
	rope_span(l, &rope, start, end);
	say(l, rope);
}

/* ---- declarations ---- */

static void declare_kid(struct lowering *l, struct node *kid)
{
	if (kid->kind != N_VAR)
		return;
	for (int i = 0; i < kid->var->n_bounds; i++)
		flow(l, kid->var->bounds[i]);
	add_op(l, OP_DECLARE)->var = kid->var;
	for (int i = 0; i < kid->n_kids; i++)
		flow(l, kid->kids[i]);
	if (kid->n_kids)
		flow_define(l, kid->var);
}

static void say_declaration(struct lowering *l, struct node *node, int first, int n, bool in_head)
{
	if (l->silent)
		return;
	struct op *op = add_op(l, OP_VAR_DECL);
	op->node = node;
	op->first_kid = first;
	op->n_kids = n;
	op->in_head = in_head;
	/* The ropes are made now, when what was hoisted has its replacement. */
	struct rope *inits = arena_alloc(l->arena, (node->n_kids + 1) * sizeof *inits);
	for (int i = first; i < first + n; i++)
		if (node->kids[i]->n_kids)
			inits[i] = rope_of(l, node->kids[i]->kids[0]);
	op->inits = inits;
	op->rope = rope_of(l, node);
}

/* A variable with a cleanup function guards the rest of its block. */
static void guard_variable(struct lowering *l, struct node *kid)
{
	if (kid->kind != N_VAR || !kid->var->cleanup || !kid->var->scope || !kid->var->scope->awaits || l->silent)
		return;
	struct region *region = arena_alloc(l->arena, sizeof *region);
	kid->var->apart = true;
	push_region(l, region, REGION_CLEANUP, kid);
	region->var = kid->var;
	region->on_error = new_label(l, "cleanup", true);
}

/* Each declarator for itself: something has to run between them. */
static void lower_declarators(struct lowering *l, struct node *node)
{
	for (int i = 0; i < node->n_kids; i++) {
		struct node *kid = node->kids[i];
		if (kid->kind == N_VAR) {
			kid->var->apart = true;
			if (kid->n_kids)
				hoist_full(l, kid->kids[0]);
		}
		bool moves = has_to_move(l, kid);
		if (moves)
			move_declaration(l, kid);
		if (!moves || kid->n_kids)
			say_declaration(l, node, i, 1, false);
		declare_kid(l, kid);
		guard_variable(l, kid);
	}
}

static bool needs_declarators(struct lowering *l, struct node *node)
{
	bool moves = false, guards = false;
	for (int i = 0; i < node->n_kids; i++) {
		moves |= has_to_move(l, node->kids[i]);
		guards |= node->kids[i]->kind == N_VAR && node->kids[i]->var->cleanup;
	}
	return moves || (node->n_kids > 1 && (node->awaits || (guards && !l->silent)));
}

static void lower_declaration(struct lowering *l, struct node *node, bool in_head)
{
	if (needs_declarators(l, node)) {
		lower_declarators(l, node);
		return;
	}
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i]->n_kids)
			hoist_full(l, node->kids[i]->kids[0]);
	say_declaration(l, node, 0, node->n_kids, in_head);
	for (int i = 0; i < node->n_kids; i++) {
		declare_kid(l, node->kids[i]);
		if (node->kids[i]->kind == N_VAR)
			node->kids[i]->var->in_head = in_head;
		guard_variable(l, node->kids[i]);
	}
}

/* ---- blocks ---- */

/* The end of a guarded block: the cleanup functions run, innermost first.  An error enters their chain in the middle. */
static void end_cleanups(struct lowering *l, struct region *outer)
{
	bool goes_on = !ends_here(l), failed = false;
	struct region *inner = l->region;
	struct label *end = new_label(l, "cleanup_end", true);
	for (struct region *region = inner; region != outer; region = region->outer) {
		if (goes_on)
			say_cleanup(l, region);
		failed |= region->on_error->uses > 0;
	}
	if (goes_on && failed)
		jump(l, end);
	failed = false;
	while (l->region != outer) {
		struct region *region = l->region;
		pop_region(l, region);
		if (region->on_error->uses) {
			place_label(l, region->on_error);
			failed = true;
		}
		if (failed)
			say_cleanup(l, region);
	}
	if (failed)
		go_to_error(l);
	place_label(l, end);
}

/* __label__ has to come first in its block. */
static bool starts_with_labels(struct lowering *l, struct node *block)
{
	return token_is(l->unit->source, next_token(l->unit->source, block->span.start + 1, block->span.end), "__label__");
}

void lower_statements(struct lowering *l, struct node *block)
{
	struct region *outer = l->region;
	bool is_body = block == l->fn->tree && !starts_with_labels(l, block); /* its braces are the function's own */
	unsigned at = block->span.start + is_body;
	for (int i = 0; i < block->n_kids; i++) {
		struct node *kid = block->kids[i];
		say_span(l, at, kid->span.start);
		lower_statement(l, kid);
		at = kid->span.end;
	}
	unsigned close = block->span.end - 1;
	if (l->region != outer) {
		say_span(l, at, close);
		l->statement = block->n_kids ? block->kids[0] : block;
		end_cleanups(l, outer);
		at = close;
	}
	say_span(l, at, block->span.end - is_body);
}

void lower_block_value(struct lowering *l, struct node *block, struct node *last, struct var *value)
{
	struct region *outer = l->region;
	for (int i = 0; i < block->n_kids; i++) {
		struct node *kid = block->kids[i];
		if (value && kid == last) {
			l->statement = kid;
			hoist_value(l, kid->kids[0], value);
		} else {
			lower_statement(l, kid);
		}
	}
	l->statement = block;
	end_cleanups(l, outer);
}

/* What was one statement becomes several. */
static bool needs_block(struct lowering *l, struct node *node)
{
	switch (node->kind) {
	case N_COMPOUND:
		return false;
	case N_BREAK:
	case N_CONTINUE:
	case N_GOTO:
		return l->region != NULL;
	case N_RETURN: /* a short one has braces of its own */
		return !leaves_quietly(l, NULL) || node->awaits;
	case N_LABEL:
	case N_CASE:
	case N_DEFAULT:
		return node->kids[0]->kind == N_RETURN || needs_block(l, node->kids[0]);
	default:
		return node->awaits || node->special;
	}
}

/* Where the head before a part ends: after its last token if the part gets a brace of ours and only blanks are between. */
static unsigned head_end(struct lowering *l, unsigned start, struct node *part)
{
	const char *text = l->unit->source->text;
	unsigned end = part->span.start;
	if (!needs_block(l, part))
		return end;
	struct token token, last = {.span = {start, start}};
	for (unsigned at = start; (token = next_token(l->unit->source, at, end)).kind != TOKEN_END; at = token.span.end)
		last = token;
	for (unsigned at = last.span.end; at < end; at++)
		if (!strchr(" \t\r\n", text[at]))
			return end;
	return last.kind == TOKEN_DIRECTIVE ? end : last.span.end;
}

/* A statement that is part of another, whose head is on the line. */
static void lower_part(struct lowering *l, struct node *node)
{
	bool block = !l->silent && needs_block(l, node);
	if (block) {
		struct rope brace = {0};
		rope_text(l, &brace, " {");
		say(l, brace);
	}
	bool same_line = block && source_line_start(l->unit->source, node->span.start) ==
					  source_line_start(l->unit->source, l->statement->span.start);
	struct node *part = l->part;
	l->deeper += same_line;
	l->part = node;
	lower_statement(l, node);
	l->part = part;
	l->deeper -= same_line;
	if (block)
		say_text(l, "}");
}

/* ---- selection ---- */

static void lower_if(struct lowering *l, struct node *node)
{
	struct node *condition = node->kids[0], *then = node->kids[1], *otherwise = node->kids[2];
	struct label *not_taken = new_label(l, "else", false), *end = new_label(l, "endif", false);
	hoist_full(l, condition);
	say(l, rope_around(l, node->span.start, head_end(l, condition->span.end, then), &condition, 1));
	flow(l, condition);
	branch(l, not_taken);
	lower_part(l, then);
	add_op(l, OP_JUMP)->label = end;
	place_label(l, not_taken);
	if (otherwise) {
		say_span(l, then->span.end, head_end(l, then->span.end, otherwise));
		lower_part(l, otherwise);
	}
	place_label(l, end);
}

struct cases {
	struct label **at;
	int n;
	bool has_default;
};

static void collect_cases(struct lowering *l, struct node *node, struct cases *cases)
{
	if (!node || node->kind == N_SWITCH)
		return;
	if (node->kind == N_CASE || node->kind == N_DEFAULT) {
		struct label *label = new_label(l, "case", false);
		struct user_label mark = {.name = arena_printf(l->arena, "case@%p", (void *)node), .label = label};
		list_add(l->arena, &l->user_labels, mark);
		list_add(l->arena, cases, label);
		cases->has_default |= node->kind == N_DEFAULT;
	}
	for (int i = 0; i < node->n_kids; i++)
		collect_cases(l, node->kids[i], cases);
}

/* __label__ allows several of one name: `at` tells them apart. */
static struct user_label *find_label_at(struct lowering *l, const char *name, unsigned at, bool *alone)
{
	struct user_label *found = NULL;
	*alone = true;
	for (int i = 0; i < l->user_labels.n; i++) {
		struct user_label *label = &l->user_labels.at[i];
		if (strcmp(label->name, name) != 0)
			continue;
		*alone &= label->at == at;
		if (!found || label->at == at)
			found = label;
	}
	if (!found)
		ice("no label '%s'", name);
	return found;
}

static struct user_label *find_user_label(struct lowering *l, const char *name)
{
	for (int i = 0; i < l->user_labels.n; i++)
		if (strcmp(l->user_labels.at[i].name, name) == 0)
			return &l->user_labels.at[i];
	return NULL;
}

static void lower_switch(struct lowering *l, struct node *node)
{
	struct node *value = node->kids[0], *body = node->kids[1];
	struct label *end = new_label(l, "endswitch", false);
	struct region region;
	struct cases cases = {0};
	hoist_full(l, value);
	say(l, rope_around(l, node->span.start, body->span.start, &value, 1));
	flow(l, value);
	collect_cases(l, body, &cases);
	if (!cases.has_default)
		list_add(l->arena, &cases, end);
	struct op *op = add_op(l, OP_SWITCH);
	op->labels = cases.at;
	op->n_labels = cases.n;
	push_region(l, &region, REGION_SWITCH, node);
	region.on_break = end;
	lower_part(l, body);
	pop_region(l, &region);
	place_label(l, end);
}

static void lower_case(struct lowering *l, struct node *node)
{
	say_span(l, node->span.start, node->kids[0]->span.start);
	place_label(l, find_user_label(l, arena_printf(l->arena, "case@%p", (void *)node))->label);
	lower_statement(l, node->kids[0]);
}

/* ---- loops ---- */

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

static void push_loop(struct lowering *l, struct region *region, struct node *node, struct label *end, struct label *next,
		      bool continue_by_goto)
{
	push_region(l, region, REGION_LOOP, node);
	region->on_break = end;
	region->on_continue = next;
	region->continue_by_goto = continue_by_goto;
}

static void lower_while(struct lowering *l, struct node *node)
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
		hoist_full(l, condition);
		say_unless_break(l, condition, end);
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

static void lower_do(struct lowering *l, struct node *node)
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
		hoist_full(l, condition);
		say_text(l, "}");
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

static void lower_for(struct lowering *l, struct node *node)
{
	struct node *init = node->kids[0], *condition = node->kids[1], *increment = node->kids[2], *body = node->kids[3];
	bool condition_awaits = condition && condition->awaits, increment_awaits = increment && increment->awaits;
	struct label *again = new_label(l, "for", false), *end = new_label(l, "endfor", false);
	struct label *next = new_label(l, "next", increment_awaits);
	struct region region;
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
		hoist_full(l, condition);
		say_unless_break(l, condition, end);
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
		hoist_full_discarded(l, increment);
	} else if (increment) {
		flow(l, increment);
	}
	if (condition_awaits || increment_awaits)
		say_text(l, "}");
	add_op(l, OP_JUMP)->label = again;
	place_label(l, end);
	if (apart)
		say_text(l, "}");
}

/* ---- jumps ---- */

static struct region *nearest(struct lowering *l, bool loops_only)
{
	struct region *region = l->region;
	while (region && region->kind != REGION_LOOP && (loops_only || region->kind != REGION_SWITCH))
		region = region->outer;
	return region;
}

static void lower_loop_exit(struct lowering *l, struct node *node)
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

/* Regions are known by the node that makes them and the part of it: a label's are those around it. */
static void find_labels(struct lowering *l, struct node *node, struct node **owners, int n)
{
	if (!node)
		return;
	if (node->kind == N_LABEL) {
		l->fn->has_labels = true;
		struct user_label label = {node->name, named_label(l, node->name, false), NULL, n, node->name_at};
		label.owners = arena_alloc(l->arena, (n + 1) * sizeof *owners);
		for (int i = 0; i < n; i++)
			label.owners[i] = owners[i];
		list_add(l->arena, &l->user_labels, label);
	}
	struct node **deeper = arena_alloc(l->arena, (n + node->n_kids + 1) * sizeof *deeper);
	for (int i = 0; i < n; i++)
		deeper[i] = owners[i];
	int m = n;
	for (int i = 0; i < node->n_kids; i++) {
		struct node *kid = node->kids[i];
		bool owns = (node->kind == N_TRY && i < 2) || (node->kind == N_TIMEOUT && i == 1) || node->kind == N_GROUP;
		if (owns)
			deeper[m] = kid;
		find_labels(l, kid, deeper, m + owns);
		if (kid && node->kind == N_COMPOUND && node->awaits && kid->kind == N_DECL_STMT)
			for (int j = 0; j < kid->n_kids && m < n + node->n_kids; j++)
				if (kid->kids[j]->kind == N_VAR && kid->kids[j]->var->cleanup)
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
				    !(region->kind == REGION_FINALLY && k == 2))
					return true;
	}
	return false;
}

static void lower_goto(struct lowering *l, struct node *node)
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

static void lower_return(struct lowering *l, struct node *node)
{
	struct node *value = node->n_kids ? node->kids[0] : NULL;
	struct rope rope = {0};
	bool quiet = leaves_quietly(l, NULL), braces = l->part == node && value && quiet && !value->awaits;
	rope_text(l, &rope, braces ? "{ " : "");
	if (value && value->type->kind == TYPE_VOID) {
		hoist_full_discarded(l, value);
	} else if (value) {
		hoist_full(l, value);
		struct rope text = rope_of_value(l, value);
		bool as_bytes = value->type->is_unassignable;
		if (as_bytes)
			rope_text(l, &rope, "__builtin_memcpy(&%s->result, (%s[1]){ ", frame(l), declare(l->unit, value->type, ""));
		else
			rope_text(l, &rope, "%s->result = ", frame(l));
		rope_add(l, &rope, &text);
		if (as_bytes)
			rope_text(l, &rope, " }, sizeof %s->result)", frame(l));
		rope_text(l, &rope, "; ");
		flow(l, value);
	}
	if (quiet) {
		rope_text(l, &rope, braces ? "return ASYNC_DONE; }" : "return ASYNC_DONE;");
		say(l, rope);
		stop(l);
		return;
	}
	say_own(l, rope);
	leave(l, (struct way_out){OUT_RETURN, NULL, NULL, false});
}

static void lower_indirect_goto(struct lowering *l, struct node *node)
{
	struct cases labels = {0};
	if (!leaves_quietly(l, l->function))
		error_at(l->unit, node->span, "a computed goto cannot leave an async_try, an async_timeout or a variable with a cleanup");
	hoist_full(l, node->kids[0]);
	say(l, rope_around(l, node->span.start, node->span.end, node->kids, node->n_kids));
	flow(l, node->kids[0]);
	for (int i = 0; i < l->user_labels.n; i++)
		if (strncmp(l->user_labels.at[i].name, "case@", 5) != 0)
			list_add(l->arena, &labels, l->user_labels.at[i].label);
	struct op *op = add_op(l, OP_SWITCH);
	op->labels = labels.at;
	op->n_labels = labels.n;
}

/* ---- async_try, async_timeout, async_task_group ---- */

static bool is_named(struct lowering *l, struct var *var, unsigned declared_at)
{
	for (int i = 0; i < l->fn->refs.n; i++)
		if (l->fn->refs.at[i].var == var && l->fn->refs.at[i].at != declared_at)
			return true;
	return false;
}

static void lower_except(struct lowering *l, struct node *node, struct label *except, struct label *end)
{
	const char *slot = new_slot(l, "caught", "async_caught", "");
	struct region region;
	struct rope rope = {0};
	if (!ends_here(l))
		jump(l, end);
	place_label(l, except);
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
		say_text(l, "async__drop(&%s->%s);", frame(l), slot);
		go_to_error(l);
	}
}

static void lower_finally(struct lowering *l, struct node *node, struct region *region)
{
	struct label *on_error = region->on_error;
	struct rope normal = {0}, failed = {0};
	rope_var(l, &normal, region->exit);
	rope_text(l, &normal, " = 0;");
	say_own(l, normal);
	flow_define(l, region->exit);
	if (on_error->uses) {
		jump(l, region->entry);
		place_label(l, on_error);
		say_text(l, "(void)async__hold(&%s->%s);", frame(l), region->slot);
		rope_var(l, &failed, region->exit);
		rope_text(l, &failed, " = 1;");
		say_own(l, failed);
		flow_define(l, region->exit);
	}
	place_label(l, region->entry);
	lower_part(l, node->kids[2]);
	l->statement = node;
	end_finally(l, region);
}

static void lower_try(struct lowering *l, struct node *node)
{
	struct region finally, errors;
	struct node *except = node->kids[1];
	if (node->kids[2]) {
		push_region(l, &finally, REGION_FINALLY, node);
		finally.slot = new_slot(l, "pending", "async_caught", "");
		finally.exit = new_temp(l, "exit", NULL, "int ", node);
		finally.entry = new_label(l, "finally", true);
		finally.on_error = new_label(l, "finally_failed", true);
	}
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
		lower_finally(l, node, &finally);
	}
}

static void lower_timeout(struct lowering *l, struct node *node)
{
	struct region region;
	const char *slot = new_slot(l, "timeout", "struct async__scope", "");
	struct label *fine = new_label(l, "fine", false);
	struct rope rope = {0};
	hoist_full(l, node->kids[0]);
	struct rope seconds = rope_of(l, node->kids[0]);
	rope_text(l, &rope, "async__timeout_block_begin(&%s->%s, ", frame(l), slot);
	rope_add(l, &rope, &seconds);
	rope_text(l, &rope, ");");
	flow(l, node->kids[0]);
	say_own(l, rope);
	push_region(l, &region, REGION_TIMEOUT, node);
	region.slot = slot;
	region.on_error = new_label(l, "timeout_end", true);
	lower_part(l, node->kids[1]);
	l->statement = node;
	pop_region(l, &region);
	say_text(l, "%s = ASYNC_DONE;", l->status);
	place_label(l, region.on_error);
	say_text(l, "%s = async__timeout_end(&%s->%s, %s);", l->status, frame(l), slot, l->status);
	say_text(l, "if (%s == ASYNC_FAILED) {", l->status);
	branch(l, fine);
	go_to_error(l);
	say_text(l, "}");
	place_label(l, fine);
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
static void lower_group(struct lowering *l, struct node *node)
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
	set_exit(l, &region, 0);
	if (region.on_error->uses) {
		jump(l, region.entry);
		place_label(l, region.on_error);
		say_text(l, "async__group_failed(&%s->%s);", frame(l), slot);
		set_exit(l, &region, 1);
	}
	place_label(l, region.entry);
	rope_text(l, group, "&%s->%s", frame(l), slot);
	await_library(l, node->head, "async__group_end", group, 1);
	go_on(l, &region);
}

/* ---- the rest ---- */

/* async_create_task(...) whose handle nobody keeps. */
static bool lower_dropped_task(struct lowering *l, struct node *expression)
{
	struct node *task = expression;
	while (task->kind == N_PAREN || task->kind == N_CAST || task->kind == N_CONVERSION)
		task = task->kids[0];
	if (task->kind != N_CREATE_TASK && task->kind != N_CREATE_TASK_EAGER && task->kind != N_CREATE_TASK_IN)
		return false;
	hoist_full(l, task);
	struct rope rope = {0}, text = rope_of(l, task);
	rope_text(l, &rope, "async_detach(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ");");
	flow(l, task);
	say(l, rope); /* the last op: replace_in_ordinary takes it from there */
	return true;
}

static void lower_expression(struct lowering *l, struct node *node)
{
	struct node *expression = node->kids[0];
	if (!node->special) {
		say_span(l, node->span.start, node->span.end);
		flow(l, expression);
	} else if (lower_dropped_task(l, expression)) {
		return;
	} else if (!node->awaits) {
		hoist_full(l, expression);
		say(l, rope_around(l, node->span.start, node->span.end, node->kids, 1));
		flow(l, expression);
	} else {
		hoist_full_discarded(l, expression);
	}
}

static void lower_kids(struct lowering *l, struct node *node)
{
	unsigned at = node->span.start;
	for (int i = 0; i < node->n_kids; i++) {
		struct node *kid = node->kids[i];
		if (is_expression(kid)) {
			flow(l, kid);
			continue;
		}
		say_span(l, at, kid->span.start);
		lower_statement(l, kid);
		at = kid->span.end;
	}
	say_span(l, at, node->span.end);
}

static void lower_by_kind(struct lowering *l, struct node *node)
{
	switch (node->kind) {
	case N_COMPOUND: lower_statements(l, node); break;
	case N_DECL_STMT: lower_declaration(l, node, false); break;
	case N_EXPR_STMT: lower_expression(l, node); break;
	case N_IF: lower_if(l, node); break;
	case N_WHILE: lower_while(l, node); break;
	case N_DO: lower_do(l, node); break;
	case N_FOR: lower_for(l, node); break;
	case N_SWITCH: lower_switch(l, node); break;
	case N_CASE:
	case N_DEFAULT: lower_case(l, node); break;
	case N_LABEL:
		say_span(l, node->span.start, node->kids[0]->span.start);
		place_label(l, find_label_at(l, node->name, node->name_at, &(bool){true})->label);
		lower_statement(l, node->kids[0]);
		break;
	case N_GOTO: lower_goto(l, node); break;
	case N_INDIRECT_GOTO: lower_indirect_goto(l, node); break;
	case N_RETURN: lower_return(l, node); break;
	case N_BREAK:
	case N_CONTINUE: lower_loop_exit(l, node); break;
	case N_TRY: lower_try(l, node); break;
	case N_TIMEOUT: lower_timeout(l, node); break;
	case N_GROUP: lower_group(l, node); break;
	default: lower_kids(l, node);
	}
}

void lower_statement(struct lowering *l, struct node *node)
{
	struct node *outer = l->statement;
	l->statement = node;
	if (node->in_macro && !l->silent) { /* copied as it stands; only its meaning is told */
		say_span(l, node->span.start, node->span.end);
		l->silent++;
		lower_by_kind(l, node);
		l->silent--;
	} else {
		lower_by_kind(l, node);
	}
	l->statement = outer;
}

static const char *status_name(struct unit *unit)
{
	static const char *const names[] = {"status", "await_status", "async__status"};
	for (int i = 0; i < 2; i++)
		if (!name_is_used(unit, names[i]))
			return names[i];
	return names[2];
}

/* An ordinary function stays as it is but for its markers. */
void replace_in_ordinary(struct lowering *l, struct node *node)
{
	l->statement = node;
	if (node->kind == N_EXPR_STMT && lower_dropped_task(l, node->kids[0]))
		replace_node(l, node, l->fn->ops.at[l->fn->ops.n - 1].rope);
	else if (is_expression(node))
		replace_markers(l, node);
	else
		for (int i = 0; i < node->n_kids; i++)
			if (node->kids[i])
				replace_in_ordinary(l, node->kids[i]);
}

void lower_function(struct unit *unit, struct async_fn *fn)
{
	struct lowering l = {.unit = unit, .fn = fn, .arena = unit->arena, .statement = fn->tree};
	if (!fn->is_async) {
		replace_in_ordinary(&l, fn->tree);
		fn->ops.n = 0;
		say(&l, rope_of(&l, fn->tree));
		return;
	}
	l.status = fn->status_name = status_name(unit);
	find_labels(&l, fn->tree, &fn->tree, 1);
	for (int i = 0; i < fn->n_params; i++)
		flow_define(&l, fn->vars.at[i]);
	for (int i = 0; i < fn->n_params; i++)
		keep_parameter_bounds(&l, fn->vars.at[i]);
	struct region allocas;
	guard_allocas(&l, &allocas);
	l.function = l.region;
	lower_statements(&l, fn->tree);
	l.statement = fn->tree->n_kids ? fn->tree->kids[0] : fn->tree;
	if (l.region)
		end_cleanups(&l, NULL);
	stop(&l);
}
