/* operate.c: operations that the loop does by itself: submitted, and over when it says so.
 * Completes: the leaf's wait, from the back end's wait.  Owns: nothing; the completion lives in the leaf's frame.  Thread: the loop's.
 * Cancel: asks the back end to end the operation, and the task hears of it when that has ended, as the buffer is the kernel's until then. */
#include "io.h"
#include "system.h"

#include <unistd.h>

/* ---- Beginning ---- */

static void on_ended(struct async_completion *completion)
{
	async__wake(async__container_of(completion, struct async__io_wait, completion)->task);
}

static async_status queue(async_frame *leaf, struct async__io_wait *wait, const struct async_operation *operation, async__io_abort *abort)
{
	wait->fd_wait.ready = async__io_ready;
	async__queue_operation(async__self.loop, operation, &wait->fd_wait);
	async__io_stand(wait, ASYNC__IO_QUEUED);
	return async__park(leaf, wait->at, abort);
}

/* A test's, or the simulated loop's, system calls are to be seen. */
static int begin(async_frame *leaf, struct async__io_wait *wait, const struct async_operation *operation, async__io_abort *abort,
		 const char *what)
{
	int err = async__system == &async__real_system ? 0 : ENOSYS;

	wait->completion.ended = on_ended;
	wait->task = async__self.task;
	wait->cancelled = wait->closed = false;
	if (!err)
		err = async__begin_operation(async__self.loop, operation, &wait->completion);
	if (err == EBUSY)
		return queue(leaf, wait, operation, abort);
	if (err == ENOSYS)
		return ASYNC__IO_TRY;
	if (err)
		return async__io_raise(err, what);
	async__io_stand(wait, ASYNC__IO_OPERATING);
	return async__park(leaf, wait->at, abort);
}

/* ---- Ending ---- */

/* Nothing was moved, and it is not for us to say that it failed. */
static bool was_interrupted(const struct async_completion *completion)
{
	return !completion->stopping && (completion->result == -EINTR || completion->result == -ECANCELED); /* or its thread has ended */
}

/* A file that cannot wait by itself; or that is no socket, which the leaf may not have known. */
static bool is_for_the_leaf(const struct async_completion *completion, enum async_operation_kind kind)
{
	ssize_t result = completion->result;

	if (completion->stopping)
		return false;
	return result == -EAGAIN || result == -ENOTSOCK || (kind == ASYNC_OPERATION_ACCEPT && result != -ECANCELED);
}

static async_status cancelled(async_status status)
{
	return status == ASYNC_DONE ? async__raise_cancel(async__self.task) : ASYNC_FAILED;
}

static async_status succeed(async_status status, const struct async__io_wait *wait, const struct async_operation *operation)
{
	if (status == ASYNC_DONE && !wait->cancelled)
		return ASYNC_DONE;
	if (operation->kind != ASYNC_OPERATION_WRITE && operation->kind != ASYNC_OPERATION_SEND)
		return cancelled(status);
	async__put_off_cancel(async__self.task);
	return ASYNC_DONE;
}

/* How it failed. */
static async_status fail(async_status status, const struct async__io_wait *wait, const char *what)
{
	if (status != ASYNC_DONE || wait->cancelled)
		return cancelled(status);
	return async__io_raise(wait->completion.closed ? EBADF : (int)-wait->completion.result, what);
}

int async__io_operate(async_frame *leaf, async_status status, struct async__io_wait *wait, const struct async_operation *operation,
		      async__io_abort *abort, const char *what, ssize_t *result)
{
	struct async_completion *completion = &wait->completion;

	*result = -1;
	if (wait->at->state == ASYNC__IO_QUEUED && async__io_begin(wait, status, what) != ASYNC_DONE)
		return ASYNC_FAILED;
	if (wait->at->state != ASYNC__IO_OPERATING)
		return begin(leaf, wait, operation, abort, what);
	*result = completion->result;
	if (completion->result >= 0)
		return succeed(status, wait, operation);
	if (status == ASYNC_DONE && was_interrupted(completion))
		return begin(leaf, wait, operation, abort, what);
	if (status == ASYNC_DONE && is_for_the_leaf(completion, operation->kind))
		return ASYNC__IO_TRY;
	return fail(status, wait, what);
}

/* ---- async__operate ---- */

struct async__operate__frame {
	async_frame base;
	union { /* the result is stored last */
		ssize_t result;
		struct {
			const struct async_operation *operation;
			const char *what;
		};
	};
	struct async__io_wait wait;
};
ASYNC__RESULT_SHARES(struct async__operate__frame, operation);

static enum async__abort stop(async_frame *leaf)
{
	return async__io_stop(&((struct async__operate__frame *)leaf)->wait);
}

/* A file that was opened for a task which is cancelled by now is nobody's. */
static async_status async__operate__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__operate__frame *f = (struct async__operate__frame *)frame;
	ssize_t result = -ENOSYS;
	int how = ASYNC__IO_TRY;

	f->wait.at = at;
	if (async__io_operates(&f->wait))
		how = async__io_operate(frame, status, &f->wait, f->operation, stop, f->what, &result);
	if (how == ASYNC_FAILED && f->operation->kind == ASYNC_OPERATION_OPEN && result >= 0)
		close((int)result);
	if (how != ASYNC__IO_TRY && how != ASYNC_DONE)
		return (async_status)how;
	f->result = how == ASYNC_DONE ? result : -ENOSYS;
	return ASYNC_DONE;
}

const async_function async__operate__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async__operate__frame),
	.frame_align = _Alignof(struct async__operate__frame),
	.result_offset = offsetof(struct async__operate__frame, result),
	.result_size = sizeof(ssize_t),
	.name = "async__operate",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async__operate, "the loop's operation"),
};

ssize_t async__operate(const struct async_operation *operation, const char *what)
{
	struct async__operate__frame *f = async__entry(&async__operate__async, (void (*)(void))async__operate);
	ssize_t result = -ENOSYS;

	if (f) {
		f->operation = operation;
		f->what = what;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}
