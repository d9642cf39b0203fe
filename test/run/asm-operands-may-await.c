// Operands of an asm may await, inputs and outputs, in their order; what an asm writes is saved like any assignment.
// REQUIRES: x86_64
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 1 3 607
// CHECK-NEXT: 2 5 = 12
// CHECK-NEXT: 0 3 = 7
// CHECK-NEXT: 1 2 = 3
// CHECK-NEXT: 4 = 9
#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	printf("%d ", v);
	if (v & 1)
		await async_sleep(0);
	return v;
}

static async int written(int x, int y)
{
	int z;
	__asm__("addl $5, %0" : "+r"(x));
	__asm__("movl %1, %0" : "=r"(z) : "r"(y));
	await t(1);
	await t(3);
	return x * 100 + z;
}
static async int inputs(int x)
{
	__asm__("addl %1, %0\n\taddl %2, %0" : "+r"(x) : "r"(await t(2)), [second] "r"(await t(5)) : "cc");
	return x;
}
static async int outputs(void)
{
	int list[2] = {3, 4}, *p = list;
	__asm__ volatile("addl %1, %0" : "+m"(p[await t(0)]), "+r"(list[1]) : : "memory", "cc");
	__asm__ volatile("" : "+r"(p[1]) : "r"(await t(3)));
	return list[0];
}
static async int order(int x)
{
	int r = 0;
	__asm__("movl %1, %0\n\taddl %2, %0" : "=&r"(r) : "r"(x), "r"(({ x = 100 * await t(1); await t(2); })));
	return r;
}
static async int jumps(int x)
{
	__asm__ goto("cmpl $4, %0\n\tje %l[four]" : : "r"(await t(x)) : "cc" : four);
	return 0;
four:
	await async_sleep(0);
	return x + 5;
}

int main(void)
{
	printf("%d\n", written(1, 7));
	printf("= %d\n", inputs(5));
	printf("= %d\n", outputs());
	printf("= %d\n", order(1));
	printf("= %d\n", jumps(4));
	return 0;
}
