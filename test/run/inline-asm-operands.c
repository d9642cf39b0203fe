// Operands of inline asm may be variables that live across awaits.
// REQUIRES: x86_64
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 7 5
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
async int main(void)
{
	int x = await step(1), y = 5, z = 1;
	__asm__ volatile("addl %1, %0" : "+r"(x) : "r"(y) : "cc");
	await step(1);
	__asm__("addl %[b], %[a]" : [a] "+rm"(x) : [b] "r"(z));
	if (await step(2))
		__asm__ volatile("" ::: "memory");
	printf("%d %d\n", x, y);
	return 0;
}
