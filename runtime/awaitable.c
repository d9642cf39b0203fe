/* awaitable.c: awaiting a user's own object (the __await__ protocol).
 * Completes: whoever the object's step arranged to call async_wake.  Owner: the user.  Cancel: calls the object's cancel, which
 * lets go of what was arranged; the await then raises.  Loop's thread. */
#include "runtime.h"

async_status async__object_failed(async_status status)
{
	if (status == ASYNC_FAILED && !async__self.error)
		async__raise(ASYNC_ERROR, "an awaitable failed without an error");
	return status;
}

void async__wake_at_once(void)
{
	struct async__task *task = async__self.task;

	if (async__self.woken) { /* which has come too early until now */
		task->future.waits |= ASYNC__WOKEN;
		async__soon(async__self.loop, &task->wake);
	}
	if (task->future.must_cancel)
		async__deliver_cancel(task);
}

/* ---- As a task of its own ---- */

struct object_frame {
	async_frame base;
	struct async_awaitable *object;
	struct async__sized of_object;
};

static const async_function object_function;

static async_status object_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct object_frame *f = (struct object_frame *)frame;

	(void)at;
	if (status == ASYNC_FAILED)
		return ASYNC_FAILED;
	return async__await_object(frame, &object_function.points[1], f->object, f->of_object.result);
}

static const async_function object_function = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct object_frame),
	.frame_align = _Alignof(struct object_frame),
	.result_offset = offsetof(struct object_frame, of_object.result),
	.result_size = ASYNC__SIZED,
	.points = ASYNC_POINTS(object_function, object_resume, NULL),
	.name = "async_awaitable",
	.file = "runtime/awaitable.c",
};

async_handle async__object_task(struct async_awaitable *object, size_t result_size)
{
	async_loop *loop = async__need_loop("async_awaitable");
	struct async__task *task = loop ? async__task_new(loop, &object_function, result_size) : NULL;
	struct object_frame *f;

	if (!task)
		return NULL;
	f = (struct object_frame *)(void *)async__root(task);
	f->object = object;
	f->of_object.size = (uint32_t)result_size;
	return async__start_task(f);
}

/* ---- Waking ---- */

/* It runs: that counts if it is in an object's step, and is forgotten when the next one begins. */
__attribute__((noinline, cold)) static void wake_running(struct async__task *task)
{
	if (task == async__self.task)
		async__self.woken = true;
	else if (task->future.hosts)
		task->future.woken_as_host = true;
}

static inline void wake(async_loop *loop, struct async__task *task)
{
	task->future.waits = ASYNC__OBJECT | ASYNC__WOKEN;
	async__soon(loop, &task->wake);
}

void async_wake_soon(void)
{
	async__self.woken = true;
}

/* Not the running loop's, or not near, or not parked. */
__attribute__((noinline)) static void wake_if_parked(async_handle h)
{
	struct async__object *object = async__handle_find(h, "async_wake", NULL);
	struct async__task *task = (struct async__task *)object;

	if (!object || object->kind != ASYNC__TASK)
		return;
	if (task->future.waits == ASYNC__OBJECT)
		wake(async__loop_of(object), task);
	else if (!task->future.waits)
		wake_running(task);
}

void async_wake(async_handle h)
{
	struct async__object *near = async__handle_near(h);
	struct async__task *task = (struct async__task *)near;

	if (__builtin_expect(!near || near->kind != ASYNC__TASK || task->future.waits != ASYNC__OBJECT, 0))
		wake_if_parked(h);
	else
		wake(async__self.loop, task);
}
