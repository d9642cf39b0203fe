/* hot.c: arithmetic loops that give up their turn each 1,024 iterations. */
#include "bench.h"

async uint64_t hot_flat(uint64_t n)
{
	uint64_t x = SEED, sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		x += STEP;
		sum ^= x;
		if ((i & 1023) == 1023)
			await async_sleep(0);
	}
	return sum;
}

async uint64_t hot_nested(uint64_t n)
{
	uint64_t x = SEED, sum = 0;

	for (uint64_t i = 0; i < n / 1024; i++) {
		for (int j = 0; j < 1024; j++) {
			x = xs64(x);
			sum += x;
		}
		await async_sleep(0);
	}
	return sum;
}
