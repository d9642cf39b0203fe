/* task_new.c: what tasks are made in, and given back with.  A block is struct async__task, right behind it the root frame, and what its maker asked for besides.
 * Who is made is not started: see task.c.  Owner: the loop, until async__task_free; a few blocks of each size are kept with their handles
 * for the next tasks.  Loop's thread. */
#include "runtime.h"

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

async_status async__task_free_done(struct async__task *task)
{
	return is_plain(&task->future) && keep_spare(task) ? ASYNC_DONE : free_slowly(task);
}

void async__task_free(struct async__task *task)
{
	async__task_free_done(task);
}
