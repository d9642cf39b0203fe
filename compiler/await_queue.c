/* await_queue.c: awaits of a queue's operations, which are functions of the library. */
#include "lower.h"

#include <string.h>

static struct callee *library_callee(struct lowering *l, const char *name)
{
	struct callee *callee = find_callee(l->unit, name);
	if (!callee)
		ice("%s is not declared", name);
	return callee;
}

void await_library(struct lowering *l, struct span where, const char *function, struct rope *args, int n)
{
	struct node *node = arena_alloc(l->arena, sizeof *node);
	struct callee *callee = library_callee(l, function);
	node->kind = N_AWAIT;
	node->span = where;
	node->type = callee->result;
	await_call(l, node, callee, args, n, false);
}

static struct rope queue_of(struct lowering *l, struct node *queue)
{
	struct rope rope = {0}, text = rope_of(l, queue->kids[0]);
	rope_text(l, &rope, "(struct async__queue *)(void *)(");
	rope_add(l, &rope, &text);
	rope_text(l, &rope, ")");
	flow(l, queue->kids[0]);
	return rope;
}

/* The item is in the frame meanwhile: on its way there, or back. */
void lower_queue(struct lowering *l, struct node *node, struct node *queue, bool wants_result)
{
	bool puts = queue->n_kids == 2, gets = strcmp(queue->name, "get") == 0;
	struct type *type = puts ? queue->kids[1]->type : queue->type;
	struct rope *args = arena_alloc(l->arena, 2 * sizeof *args), put = {0}, got = {0};
	const char *slot = puts || gets ? new_slot(l, "item", arena_printf(l->arena, "__typeof__(%s)", declare(l->unit, type, "")), "") : NULL;
	hoist_operands(l, queue->kids, queue->n_kids);
	if (puts) {
		struct rope value = rope_of(l, queue->kids[1]);
		rope_text(l, &put, "%s->%s = ", frame(l), slot);
		rope_add(l, &put, &value);
		rope_text(l, &put, ";");
		flow(l, queue->kids[1]);
		say_own(l, put);
	}
	args[0] = queue_of(l, queue);
	if (slot)
		rope_text(l, &args[1], "&%s->%s", frame(l), slot);
	await_call(l, node, library_callee(l, arena_printf(l->arena, "async__queue_%s", queue->name)), args, slot ? 2 : 1, false);
	if (gets && wants_result)
		rope_text(l, &got, "%s->%s", frame(l), slot);
	replace_node(l, node, got);
}

/* As a task of its own. */
struct rope spawn_queue(struct lowering *l, struct node *queue)
{
	struct rope rope = {0}, put = {0}, text;
	hoist_operands(l, queue->kids, queue->n_kids);
	text = queue_of(l, queue);
	rope_text(l, &rope, "async__queue_%s_task(", queue->name);
	rope_add(l, &rope, &text);
	if (queue->n_kids == 2 && !l->fn->is_async) { /* which has no variables of ours */
		struct rope value = rope_of(l, queue->kids[1]);
		const char *type = declare(l->unit, queue->kids[1]->type, "");
		rope_text(l, &rope, ", (__typeof__(%s)[1]){ ", type);
		rope_add(l, &rope, &value);
		rope_text(l, &rope, " }, sizeof(%s)", type);
	} else if (queue->n_kids == 2) {
		struct var *item = new_temp(l, "item", queue->kids[1]->type, NULL, queue);
		struct rope value = rope_of(l, queue->kids[1]);
		rope_var(l, &put, item);
		rope_text(l, &put, " = ");
		rope_add(l, &put, &value);
		rope_text(l, &put, ";");
		flow(l, queue->kids[1]);
		say_own(l, put);
		flow_define(l, item);
		rope_text(l, &rope, ", &");
		rope_var(l, &rope, item);
		rope_text(l, &rope, ", sizeof ");
		rope_var(l, &rope, item);
	} else if (strcmp(queue->name, "get") == 0) {
		rope_text(l, &rope, ", sizeof(%s)", declare(l->unit, queue->type, ""));
	}
	rope_text(l, &rope, ")");
	return rope;
}
