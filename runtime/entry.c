/* entry.c: async functions called from ordinary C: blocking entries, async main, and awaits through function pointers.
 * A blocking entry makes a task on a loop of its own (or the one given to async__use_loop), runs it to its end, and hands over the
 * result or the error.  Refused, loudly, while a loop runs on this thread.  An entry called because an await through a pointer
 * asked for it makes a frame instead and runs nothing.  Owner: the entry, of the loop it made and of its task. */
#include "runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What this thread's blocking entries have to know about each other. */
static __thread struct {
	async_loop *use;      /* for the next entry */
	unsigned catching;    /* async__catch_begin, not ended */
	async_error caught;   /* while catching */
	async_error failure;  /* why the entry whose arguments are being stored has no frame */
} blocking;

/* ---- Variadic functions ---- */

async_status async__start_at_once(async_frame *frame, const async_point *points)
{
	if (async__stack_is_used_up())
		return async__raise(ASYNC_NO_MEMORY, "no stack left for a call with variable arguments");
	return points->resume(frame, ASYNC_DONE, points);
}

async_status async__start_variadic(async_frame *frame, const async_point *points, __builtin_va_list **arguments, ...)
{
	__builtin_va_list list;
	async_status status;

	__builtin_va_start(list, arguments);
	*arguments = &list;
	status = async__start_at_once(frame, points);
	__builtin_va_end(list);
	return status;
}

/* ---- Awaiting through a function pointer ---- */

static async_frame no_frame; /* stands for the one there was no memory for */

struct async__request async__request_task(void (*target)(void))
{
	struct async__request outer = { async__self.request, async__self.requested, async__self.is_awaited };

	async__request(target, false);
	async__self.requested = NULL;
	return outer;
}

void async__request_back(struct async__request outer)
{
	async__request(outer.target, outer.is_awaited);
	async__self.requested = outer.frame;
}

static async_handle finished(const void *value, size_t size)
{
	async_handle future = async__create_future(size);

	if (future && size)
		async__set_result(future, value, size);
	else if (future)
		async_set_done(future);
	return future;
}

static async_handle end_request(struct async__request outer, const void *value, size_t size, async_handle (*start)(void *frame))
{
	async_frame *frame = async__self.requested;

	async__request_back(outer);
	if (!frame)
		return finished(value, size);
	return start(frame == &no_frame ? NULL : frame);
}

async_handle async__requested_task(struct async__request outer, const void *value, size_t size)
{
	return end_request(outer, value, size, async__start_task);
}

async_handle async__requested_task_eager(struct async__request outer, const void *value, size_t size)
{
	return end_request(outer, value, size, async__start_task_eager);
}

async_handle async__requested_coroutine(struct async__request outer, const void *value, size_t size)
{
	return end_request(outer, value, size, async__keep_coroutine);
}

/* NULL, without memory: the entry has nowhere to store its arguments. */
static void *requested(const async_function *function, async_frame *frame)
{
	if (frame)
		frame->caller_at = function->points;
	async__self.requested = frame ? frame : &no_frame;
	return frame;
}

/* One by hand, without an async__asked of its own.  Its result goes where the entry returns it from. */
static void run_requested(async_frame *frame, void *result, size_t size)
{
	const async_function *function = frame ? frame->caller_at->function : NULL;
	async_status status;

	async__self.requested = NULL;
	status = frame ? async__start_at_once(frame, function->points) : ASYNC_FAILED; /* it may be variadic */
	if (status == ASYNC_DONE && size)
		memcpy(result, (char *)frame + function->result_offset, size);
	if (status == ASYNC_SUSPENDED)
		async__suspend(frame);
	else
		async__pop_frame(frame);
	async__self.answer = status;
}

/* ---- Blocking entries ---- */

void async__use_loop(async_loop *loop)
{
	blocking.use = loop;
}

async_error async__catch_begin(void)
{
	async_error outer = blocking.caught;

	blocking.catching++;
	blocking.caught = (async_error){ 0 };
	return outer;
}

bool async__catch_failed(void)
{
	return blocking.caught.code != 0;
}

async_error async__catch_end(async_error outer)
{
	async_error caught = blocking.caught;

	blocking.catching--;
	blocking.caught = outer;
	return caught;
}

/* The first error counts, when several calls were caught together. */
static void fail(async_error error)
{
	if (!blocking.catching)
		abort();
	if (!blocking.caught.code)
		blocking.caught = error;
}

static void *refuse(const async_function *function)
{
	blocking.failure = async__make_error(ASYNC_RUNNING_LOOP, "async function '%s' called from a running event loop; use 'await %s(...)'",
					     function->name, function->name);
	if (!blocking.catching)
		fprintf(stderr, "asyncc: %s\n", blocking.failure.message);
	return NULL;
}

static void *no_loop(const async_function *function, int err)
{
	blocking.failure = async__make_error(err == ENOMEM ? ASYNC_NO_MEMORY : err, "no loop to run '%s' on: %s", function->name, async_error_text(err));
	if (!blocking.catching)
		fprintf(stderr, "asyncc: %s\n", blocking.failure.message);
	return NULL;
}

static void close_own(async_loop *loop)
{
	if (loop->owned_by_entry)
		async_loop_close(loop);
}

static void *begin(const async_function *function)
{
	async_loop *loop = blocking.use;
	struct async__task *task;

	blocking.use = NULL;
	if (async__self.loop || (loop && loop->running))
		return refuse(function);
	if (!loop) {
		loop = async__loop_for_entry();
		if (!loop)
			return no_loop(function, errno);
		async__note_closed(&loop->note); /* we see to that */
	}
	async__loop_enter(loop);
	task = async__task_new(loop, function, 0);
	if (task)
		return async__root(task);
	async__loop_leave(loop);
	close_own(loop);
	return no_loop(function, ENOMEM);
}

void *async__entry(const async_function *function, void (*self)(void))
{
	if (!self || async__self.request != self)
		return begin(function);
	async__self.request = NULL;
	return requested(function, async__self.is_awaited ? async__push_frame(function) : async__new_task(function));
}

static async_error run_error(int err)
{
	switch (err) {
	case ASYNC_SHUT_DOWN:
		return async__make_error(ASYNC_INVALID_STATE, "the loop was stopped before the task was done");
	case ASYNC_INVALID_STATE:
		return async__make_error(err, "idle: every task waits for something that nothing can wake");
	}
	return async__make_error(err, NULL);
}

/* Why the run ended without an outcome. */
static async_error broken_off(async_loop *loop, int err)
{
	async_error error = run_error(err);

	if (err == ASYNC_INVALID_STATE) {
		fprintf(stderr, "asyncc: %s\n", error.message);
		async__print_tasks(loop, STDERR_FILENO);
	}
	return error;
}

/* Tells the handler, while there is a loop to have one. */
static void report_failure(struct async__task *task, async_error error, const char *message)
{
	async_loop *loop = async__loop_of(&task->future.object);

	if (async__error_in(&task->future))
		async__report(loop, message, async__error_in(&task->future), async__handle_of(&task->future.object));
	else
		async__report_value(loop, message, error, async__handle_of(&task->future.object));
}

/* Runs the task to its end and the loop to its own; the task is held.  The error, code 0 if there is none.
 * Who catches it is told of it alone: a call that a task makes meanwhile, and nobody catches there, must not go on as if it had done. */
static async_error run(struct async__task *task)
{
	async_loop *loop = async__loop_of(&task->future.object);
	unsigned catching = blocking.catching;
	async_error error;
	int err;

	blocking.catching = 0;
	async__keep(&task->future);
	async__task_start(task);
	err = async__run_until(loop, &task->future);
	error = err ? broken_off(loop, err) : async__future_error(&task->future);
	task->future.retrieved = true;
	task->future.detached = true; /* if it is pending still, nobody has its handle */
	if (loop->owned_by_entry && err != ASYNC_FORKED)
		async__run_shutdown(loop);
	blocking.catching = catching;
	return error;
}

static void end(struct async__task *task)
{
	async_loop *loop = async__loop_of(&task->future.object);

	async__let_go(&task->future);
	async__loop_leave(loop);
	close_own(loop);
}

static void report_call(struct async__task *task, async_error error)
{
	char message[96];

	snprintf(message, sizeof message, "Unhandled error in a blocking call of '%.48s'", async__function_of(task)->name);
	report_failure(task, error, message);
}

void async__entry_run(void *frame, void *result, size_t size)
{
	struct async__task *task;
	async_error error;

	if (async__self.requested) {
		if (async__self.is_awaited)
			run_requested(frame, result, size);
		return;
	}
	if (size) /* it is returned all the same */
		memset(result, 0, size);
	if (!frame) {
		fail(blocking.failure);
		return;
	}
	task = async__task_of(frame);
	error = run(task);
	if (!error.code)
		async__copy_result(&task->future, result, size);
	else if (!blocking.catching)
		report_call(task, error);
	end(task);
	if (error.code)
		fail(error);
}

/* ---- async main ---- */

void *async__entry_main(const async_function *function)
{
	return begin(function);
}

struct main_run {
	struct async__task *task;
	bool interrupted; /* by SIGINT, and cancelled for it */
};

static void interrupt_main(void *arg)
{
	struct main_run *main_run = arg;

	main_run->interrupted = async__cancel(&main_run->task->future, NULL);
}

/* The exit status of a main that ended well. */
static int status_of(struct async__task *task)
{
	int status = 0;

	async__copy_result(&task->future, &status, sizeof status);
	return status;
}

/* As a program that does not catch it: whoever started us sees that a signal ended us. */
static void die_of(int signal)
{
	sigset_t set;

	fflush(NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(signal);
}

int async__entry_main_run(void *frame)
{
	struct main_run this = { 0 };
	struct async__task *task;
	struct sigaction before;
	async_error error;
	int status;

	if (!frame)
		return 1;
	this.task = task = async__task_of(frame);
	if (!sigaction(SIGINT, NULL, &before) && before.sa_handler == SIG_DFL)
		async__signal_once(async__loop_of(&task->future.object), SIGINT, interrupt_main, &this);
	error = run(task);
	if (this.interrupted && error.code == ASYNC_CANCELLED && task->future.cancels <= 1) {
		end(task);
		die_of(SIGINT);
		return 128 + SIGINT;
	}
	status = error.code ? 1 : status_of(task);
	if (error.code)
		report_failure(task, error, "Unhandled error in async main");
	end(task);
	return status;
}

void async__came_back(const async_function *function)
{
	fprintf(stderr, "asyncc: '%s' is declared noreturn: it can be neither awaited through a pointer nor caught in ordinary C\n",
		function->name);
	abort();
}
