// Static and thread-local variables of a function are one object across awaits.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 114
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static _Thread_local int counter = 3;
static async int f(void)
{
	static _Thread_local int own = 1;
	static int calls;
	static const char *const names[] = { "a", "b" };
	static struct { int n; } state = { 4 };
	counter += await step(1);
	own++; calls++; state.n++;
	return own + calls + counter + names[1][0] + state.n;
}
async int main(void) { await f(); printf("%d\n", await f()); return 0; }
