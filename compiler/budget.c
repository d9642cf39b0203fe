/* budget.c: what async_no_malloc and async_frame_max promise, looked at when everything has its place.
 * Needs lowered functions and, for sizes, the output's text, which libclang measures. */
#include "compiler.h"

#include <stdlib.h>

static struct span head_of(const struct async_fn *fn)
{
	return (struct span){fn->span.start, fn->body.start};
}

/* ---- async_no_malloc ---- */

/* NULL, or why the frame of what is awaited does not lie in ours. */
static const char *why_pushed(const struct async_fn *fn, const struct await_point *await)
{
	const struct callee *callee = await->callee;
	if (await->kind == AWAIT_POINTER)
		return "a frame for a call through a pointer comes from the task's arena";
	if (await->kind != AWAIT_CALL || await->embedded || await->frameless || await->plain)
		return NULL;
	if (!callee->definition)
		return "it is defined in another file, so its frame comes from the task's arena";
	if (callee->noinline_frame)
		return "it is async_noinline_frame, so its frame comes from the task's arena";
	if (callee->definition->span.end > fn->span.start)
		return "it is defined further down or calls itself, so its frame comes from the task's arena";
	return "it is weak, may be interposed or has a large frame, which therefore comes from the task's arena";
}

static const char *why_started(const struct async_fn *fn, const struct node *node)
{
	switch (node->kind) {
	case N_CREATE_TASK: case N_CREATE_TASK_EAGER: case N_CREATE_TASK_IN: case N_RUN_THREADSAFE:
		return "a task is made here";
	case N_COROUTINE:
		return "a coroutine value is made here";
	case N_GATHER: case N_SHIELD:
		return "what is gathered or shielded runs as a task";
	case N_EXECUTOR: case N_MAP:
		return "a job is made here";
	case N_CALL:
		return node->takes_stack && fn->awaits.n ? "memory from alloca that lasts across awaits is on the heap" : NULL;
	case N_VAR:
		return node->var && node->var->type->kind == TYPE_VLA && node->var->place == PLACE_ELSEWHERE
			       ? "an array of a run-time size that lasts across awaits is on the heap" : NULL;
	default:
		return NULL;
	}
}

/* The first of the tree's nodes that needs the heap. */
static const struct node *find_start(const struct async_fn *fn, const struct node *node)
{
	if (!node || node->unevaluated || why_started(fn, node))
		return node && !node->unevaluated ? node : NULL;
	for (int i = 0; i < node->n_kids; i++) {
		const struct node *found = find_start(fn, node->kids[i]);
		if (found)
			return found;
	}
	return NULL;
}

/* The way from fn to what needs the heap, as notes, if there is one.  What is embedded was defined before, so this ends. */
static bool explain_heap(struct unit *unit, struct async_fn *fn, bool say)
{
	const struct node *start = find_start(fn, fn->tree);
	if (start) {
		if (say)
			note_at(unit, start->span, "in '%s': %s", fn->name, why_started(fn, start));
		return true;
	}
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		const char *why = why_pushed(fn, await);
		struct async_fn *next = await->kind == AWAIT_CALL ? await->callee->definition : NULL;
		if (!why && (!next || !explain_heap(unit, next, false)))
			continue;
		if (say && why)
			note_at(unit, await->span, "awaited in '%s': %s", fn->name, why);
		else if (say)
			note_at(unit, await->span, "'%s' awaits '%s', which needs it", fn->name, next->name);
		if (say && !why)
			explain_heap(unit, next, true);
		return true;
	}
	return false;
}

static void check_heap(struct unit *unit, struct async_fn *fn)
{
	if (!explain_heap(unit, fn, false))
		return;
	error_at(unit, head_of(fn), "'%s' is async_no_malloc, but may need memory from the heap", fn->name);
	explain_heap(unit, fn, true);
}

/* ---- async_frame_max ---- */

static void note_largest(struct unit *unit, struct async_fn *fn, const struct frame_layout *layout)
{
	const struct field_layout *largest = NULL;
	for (int i = 0; i < layout->fields.n; i++)
		if (!largest || layout->fields.at[i].size > largest->size)
			largest = &layout->fields.at[i];
	if (largest)
		note_at(unit, head_of(fn), "%ld of them are '%s'; asyncc --frames explains each", largest->size, largest->name);
}

static void check_size(struct unit *unit, struct unit *lowered, struct async_fn *fn)
{
	const char *text = fn->callee->frame_max;
	char *end;
	long max = strtol(text, &end, 0);
	if (end == text || *end || max < 0) {
		error_at(unit, head_of(fn), "async_frame_max takes a number of bytes, written out; not '%s'", text);
		return;
	}
	struct frame_layout layout = lay_out_frame(lowered, fn->name);
	if (layout.size <= max)
		return;
	error_at(unit, head_of(fn), "the frame of '%s' takes %ld bytes; async_frame_max allows %ld", fn->name, layout.size, max);
	note_largest(unit, fn, &layout);
}

void check_budgets(struct unit *unit, const char *output, size_t size)
{
	struct unit *lowered = NULL;
	bool broken = unit->errors;
	for (int i = 0; i < unit->fns.n && !broken; i++) {
		struct async_fn *fn = unit->fns.at[i];
		if (fn->is_async && fn->callee->no_malloc)
			check_heap(unit, fn);
		if (!fn->is_async || !fn->callee->frame_max)
			continue;
		if (!lowered && !(lowered = read_lowered(unit, output, size)))
			ice("the output cannot be read again");
		check_size(unit, lowered, fn);
	}
	if (lowered)
		clang_unit_destroy(lowered->clang);
}
