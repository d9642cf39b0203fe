/* plain.c: the same loops without async: what nothing can beat. */
#include "bench.h"

uint64_t plain_leaf(uint64_t x); /* plain_leaf.c */
void plain_barrier(void);

uint64_t plain_call(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum = plain_leaf(sum + i);
	return sum;
}

uint64_t plain_hot_flat(uint64_t n)
{
	uint64_t x = SEED, sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		x += STEP;
		sum ^= x;
		if ((i & 1023) == 1023)
			plain_barrier();
	}
	return sum;
}

uint64_t plain_hot_nested(uint64_t n)
{
	uint64_t x = SEED, sum = 0;

	for (uint64_t i = 0; i < n / 1024; i++) {
		for (int j = 0; j < 1024; j++) {
			x = xs64(x);
			sum += x;
		}
		plain_barrier();
	}
	return sum;
}
