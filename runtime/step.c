/* step.c: the steps of tasks, and the batch they are taken from.
 * A step resumes the leaf, and then, by the trampoline, each caller whose callee has ended: the C stack does not grow with the
 * depth of a chain that was suspended.  Completes: nothing itself; task.c ends a task whose root has ended.  Cancel: cancel.c;
 * what it left for the wake-up is raised here.  Loop's thread. */
#include "runtime.h"

async_status async__defer(async_frame *frame)
{
	async__self.deferred = frame;
	return ASYNC_SUSPENDED;
}

/* The trampoline.  frame has come back with status: resumes its callers as their callees end, until one suspends (true) or the root
 * has ended (false). */
static bool go_on(async_frame *frame, async_status *status)
{
	for (;;) {
		if (*status == ASYNC_SUSPENDED) {
			frame = async__self.deferred;
			if (!frame)
				return true;
			async__self.deferred = NULL;
			*status = ASYNC_DONE;
		} else if (!(frame = frame->caller)) {
			return false;
		}
		frame->status = *status;
		*status = frame->resume(frame);
	}
}

/* How a wait ended that was cancelled.  That overrides an outcome that had come in already: it stays with its handle. */
static async_status interrupted(struct async__task *task)
{
	struct async__future *awaited = task->awaited;
	struct async__error *error = async__take_cancel_error(task);
	struct async_awaitable *object = task->wake_cancelled ? NULL : task->object; /* it has not been told yet if it woke the task first */

	task->must_cancel = task->wake_cancelled = false;
	task->object = NULL;
	if (object && object->cancel)
		object->cancel(object);
	if (awaited && awaited->state == ASYNC__CANCELLED) {
		async__error_unref(error);
		return async__outcome(awaited);
	}
	if (awaited) {
		task->awaited = NULL;
		async__let_go(awaited);
	}
	return async__raise_error(error ? error : async__error_new(ASYNC_CANCELLED, NULL));
}

static async_status wake_status(struct async__task *task)
{
	if (task->must_cancel | task->wake_cancelled)
		return interrupted(task);
	return task->awaited ? async__outcome(task->awaited) : ASYNC_DONE;
}

/* The step that resumed leaf came back with status.  The task is the current one until now. */
__attribute__((noinline)) static void finish_step(struct async__task *task, struct async__task *outer, async_frame *leaf, async_status status)
{
	bool suspended = leaf && go_on(leaf, &status);

	async__self.task = outer;
	if (outer)
		async__self.arena = (struct async__arena *)outer->chunk;
	if (!suspended)
		async__task_finish(task, status);
}

static inline async_frame *begin_step(struct async__task *task)
{
	async_frame *leaf = task->leaf;

	async__self.task = task;
	async__self.arena = (struct async__arena *)task->chunk;
	task->leaf = NULL;
	task->future.woken = false;
	task->abort = NULL;
	return leaf;
}

/* A step that has something to look at first, or that is taken within another one's. */
__attribute__((noinline)) static void take_step(struct async__task *task, struct async__task *outer)
{
	async_frame *leaf = begin_step(task);
	async_status status = wake_status(task);

	task->object = NULL;
	if (task->fresh && status != ASYNC_DONE) {
		finish_step(task, outer, NULL, status); /* cancelled before it began */
		return;
	}
	task->fresh = false;
	leaf->status = status;
	finish_step(task, outer, leaf, leaf->resume(leaf));
}

void async__step_now(struct async__task *task)
{
	take_step(task, async__self.task);
}

/* Does it just begin, or go on with a result or without one? */
static inline bool is_plain(struct async__task *task)
{
	if (!task->special)
		return !task->awaited || task->awaited->state == ASYNC__DONE;
	if (task->must_cancel | task->wake_cancelled)
		return false;
	task->fresh = false;
	return true;
}

static inline void step(struct async__task *task)
{
	async_frame *frame;
	async_status status;

	if (!is_plain(task)) {
		take_step(task, NULL);
		return;
	}
	frame = begin_step(task);
	task->object = NULL;
	frame->status = ASYNC_DONE;
	while ((status = frame->resume(frame)) != ASYNC_SUSPENDED && frame->caller) {
		frame = frame->caller;
		frame->status = status;
	}
	if (status == ASYNC_SUSPENDED && async__self.deferred) {
		finish_step(task, NULL, frame, status);
		return;
	}
	async__self.task = NULL;
	if (status != ASYNC_SUSPENDED)
		async__task_finish(task, status);
}

void async__step(struct async__entry *entry)
{
	step(async__container_of(entry, struct async__task, wake));
}

struct async__task *async__stepping(struct async__entry *entry)
{
	return entry->run == async__step ? async__container_of(entry, struct async__task, wake) : NULL;
}

/* ---- The batch ---- */

/* Entries that are cancelled meanwhile take themselves out. */
__attribute__((always_inline)) static inline void run_in_order(async_loop *loop)
{
	struct async__link *batch = &loop->batch, *link;

	while ((link = batch->next) != batch) {
		struct async__entry *entry = async__container_of(link, struct async__entry, link);

		batch->next = link->next;
		link->next->prev = batch;
		link->next = NULL;
		if (entry->run == async__step)
			step(async__container_of(entry, struct async__task, wake));
		else
			entry->run(entry);
		if (!async__list_empty(&loop->reaping))
			async__reap_later_ones(loop);
	}
}

/* There is nothing to be done but to run what is ready: so it is in most turns of a busy loop. */
static inline bool only_ready(async_loop *loop)
{
	return !(loop->fd_waits | loop->wheels.running | loop->always_looks | loop->stopping |
		 atomic_load_explicit(&loop->signals_arrived, memory_order_relaxed) | async__door_waiting(loop)) &&
	       loop->fork_count == async__forks();
}

__attribute__((always_inline)) static inline void run_batch(async_loop *loop)
{
	async__list_splice(&loop->batch, &loop->ready);
	run_in_order(loop);
}

void async__run_batch(async_loop *loop)
{
	run_batch(loop);
}

void async__run_ready(async_loop *loop)
{
	while (!async__list_empty(&loop->ready)) {
		run_batch(loop);
		if (!only_ready(loop))
			return;
	}
}
