/* cancel.c: cancelling tasks and futures.
 * A task that waits passes the request on to what it waits for; the end of that, cancelled, wakes the task.  Else the task
 * must_cancel: its next wake-up, or its next wait, raises ASYNC_CANCELLED.  A leaf is asked through its abort hook, a future
 * through its cancel hook; neither may run user code that awaits.  Loop's thread. */
#include "runtime.h"

static struct async__error *cancel_error(const char *message)
{
	return message ? async__error_new(ASYNC_CANCELLED, "%s", message) : NULL;
}

/* The last message wins. */
static void remember(struct async__task *task, const char *message)
{
	struct async__rare *rare = message || task->future.has_rare ? async__rare(task) : NULL;

	if (!rare)
		return;
	async__error_unref(rare->cancel_error);
	rare->cancel_error = cancel_error(message);
}

struct async__error *async__take_cancel_error(struct async__task *task)
{
	struct async__error *error = task->future.has_rare ? async__rare_of(task)->cancel_error : NULL;

	if (error)
		async__rare_of(task)->cancel_error = NULL;
	return error;
}

static bool cancel_future(struct async__future *future, const char *message)
{
	if (future->cancel_later)
		return true;
	switch (future->cancel ? future->cancel(future) : ASYNC__ABORTED) {
	case ASYNC__ABORTED:
		if (future->state == ASYNC__PENDING)
			async__future_cancelled(future, cancel_error(message));
		return true;
	case ASYNC__LATER:
		future->cancel_later = true;
		return true;
	case ASYNC__REFUSED:
		break;
	}
	return false;
}

/* Its wait is over; what it waited for goes on without it. */
static void wake_cancelled(struct async__task *task, const char *message)
{
	struct async__future *awaited = async__awaited(task);

	if (awaited) {
		task->future.waits = ASYNC__NOTHING;
		async__unwatch(awaited, &task->wake);
	}
	remember(task, message);
	task->future.wake_cancelled = true;
	if (task->future.waits)
		task->future.waits |= ASYNC__WOKEN;
	async__soon(async__loop_of(&task->future.object), &task->wake);
}

/* Asks what the task waits for, when that is not a task.  False: it waits for nothing, or that cannot be cancelled. */
static bool interrupt(struct async__task *task, const char *message)
{
	if (task->future.waits == ASYNC__HANDLE)
		return task->awaited->state == ASYNC__PENDING && cancel_future(task->awaited, message);
	if (async__woken(task))
		return false;
	if (task->future.waits == ASYNC__OBJECT) {
		if (task->object->cancel)
			task->object->cancel(task->object);
		wake_cancelled(task, message);
		return true;
	}
	if (task->future.waits == ASYNC__SLEEP) {
		async__sleep_stop(task);
		wake_cancelled(task, message);
		return true;
	}
	if (task->future.waits != ASYNC__LEAF || !task->abort)
		return false;
	switch (task->abort(task->future.leaf)) {
	case ASYNC__ABORTED:
		wake_cancelled(task, message);
		return true;
	case ASYNC__LATER:
		remember(task, message);
		return true;
	case ASYNC__REFUSED:
		break;
	}
	return false;
}

static struct async__task *awaited_task(const struct async__task *task)
{
	struct async__future *awaited = async__awaited(task);

	if (!awaited || awaited->object.kind != ASYNC__TASK || awaited->state != ASYNC__PENDING)
		return NULL;
	return (struct async__task *)awaited;
}

/* Passes a request along the chain of awaited tasks.  Each on the way gets a mark, so that tasks
 * that wait for each other in a circle are noticed: the one that would close the circle is woken.  False: the first of them
 * could not pass it on. */
static bool pass_on(struct async__task *first, const char *message)
{
	struct async__task *task = first, *last, *next;
	bool passed = true;

	first->future.being_cancelled = true;
	while ((next = awaited_task(task)) && !next->future.being_cancelled) {
		next->future.being_cancelled = true;
		next->future.cancels++;
		task = next;
	}
	last = task;
	if (next) {
		wake_cancelled(task, message);
	} else if (!interrupt(task, message)) {
		passed = task != first;
		if (passed) {
			task->future.must_cancel = true;
			remember(task, message);
		}
	}
	for (task = first; task; task = task == last ? NULL : awaited_task(task))
		task->future.being_cancelled = false;
	return passed;
}

static void cancel_task(struct async__task *task, const char *message)
{
	if (task->future.being_cancelled)
		return; /* a circle through a gather: this task is being cancelled right now */
	task->future.cancels++;
	if (pass_on(task, message))
		return;
	task->future.must_cancel = true;
	remember(task, message);
}

bool async__cancel(struct async__future *future, const char *message)
{
	if (future->state != ASYNC__PENDING) {
		future->retrieved = true;
		return false;
	}
	if (future->object.kind == ASYNC__FUTURE)
		return cancel_future(future, message);
	cancel_task((struct async__task *)future, message);
	return true;
}

async_status async__raise_cancel(struct async__task *task)
{
	struct async__error *error = async__take_cancel_error(task);

	return async__raise_error(error ? error : async__error_new(ASYNC_CANCELLED, NULL));
}

void async__put_off_cancel(struct async__task *task)
{
	struct async__error *error = async__self.error;

	if (!error)
		error = async__take_cancel_error(task);
	async__self.error = NULL;
	task->future.must_cancel = task->future.cancels > 0;
	if (task->future.must_cancel && error && async__rare(task) && !async__rare_of(task)->cancel_error)
		async__rare_of(task)->cancel_error = error;
	else
		async__error_unref(error);
}

async_status async__deliver_cancel(struct async__task *task)
{
	struct async__error *error;

	if (async__woken(task))
		return ASYNC_SUSPENDED;
	error = async__take_cancel_error(task);
	if (pass_on(task, error ? error->value.message : NULL)) {
		task->future.must_cancel = false;
		async__error_unref(error);
	} else if (error) {
		async__rare_of(task)->cancel_error = error;
	}
	return ASYNC_SUSPENDED;
}

/* ---- The public calls ---- */

/* A coroutine that has not begun is simply given up. */
static bool drop_coroutine(struct async__task *coroutine)
{
	if (!coroutine->future.fresh)
		return false;
	async__future_free(&coroutine->future);
	return true;
}

bool async_cancel_with(async_handle h, const char *message)
{
	struct async__object *object = async__handle_find(h, "async_cancel", NULL);

	if (!object || object->kind < ASYNC__COROUTINE)
		return false;
	if (object->kind == ASYNC__COROUTINE)
		return drop_coroutine((struct async__task *)object);
	return async__cancel((struct async__future *)object, message);
}

bool async_cancel(async_handle h)
{
	return async_cancel_with(h, NULL);
}

static struct async__task *find_task(async_handle h, const char *what)
{
	struct async__future *future = async__find_future(h, what, NULL);

	return future && future->object.kind == ASYNC__TASK ? (struct async__task *)future : NULL;
}

int async_cancelling(async_handle h)
{
	struct async__task *task = find_task(h, "async_cancelling");

	return task ? task->future.cancels : 0;
}

int async__uncancel(struct async__task *task)
{
	if (task->future.state == ASYNC__PENDING && task->future.cancels > 0 && --task->future.cancels == 0)
		task->future.must_cancel = false;
	return task->future.cancels;
}

int async_uncancel(async_handle h)
{
	struct async__task *task = find_task(h, "async_uncancel");

	return task ? async__uncancel(task) : 0;
}
