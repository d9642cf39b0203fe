// An await in a macro's argument suspends, and a return in its body returns from the async function.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 7
// CHECK-NEXT: -3
// CHECK-NEXT: nested 12
#include <async.h>
#include <stdio.h>

#define CHECK_(x) do { int error = (x); if (error < 0) return error; } while (0)
#define TRY(x) CHECK_(x)
#define TWICE(x) ((x) + (x))

static async int check(int n)
{
	await async_sleep(0);
	return n;
}

static async int all(int a, int b)
{
	TRY(await check(a));
	CHECK_(
		await check(
			b));
	return a + b;
}

async int main(void)
{
	printf("%d\n", await all(3, 4));
	printf("%d\n", await all(3, -3));
	printf("nested %d\n", TWICE(TWICE(await check(3))));
	return 0;
}
