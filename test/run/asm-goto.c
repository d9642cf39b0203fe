// asm goto jumps to a label of the function.
// REQUIRES: x86_64
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 0 1
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
async int main(void) { printf("%d %d\n", await f(0), await f(5)); return 0; }
