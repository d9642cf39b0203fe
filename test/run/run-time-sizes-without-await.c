// An array of a run-time size that no await outlives stays as it is.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 14 4 3
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int total(int n)
{
	int sum = await step(1);
	{
		int a[n];
		for (int i = 0; i < n; i++)
			a[i] = i;
		for (int i = 0; i < n; i++)
			sum += a[i];
	}
	return sum + await step(3);
}
static async int param(int n, int a[n][n]) { await step(1); return a[1][1]; }
static async int lastvla(int n) { await step(1); int a[n]; a[0] = n; return a[0]; }
async int main(void) { int a[2][2] = {{1,2},{3,4}}; printf("%d %d %d\n", await total(5), await param(2, a), await lastvla(3)); return 0; }
