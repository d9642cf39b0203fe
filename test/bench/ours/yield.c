/* yield.c: giving up the turn: under 64 awaits, and two tasks in turn. */
#include "bench.h"

static async uint64_t descend(int depth, uint64_t n)
{
	if (depth < DEPTH)
		return await descend(depth + 1, n) + 1;
	for (uint64_t i = 0; i < n; i++)
		await async_sleep(0);
	return n;
}

async uint64_t yield_deep(uint64_t n)
{
	return await descend(1, n);
}

/* The same under one. */
async uint64_t yield_one(uint64_t n)
{
	return await descend(DEPTH, n);
}

static async uint64_t take_turns(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		await async_sleep(0);
	return n;
}

async uint64_t yield_two(uint64_t n)
{
	async_task(uint64_t) a = async_create_task(take_turns(n));
	async_task(uint64_t) b = async_create_task(take_turns(n));
	uint64_t sum = await *a;

	return sum + await *b;
}
