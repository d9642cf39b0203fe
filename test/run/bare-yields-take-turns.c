// Tasks that yield take turns; a yield can be cancelled, timed out and caught.
// RUN: %exec %s | FileCheck %s
// CHECK: a0 b0 a1 b1 a2 5
// CHECK-NEXT: [cancelled at 2] 2
// CHECK-NEXT: 1 1
#include <async.h>
#include <stdio.h>

static async int turns(const char *name, int n)
{
	for (int i = 0; i < n; i++) {
		printf("%s%d ", name, i);
		await async_sleep(0);
	}
	return n;
}

static async int swallows(void)
{
	int rounds = 0;
	async_try {
		for (;; rounds++)
			await async_sleep(0);
	} async_except (err) {
		printf("[%s at %d] ", err.code == ASYNC_CANCELLED ? "cancelled" : "?", rounds);
	}
	await async_sleep((0));
	return rounds;
}

async int main(void)
{
	async_task(int) a = async_create_task(turns("a", 3)), b = async_create_task(turns("b", 2));
	int sum = await *a + await *b;
	printf("%d\n", sum);
	async_task(int) s = async_create_task(swallows());
	for (int i = 0; i < 3; i++)
		await async_sleep(0);
	async_cancel(s);
	printf("%d\n", await *s);
	await async_gather(async_sleep(0), async_sleep(0));
	await async_wait_for(async_sleep(0), 5);
	async_error err = await async_catch(async_wait_for(async_sleep(0), 0));
	async_error none = await async_catch(async_sleep(0));
	printf("%d %d\n", err.code == ASYNC_TIMEOUT, none.code == 0);
	return 0;
}
