#include <async.h>
#include <stdarg.h>
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

async int total(int n, ...)
{
	va_list pairs;
	int sum = 0;
	va_start(pairs, n);
	while (n--) {
		struct pair pair = va_arg(pairs, struct pair);
		sum += pair.a * pair.b;
	}
	va_end(pairs);
	return await join((struct pair){ sum, 1 });
}
