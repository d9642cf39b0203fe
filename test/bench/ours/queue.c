/* queue.c: two tasks, two queues of one slot, there and back: with awaitables by hand, as the peers in C and C++ have them, and with
 * the library's queue. */
#include "bench.h"

struct slot {
	uint64_t value;
	bool full;
	async_handle getter, putter; /* the task that waits; NULL */
};

/* One put or get of a slot. */
struct turn {
	async_awaitable_t awaitable;
	struct slot *slot;
	uint64_t value;
};

static void wake(async_handle *waiting)
{
	async_handle task = *waiting;

	*waiting = NULL;
	if (task)
		async_wake(task);
}

static async_status step_put(struct async_awaitable *self, void *result)
{
	struct turn *turn = (struct turn *)self;

	(void)result;
	if (turn->slot->full) {
		turn->slot->putter = async_current_task();
		return ASYNC_SUSPENDED;
	}
	turn->slot->value = turn->value;
	turn->slot->full = true;
	wake(&turn->slot->getter);
	return ASYNC_DONE;
}

static async_status step_get(struct async_awaitable *self, void *result)
{
	struct turn *turn = (struct turn *)self;

	if (!turn->slot->full) {
		turn->slot->getter = async_current_task();
		return ASYNC_SUSPENDED;
	}
	*(uint64_t *)result = turn->slot->value;
	turn->slot->full = false;
	wake(&turn->slot->putter);
	return ASYNC_DONE;
}

static async void answer(struct slot *there, struct slot *back, uint64_t n)
{
	struct turn get = {.slot = there}, put = {.slot = back};

	for (uint64_t i = 0; i < n; i++) {
		put.value = await async_awaitable_by(uint64_t, &get, step_get) + 1;
		await async_awaitable_by(void, &put, step_put);
	}
}

async uint64_t queue(uint64_t n)
{
	struct slot there = {0}, back = {0};
	struct turn put = {.slot = &there}, get = {.slot = &back};
	async_task(void) other = async_create_task(answer(&there, &back, n));
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		put.value = i;
		await async_awaitable_by(void, &put, step_put);
		sum += await async_awaitable_by(uint64_t, &get, step_get);
	}
	await *other;
	return sum;
}

/* ---- The library's ---- */

static async void answer_queue(async_queue(uint64_t) there, async_queue(uint64_t) back, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t value = await async_queue_get(there);

		await async_queue_put(back, value + 1);
	}
}

async uint64_t queue_library(uint64_t n)
{
	async_queue(uint64_t) there = async_queue_create(uint64_t, 1);
	async_queue(uint64_t) back = async_queue_create(uint64_t, 1);
	async_task(void) other = async_create_task(answer_queue(there, back, n));
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		await async_queue_put(there, i);
		sum += await async_queue_get(back);
	}
	await *other;
	async_queue_destroy(there);
	async_queue_destroy(back);
	return sum;
}
