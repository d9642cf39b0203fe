/* rope.c: pieces of text and ops as lowering makes them.  Knows nothing of what they mean. */
#include "lower.h"

#include <string.h>

const char *frame(struct lowering *l)
{
	return l->fn->frame_name;
}

void rope_span(struct lowering *l, struct rope *rope, unsigned start, unsigned end)
{
	if (start >= end)
		return;
	struct chunk chunk = {.kind = CHUNK_SPAN, .span = {start, end}};
	list_add(l->arena, rope, chunk);
}

void rope_text(struct lowering *l, struct rope *rope, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(l->arena, format, args);
	va_end(args);
	struct chunk chunk = {.kind = CHUNK_TEXT, .text = text};
	list_add(l->arena, rope, chunk);
}

void rope_var(struct lowering *l, struct rope *rope, struct var *var)
{
	struct chunk chunk = {.kind = CHUNK_VAR, .var = var};
	list_add(l->arena, rope, chunk);
}

void rope_result(struct lowering *l, struct rope *rope)
{
	struct chunk chunk = {.kind = CHUNK_RESULT};
	list_add(l->arena, rope, chunk);
}

void rope_add(struct lowering *l, struct rope *rope, const struct rope *other)
{
	for (int i = 0; i < other->n; i++) {
		struct chunk chunk = other->at[i];
		list_add(l->arena, rope, chunk);
	}
}

static bool is_replaced(const struct node *node)
{
	if (node->as || node->only_kid)
		return true;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i] && is_replaced(node->kids[i]))
			return true;
	return false;
}

static void add_node(struct lowering *l, struct rope *rope, struct node *node);

/* The text from start to end, with the kids as they are to be printed now. */
static void add_around(struct lowering *l, struct rope *rope, unsigned start, unsigned end, struct node **kids, int n)
{
	unsigned at = start, done = 0;
	/* In the order of the text, which need not be the order of the kids. */
	for (;;) {
		struct node *next = NULL;
		for (int i = 0; i < n; i++)
			if (kids[i] && kids[i]->span.start >= at && kids[i]->span.end > done && (!next || kids[i]->span.start < next->span.start) &&
			    is_replaced(kids[i]))
				next = kids[i];
		if (!next)
			break;
		rope_span(l, rope, at, next->span.start);
		add_node(l, rope, next);
		at = done = next->span.end;
	}
	rope_span(l, rope, at, end);
}

static void add_union(struct lowering *l, struct rope *rope, struct node *node)
{
	struct node *kid = node->kids[0];
	rope_text(l, rope, "(%s){ .%s = ", declare(l->unit, node->type, ""), node->member);
	if (is_replaced(kid))
		add_node(l, rope, kid);
	else
		rope_span(l, rope, node->span.start, node->span.end);
	rope_text(l, rope, " }");
}

static void add_node(struct lowering *l, struct rope *rope, struct node *node)
{
	struct node *kid = node->kids ? node->kids[0] : NULL;
	bool stands_for_kid = !node->as && (node->only_kid || (node->kind == N_CONVERSION && is_replaced(kid)));
	if (node->as) {
		rope_add(l, rope, node->as);
	} else if (node->kind == N_CONVERSION && node->member) {
		add_union(l, rope, node);
	} else if (!stands_for_kid) {
		add_around(l, rope, node->span.start, node->span.end, node->kids, node->n_kids);
	} else if (node->only_kid || (node->span.start == kid->span.start && node->span.end == kid->span.end)) {
		add_node(l, rope, kid);
	} else {
		rope_text(l, rope, "("); /* the arm that a _Generic chooses */
		add_node(l, rope, kid);
		rope_text(l, rope, ")");
	}
}

struct rope rope_around(struct lowering *l, unsigned start, unsigned end, struct node **kids, int n)
{
	struct rope rope = {0};
	add_around(l, &rope, start, end, kids, n);
	return rope;
}

struct rope rope_of(struct lowering *l, struct node *node)
{
	struct rope rope = {0};
	if (node->as)
		return *node->as;
	add_node(l, &rope, node);
	return rope;
}

struct rope rope_of_value(struct lowering *l, struct node *node)
{
	struct node *inner = node;
	while (inner->kind == N_CONVERSION && !inner->as)
		inner = inner->kids[0];
	if (inner->as || inner->kind != N_COMMA)
		return rope_of(l, node);
	struct rope rope = {0}, text = rope_of(l, node);
	rope_text(l, &rope, "(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ")");
	return rope;
}

void replace_node(struct lowering *l, struct node *node, struct rope rope)
{
	node->as = arena_alloc(l->arena, sizeof rope);
	*node->as = rope;
	node->as_var = NULL;
}

void replace_by_var(struct lowering *l, struct node *node, struct var *var)
{
	struct rope rope = {0};
	rope_var(l, &rope, var);
	replace_node(l, node, rope);
	node->as_var = var;
}

/* ---- names ---- */

const char *fresh_name(struct lowering *l, const char *stem)
{
	struct name_count *count = NULL;
	for (int i = 0; i < l->names.n; i++)
		if (strcmp(l->names.at[i].stem, stem) == 0)
			count = &l->names.at[i];
	if (!count) {
		struct name_count new = {stem, 0};
		list_add(l->arena, &l->names, new);
		count = &l->names.at[l->names.n - 1];
	}
	const char *name;
	do
		name = arena_printf(l->arena, "%s_%d", stem, ++count->n);
	while (name_is_used(l->unit, name));
	return name;
}

struct var *new_temp(struct lowering *l, const char *stem, struct type *type, const char *type_text, struct node *where)
{
	struct var *var = arena_alloc(l->arena, sizeof *var);
	var->name = var->out = fresh_name(l, stem);
	var->type = type;
	var->type_text = type_text;
	var->is_temp = true;
	var->assigned = true;
	var->span = where ? where->span : l->statement->span;
	var->index = l->fn->vars.n;
	list_add(l->arena, &l->fn->vars, var);
	return var;
}

const char *new_slot(struct lowering *l, const char *stem, const char *type, const char *suffix)
{
	struct slot slot = {fresh_name(l, stem), type, suffix, l->statement->span};
	list_add(l->arena, &l->fn->slots, slot);
	return slot.field;
}

/* ---- ops ---- */

struct op *add_op(struct lowering *l, enum op_kind kind)
{
	struct op_buffer *buffer = &l->unit->op_buffer;
	if (l->fn->ops.n == buffer->capacity) {
		buffer->capacity = buffer->capacity ? 2 * buffer->capacity : 256;
		struct op *larger = arena_alloc(l->arena, buffer->capacity * sizeof *larger);
		if (l->fn->ops.n)
			memcpy(larger, buffer->at, l->fn->ops.n * sizeof *larger);
		buffer->at = larger;
	}
	l->fn->ops.at = buffer->at;
	struct op *op = &buffer->at[l->fn->ops.n++];
	*op = (struct op){.kind = kind, .node = l->statement, .deeper = l->deeper};
	return op;
}

void say(struct lowering *l, struct rope rope)
{
	if (l->silent || rope.n == 0)
		return;
	add_op(l, OP_TEXT)->rope = rope;
}

void say_own(struct lowering *l, struct rope rope)
{
	if (l->silent)
		return;
	struct op *op = add_op(l, OP_TEXT);
	op->rope = rope;
	op->own = true;
}

void say_text(struct lowering *l, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(l->arena, format, args);
	va_end(args);
	struct rope rope = {0};
	struct chunk chunk = {.kind = CHUNK_TEXT, .text = text};
	list_add(l->arena, &rope, chunk);
	say_own(l, rope);
}

void open_block(struct lowering *l)
{
	l->deeper++;
}

void close_block(struct lowering *l, const char *text)
{
	l->deeper--;
	say_text(l, "%s", text);
}

struct label *named_label(struct lowering *l, const char *name, bool printed)
{
	struct label *label = arena_alloc(l->arena, sizeof *label);
	label->name = name;
	label->printed = printed && !l->silent;
	label->target = -1;
	list_add(l->arena, &l->fn->labels, label);
	return label;
}

struct label *new_label(struct lowering *l, const char *stem, bool printed)
{
	return named_label(l, printed && !l->silent ? fresh_name(l, stem) : stem, printed);
}

void place_label(struct lowering *l, struct label *label)
{
	label->target = l->fn->ops.n;
	add_op(l, OP_LABEL)->label = label;
}

void jump(struct lowering *l, struct label *label)
{
	if (label->printed)
		say_text(l, "goto %s;", label->name);
	label->uses++;
	add_op(l, OP_JUMP)->label = label;
}

void branch(struct lowering *l, struct label *label)
{
	label->uses++;
	add_op(l, OP_BRANCH)->label = label;
}

void stop(struct lowering *l)
{
	add_op(l, OP_STOP);
}
