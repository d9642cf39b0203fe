// A macro that names itself is expanded once, wherever it stands.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: traced get(1)
// CHECK-NEXT: traced get(2)
// CHECK-NEXT: traced get(5)
// CHECK-NEXT: 3 15 5
// CHECK-NEXT: traced get(3)
// CHECK-NEXT: 3
#include <async.h>
#include <stdio.h>

static async int get(int n)
{
	await async_sleep(0);
	return n;
}

static async int outer(int n)
{
	await async_sleep(0);
	return n + 1;
}

static int trace(const char *text)
{
	return printf("traced %s\n", text);
}

static int count = 4;
#define get(x) (trace("get(" #x ")"), await get(x))
#define outer(x) outer(outer_argument(x))
#define outer_argument(x) ((x) + count)
#define count (count + 1)

async int main(void)
{
	int sum = get(1) + get(2);
	int other = await outer(await outer(get(5) - 2));
	printf("%d %d %d\n", sum, other, count);
	printf("%d\n", get(3));
	return 0;
}
