#include <async.h>
#include "units.h"

async struct pair split(int n)
{
	await async_sleep(0);
	return (struct pair){ n / 2, n - n / 2 };
}

async int join(struct pair pair)
{
	if (pair.a > 1) {
		struct pair left = await split(pair.a);
		pair.a = await join(left);
	}
	return pair.a + pair.b;
}
