// Pointers to async and plain functions in structs, arrays, arguments and results, and in the function itself.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 8
// CHECK-NEXT: 45
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
typedef async int (*op)(int);
struct ops { int (*run)(int); async void (*log)(const char *fmt, int); };
static int plain(int n) { return n * 2; }
static async void logger(const char *fmt, int n) { await step(1); printf(fmt, n); }
static async int apply(int (*f)(int), int n) { return await f(n); }
static int (*choose(int n))(int) { return n ? step : plain; }
static async int own(int n) { int (*pointer)(int) = n & 1 ? own : &own; return n ? 1 + await pointer(n - 1) : 0; }
static async int f(void)
{
	int (*table[3])(int) = { step, plain, step };
	struct ops ops = { step, logger };
	op o = step;
	int (*(*pick)(int))(int) = choose;
	int sum = 0;
	for (int i = 0; i < 3; i++)
		sum += await table[i](i + 1);
	await ops.log("%d\n", sum);
	return sum + await ops.run(3) + await o(5) + await apply(plain, 4) + await apply(step, 7) + await (*pick(1))(9) + await pick(0)(1) + await own(3);
}
async int main(void) { printf("%d\n", await f()); return 0; }
