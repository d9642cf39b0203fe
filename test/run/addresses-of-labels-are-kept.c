// The address of a label may stand in the frame, and a pointer there may point to what no await outlives: gcc is not to warn of either.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 7 4
#include <async.h>
#include <stdio.h>

static async int jump(int n)
{
	void *to = &&end;
	if (n)
		await async_sleep(0);
	goto *to;
	n = -1;
end:
	return n;
}

static async int point(int n)
{
	int *at = &n, **where = &at;
	await async_sleep(0);
	{
		int local = n + 3;
		at = &local;
		n = **where;
	}
	at = &n;
	await async_sleep(0);
	return **where;
}

int main(void)
{
	printf("%d %d\n", jump(7), point(1));
}
