/* lower.c: statements -> ops.  One way for all: a statement's own text is copied up to each part of it, the part is lowered, and
 * so on; awaits in its head are hoisted before it, or into its body where it runs again each time round. */
#include "lower.h"

#include <stdint.h>
#include <string.h>

bool ends_here(const struct lowering *l)
{
	int i = l->fn->ops.n - 1;
	while (i >= 0 && l->fn->ops.at[i].kind == OP_TEXT)
		i--;
	return i >= 0 && (l->fn->ops.at[i].kind == OP_STOP || l->fn->ops.at[i].kind == OP_JUMP);
}

void say_span(struct lowering *l, unsigned start, unsigned end)
{
	struct rope rope = {0};
	rope_span(l, &rope, start, end);
	say(l, rope);
}

/* ---- blocks ---- */

/* Some cleanup functions run, innermost first.  An error enters their chain in the middle. */
static void end_chain(struct lowering *l, struct region *outer)
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
	if (goes_on)
		place_label(l, end);
}

/* The cleanup functions run, innermost first; each that awaits for itself. */
void end_cleanups(struct lowering *l, struct region *outer)
{
	while (l->region != outer) {
		struct region *chain = l->region;
		while (chain != outer && chain->kind == REGION_CLEANUP)
			chain = chain->outer;
		if (chain == l->region)
			end_awaited_cleanup(l, chain);
		else
			end_chain(l, chain);
	}
}

/* Of a block: "{" and "}", or "<%" and "%>", which end differently. */
static unsigned brace_size(struct lowering *l, struct node *block)
{
	return l->unit->source->text[block->span.end - 1] == '>' ? 2 : 1;
}

/* __label__ and #pragma STDC have to come first in their block. */
static bool keeps_its_braces(struct lowering *l, struct node *block)
{
	const struct source *source = l->unit->source;
	struct token first = next_token(source, block->span.start + brace_size(l, block), block->span.end);
	struct token word = next_token(source, first.span.start + 1, first.span.end);
	return token_is(source, first, "__label__") || token_is(source, first, "_Pragma") ||
	       (first.kind == TOKEN_DIRECTIVE && token_is(source, word, "pragma"));
}

static void leave_block(struct lowering *l, struct node *block)
{
	struct node *outer = l->statement;
	l->statement = block->n_kids ? block->kids[0] : block; /* where it is indented */
	add_op(l, OP_LEAVE)->scope = block;
	l->statement = outer;
}

void lower_statements(struct lowering *l, struct node *block)
{
	struct region *outer = l->region;
	bool is_body = block == l->fn->tree && !keeps_its_braces(l, block); /* its braces are the function's own */
	unsigned brace = brace_size(l, block), at = block->span.start + (is_body ? brace : 0);
	for (int i = 0; i < block->n_kids; i++) {
		struct node *kid = block->kids[i];
		say_span(l, at, kid->span.start);
		lower_statement(l, kid);
		at = kid->span.end;
	}
	unsigned close = block->span.end - brace;
	if (l->region != outer) {
		say_span(l, at, close);
		l->statement = block->n_kids ? block->kids[0] : block;
		end_cleanups(l, outer);
		at = close;
	}
	if (block != l->fn->tree && !ends_here(l)) {
		say_span(l, at, close);
		leave_block(l, block);
		at = close;
	}
	say_span(l, at, block->span.end - (is_body ? brace : 0));
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
unsigned head_end(struct lowering *l, unsigned start, struct node *part)
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
void lower_part(struct lowering *l, struct node *node)
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
		index_put(l->arena, &l->cases, node, label);
		list_add(l->arena, cases, label);
		cases->has_default |= node->kind == N_DEFAULT;
	}
	for (int i = 0; i < node->n_kids; i++)
		collect_cases(l, node->kids[i], cases);
}

/* __label__ allows several of one name: `at` tells them apart. */
struct user_label *find_label_at(struct lowering *l, const char *name, unsigned at, bool *alone)
{
	struct user_label *found = NULL;
	*alone = true;
	for (int i = (int)(intptr_t)index_get(&l->label_names, name); i; i = l->user_labels.at[i - 1].next) {
		struct user_label *label = &l->user_labels.at[i - 1];
		*alone &= label->at == at;
		if (!found || label->at == at)
			found = label;
	}
	if (!found)
		ice("no label '%s'", name);
	return found;
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
	place_label(l, index_get(&l->cases, node));
	lower_statement(l, node->kids[0]);
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
	if (l->fn->is_async)
		hoist_full(l, task);
	else
		replace_markers(l, task);
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
		if (node->ends_turn)
			reenter_loop(l);
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
	case N_ASM:
		if (node->special)
			lower_asm(l, node);
		else
			lower_kids(l, node);
		flow_asm_goto(l, node);
		break;
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

/* In an ordinary function what is in a declarator's brackets stays there. */
static void add_bounds_to_kids(struct lowering *l, struct node *node)
{
	const struct var *var = node->var;
	if (!node->special || !var || !var->n_bounds || (node->kind != N_VAR && node->kind != N_OTHER_DECL))
		return;
	struct node **kids = arena_alloc(l->arena, (var->n_bounds + node->n_kids) * sizeof *kids);
	memcpy(kids, var->bounds, var->n_bounds * sizeof *kids);
	for (int i = 0; i < node->n_kids; i++)
		kids[var->n_bounds + i] = node->kids[i];
	node->kids = kids;
	node->n_kids += var->n_bounds;
}

/* An ordinary function stays as it is but for its markers. */
void replace_in_ordinary(struct lowering *l, struct node *node)
{
	l->statement = node;
	add_bounds_to_kids(l, node);
	if (node->kind == N_EXPR_STMT && lower_dropped_task(l, node->kids[0]))
		replace_node(l, node, l->fn->ops.at[l->fn->ops.n - 1].rope);
	else if (is_expression(node))
		replace_markers(l, node);
	else
		for (int i = 0; i < node->n_kids; i++)
			if (node->kids[i])
				replace_in_ordinary(l, node->kids[i]);
}

static bool is_printed(const struct op *op)
{
	return op->kind == OP_TEXT || op->kind == OP_LEAVE || op->kind == OP_VAR_DECL || op->kind == OP_LABEL || op->kind == OP_AWAIT;
}

static bool falls_off(const struct async_fn *fn)
{
	/* The last op is the STOP that lowering adds. */
	for (int i = fn->ops.n - 2; i >= 0; i--) {
		const struct op *op = &fn->ops.at[i];
		if (op->kind == OP_STOP || op->kind == OP_JUMP)
			return false;
		if (op->kind != OP_TEXT)
			return true;
	}
	return true;
}

void keep_ops(struct unit *unit, struct async_fn *fn)
{
	const struct op *all = fn->ops.at;
	const struct options *options = unit->options;
	bool keeps_all = options->dump || options->graph || options->frames;
	int n = 0, room = 0;
	for (int i = 0; i < fn->ops.n; i++)
		room += keeps_all || is_printed(&all[i]);
	struct op *kept = arena_alloc(unit->arena, room * sizeof *kept);
	for (int i = 0; i < fn->ops.n; i++)
		if (keeps_all || is_printed(&all[i]))
			kept[n++] = all[i];
	fn->falls_off = falls_off(fn);
	fn->ops.at = kept;
	fn->ops.n = n;
}

void lower_function(struct unit *unit, struct async_fn *fn)
{
	struct lowering l = {.unit = unit, .fn = fn, .arena = unit->arena, .statement = fn->tree, .label_names.of_names = true};
	if (!fn->is_async) {
		replace_in_ordinary(&l, fn->tree);
		fn->ops.n = 0;
		say(&l, rope_of(&l, fn->tree));
		return;
	}
	l.status = fn->status_name = status_name(unit);
	mark_tail_awaits(unit, fn);
	if (fn->has_labels)
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
