/* queue.h: a queue and its items, which are in memory of its own: a ring, or a heap whose items carry the number of their put, so that
 * equal ones keep their order.  Included by queue.c and queue_items.c. */
#ifndef QUEUE_H
#define QUEUE_H

#include "waiters.h"

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

/* Room for one more: twice as much. */
int async__queue_grow(struct async__queue *queue);
/* Of a heap: the one that has come last finds its place. */
void async__queue_rise(struct async__queue *queue);
/* As async__queue_take, of what is no ring that is read where it begins. */
void async__queue_take_by_order(struct async__queue *queue, void *item);
/* The destructor gets each; 0 or ASYNC_NO_MEMORY. */
int async__queue_drop_items(struct async__queue *queue);

static inline char *async__queue_slot(const struct async__queue *queue, size_t i)
{
	return queue->items + i * queue->stride;
}

/* Most items are a word: the call costs more than the copy. */
static inline void async__queue_copy(void *to, const void *from, size_t size)
{
	if (__builtin_expect(size == sizeof(uint64_t), 1))
		memcpy(to, from, sizeof(uint64_t));
	else if (size == sizeof(uint32_t))
		memcpy(to, from, sizeof(uint32_t));
	else
		memcpy(to, from, size);
}

/* The ith that is there, or will be. */
static inline char *async__queue_ring_slot(const struct async__queue *queue, size_t i)
{
	size_t at = queue->first + i;

	return async__queue_slot(queue, at < queue->capacity ? at : at - queue->capacity);
}

static inline int async__queue_add(struct async__queue *queue, const void *item)
{
	if (__builtin_expect(queue->count == queue->capacity, 0) && async__queue_grow(queue))
		return ASYNC_NO_MEMORY;
	async__queue_copy(async__queue_ring_slot(queue, queue->count++), item, queue->size);
	if (__builtin_expect(queue->order == ASYNC__PRIORITY, 0))
		async__queue_rise(queue);
	return 0;
}

/* There is one. */
static inline void async__queue_take(struct async__queue *queue, void *item)
{
	if (__builtin_expect(queue->order != ASYNC__FIFO, 0)) {
		async__queue_take_by_order(queue, item);
		return;
	}
	async__queue_copy(item, async__queue_slot(queue, queue->first), queue->size);
	queue->count--;
	queue->first = queue->first + 1 < queue->capacity ? queue->first + 1 : 0;
}
#endif
