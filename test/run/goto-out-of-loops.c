// goto and computed goto out of loops and back into them.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 12
// CHECK-NEXT: 18
// CHECK-NEXT: 14
// CHECK-NEXT: 20
// CHECK-NEXT: -24
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
static async int f(int n)
{
	int sum = 0;
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < 4; j++) {
			int x = await step(j);
			if (i == n && x == 2)
				goto found;
			sum += x;
			if (sum > 100)
				goto *(void *[]){ &&found, &&lost }[sum & 1];
		}
	}
lost:
	return -sum;
found:
	for (int i = 0; i < 2; i++) {
again:
		sum += await step(i);
		if (sum < 10) { sum += 10; goto again; }
	}
	return sum;
}
async int main(void) { for (int i = 0; i < 5; i++) printf("%d\n", await f(i)); return 0; }
