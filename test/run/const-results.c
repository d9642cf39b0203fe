// A result that is const for whatever reason is as good as any.
// RUN: %exec_twin %s -Wno-ignored-qualifiers | FileCheck %s
// CHECK: 5 7 5
#include <async.h>
#include <stdio.h>

static int given = 5;

static async const int read_now(int n)
{
	if (n)
		await async_sleep(0);
	return given;
}

static async const volatile int read_later(void)
{
	int v = await read_now(1);
	return v + 2;
}

int main(void)
{
	const int v = read_now(0), w = read_later();
	printf("%d %d %d\n", v, w, read_now(1));
	return 0;
}
