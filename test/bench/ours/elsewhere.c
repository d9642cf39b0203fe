/* elsewhere.c: a callee that its caller does not see. */
#include "bench.h"

async uint64_t leaf_elsewhere(uint64_t x)
{
	return mix(x);
}
