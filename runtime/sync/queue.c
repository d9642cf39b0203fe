/* queue.c: asyncio's queues.
 * Completes: a put wakes the first getter, a get the first putter; who was woken
 * looks again, and may find that it has to go on waiting.  Owner: the caller, by create and destroy; waiters are in their frames.
 * Cancel: who had been woken passes it on.  Loop's thread. */
#include "queue.h"

#include <errno.h>

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

void *async__queue_create(size_t size, size_t align, size_t maxsize, enum async__queue_order order,
			  int (*compare)(const void *, const void *))
{
	struct async__queue *queue = async__alloc_zeroed(sizeof *queue);

	if (!queue)
		return NULL;
	queue->size = queue->stride = size;
	queue->align = align;
	queue->maxsize = maxsize;
	queue->order = order;
	queue->compare = compare;
	if (order == ASYNC__PRIORITY) {
		queue->number_at = round_up(size, _Alignof(uint64_t));
		queue->align = align > _Alignof(uint64_t) ? align : _Alignof(uint64_t);
		queue->stride = round_up(queue->number_at + sizeof(uint64_t), queue->align);
	}
	return queue;
}

void async__queue_set_destructor(struct async__queue *queue, void (*destroy)(void *item))
{
	if (queue && async__home_is_here(&queue->loop, "async_queue_set_destructor"))
		queue->destroy = destroy;
}

__attribute__((noinline)) static int enter_slowly(struct async__queue *queue, const char *what)
{
	bool orphaned;
	int err;

	if (!queue)
		return ASYNC_NO_MEMORY; /* what create answered */
	err = async__home_enter_slowly(&queue->loop, what, &orphaned);
	if (orphaned)
		queue->getters = queue->putters = queue->joiners = (struct async__waiters){ 0 };
	return err;
}

static inline int enter(struct async__queue *queue, const char *what)
{
	return __builtin_expect(queue && async__home_is_ours(&queue->loop), 1) ? 0 : enter_slowly(queue, what);
}

/* ---- Without waiting ---- */

size_t async__queue_size(const struct async__queue *queue)
{
	return async__home_is_here(&queue->loop, "async_queue_size") ? queue->count : 0;
}

size_t async__queue_maxsize(const struct async__queue *queue)
{
	return queue->maxsize;
}

static inline bool is_full(const struct async__queue *queue)
{
	return queue->maxsize && queue->count >= queue->maxsize;
}

bool async__queue_full(const struct async__queue *queue)
{
	return async__home_is_here(&queue->loop, "async_queue_full") && is_full(queue);
}

static inline int put_now(struct async__queue *queue, const void *item)
{
	int err;

	if (__builtin_expect(queue->shut_down, 0))
		return ASYNC_SHUT_DOWN;
	if (__builtin_expect(is_full(queue), 0))
		return ASYNC_QUEUE_FULL;
	err = async__queue_add(queue, item);
	if (__builtin_expect(err, 0))
		return err;
	queue->unfinished++;
	async__wake_next(&queue->getters);
	return 0;
}

static inline int get_now(struct async__queue *queue, void *item)
{
	if (__builtin_expect(!queue->count, 0))
		return queue->shut_down ? ASYNC_SHUT_DOWN : ASYNC_QUEUE_EMPTY;
	async__queue_take(queue, item);
	async__wake_next(&queue->putters);
	return 0;
}

int async__queue_put_nowait(struct async__queue *queue, const void *item)
{
	int err = enter(queue, "async_queue_put_nowait");

	return err ? err : put_now(queue, item);
}

int async__queue_get_nowait(struct async__queue *queue, void *item)
{
	int err = enter(queue, "async_queue_get_nowait");

	return err ? err : get_now(queue, item);
}

int async__queue_task_done(struct async__queue *queue)
{
	int err = enter(queue, "async_queue_task_done");

	if (err)
		return err;
	if (!queue->unfinished)
		return EINVAL;
	if (--queue->unfinished == 0)
		async__wake_all(&queue->joiners);
	return 0;
}

int async__queue_shutdown(struct async__queue *queue, bool now)
{
	int err = enter(queue, "async_queue_shutdown");
	size_t n;

	if (err)
		return err;
	queue->shut_down = true;
	if (now) {
		n = queue->count;
		err = async__queue_drop_items(queue);
		if (err)
			return err;
		queue->unfinished -= n < queue->unfinished ? n : queue->unfinished;
		if (!queue->unfinished)
			async__wake_all(&queue->joiners);
	}
	async__wake_all(&queue->getters);
	async__wake_all(&queue->putters);
	return 0;
}

void async__queue_destroy(struct async__queue *queue)
{
	if (!queue || enter(queue, "async_queue_destroy"))
		return;
	async__waiters_close(&queue->getters);
	async__waiters_close(&queue->putters);
	async__waiters_close(&queue->joiners);
	async__queue_drop_items(queue);
	async__free(queue->items);
	async__free(queue);
}

/* ---- put ---- */

__attribute__((noinline)) static async_status fail(const char *what, int err)
{
	if (err == ASYNC_SHUT_DOWN)
		return async__raise(err, "the queue is shut down");
	return async__raise(err, "%s: %s", what, async_error_text(err));
}

static enum async__abort abort_put(async_frame *frame)
{
	struct async__queue_put__frame *f = (struct async__queue_put__frame *)frame;

	return async__waiter_cancel(&f->queue->putters, &f->waiter);
}

static inline async_status try_to_put(struct async__queue_put__frame *f)
{
	int err = put_now(f->queue, f->item);

	if (__builtin_expect(!err, 1))
		return ASYNC_DONE;
	if (err != ASYNC_QUEUE_FULL)
		return fail("async_queue_put", err);
	return async__waiter_park(&f->queue->putters, &f->waiter, &f->base, &async__queue_put__points[1], abort_put);
}

/* Cancelled, or the queue is gone. */
__attribute__((noinline)) static async_status end_put(struct async__queue_put__frame *f, async_status status)
{
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(status, "async_queue");
	async__waiter_remove(&f->queue->putters, &f->waiter);
	if (f->waiter.state == WAITER_WOKEN && !is_full(f->queue))
		async__wake_next(&f->queue->putters);
	return ASYNC_FAILED;
}

static async_status async__queue_put__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__queue_put__frame *f = (struct async__queue_put__frame *)frame;
	int err;

	if (at->state == 0) {
		err = enter(f->queue, NULL);
		if (__builtin_expect(err, 0))
			return fail("async_queue_put", err);
	} else {
		if (__builtin_expect(f->waiter.state == WAITER_CLOSED || status != ASYNC_DONE, 0))
			return end_put(f, status);
		async__waiter_remove(&f->queue->putters, &f->waiter);
	}
	return try_to_put(f);
}

const async_point async__queue_put__points[] = { POINT(async__queue_put, 0), POINT(async__queue_put, 1) };
DESCRIBE(async__queue_put, .file = "runtime/sync/queue.c");

void async__queue_put(struct async__queue *queue, const void *item)
{
	struct async__queue_put__frame *f = async__entry(&async__queue_put__async, (void (*)(void))async__queue_put);

	if (f) {
		f->queue = queue;
		f->item = item;
	}
	async__entry_run(f, NULL, 0);
}

/* ---- get ---- */

static enum async__abort abort_get(async_frame *frame)
{
	struct async__queue_get__frame *f = (struct async__queue_get__frame *)frame;

	return async__waiter_cancel(&f->queue->getters, &f->waiter);
}

static inline async_status try_to_get(struct async__queue_get__frame *f)
{
	int err = get_now(f->queue, f->item);

	if (__builtin_expect(!err, 1))
		return ASYNC_DONE;
	if (err != ASYNC_QUEUE_EMPTY)
		return fail("async_queue_get", err);
	return async__waiter_park(&f->queue->getters, &f->waiter, &f->base, &async__queue_get__points[1], abort_get);
}

/* Cancelled, or the queue is gone. */
__attribute__((noinline)) static async_status end_get(struct async__queue_get__frame *f, async_status status)
{
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(status, "async_queue");
	async__waiter_remove(&f->queue->getters, &f->waiter);
	if (f->waiter.state == WAITER_WOKEN && f->queue->count)
		async__wake_next(&f->queue->getters);
	return ASYNC_FAILED;
}

static async_status async__queue_get__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__queue_get__frame *f = (struct async__queue_get__frame *)frame;
	int err;

	if (at->state == 0) {
		err = enter(f->queue, NULL);
		if (__builtin_expect(err, 0))
			return fail("async_queue_get", err);
	} else {
		if (__builtin_expect(f->waiter.state == WAITER_CLOSED || status != ASYNC_DONE, 0))
			return end_get(f, status);
		async__waiter_remove(&f->queue->getters, &f->waiter);
	}
	return try_to_get(f);
}

const async_point async__queue_get__points[] = { POINT(async__queue_get, 0), POINT(async__queue_get, 1) };
DESCRIBE(async__queue_get, .file = "runtime/sync/queue.c", .result_size = ASYNC__SIZED,
	 .result_offset = sizeof(struct async__queue_get__frame) + offsetof(struct async__sized, result));

void async__queue_get(struct async__queue *queue, void *item)
{
	struct async__queue_get__frame *f = async__entry(&async__queue_get__async, (void (*)(void))async__queue_get);

	if (f) {
		f->queue = queue;
		f->item = item;
	}
	async__entry_run(f, NULL, 0);
}

/* ---- join ---- */

static enum async__abort abort_join(async_frame *frame)
{
	struct async__queue_join__frame *f = (struct async__queue_join__frame *)frame;

	return async__waiter_cancel(&f->queue->joiners, &f->waiter);
}

static async_status async__queue_join__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__queue_join__frame *f = (struct async__queue_join__frame *)frame;
	int err;

	if (at->state == 1) {
		if (f->waiter.state == WAITER_CLOSED)
			return async__waiter_closed(status, "async_queue");
		async__waiter_remove(&f->queue->joiners, &f->waiter);
		return status;
	}
	err = enter(f->queue, NULL);
	if (err)
		return fail("async_queue_join", err);
	if (!f->queue->unfinished)
		return ASYNC_DONE;
	return async__waiter_park(&f->queue->joiners, &f->waiter, frame, &async__queue_join__points[1], abort_join);
}

const async_point async__queue_join__points[] = { POINT(async__queue_join, 0), POINT(async__queue_join, 1) };
DESCRIBE(async__queue_join, .file = "runtime/sync/queue.c");
ENTRY(async__queue_join, struct async__queue, queue)

/* ---- As tasks: the item is behind the frame ---- */

static void *new_task(const async_function *function, size_t item_size, void **item)
{
	async_loop *loop = async__need_loop(function->name);
	struct async__task *task = loop ? async__task_new(loop, function, item_size ? item_size + 16 : 0) : NULL;
	char *end;

	if (!task)
		return NULL;
	end = (char *)async__root(task) + function->frame_size;
	*item = end + (-(uintptr_t)end & 15);
	return async__root(task);
}

async_handle async__queue_put_task(struct async__queue *queue, const void *item, size_t size)
{
	void *copy;
	struct async__queue_put__frame *f = new_task(&async__queue_put__async, size, &copy);

	if (f) {
		f->queue = queue;
		f->item = memcpy(copy, item, size);
	}
	return async__start_task(f);
}

async_handle async__queue_get_task(struct async__queue *queue, size_t size)
{
	void *item;
	struct async__queue_get__frame *f = new_task(&async__queue_get__async, sizeof(struct async__sized) + size, &item);
	struct async__task *task;

	if (!f)
		return NULL;
	task = async__task_of(f);
	f->queue = queue;
	((struct async__sized *)item)->size = (uint32_t)size;
	f->item = ((struct async__sized *)item)->result;
	if (queue && queue->destroy && async__set_destructor(&task->future, queue->destroy)) {
		async__loop_of(&task->future.object)->no_memory = true;
		async__future_free(&task->future);
		return NULL;
	}
	return async__start_task(f);
}

async_handle async__queue_join_task(struct async__queue *queue)
{
	void *none;
	struct async__queue_join__frame *f = new_task(&async__queue_join__async, 0, &none);

	if (f)
		f->queue = queue;
	return async__start_task(f);
}
