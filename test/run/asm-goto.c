// asm goto jumps to a label of the function: what is only needed there is there, also if a macro makes the jump.
// REQUIRES: x86_64
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 0 1 0 37
// CHECK: 0 37 0
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int f(int n)
{
	await step(1);
	__asm__ goto("testl %0, %0\n\tjne %l1" :: "r"(n) : "cc" : nonzero);
	return await step(0);
nonzero:
	return 1;
}
#define BRANCH(n, label) __asm__ volatile goto("testl %0, %0\n\tjne %l1" :: "r"(n) : "cc" : label)
static async int behind(int n)
{
	int x = n * 7 + 1, got = await step(1);
	__asm__ goto("testl %0, %0\n\tjne %l1" :: "r"(n) : "cc" : nonzero);
	return await step(0);
nonzero:
	return x + got;
}
static async int behind_a_macro(int n)
{
	int x = n * 7 + 1, got = await step(1);
	BRANCH(n, nonzero);
	return await step(0);
nonzero:
	return x + got;
}
static async int back(int n)
{
	int rest = n + 3;
again:
	await step(1);
	rest--;
	__asm__ goto("testl %0, %0\n\tjg %l1" :: "r"(rest) : "cc" : again);
	return await step(rest);
}
async int main(void)
{
	printf("%d %d %d %d\n", await f(0), await f(5), await behind(0), await behind(5));
	printf("%d %d %d\n", await behind_a_macro(0), await behind_a_macro(5), await back(9));
	return 0;
}
