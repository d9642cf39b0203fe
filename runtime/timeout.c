/* timeout.c: the scopes of async_wait_for and async_timeout.
 * Completes: nothing; the scope's timer cancels the task it was opened in, and the scope's end makes ASYNC_TIMEOUT of that very
 * cancellation, told apart by the task's count of requests as asyncio.timeout does.  Owner: the frame the scope lives in.  A wait that
 * ended before the timer ran keeps its outcome: the cancellation is then put off to what the body awaits next, in a later turn.
 * Loop's thread. */
#include "runtime.h"

#include <errno.h>

enum state {
	IDLE,    /* no limit */
	ENDED,
	ARMED,   /* the timer runs */
	LATE,    /* it was due, but a completion had come first: next turn */
	EXPIRED, /* it cancelled the task */
	ZERO,    /* over a handle, with no time at all: the handle was cancelled */
	TIME_UP, /* no time at all: nothing was started, but a handle that was done may have been awaited */
	DROPPED, /* no time at all: the coroutine value was given up */
	INVALID  /* not a number */
};

static const char not_a_number[] = "the timeout is not a number";

static struct async_timer *timer_of(struct async__scope *scope)
{
	return (struct async_timer *)(void *)scope->timer;
}

/* What the task waits for is there already, and it is about to go on with it.  A bare yield is no such thing. */
static bool completed(const struct async__task *task)
{
	if (task->future.must_cancel || task->future.wake_cancelled)
		return false;
	if (task->future.waits == ASYNC__HANDLE)
		return task->awaited->state == ASYNC__DONE || task->awaited->state == ASYNC__FAILED;
	return task->future.waits == (ASYNC__SLEEP | ASYNC__WOKEN) || (task->future.waits == (ASYNC__LEAF | ASYNC__WOKEN) && task->abort);
}

static void run_timer(struct async__entry *entry)
{
	struct async__scope *scope = async__container_of(entry, struct async__scope, timer);

	if (scope->state == ARMED && completed(scope->task)) {
		scope->state = LATE;
		async__soon(async__loop_of(&scope->task->future.object), entry);
		return;
	}
	scope->state = EXPIRED;
	async__cancel(&scope->task->future, NULL);
}

static void open_scope(struct async__scope *scope)
{
	struct async__task *task = async__self.task;

	scope->task = task;
	scope->state = IDLE;
	scope->deadline = INT64_MAX;
	scope->cancelling = (uint32_t)task->future.cancels;
	async__error_unref(async__self.error); /* nothing is in flight; be sure of it, as the end looks */
	async__self.error = NULL;
	async__timer_init(timer_of(scope), run_timer);
}

static void arm(struct async__scope *scope, double seconds)
{
	async_loop *loop = async__loop_of(&scope->task->future.object);

	scope->deadline = async__deadline(loop, seconds);
	if (scope->deadline == INT64_MAX)
		return;
	scope->state = ARMED;
	async__timer_start(loop, timer_of(scope), scope->deadline);
}

bool async__timeout_begin(struct async__scope *scope, double seconds)
{
	open_scope(scope);
	if (seconds > 0) {
		arm(scope, seconds);
		return true;
	}
	scope->state = seconds != seconds ? INVALID : TIME_UP;
	return false;
}

/* Also with no time at all: what the block awaits is cancelled in the next turn. */
static void arm_block(struct async__scope *scope, double seconds)
{
	async_loop *loop = async__loop_of(&scope->task->future.object);

	if (seconds > 0) {
		arm(scope, seconds);
		return;
	}
	scope->state = ARMED;
	scope->deadline = async__deadline(loop, seconds);
	async__soon(loop, &timer_of(scope)->entry);
}

async_status async__timeout_block_begin(struct async__scope *scope, double seconds)
{
	if (seconds != seconds)
		return async__raise(EINVAL, not_a_number);
	open_scope(scope);
	arm_block(scope, seconds);
	return ASYNC_DONE;
}

int async_timeout_reschedule(async_timeout_scope *scope, double seconds)
{
	async_loop *loop = async__handle_owner(async__handle_of(&scope->task->future.object));

	if (!async__loop_is_ours(loop, "async_timeout_reschedule"))
		return ASYNC_WRONG_THREAD;
	if (seconds != seconds)
		return EINVAL;
	if (scope->state != IDLE && scope->state != ARMED && scope->state != LATE)
		return ASYNC_INVALID_STATE;
	async__timer_stop(loop, timer_of(scope));
	scope->state = IDLE;
	scope->deadline = INT64_MAX;
	arm_block(scope, seconds);
	return 0;
}

int64_t async_timeout_when(const async_timeout_scope *scope)
{
	return async__loop_is_ours(async__handle_owner(async__handle_of(&scope->task->future.object)), "async_timeout_when") ? scope->deadline : INT64_MAX;
}

bool async_timeout_expired(const async_timeout_scope *scope)
{
	return async__loop_is_ours(async__handle_owner(async__handle_of(&scope->task->future.object)), "async_timeout_expired") && scope->state == EXPIRED;
}

void async__timeout_begin_handle(struct async__scope *scope, double seconds, async_handle h)
{
	struct async__object *object;

	if (seconds > 0 || seconds != seconds) {
		async__timeout_begin(scope, seconds);
		return;
	}
	open_scope(scope);
	object = async__handle_find(h, NULL, NULL);
	if (object && object->kind == ASYNC__COROUTINE) {
		async_cancel(h);
		scope->state = DROPPED;
	} else if (object && object->kind > ASYNC__COROUTINE && object != &scope->task->future.object) {
		if (async__cancel((struct async__future *)object, NULL))
			scope->state = ZERO;
	}
}

/* The cancellation becomes the cause, so that its trace is kept. */
static async_status time_out(void)
{
	struct async__error *error = async__error_new(ASYNC_TIMEOUT, NULL);

	if (error->refs != UINT32_MAX) {
		error->cause = async__self.error;
		async__self.error = NULL;
	}
	return async__raise_error(error);
}

async_status async__timeout_end(struct async__scope *scope, async_status status)
{
	struct async__task *task = scope->task;
	enum state state = scope->state;
	bool is_cancelled = status == ASYNC_FAILED && async__self.error && async__self.error->value.code == ASYNC_CANCELLED;

	async__timer_stop(async__loop_of(&task->future.object), timer_of(scope));
	scope->state = state == EXPIRED ? EXPIRED : ENDED;
	switch (state) {
	case INVALID:
		return async__raise(EINVAL, not_a_number);
	case TIME_UP:
		return status == ASYNC_DONE || async__self.error ? status : time_out();
	case DROPPED:
		return time_out();
	case EXPIRED:
		return (uint32_t)async__uncancel(task) <= scope->cancelling && is_cancelled ? time_out() : status;
	case ZERO:
		return (uint32_t)task->future.cancels <= scope->cancelling && is_cancelled ? time_out() : status;
	default:
		return status;
	}
}

/* ---- async_wait_for over a handle, as a task ---- */

struct wait_for_frame {
	async_frame base;
	async_handle handle;
	double seconds;
	struct async__scope scope;
	struct async__sized of_handle;
};

static async_status wait_for_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct wait_for_frame *f = (struct wait_for_frame *)frame;

	if (!at->state) {
		async__timeout_begin_handle(&f->scope, f->seconds, f->handle);
		status = async__await(frame, at + 1, f->handle);
		if (status == ASYNC_SUSPENDED)
			return status;
	}
	status = async__await_end(f->handle, status, f->of_handle.result, f->of_handle.size);
	return async__timeout_end(&f->scope, status);
}

static const async_function wait_for_function = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct wait_for_frame),
	.frame_align = _Alignof(struct wait_for_frame),
	.result_offset = offsetof(struct wait_for_frame, of_handle.result),
	.result_size = ASYNC__SIZED,
	.points = ASYNC_POINTS(wait_for_function, wait_for_resume, NULL),
	.name = "async_wait_for",
	.file = "runtime/timeout.c",
};

async_handle async__wait_for_handle(async_handle h, double seconds, size_t result_size)
{
	async_loop *loop = async__need_loop("async_wait_for");
	struct async__task *task = loop ? async__task_new(loop, &wait_for_function, result_size) : NULL;
	struct wait_for_frame *f;

	if (!task)
		return NULL;
	f = (struct wait_for_frame *)(void *)async__root(task);
	f->handle = h;
	f->seconds = seconds;
	f->of_handle.size = (uint32_t)result_size;
	return async__start_task(f);
}
