// What alloca gives stays until the async function is done.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: hello
// CHECK-NEXT: q
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
#include <alloca.h>
async int main(void)
{
	char *p = alloca(20), *q;
	strcpy(p, "hello");
	await step(1);
	q = __builtin_alloca(10);
	strcpy(q, "q");
	puts(p);
	await step(1);
	puts(q);
	return 0;
}
