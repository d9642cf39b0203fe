/* executor.c: to a thread of the pool and back. */
#include "bench.h"

static uint64_t on_a_thread(uint64_t x)
{
	return x ^ 1;
}

async uint64_t executor(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum += await async_run_in_executor(NULL, on_a_thread(i));
	return sum;
}
