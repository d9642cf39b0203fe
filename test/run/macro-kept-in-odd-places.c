// Macros of async.h and of the compiler's headers with awaits, returns and self-named macros in their arguments.
// RUN: %exec %s | FileCheck %s
// CHECK: 4
// CHECK-NEXT: 8 8
// CHECK-NEXT: level 4
// CHECK-NEXT: 3 40
#include <async.h>
#include <stdatomic.h>
#include <stdio.h>

static async int get(int n)
{
	await async_sleep(0);
	return n;
}

static async_future(int) future;
static int level = 3;
#define level (level + await get(1))
#define ABOVE(x) ((x) + level)
#define SHOW() printf("level %d\n", level)

static async int set(void)
{
	async_set_result(future, await get(4));
	return 0;
}

static async int climb(int limit)
{
	int local = limit;
	if (ABOVE(local) > 5 && level)
		SHOW();
	return level * 10;
}

async int main(void)
{
	future = async_create_future(int);
	async_task(int) task = async_create_task(set());
	printf("%d\n", await *future);
	await *task;
	_Atomic long a = 1;
	long before = atomic_exchange(&a, await get(7));
	before += atomic_fetch_add_explicit(&a, await get(1), memory_order_relaxed);
	printf("%ld %d\n", before, (int)a);
	atomic_store(&a, ({ if (a == 0) return 9; await get(3); }));
	int climbed = await climb(3);
	printf("%d %d\n", (int)a, climbed);
	return 0;
}
