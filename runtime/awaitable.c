/* awaitable.c: awaiting a user's own object (the __await__ protocol).
 * Completes: whoever the object's step arranged to call async_wake.  Owner: the user.  Cancel: calls the object's cancel, which
 * lets go of what was arranged; the await then raises.  Loop's thread. */
#include "runtime.h"

async_status async__await_object(async_frame *self, struct async_awaitable *object, void *result)
{
	struct async__task *task = async__self.task;
	async_status status;

	async__error_unref(task->future.error);
	task->future.error = NULL;
	task->object = object;
	status = object->step(object, result);
	if (status == ASYNC_SUSPENDED)
		return async__park(self, NULL);
	task->object = NULL;
	if (status == ASYNC_FAILED && !task->future.error)
		async__raise(ASYNC_ERROR, "an awaitable failed without an error");
	return status;
}

void async_wake_soon(void)
{
	struct async__task *task = async__self.task;

	if (task && task->object)
		async__wake(task);
}

void async_wake(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_wake", NULL);
	struct async__task *task = (struct async__task *)future;

	if (future && future->object.kind == ASYNC__TASK && task->object)
		async__wake(task);
}
