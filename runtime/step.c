/* step.c: the steps of tasks, and the batch they are taken from.
 * A step resumes the leaf, and then, by the trampoline, each caller whose callee has ended: the C stack does not grow with the
 * depth of a chain that was suspended.  Completes: nothing itself; task.c ends a task whose root has ended.  Cancel: cancel.c;
 * what it left for the wake-up is raised here.  Loop's thread. */
#include "runtime.h"

async_status async__defer(async_frame *frame, const async_point *points)
{
	async__stand(frame, points);
	async__self.left = ASYNC__DEFERRED;
	return ASYNC_SUSPENDED;
}

/* The trampoline.  frame has come back with status: resumes its callers as their callees end, until one suspends (true) or the root
 * has ended (false). */
static bool go_on(struct async__task *task, async_frame *frame, async_status *status)
{
	const async_point *at;

	for (;;) {
		if (*status == ASYNC_SUSPENDED) {
			unsigned left = async__self.left;

			async__self.left = 0;
			if (left == ASYNC__YIELDED)
				async__soon(async__self.loop, &task->wake);
			if (left != ASYNC__DEFERRED)
				return true;
			frame = task->future.leaf;
			at = task->at;
			*status = ASYNC_DONE;
		} else {
			if (async__is_outermost(frame))
				return false;
			at = frame->caller_at;
			frame = async__caller_of(frame);
		}
		*status = at->resume(frame, *status, at);
	}
}

/* How a wait ended that was cancelled.  That overrides an outcome that had come in already: it stays with its handle. */
static async_status interrupted(struct async__task *task)
{
	struct async__future *awaited = async__awaited(task);
	struct async__error *error = async__take_cancel_error(task);
	bool told = (task->future.waits & ~ASYNC__WOKEN) != ASYNC__OBJECT || task->future.wake_cancelled; /* not yet if it woke the task first */
	struct async_awaitable *object = told ? NULL : task->object;

	task->future.must_cancel = task->future.wake_cancelled = false;
	if (!awaited)
		task->future.waits = ASYNC__NOTHING;
	if (object && object->cancel)
		object->cancel(object);
	if (awaited && awaited->state == ASYNC__CANCELLED) {
		async__error_unref(error);
		return async__outcome(awaited);
	}
	if (awaited) {
		task->future.waits = ASYNC__NOTHING;
		async__let_go(awaited);
	}
	return async__raise_error(error ? error : async__error_new(ASYNC_CANCELLED, NULL));
}

static async_status wake_status(struct async__task *task)
{
	if (task->future.must_cancel | task->future.wake_cancelled)
		return interrupted(task);
	if (task->future.waits == ASYNC__HANDLE)
		return async__outcome(task->awaited);
	task->future.waits = ASYNC__NOTHING;
	return ASYNC_DONE;
}

/* The step that resumed leaf came back with status.  The task is the current one until now. */
__attribute__((noinline)) static void finish_step(struct async__task *task, struct async__task *outer, async_frame *leaf, async_status status)
{
	bool suspended = leaf && go_on(task, leaf, &status);

	async__self.task = outer;
	if (outer)
		async__self.arena = &outer->future.ground->open;
	if (!suspended)
		async__task_finish(task, status);
}

__attribute__((always_inline)) static inline async_frame *begin_step(struct async__thread *self, struct async__task *task)
{
	self->task = task;
	self->arena = &task->future.ground->open;
	return task->future.leaf;
}

/* A step that has something to look at first, or that is taken within another one's. */
__attribute__((noinline)) static void take_step(struct async__task *task, struct async__task *outer)
{
	async_frame *leaf = begin_step(&async__self, task);
	async_status status = wake_status(task);

	if (task->future.fresh && status != ASYNC_DONE) {
		finish_step(task, outer, NULL, status); /* cancelled before it began */
		return;
	}
	task->future.fresh = false;
	finish_step(task, outer, leaf, task->at->resume(leaf, status, task->at));
}

/* What a step calls gets its entry, which is at hand. */
__attribute__((noinline)) static void look_first(struct async__entry *entry)
{
	take_step(async__container_of(entry, struct async__task, wake), NULL);
}

void async__step_now(struct async__task *task)
{
	struct async__task *host = async__self.task;
	struct async__error *in_flight = async__self.error; /* the host's */

	if (!host) {
		take_step(task, NULL);
		return;
	}
	async__self.error = NULL;
	host->future.hosts = true;
	host->future.woken_as_host = async__self.woken;
	take_step(task, host);
	async__self.woken = host->future.woken_as_host;
	host->future.hosts = false;
	async__error_unref(async__self.error);
	async__self.error = in_flight;
}

/* Does it just begin, or go on with a result or without one?  A handle is awaited until async__await_end. */
static inline bool is_plain(struct async__task *task)
{
	if (__builtin_expect(task->future.must_cancel || task->future.wake_cancelled || task->future.fresh, 0)) {
		if (task->future.must_cancel | task->future.wake_cancelled)
			return false;
		task->future.fresh = false;
	}
	if (__builtin_expect(task->future.waits == ASYNC__HANDLE, 0))
		return task->awaited->state == ASYNC__DONE;
	task->future.waits = ASYNC__NOTHING;
	return true;
}

__attribute__((noinline)) static void end_step(struct async__entry *entry, async_status status)
{
	async__task_finish(async__container_of(entry, struct async__task, wake), status);
}

/* The step has come back, suspended, with something to see to. */
__attribute__((noinline)) static void see_to(struct async__entry *entry, async_frame *frame)
{
	finish_step(async__container_of(entry, struct async__task, wake), NULL, frame, ASYNC_SUSPENDED);
}

/* self is this thread's async__self; self->task may be left as it is.  yields: that is what this step is laid out for. */
__attribute__((always_inline)) static inline void step(struct async__thread *self, struct async__entry *entry, bool yields)
{
	struct async__task *task = async__container_of(entry, struct async__task, wake);
	async_frame *frame;
	const async_point *at;
	async_status status;
	unsigned left;

	if (__builtin_expect(!is_plain(task), 0)) {
		look_first(entry);
		return;
	}
	frame = begin_step(self, task);
	at = task->at;
	status = at->resume(frame, ASYNC_DONE, at);
	while (__builtin_expect(status != ASYNC_SUSPENDED, 0)) {
		if (async__is_outermost(frame)) {
			self->task = NULL;
			end_step(entry, status);
			return;
		}
		at = frame->caller_at;
		frame = async__caller_of(frame);
		status = at->resume(frame, status, at);
	}
	left = self->left;
	if (!yields && __builtin_expect(!left, 1))
		return;
	if (__builtin_expect(left == ASYNC__YIELDED, 1)) {
		self->left = 0;
		async__soon(self->loop, &task->wake);
	} else if (left) {
		see_to(entry, frame);
	}
}

void async__step(struct async__entry *entry)
{
	step(&async__self, entry, false);
	async__self.task = NULL;
}

struct async__task *async__stepping(struct async__entry *entry)
{
	return !entry->run ? async__container_of(entry, struct async__task, wake) : NULL;
}

/* ---- The batch ---- */

/* Its address, which the compiler is not to work out anew for each use. */
__attribute__((always_inline)) static inline struct async__thread *this_thread(void)
{
	struct async__thread *self = &async__self;

	__asm__("" : "+r"(self));
	return self;
}

/* A task's wake entry keeps its links while it runs; nobody looks at them before it is queued again. */
__attribute__((always_inline)) static inline void run_entry(struct async__thread *self, struct async__entry *entry, bool alone)
{
	if (__builtin_expect(!entry->run, 1)) {
		step(self, entry, !alone);
	} else {
		entry->link.next = NULL;
		self->task = NULL;
		async__run(entry);
	}
}

/* The same one, for all that the compiler knows another one. */
static inline struct async__link *hidden(struct async__link *link)
{
	__asm__("" : "+r"(link));
	return link;
}

/* Entries that are cancelled meanwhile take themselves out.  The next one is mostly what it was before this one ran: the processor
 * guesses that and goes on, and need not wait until what was stored there can be loaded again. */
__attribute__((always_inline)) static inline void run_batch(struct async__thread *self, struct async__link *batch)
{
	struct async__link *link = batch->next, *next;

	while (link != batch) {
		next = link->next;
		batch->next = next;
		next->prev = batch;
		run_entry(self, async__container_of(link, struct async__entry, link), false);
		if (__builtin_expect(batch->next != hidden(next), 0))
			next = hidden(batch->next);
		link = next;
	}
}

static void end_batch(async_loop *loop)
{
	async__self.task = NULL;
	async__reap_later_ones(loop);
}

void async__run_batch(async_loop *loop)
{
	run_batch(this_thread(), async__next_batch(loop));
	end_batch(loop);
}

/* A batch of one is not worth a list. */
static inline void run_once(async_loop *loop, struct async__thread *self, struct async__link *ready)
{
	struct async__link *only = ready->next;

	if (__builtin_expect(only == ready->prev, 1)) {
		async__list_init(ready);
		run_entry(self, async__container_of(only, struct async__entry, link), true);
	} else {
		run_batch(self, async__next_batch(loop));
	}
}

void async__run_ready(async_loop *loop)
{
	struct async__thread *self = this_thread();

	while (!async__list_empty(self->loop->ready)) {
		run_once(self->loop, self, self->loop->ready);
		if (atomic_load_explicit(&self->loop->attention, memory_order_relaxed))
			break;
	}
	end_batch(loop);
}
