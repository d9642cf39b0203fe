/* plain_leaf.c: what plain.c calls without seeing it. */
#include "../common/bench.h"

uint64_t plain_leaf(uint64_t x);
void plain_barrier(void);

uint64_t plain_leaf(uint64_t x)
{
	return mix(x);
}

void plain_barrier(void)
{
	__asm__ volatile("" ::: "memory");
}
