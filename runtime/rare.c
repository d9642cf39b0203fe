/* rare.c: what few tasks have: a name, errors they caught, a destructor of their result.
 * It lies below the chunks of the task's arena, with the task's local values (locals.c), or in their place: so most tasks have no word
 * for it.  Owner: the task.  Loop's thread. */
#include "runtime.h"

#include <stdio.h>

struct async__rare *async__rare_of(const struct async__task *task)
{
	return (struct async__rare *)*async__bottom((struct async__task *)(uintptr_t)task);
}

struct async__rare *async__rare(struct async__task *task)
{
	struct async__rare *rare;

	if (task->future.has_rare)
		return async__rare_of(task);
	rare = async__alloc_zeroed(sizeof *rare);
	if (!rare)
		return NULL;
	rare->ground.kind = ASYNC__RARE;
	rare->locals = async__locals_of(task);
	async__put_ground(task, async__bottom(task), &rare->ground);
	task->future.has_rare = true;
	return rare;
}

static void free_rare(struct async__rare *rare)
{
	async__error_unref(rare->cancel_error);
	for (int i = 0; i < ASYNC__CAUGHT; i++)
		async__error_unref(rare->caught[i]);
	async__free(rare);
}

void async__ground_free(struct async__task *task)
{
	async__arena_free(task);
	async__locals_unref(async__locals_of(task));
	if (task->future.has_rare)
		free_rare(async__rare_of(task));
}

/* ---- Names ---- */

static struct async__task *find_task(async_handle h, const char *what)
{
	struct async__object *object = async__handle_find(h, what, NULL);

	return object && (object->kind == ASYNC__TASK || object->kind == ASYNC__COROUTINE) ? (struct async__task *)object : NULL;
}

void async_set_name(async_handle h, const char *name)
{
	struct async__task *task = find_task(h, "async_set_name");
	struct async__rare *rare = task ? async__rare(task) : NULL;

	if (rare)
		snprintf(rare->name, sizeof rare->name, "%s", name);
}

const char *async_get_name(async_handle h)
{
	struct async__task *task = find_task(h, "async_get_name");
	struct async__rare *rare = task ? async__rare(task) : NULL;

	if (!task)
		return "";
	if (!rare)
		return async__function_of(task)->name;
	if (!*rare->name)
		snprintf(rare->name, sizeof rare->name, "Task-%lu", (unsigned long)async__number_of(task));
	return rare->name;
}
