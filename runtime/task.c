/* task.c: a task from its making to its end; step.c has what is between.
 * Completes: its root frame's end.  Owner: the loop, until reaped (future.c); the parent only detaches what it has not awaited when
 * it ends.  Cancel: cancel.c.  Loop's thread. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Making ---- */

/* What there is in a new task, but for its handle; nothing is read of the rest before it is set.  Whole words are stored: what is read
 * again soon must not be wider than what was stored last, or the processor waits until that is in the cache. */
static inline void init_task(struct async__task *task, const async_function *function)
{
	static const struct async__future new = { .object.kind = ASYNC__TASK, .fresh = true };
	enum { FROM = offsetof(struct async__object, kind), TO = offsetof(struct async__future, leaf) };

	memcpy((char *)task + FROM, (const char *)&new + FROM, TO - FROM);
	task->future.leaf = async__root(task);
	task->future.parent = NULL;
	task->future.ground = &async__bare;
	task->wake.link.next = NULL;
	task->wake.run = async__runs(async__step);
	task->wake.numbered = 0;
	task->at = task->future.leaf->caller_at = function->points;
}

/* For frames that are aligned to more than a task is: what comes before the task in its block.  The last of it is the block's address. */
static inline size_t gap_before(const async_function *function)
{
	size_t align = function->frame_align;

	if (align <= 16)
		return 0;
	return ((sizeof(void *) + sizeof(struct async__task) + align - 1) & ~(align - 1)) - sizeof(struct async__task);
}

static void **block_of(struct async__task *aligned)
{
	return (void **)(void *)aligned - 1;
}

static struct async__task *new_aligned_block(const async_function *function, size_t extra)
{
	size_t before = gap_before(function) + sizeof(struct async__task);
	char *block = async__alloc_aligned(function->frame_align, before + function->frame_size + extra);
	struct async__task *task = (struct async__task *)(void *)(block + before) - 1;

	if (!block)
		return NULL;
	*block_of(task) = block;
	init_task(task, function);
	task->future.aligned = true;
	task->future.large = true;
	return task;
}

/* The block: struct async__task, right behind it the root frame, aligned as it asks, then extra. */
static struct async__task *new_block(async_loop *loop, const async_function *function, size_t extra)
{
	size_t gap = gap_before(function), size = gap + sizeof(struct async__task) + function->frame_size + extra;
	struct async__task *task;
	char *block;

	if (function->frame_align > 16)
		return new_aligned_block(function, extra);
	block = async__block_new(loop, size);
	if (!block)
		return NULL;
	task = (struct async__task *)(void *)(block + gap);
	init_task(task, function);
	task->future.aligned = gap != 0;
	if (gap)
		*block_of(task) = block;
	task->future.large = async__is_large(size);
	return task;
}

static void free_block(struct async__task *task)
{
	async__block_free(task->future.aligned ? *block_of(task) : task, task->future.large);
}

/* ---- Tasks that are kept for the next ones of their size ---- */

enum { MOST_SPARE = 32 }; /* of each size */

/* NULL: there is none. */
static inline struct async__task *take_spare(async_loop *loop, const async_function *function, size_t extra)
{
	size_t size = sizeof(struct async__task) + function->frame_size + extra;
	struct async__store *store;
	struct async__task *task;

	if (async__is_large(size) || function->frame_align > 16)
		return NULL;
	store = async__store_for(loop, size);
	task = store->spare;
	if (!task || async__alloc_fails())
		return NULL;
	store->spare = task->future.next_spare;
	store->n_spare--;
	init_task(task, function);
	return task;
}

/* Its handle is stale from now on.  False: it cannot be kept. */
static inline bool keep_spare(struct async__task *task)
{
	struct async__store *store = async__slab_of(task)->store;

	if (store->n_spare == MOST_SPARE || !async__handle_renew(&task->future.object))
		return false;
	task->future.object.kind = ASYNC__SPARE;
	task->future.next_spare = store->spare;
	store->spare = task;
	store->n_spare++;
	return true;
}

void async__spare_tasks_free(async_loop *loop)
{
	for (size_t i = 0; i < ASYNC__STORES; i++) {
		struct async__task *task;

		while ((task = loop->stores[i].spare)) {
			loop->stores[i].spare = task->future.next_spare;
			async__handle_free(&task->future.object);
			async__block_free(task, false);
		}
	}
}

__attribute__((noinline)) static struct async__task *make_task(async_loop *loop, const async_function *function, size_t extra)
{
	struct async__task *task = new_block(loop, function, extra);

	if (!task)
		return NULL;
	if (async__handle_new(loop, &task->future.object, ASYNC__TASK)) {
		free_block(task);
		return NULL;
	}
	return task;
}

static inline struct async__task *new_task(async_loop *loop, const async_function *function, size_t extra)
{
	struct async__task *task = take_spare(loop, function, extra);

	if (!task)
		task = make_task(loop, function, extra);
	if (!task)
		loop->no_memory = true;
	return task;
}

struct async__task *async__task_new(async_loop *loop, const async_function *function, size_t extra)
{
	return new_task(loop, function, extra);
}

/* ---- Freeing ---- */

/* What most tasks do not have when they are freed. */
__attribute__((noinline)) static void free_belongings(struct async__task *task)
{
	if (task->future.is_left)
		async__child_gone(task);
	async__ground_free(task);
}

/* Its block can be kept as it is. */
static inline bool is_plain(const struct async__future *task)
{
	return !(task->is_left | task->large | task->aligned) && task->ground == &async__bare;
}

__attribute__((noinline)) static async_status free_slowly(struct async__task *task)
{
	if (task->future.is_left || task->future.ground != &async__bare)
		free_belongings(task);
	if (is_plain(&task->future) && keep_spare(task))
		return ASYNC_DONE;
	async__handle_free(&task->future.object);
	free_block(task);
	return ASYNC_DONE;
}

async_status async__task_used_up(struct async__task *task)
{
	return is_plain(&task->future) && keep_spare(task) ? ASYNC_DONE : free_slowly(task);
}

void async__task_free(struct async__task *task)
{
	async__task_used_up(task);
}

/* ---- Ending ---- */

/* It may have meant to; more often it caught all errors alike. */
static void report_swallowed(struct async__task *task)
{
	async__report_value(async__loop_of(&task->future.object), "Cancellation was swallowed",
			    async__make_error(ASYNC_CANCELLED, "%s ended well, its cancellation not taken back", async__function_of(task)->name),
			    async__handle_of(&task->future.object));
}

/* Settles the outcome.  A cancellation that could not be delivered any more makes a result a cancellation, as in asyncio. */
static void settle(struct async__task *task, async_status status)
{
	struct async__error *error = async__self.error;

	async__self.error = NULL;
	if (status == ASYNC_DONE) {
		async__error_unref(error);
		if (!task->future.must_cancel) {
			if (task->future.cancels && async__loop_of(&task->future.object)->watchdog)
				report_swallowed(task);
			async__future_finish(&task->future, NULL);
			return;
		}
		async__future_cancelled(&task->future, async__take_cancel_error(task));
		return;
	}
	async__future_finish(&task->future, error ? error : async__error_new(ASYNC_ERROR, "%s failed without an error", async__function_of(task)->name));
}

__attribute__((noinline)) static void finish_unusually(struct async__task *task, async_status status)
{
	struct async__future *future = &task->future;
	struct async__link left;

	future->holds++;
	async__arena_free(task);
	if (future->has_left)
		async__gather_left(task, &left);
	settle(task, status);
	if (future->has_left)
		async__give_up(&left);
	if (--future->holds == 0)
		async__maybe_reap(future);
}

void async__task_finish(struct async__task *task, async_status status)
{
	struct async__future *future = &task->future;
	async_loop *loop = async__self.loop;

	loop->n_tasks--;
	if (status != ASYNC_DONE || async__self.error || future->ground != &async__bare || !async__ends_plainly(future)) {
		finish_unusually(task, status);
		return;
	}
	future->state = ASYNC__DONE;
	async__list_take_ring(loop->ready, &future->waiters);
	if (!future->holds)
		async__maybe_reap(future);
}

/* ---- Starting ---- */

/* From 1; it may come round.  It is kept as tasks keep it. */
static inline uint32_t next_number(async_loop *loop)
{
	if (__builtin_add_overflow(loop->task_number, ASYNC__ONE_TASK, &loop->task_number))
		loop->task_number = ASYNC__ONE_TASK;
	return loop->task_number;
}

/* Without the local values of who runs. */
static inline void begin_bare(async_loop *loop, struct async__task *task, const struct async__task *parent)
{
	loop->n_tasks++;
	task->wake.numbered = next_number(loop);
	if (parent)
		task->future.parent = async__handle_of(&parent->future.object);
}

static inline bool has_locals(const struct async__task *parent)
{
	return !parent || parent->future.has_locals;
}

static void begin(struct async__task *task)
{
	const struct async__task *parent = async__self.task;

	begin_bare(async__self.loop, task, parent);
	if (has_locals(parent))
		async__locals_inherit(task);
}

void async__task_start(struct async__task *task)
{
	begin(task);
	async__soon(async__self.loop, &task->wake);
}

/* It may begin while the arguments of a call through a pointer are evaluated: that call's request is no business of its own. */
void async__task_start_now(struct async__task *task)
{
	struct async__request outer;

	if ((char *)__builtin_frame_address(0) < async__self.stack_limit) {
		async__task_start(task); /* too deep: as if it were not eager */
		return;
	}
	outer = async__request_task(NULL);
	begin(task);
	async__step_now(task);
	async__request_back(outer);
}

void async__task_start_by_loop(struct async__task *task)
{
	if (async__self.loop->eager)
		async__task_start_now(task);
	else
		async__task_start(task);
}

__attribute__((noinline)) static void *make_root(const async_function *function)
{
	async_loop *loop = async__need_loop("async_create_task");
	struct async__task *task = loop ? new_task(loop, function, 0) : NULL;

	return task ? async__root(task) : NULL;
}

void *async__new_task(const async_function *function)
{
	async_loop *loop = async__self.loop;
	struct async__task *task = __builtin_expect(loop != NULL, 1) ? take_spare(loop, function, 0) : NULL;

	return __builtin_expect(task != NULL, 1) ? async__root(task) : make_root(function);
}

__attribute__((noinline)) static async_handle start_unusually(struct async__task *task)
{
	if (async__self.loop->eager)
		return async__start_task_eager(async__root(task));
	async__task_start(task);
	return async__handle_of(&task->future.object);
}

async_handle async__start_task(void *frame)
{
	async_loop *loop = async__self.loop;
	const struct async__task *parent = async__self.task;
	struct async__task *task;

	if (!frame)
		return NULL;
	task = async__task_of(frame);
	if (__builtin_expect(loop->eager || has_locals(parent), 0))
		return start_unusually(task);
	begin_bare(loop, task, parent);
	async__soon(loop, &task->wake);
	return async__handle_of(&task->future.object);
}

/* Its handle is about to be known.  It was held meanwhile, and may have ended. */
static void started(struct async__task *task)
{
	if (--task->future.holds == 0 && task->future.state != ASYNC__PENDING)
		async__maybe_reap(&task->future);
}

async_handle async__start_task_eager(void *frame)
{
	struct async__task *task;
	async_handle h;

	if (!frame)
		return NULL;
	task = async__task_of(frame);
	h = async__handle_of(&task->future.object);
	async__keep(&task->future); /* it may end now, and must not be reaped before its handle is known */
	async__task_start_now(task);
	started(task);
	return h;
}

async_handle async__keep_coroutine(void *frame)
{
	struct async__task *coroutine;

	if (!frame)
		return NULL;
	coroutine = async__task_of(frame);
	coroutine->future.object.kind = ASYNC__COROUTINE;
	return async__handle_of(&coroutine->future.object);
}

async_handle async__start_handle(async_handle h)
{
	struct async__object *object = async__handle_find(h, "async_create_task", NULL);
	struct async__task *task = (struct async__task *)object;

	if (!object || object->kind != ASYNC__COROUTINE)
		return h;
	if (!task->future.fresh) {
		async__report_value(async__loop_of(object), "async_create_task",
				    async__make_error(ASYNC_INVALID_STATE, "coroutine '%s' is already being awaited", async__function_of(task)->name), h);
		return NULL;
	}
	object->kind = ASYNC__TASK;
	async__keep(&task->future);
	async__task_start_by_loop(task);
	started(task);
	return h;
}

/* ---- Looking at tasks ---- */

async_handle async_current_task(void)
{
	return async__self.task ? async__handle_of(&async__self.task->future.object) : NULL;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = async__number_of(*(struct async__task *const *)a), y = async__number_of(*(struct async__task *const *)b);

	return x < y ? -1 : x > y;
}

struct async__task **async__tasks(async_loop *loop, size_t *n)
{
	struct async__task **tasks = loop->n_tasks ? async__alloc(loop->n_tasks * sizeof *tasks) : NULL;
	struct async__walk walk = { 0 };
	struct async__object *object;
	size_t found = 0;

	*n = loop->n_tasks;
	while (tasks && (object = async__next_object(loop, &walk)))
		if (async__is_pending_task(object))
			tasks[found++] = (struct async__task *)object;
	if (tasks)
		qsort(tasks, *n, sizeof *tasks, by_number);
	return tasks;
}

size_t async_all_tasks(async_handle *handles, size_t n)
{
	async_loop *loop = async__need_loop("async_all_tasks");
	struct async__task **tasks;
	size_t count = 0;

	if (!loop)
		return 0;
	tasks = async__tasks(loop, &count);
	for (size_t i = 0; tasks && i < count && i < n; i++)
		handles[i] = async__handle_of(&tasks[i]->future.object);
	async__free(tasks);
	return tasks ? count : 0;
}
