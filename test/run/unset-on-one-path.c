// A local that is set on some paths only draws no warning.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 3 4
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int m(int n)
{
	int x, y;
	if (n)
		x = await step(n);
	else
		y = await step(3);
	if (n)
		return x;
	int *p;
	p = &y;
	await step(1);
	return *p;
}
async int main(void) { printf("%d %d\n", await m(0), await m(4)); return 0; }
