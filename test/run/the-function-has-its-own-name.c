// __func__ is the user's name, also in assert.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: who who [[@LINE+12]] who
// CHECK-NEXT: 4
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int who(int n)
{
	const char *name = __func__;
	await step(1);
	printf("%s %s %d %s %s\n", __func__, __FUNCTION__, __LINE__, "", name);
	assert(n > 0);
	assert(await step(n) == n);
	printf("%zu\n", sizeof __func__);
	return n;
}
async int main(void) { return await who(1) - 1; }
