// __label__ makes two labels of one name.
// RUN: %exec_twin %s -Wno-pedantic | FileCheck %s
// CHECK: 11
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
async int main(void)
{
	int n = 0;
	{
		__label__ out;
		if (await step(1))
			goto out;
		n += 100;
out:
		n++;
	}
	{
		__label__ out;
		if (await step(2))
			goto out;
		n += 100;
out:
		n += 10;
	}
	printf("%d\n", n);
	return 0;
}
