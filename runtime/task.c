/* task.c: a task's start and end; task_new.c has what is before and after, step.c what is between.
 * Completes: its root frame's end.  Owner: the loop, until reaped (future.c); the parent only detaches what it has not awaited when
 * it ends.  Cancel: cancel.c.  Loop's thread. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Ending ---- */

/* It may have meant to; more often it caught all errors alike. */
static void report_swallowed(struct async__task *task)
{
	async__report_value(async__loop_of(&task->future.object), "Cancellation was swallowed",
			    async__make_error(ASYNC_CANCELLED, "%s ended well, its cancellation not taken back", async__function_of(task)->name),
			    async__handle_of(&task->future.object));
}

/* Settles the outcome.  A cancellation that could not be delivered any more makes a result a cancellation, as in asyncio. */
static void settle(struct async__task *task, async_status status)
{
	struct async__error *error = async__self.error;

	async__self.error = NULL;
	if (status == ASYNC_DONE) {
		async__error_unref(error);
		if (!task->future.must_cancel) {
			if (task->future.cancels && async__loop_of(&task->future.object)->watchdog)
				report_swallowed(task);
			async__future_finish(&task->future, NULL);
			return;
		}
		async__future_cancelled(&task->future, async__take_cancel_error(task));
		return;
	}
	async__future_finish(&task->future, error ? error : async__error_new(ASYNC_ERROR, "%s failed without an error", async__function_of(task)->name));
}

__attribute__((noinline)) static void finish_unusually(struct async__task *task, async_status status)
{
	struct async__future *future = &task->future;
	struct async__link left;

	future->holds++;
	async__arena_free(task);
	if (future->has_left)
		async__gather_left(task, &left);
	settle(task, status);
	if (future->has_left)
		async__give_up(&left);
	if (--future->holds == 0)
		async__maybe_reap(future);
}

void async__task_finish(struct async__task *task, async_status status)
{
	struct async__future *future = &task->future;
	async_loop *loop = async__self.loop;

	loop->n_tasks--;
	if (status != ASYNC_DONE || async__self.error || future->ground != &async__bare || !async__ends_plainly(future)) {
		finish_unusually(task, status);
		return;
	}
	future->state = ASYNC__DONE;
	async__list_take_ring(loop->ready, &future->waiters);
	if (!future->holds)
		async__maybe_reap(future);
}

/* ---- Starting ---- */

/* From 1; it may come round.  It is kept as tasks keep it. */
static inline uint32_t next_number(async_loop *loop)
{
	if (__builtin_add_overflow(loop->task_number, ASYNC__ONE_TASK, &loop->task_number))
		loop->task_number = ASYNC__ONE_TASK;
	return loop->task_number;
}

/* Without the local values of who runs. */
static inline void begin_bare(async_loop *loop, struct async__task *task, const struct async__task *parent)
{
	loop->n_tasks++;
	task->wake.numbered = next_number(loop);
	if (parent)
		task->future.parent = async__handle_of(&parent->future.object);
}

static inline bool has_locals(const struct async__task *parent)
{
	return !parent || parent->future.has_locals;
}

static void begin(struct async__task *task)
{
	const struct async__task *parent = async__self.task;

	begin_bare(async__self.loop, task, parent);
	if (has_locals(parent))
		async__locals_inherit(task);
}

void async__task_start(struct async__task *task)
{
	begin(task);
	async__soon(async__self.loop, &task->wake);
}

/* It may begin while the arguments of a call through a pointer are evaluated: that call's request is no business of its own. */
void async__task_start_now(struct async__task *task)
{
	struct async__request outer;

	if ((char *)__builtin_frame_address(0) < async__self.stack_limit) {
		async__task_start(task); /* too deep: as if it were not eager */
		return;
	}
	outer = async__request_task(NULL);
	begin(task);
	async__step_now(task);
	async__request_back(outer);
}

void async__task_start_by_loop(struct async__task *task)
{
	if (async__self.loop->eager)
		async__task_start_now(task);
	else
		async__task_start(task);
}

__attribute__((noinline)) static async_handle start_unusually(struct async__task *task)
{
	if (async__self.loop->eager)
		return async__start_task_eager(async__root(task));
	async__task_start(task);
	return async__handle_of(&task->future.object);
}

async_handle async__start_task(void *frame)
{
	async_loop *loop = async__self.loop;
	const struct async__task *parent = async__self.task;
	struct async__task *task;

	if (!frame)
		return NULL;
	task = async__task_of(frame);
	if (__builtin_expect(loop->eager || has_locals(parent), 0))
		return start_unusually(task);
	begin_bare(loop, task, parent);
	async__soon(loop, &task->wake);
	return async__handle_of(&task->future.object);
}

/* Its handle is about to be known.  It was held meanwhile, and may have ended. */
static void started(struct async__task *task)
{
	if (--task->future.holds == 0 && task->future.state != ASYNC__PENDING)
		async__maybe_reap(&task->future);
}

async_handle async__start_task_eager(void *frame)
{
	struct async__task *task;
	async_handle h;

	if (!frame)
		return NULL;
	task = async__task_of(frame);
	h = async__handle_of(&task->future.object);
	async__keep(&task->future); /* it may end now, and must not be reaped before its handle is known */
	async__task_start_now(task);
	started(task);
	return h;
}

async_handle async__keep_coroutine(void *frame)
{
	struct async__task *coroutine;

	if (!frame)
		return NULL;
	coroutine = async__task_of(frame);
	coroutine->future.object.kind = ASYNC__COROUTINE;
	return async__handle_of(&coroutine->future.object);
}

async_handle async__start_handle(async_handle h)
{
	struct async__object *object = async__handle_find(h, "async_create_task", NULL);
	struct async__task *task = (struct async__task *)object;

	if (!object || object->kind != ASYNC__COROUTINE)
		return h;
	if (!task->future.fresh) {
		async__report_value(async__loop_of(object), "async_create_task",
				    async__make_error(ASYNC_INVALID_STATE, "coroutine '%s' is already being awaited", async__function_of(task)->name), h);
		return NULL;
	}
	object->kind = ASYNC__TASK;
	async__keep(&task->future);
	async__task_start_by_loop(task);
	started(task);
	return h;
}

/* ---- Looking at tasks ---- */

async_handle async_current_task(void)
{
	return async__self.task ? async__handle_of(&async__self.task->future.object) : NULL;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = async__number_of(*(struct async__task *const *)a), y = async__number_of(*(struct async__task *const *)b);

	return x < y ? -1 : x > y;
}

struct async__task **async__tasks(async_loop *loop, size_t *n)
{
	struct async__task **tasks = loop->n_tasks ? async__alloc(loop->n_tasks * sizeof *tasks) : NULL;
	struct async__walk walk = { 0 };
	struct async__object *object;
	size_t found = 0;

	*n = loop->n_tasks;
	while (tasks && (object = async__next_object(loop, &walk)))
		if (async__is_pending_task(object))
			tasks[found++] = (struct async__task *)object;
	if (tasks)
		qsort(tasks, *n, sizeof *tasks, by_number);
	return tasks;
}

size_t async_all_tasks(async_handle *handles, size_t n)
{
	async_loop *loop = async__need_loop("async_all_tasks");
	struct async__task **tasks;
	size_t count = 0;

	if (!loop)
		return 0;
	tasks = async__tasks(loop, &count);
	for (size_t i = 0; tasks && i < count && i < n; i++)
		handles[i] = async__handle_of(&tasks[i]->future.object);
	async__free(tasks);
	return tasks ? count : 0;
}
