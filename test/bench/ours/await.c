/* await.c: awaits that complete at once: the callee in sight, in another file, behind a pointer. */
#include "bench.h"

static async uint64_t leaf(uint64_t x)
{
	return mix(x);
}

async uint64_t await_same_file(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum = await leaf(sum + i);
	return sum;
}

async uint64_t await_other_file(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum = await leaf_elsewhere(sum + i);
	return sum;
}

uint64_t (*volatile pointer)(uint64_t) = leaf_elsewhere;

async uint64_t await_pointer(uint64_t n)
{
	uint64_t (*f)(uint64_t) = pointer;
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum = await f(sum + i);
	return sum;
}
