/* awaitable.c: awaiting a user's own object (the __await__ protocol).
 * Completes: whoever the object's step arranged to call async_wake.  Owner: the user.  Cancel: calls the object's cancel, which
 * lets go of what was arranged; the await then raises.  Loop's thread. */
#include "runtime.h"

/* The step has woken the task, and did not suspend it after all: the next wait is not to end by that. */
__attribute__((noinline, cold)) static void take_back_wake(struct async__task *task)
{
	task->future.woken = false;
	async__list_remove(&task->wake.link);
}

async_status async__await_object(async_frame *self, struct async_awaitable *object, void *result)
{
	struct async__task *task = async__self.task;
	async_status status;

	if (task->future.error) {
		async__error_unref(task->future.error);
		task->future.error = NULL;
	}
	task->waits = ASYNC__OBJECT;
	task->object = object;
	status = object->step(object, result);
	if (status == ASYNC_SUSPENDED)
		return async__park_as_set(task, self);
	task->waits = ASYNC__NOTHING;
	if (task->future.woken)
		take_back_wake(task);
	if (status == ASYNC_FAILED && !task->future.error)
		async__raise(ASYNC_ERROR, "an awaitable failed without an error");
	return status;
}

/* ---- As a task of its own ---- */

struct object_frame {
	async_frame base;
	struct async_awaitable *object;
	_Alignas(16) char result[];
};

static async_status object_resume(async_frame *frame)
{
	struct object_frame *f = (struct object_frame *)frame;

	if (frame->state && frame->status == ASYNC_FAILED)
		return ASYNC_FAILED;
	frame->state = 1;
	return async__await_object(frame, f->object, f->result);
}

static const async_function object_function = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct object_frame),
	.frame_align = _Alignof(struct object_frame),
	.result_offset = offsetof(struct object_frame, result),
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
	task->future.result_size = (uint32_t)result_size;
	f = (struct object_frame *)(void *)async__root(task);
	f->object = object;
	return async__start_task(f);
}

void async_wake_soon(void)
{
	struct async__task *task = async__self.task;

	if (task && task->waits == ASYNC__OBJECT)
		async__wake(task);
}

void async_wake(async_handle h)
{
	struct async__object *near = async__handle_near(h), *object = near ? near : async__handle_find(h, "async_wake", NULL);
	struct async__task *task = (struct async__task *)object;

	if (object && object->kind == ASYNC__TASK && task->waits == ASYNC__OBJECT)
		async__wake(task);
}
