/* queue.c: two tasks, two queues of one slot: there and back. */
#include "bench.h"

static async void answer(async_queue(uint64_t) there, async_queue(uint64_t) back, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		await async_queue_put(back, (await async_queue_get(there)) + 1);
}

async uint64_t queue(uint64_t n)
{
	async_queue(uint64_t) there = async_queue_create(uint64_t, 1), back = async_queue_create(uint64_t, 1);
	async_task(void) other = async_create_task(answer(there, back, n));
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
