// Lines may end in CR LF.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 2
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
async int main(void)
{
	int n = 0;
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			continue;
		n += await step(i);
	}
	printf("%d\n", n);
	return 0;
}
