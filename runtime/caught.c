/* caught.c: an async_catch as a task of its own, whose result is the error of what it awaits.
 * Completes: when that has ended.  Owner: the task.  Cancel: cancels what it awaits, and the cancellation is what it catches.
 * Loop's thread. */
#include "runtime.h"

struct catch_frame {
	async_frame base;
	async_error result;
	async_handle handle;
};

static async_status catch_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct catch_frame *f = (struct catch_frame *)frame;
	async_caught caught = { 0 };

	if (!at->state) {
		status = async__await(frame, at + 1, f->handle);
		if (status == ASYNC_SUSPENDED)
			return status;
	}
	f->result = (async_error){ 0 };
	if (async__await_end(f->handle, status, NULL, 0) == ASYNC_FAILED) {
		f->result = async__hold(&caught);
		async__set_aside(&caught);
	}
	return ASYNC_DONE;
}

static const async_function catch_function = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct catch_frame),
	.frame_align = _Alignof(struct catch_frame),
	.result_offset = offsetof(struct catch_frame, result),
	.result_size = sizeof(async_error),
	.points = ASYNC_POINTS(catch_function, catch_resume, NULL),
	.name = "async_catch",
	.file = "runtime/caught.c",
};

async_handle async__catch_task(async_handle h)
{
	struct catch_frame *f = async__new_task(&catch_function);

	if (f)
		f->handle = h;
	return async__start_task(f);
}
