/* await.c: how the current task waits: for a handle, for a coroutine value, or parked in a leaf; and how it is woken.
 * A task waits for at most one thing at a time, so its one wake entry serves them all, and waiting needs no memory.
 * Completes: who finishes the handle, or calls async__wake.  Owner: the awaited object is held from async__await to
 * async__await_end, which reaps it if this await had its outcome.  Cancel: see task.c.  Loop's thread. */
#include "runtime.h"

/* ---- Leaves ---- */

async_status async__park(async_frame *leaf, const async_point *at, enum async__abort (*abort)(async_frame *leaf))
{
	struct async__task *task = async__self.task;

	task->future.waits = ASYNC__LEAF;
	task->abort = abort;
	return async__park_as_set(task, leaf, at);
}

/* ---- Coroutine values: run in place, as a call ---- */

__attribute__((noinline)) static async_status refuse(int code, const char *message)
{
	async__self.task->future.await_refused = true;
	return async__raise(code, "%s", message);
}

/* While it is awaited its task is no more than the place of its frame, with the caller in front as in an arena. */
static async_status await_coroutine(async_frame *self, const async_point *at, struct async__task *coroutine)
{
	async_frame *root = async__root(coroutine);

	if (!coroutine->future.fresh)
		return refuse(ASYNC_INVALID_STATE, "the coroutine is already being awaited");
	coroutine->future.fresh = false;
	coroutine->function = root->caller_at->function;
	async__return_to(root, self, at);
	return async__start(root, coroutine->function->points);
}

static async_status end_coroutine(struct async__task *coroutine, async_status status, void *result, size_t size)
{
	struct async__future *future = &coroutine->future;

	async__root(coroutine)->caller_at = coroutine->function->points;
	if (status == ASYNC_DONE)
		async__copy_result(future, result, size);
	async__future_free(future);
	return status;
}

/* ---- Handles ---- */

/* The outcome of a finished future, as the status of an await; its error gets in flight. */
async_status async__outcome(struct async__future *future)
{
	if (future->state == ASYNC__DONE)
		return ASYNC_DONE;
	if (future->error)
		return async__raise_error(async__error_ref(future->error));
	return async__raise(ASYNC_CANCELLED, NULL);
}

__attribute__((noinline)) static async_status refuse_itself(void)
{
	return refuse(ASYNC_INVALID_STATE, "task cannot await itself");
}

/* It has ended already. */
__attribute__((noinline)) static async_status take_outcome(struct async__future *future)
{
	future->holds++;
	return async__outcome(future);
}

static inline async_status await_future(async_frame *self, const async_point *at, struct async__future *future)
{
	struct async__task *task = async__self.task;

	if (__builtin_expect(future == &task->future, 0))
		return refuse_itself();
	task->future.waits = ASYNC__HANDLE;
	task->awaited = future;
	if (future->state != ASYNC__PENDING)
		return take_outcome(future);
	task->at = at;
	task->future.leaf = self;
	async__watch(future, &task->wake);
	return __builtin_expect(task->future.must_cancel, 0) ? async__deliver_cancel(task) : ASYNC_SUSPENDED;
}

/* No task or future of this loop's that is near. */
__attribute__((noinline)) static async_status await_other(async_frame *self, const async_point *at, async_handle h)
{
	int err = 0;
	struct async__object *object = async__handle_find(h, "await", &err);

	if (!object && !h && async__self.loop->no_memory)
		return refuse(ASYNC_NO_MEMORY, "no memory for what is awaited");
	if (!object)
		return refuse(err, err == ASYNC_STALE ? "await of a stale handle" : async_error_text(err));
	if (object->kind == ASYNC__COROUTINE)
		return await_coroutine(self, at, (struct async__task *)object);
	if (object->kind < ASYNC__COROUTINE)
		return refuse(ASYNC_STALE, "await of something else than a task or future");
	return await_future(self, at, (struct async__future *)object);
}

async_status async__await(async_frame *self, const async_point *at, async_handle h)
{
	struct async__object *object = async__handle_near(h);

	if (__builtin_expect(!object || object->kind <= ASYNC__COROUTINE, 0))
		return await_other(self, at, h);
	return await_future(self, at, (struct async__future *)object);
}

static async_status end_future(struct async__future *future, async_status status, void *result, size_t size)
{
	if (status == ASYNC_DONE)
		async__copy_result(future, result, size);
	future->retrieved = true;
	future->taken = true;
	if (--future->holds == 0)
		async__maybe_reap(future);
	return status;
}

/* Whatever was awaited, and whatever came of it. */
__attribute__((noinline)) static async_status end_anyhow(async_handle h, async_status status, void *result, size_t size)
{
	struct async__task *task = async__self.task;
	struct async__future *future = async__awaited(task);
	struct async__object *object;

	if (future) {
		task->future.waits = ASYNC__NOTHING;
		return end_future(future, status, result, size);
	}
	if (task->future.await_refused) {
		task->future.await_refused = false;
		return status;
	}
	object = async__handle_find(h, NULL, NULL);
	if (object && object->kind == ASYNC__COROUTINE)
		return end_coroutine((struct async__task *)object, status, result, size);
	return status; /* a cancellation overrode its outcome */
}

async_status async__await_end(async_handle h, async_status status, void *result, size_t size)
{
	struct async__task *task = async__self.task;
	struct async__future *future = task->awaited;

	if (task->future.waits != ASYNC__HANDLE || status != ASYNC_DONE || !async__is_used_up(future) || !async__copy_word(future, result, size))
		return end_anyhow(h, status, result, size);
	task->future.waits = ASYNC__NOTHING;
	return async__task_free_done((struct async__task *)future);
}
