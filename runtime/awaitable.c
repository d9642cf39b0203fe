/* awaitable.c: awaiting a user's own object (the __await__ protocol).
 * Completes: whoever the object's step arranged to call async_wake.  Owner: the user.  Cancel: calls the object's cancel, which
 * lets go of what was arranged; the await then raises.  Loop's thread. */
#include "runtime.h"

/* The step did not suspend the task after all: the next wait is not to end by its having woken it.  And an error has to be there. */
__attribute__((noinline, cold)) static async_status end_unusually(struct async__task *task, async_status status)
{
	if (async__woken(task))
		async__list_remove(&task->wake.link);
	task->future.waits = ASYNC__NOTHING;
	if (status == ASYNC_FAILED && !task->future.error)
		async__raise(ASYNC_ERROR, "an awaitable failed without an error");
	return status;
}

__attribute__((noinline, cold)) static void drop_error(struct async__task *task)
{
	async__error_unref(task->future.error);
	task->future.error = NULL;
}

/* The leaf is noted before it is known that it will be one: so there is less to keep over the call. */
static inline async_status take_object_step(struct async__task *task, async_frame *self, struct async_awaitable *object, void *result)
{
	async_status status;

	task->future.waits = ASYNC__OBJECT;
	task->object = object;
	task->leaf = self;
	status = object->step(object, result);
	if (status == ASYNC_SUSPENDED)
		return async__park_as_set(task, task->leaf);
	if (__builtin_expect(task->future.waits != ASYNC__OBJECT || status != ASYNC_DONE, 0))
		return end_unusually(task, status);
	task->future.waits = ASYNC__NOTHING;
	return ASYNC_DONE;
}

__attribute__((noinline, cold)) static async_status await_after_error(async_frame *self, struct async_awaitable *object, void *result)
{
	drop_error(async__self.task);
	return take_object_step(async__self.task, self, object, result);
}

async_status async__await_object(async_frame *self, struct async_awaitable *object, void *result)
{
	struct async__task *task = async__self.task;

	if (__builtin_expect(task->future.error != NULL, 0))
		return await_after_error(self, object, result);
	return take_object_step(task, self, object, result);
}

/* ---- As a task of its own ---- */

struct object_frame {
	async_frame base;
	struct async_awaitable *object;
	struct async__sized of_object;
};

static async_status object_resume(async_frame *frame)
{
	struct object_frame *f = (struct object_frame *)frame;

	if (frame->state && frame->status == ASYNC_FAILED)
		return ASYNC_FAILED;
	frame->state = 1;
	return async__await_object(frame, f->object, f->of_object.result);
}

static const async_function object_function = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct object_frame),
	.frame_align = _Alignof(struct object_frame),
	.result_offset = offsetof(struct object_frame, of_object.result),
	.result_size = ASYNC__SIZED,
	.resume = object_resume,
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

static inline void wake(async_loop *loop, struct async__task *task)
{
	if (task->future.waits != ASYNC__OBJECT)
		return;
	task->future.waits = ASYNC__OBJECT | ASYNC__WOKEN;
	async__soon(loop, &task->wake);
}

void async_wake_soon(void)
{
	if (async__self.task)
		wake(async__self.loop, async__self.task);
}

/* Not the running loop's, or not near. */
__attribute__((noinline)) static void wake_far(async_handle h)
{
	struct async__object *object = async__handle_find(h, "async_wake", NULL);

	if (object && object->kind == ASYNC__TASK)
		wake(async__loop_of(object), (struct async__task *)object);
}

void async_wake(async_handle h)
{
	struct async__object *near = async__handle_near(h);

	if (near && near->kind == ASYNC__TASK)
		wake(async__self.loop, (struct async__task *)near);
	else
		wake_far(h);
}
