// Old-style definitions convert their arguments as without async.
// RUN: %exec_twin %s -Wno-deprecated-non-prototype | FileCheck %s
// CHECK: 3 3
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int add(a, b) int a; short b; { await step(1); return a + b; }
async int add2(a, b)
	char a;
	float b;
{
	await step(1);
	return a + (int)b;
}
async int main() { printf("%d %d\n", await add(1, 2), await add2(1, 2.5)); return 0; }
