// A goto in the scope of several cleanup variables of one declaration leaves none of them.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 2 3 left 4 left 3 left 2 left 1
#include <async.h>
#include <stdio.h>
static int counter;
static async int next(void) { await async_sleep(0); return ++counter; }
static void leave(int *n) { printf("left %d ", *n); }
static async void f(void)
{
	__attribute__((cleanup(leave))) int a = 1, b = 2, c = 3, d = 4;
again:
	if (printf("%d ", await next()) && a + b + c + d > 0 && counter < 3) goto again;
}
async int main(void) { await f(); puts(""); return 0; }
