// Functions may be called like the members of frames: their own frames are not members of their callers' then.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 9 1 7 5 8
#include <async.h>
#include <stdio.h>
static async int result(int n) { await async_sleep(0); return n + 1; }
static async int base(int n) { n = await result(n); return n * (await result(1) + 1); }
static async int last(int n) { if (n) return await base(n); return await result(n); }
async int step(int n);
async int step(int n) { await async_sleep(0); return n + 3; }
static async int named(int step, int n)
{
	n += step;
	{
		async int step(int n); /* the function again */
		n = await step(n);
		n += await result(0);
	}
	return n - step;
}
static async int shadowed(int n)
{
	{ int base = n; n += await step(base); n -= base; }
	{ int result = await base(n); n = result; }
	return n - await result(6) * 2;
}
async int main(void)
{
	printf("%d %d", await last(2), await last(0));
	printf(" %d", await named(2, 3));
	printf(" %d", await shadowed(0) + 5 - 6 + 8 - 0);
	printf(" %d\n", await base(await result(0)) + 2);
	return 0;
}
