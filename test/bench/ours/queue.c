/* queue.c: two tasks, two queues of one slot: there and back. */
#include "bench.h"

struct slot {
	uint64_t value;
	bool full;
	async_future(void) changed; /* somebody waits for the slot to become full or empty; else NULL */
};

static void change(struct slot *slot, bool full)
{
	async_future(void) changed = slot->changed;

	slot->full = full;
	slot->changed = NULL;
	if (changed)
		async_set_done(changed);
}

static async void put(struct slot *slot, uint64_t value)
{
	while (slot->full) {
		slot->changed = async_create_future(void);
		await *slot->changed;
	}
	slot->value = value;
	change(slot, true);
}

static async uint64_t get(struct slot *slot)
{
	while (!slot->full) {
		slot->changed = async_create_future(void);
		await *slot->changed;
	}
	change(slot, false);
	return slot->value;
}

static async void answer(struct slot *there, struct slot *back, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t value = await get(there);

		await put(back, value + 1);
	}
}

async uint64_t queue(uint64_t n)
{
	struct slot there = {0}, back = {0};
	async_task(void) other = async_create_task(answer(&there, &back, n));
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		await put(&there, i);
		sum += await get(&back);
	}
	await *other;
	return sum;
}
