// Atomic, volatile and complex locals live across awaits.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 19
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
#include <stdatomic.h>
#include <stdbool.h>
#include <complex.h>
static async int f(void)
{
	_Atomic int a = await step(1);
	atomic_int b = 2;
	volatile int v = await step(3), *pv = &v;
	bool flag = await step(2);
	double complex z = await step(1) + 2.0 * I;
	long double ld = await step(5);
	a += await step(1);
	atomic_fetch_add(&b, await step(3));
	v++;
	await step(1);
	*pv += 1;
	await step(1);
	return a + b + v + flag + (int)creal(z) + (int)ld;
}
async int main(void) { printf("%d\n", await f()); return 0; }
