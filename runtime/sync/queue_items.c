/* queue_items.c: what a queue's items need seldom: more room, another order than that of the puts, an end that nobody gets them by.
 * See queue.h.  Loop's thread. */
#include "queue.h"

/* The ring is laid out from its beginning. */
int async__queue_grow(struct async__queue *queue)
{
	size_t capacity = queue->capacity ? 2 * queue->capacity : 4, before = queue->capacity - queue->first;
	char *items;

	if (capacity > SIZE_MAX / 2 / queue->stride)
		return ASYNC_NO_MEMORY;
	items = queue->align <= 16 ? async__alloc(capacity * queue->stride) : async__alloc_aligned(queue->align, capacity * queue->stride);
	if (!items)
		return ASYNC_NO_MEMORY;
	if (queue->count) {
		memcpy(items, async__queue_slot(queue, queue->first), before * queue->stride);
		memcpy(items + before * queue->stride, queue->items, queue->first * queue->stride);
	}
	async__free(queue->items);
	queue->items = items;
	queue->capacity = capacity;
	queue->first = 0;
	return 0;
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
	for (; i && comes_first(queue, async__queue_slot(queue, i), async__queue_slot(queue, (i - 1) / 2)); i = (i - 1) / 2)
		swap(async__queue_slot(queue, i), async__queue_slot(queue, (i - 1) / 2), queue->stride);
}

static void sift_down(struct async__queue *queue)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < queue->count) {
		if (child + 1 < queue->count && comes_first(queue, async__queue_slot(queue, child + 1), async__queue_slot(queue, child)))
			child++;
		if (!comes_first(queue, async__queue_slot(queue, child), async__queue_slot(queue, i)))
			return;
		swap(async__queue_slot(queue, child), async__queue_slot(queue, i), queue->stride);
		i = child;
	}
}

void async__queue_rise(struct async__queue *queue)
{
	size_t i = queue->count - 1;

	memcpy(async__queue_slot(queue, i) + queue->number_at, &queue->number, sizeof queue->number);
	queue->number++;
	sift_up(queue, i);
}

void async__queue_take_by_order(struct async__queue *queue, void *item)
{
	bool is_heap = queue->order == ASYNC__PRIORITY;

	async__queue_copy(item, async__queue_ring_slot(queue, is_heap ? 0 : queue->count - 1), queue->size);
	queue->count--;
	if (is_heap && queue->count) {
		memcpy(async__queue_slot(queue, 0), async__queue_slot(queue, queue->count), queue->stride);
		sift_down(queue);
	}
}

/* The destructor sees an item that is the queue's no more. */
int async__queue_drop_items(struct async__queue *queue)
{
	void *item = queue->destroy && queue->count ? async__alloc_aligned(queue->align < 16 ? 16 : queue->align, queue->size) : NULL;

	if (queue->destroy && queue->count && !item)
		return ASYNC_NO_MEMORY;
	while (queue->count && item) {
		async__queue_take(queue, item);
		queue->destroy(item);
	}
	queue->count = 0;
	async__free(item);
	return 0;
}
