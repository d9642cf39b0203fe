/* queue.c: asyncio's queues.
 * Items are copied in and out of memory of the queue's own, which is doubled when full: a ring, or a heap whose items carry the number
 * of their put, so that equal ones keep their order.  Completes: a put wakes the first getter, a get the first putter; who was woken
 * looks again, and may find that it has to go on waiting.  Owner: the caller, by create and destroy; waiters are in their frames.
 * Cancel: who had been woken passes it on.  Loop's thread. */
#include "waiters.h"

#include <errno.h>

struct async__queue {
	async_handle loop;
	struct async__waiters getters, putters, joiners;
	char *items;       /* room for capacity of them */
	size_t capacity;
	size_t first;      /* of the ring */
	size_t count;
	size_t size;       /* of an item */
	size_t number_at;  /* PRIORITY: where in its slot an item's number is */
	size_t stride;     /* of a slot */
	size_t align;
	size_t maxsize;    /* 0: no limit */
	size_t unfinished; /* items put and not yet marked as done */
	uint64_t number;   /* of the next put */
	enum async__queue_order order;
	int (*compare)(const void *, const void *);
	void (*destroy)(void *item);
	bool shut_down;
};

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

static inline int enter(struct async__queue *queue, const char *what)
{
	bool orphaned;
	int err;

	if (!queue)
		return ASYNC_NO_MEMORY; /* what create answered */
	err = async__home_enter(&queue->loop, what, &orphaned);
	if (orphaned)
		queue->getters = queue->putters = queue->joiners = (struct async__waiters){ 0 };
	return err;
}

/* ---- Items ---- */

static inline char *slot(const struct async__queue *queue, size_t i)
{
	return queue->items + i * queue->stride;
}

static inline char *ring_slot(const struct async__queue *queue, size_t i)
{
	size_t at = queue->first + i;

	return slot(queue, at < queue->capacity ? at : at - queue->capacity);
}

/* Makes room for one more; the ring is laid out from its beginning. */
__attribute__((noinline)) static int make_room(struct async__queue *queue)
{
	size_t capacity = queue->capacity ? 2 * queue->capacity : 4, before = queue->capacity - queue->first;
	char *items;

	if (capacity > SIZE_MAX / 2 / queue->stride)
		return ASYNC_NO_MEMORY;
	items = queue->align <= 16 ? async__alloc(capacity * queue->stride) : async__alloc_aligned(queue->align, capacity * queue->stride);
	if (!items)
		return ASYNC_NO_MEMORY;
	if (queue->count) {
		memcpy(items, slot(queue, queue->first), before * queue->stride);
		memcpy(items + before * queue->stride, queue->items, queue->first * queue->stride);
	}
	async__free(queue->items);
	queue->items = items;
	queue->capacity = capacity;
	queue->first = 0;
	return 0;
}

/* Most items are a word: the call costs more than the copy. */
static inline void copy_item(void *to, const void *from, size_t size)
{
	if (size == sizeof(uint64_t))
		memcpy(to, from, sizeof(uint64_t));
	else if (size == sizeof(uint32_t))
		memcpy(to, from, sizeof(uint32_t));
	else
		memcpy(to, from, size);
}

static uint64_t number_of(const struct async__queue *queue, const char *item)
{
	uint64_t number;

	memcpy(&number, item + queue->number_at, sizeof number);
	return number;
}

static bool comes_first(const struct async__queue *queue, const char *a, const char *b)
{
	int order = queue->compare(a, b);

	return order ? order < 0 : number_of(queue, a) < number_of(queue, b);
}

static void swap(char *a, char *b, size_t size)
{
	while (size--) {
		char c = *a;

		*a++ = *b;
		*b++ = c;
	}
}

static void sift_up(struct async__queue *queue, size_t i)
{
	for (; i && comes_first(queue, slot(queue, i), slot(queue, (i - 1) / 2)); i = (i - 1) / 2)
		swap(slot(queue, i), slot(queue, (i - 1) / 2), queue->stride);
}

static void sift_down(struct async__queue *queue)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < queue->count) {
		if (child + 1 < queue->count && comes_first(queue, slot(queue, child + 1), slot(queue, child)))
			child++;
		if (!comes_first(queue, slot(queue, child), slot(queue, i)))
			return;
		swap(slot(queue, child), slot(queue, i), queue->stride);
		i = child;
	}
}

static inline int add_item(struct async__queue *queue, const void *item)
{
	char *to;

	if (queue->count == queue->capacity && make_room(queue))
		return ASYNC_NO_MEMORY;
	to = ring_slot(queue, queue->count++);
	copy_item(to, item, queue->size);
	if (queue->order == ASYNC__PRIORITY) {
		memcpy(to + queue->number_at, &queue->number, sizeof queue->number);
		queue->number++;
		sift_up(queue, queue->count - 1);
	}
	return 0;
}

static inline void take_item(struct async__queue *queue, void *item)
{
	const char *from = queue->order == ASYNC__LIFO ? ring_slot(queue, queue->count - 1) : ring_slot(queue, 0);

	copy_item(item, from, queue->size);
	queue->count--;
	if (queue->order == ASYNC__FIFO) {
		queue->first = queue->first + 1 < queue->capacity ? queue->first + 1 : 0;
	} else if (queue->order == ASYNC__PRIORITY && queue->count) {
		memcpy(slot(queue, 0), slot(queue, queue->count), queue->stride);
		sift_down(queue);
	}
}

/* The destructor sees an item that is the queue's no more. */
static int drop_items(struct async__queue *queue)
{
	void *item = queue->destroy && queue->count ? async__alloc_aligned(queue->align < 16 ? 16 : queue->align, queue->size) : NULL;

	if (queue->destroy && queue->count && !item)
		return ASYNC_NO_MEMORY;
	while (queue->count && item) {
		take_item(queue, item);
		queue->destroy(item);
	}
	queue->count = 0;
	async__free(item);
	return 0;
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

	if (queue->shut_down)
		return ASYNC_SHUT_DOWN;
	if (is_full(queue))
		return ASYNC_QUEUE_FULL;
	err = add_item(queue, item);
	if (err)
		return err;
	queue->unfinished++;
	async__wake_next(&queue->getters);
	return 0;
}

static inline int get_now(struct async__queue *queue, void *item)
{
	if (!queue->count)
		return queue->shut_down ? ASYNC_SHUT_DOWN : ASYNC_QUEUE_EMPTY;
	take_item(queue, item);
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
		err = drop_items(queue);
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
	drop_items(queue);
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

	if (!err)
		return ASYNC_DONE;
	if (err != ASYNC_QUEUE_FULL)
		return fail("async_queue_put", err);
	async__waiter_add(&f->queue->putters, &f->waiter);
	f->base.state = 1;
	return async__park(&f->base, abort_put);
}

async_status async__queue_put__resume(async_frame *frame)
{
	struct async__queue_put__frame *f = (struct async__queue_put__frame *)frame;
	int err;

	if (frame->state == 0) {
		err = enter(f->queue, NULL);
		return err ? fail("async_queue_put", err) : try_to_put(f);
	}
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(frame, "async_queue");
	async__waiter_remove(&f->queue->putters, &f->waiter);
	if (frame->status == ASYNC_DONE)
		return try_to_put(f);
	if (f->waiter.state == WAITER_WOKEN && !is_full(f->queue))
		async__wake_next(&f->queue->putters);
	return ASYNC_FAILED;
}

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

	if (!err)
		return ASYNC_DONE;
	if (err != ASYNC_QUEUE_EMPTY)
		return fail("async_queue_get", err);
	async__waiter_add(&f->queue->getters, &f->waiter);
	f->base.state = 1;
	return async__park(&f->base, abort_get);
}

async_status async__queue_get__resume(async_frame *frame)
{
	struct async__queue_get__frame *f = (struct async__queue_get__frame *)frame;
	int err;

	if (frame->state == 0) {
		err = enter(f->queue, NULL);
		return err ? fail("async_queue_get", err) : try_to_get(f);
	}
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(frame, "async_queue");
	async__waiter_remove(&f->queue->getters, &f->waiter);
	if (frame->status == ASYNC_DONE)
		return try_to_get(f);
	if (f->waiter.state == WAITER_WOKEN && f->queue->count)
		async__wake_next(&f->queue->getters);
	return ASYNC_FAILED;
}

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

async_status async__queue_join__resume(async_frame *frame)
{
	struct async__queue_join__frame *f = (struct async__queue_join__frame *)frame;
	int err;

	if (frame->state == 1) {
		if (f->waiter.state == WAITER_CLOSED)
			return async__waiter_closed(frame, "async_queue");
		async__waiter_remove(&f->queue->joiners, &f->waiter);
		return (async_status)frame->status;
	}
	err = enter(f->queue, NULL);
	if (err)
		return fail("async_queue_join", err);
	if (!f->queue->unfinished)
		return ASYNC_DONE;
	async__waiter_add(&f->queue->joiners, &f->waiter);
	frame->state = 1;
	return async__park(frame, abort_join);
}

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
