// Callees in another translation unit.
#include "../common/bench.h"
#include "leaf.h"
int leaf_step_other(leaf_t *f)
{
	switch (f->state) {
	case 0:
		f->ret = mix(f->x);
		f->state = -1;
		return 1;
	}
	return 1;
}
uint64_t leaf_plain_other(uint64_t x)
{
	return mix(x);
}
void barrier_other(void)
{
	__asm__ volatile("" ::: "memory");
}
