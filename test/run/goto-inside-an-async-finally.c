// A goto that stays in an async_finally, or in an async_except, keeps the error that waits; one that leaves it takes its place.
// RUN: %exec %s | FileCheck %s
// CHECK: passed end 0: 3 0
// CHECK-NEXT: end 1: -1 5 told
// CHECK-NEXT: left 2: 7 0
// CHECK-NEXT: again 0, again 1, again 2, end 3: -1 5 told
// CHECK-NEXT: caught 5, raised 1: -1 5 told
#include <async.h>
#include <stdio.h>

static async int t(int v)
{
	await async_sleep(0);
	return v;
}

static async int leave(int how)
{
	async_try {
		if (await t(how))
			async_raise(5, "told");
	} async_finally {
		int n = 0;
		if (how == 1)
			goto inside;
		if (how == 2)
			goto outside;
	again:
		if (how == 3) {
			printf("again %d, ", n);
			if (await t(n++) < 2)
				goto again;
			goto inside;
		}
		printf("passed ");
	inside:
		printf("end %d: ", await t(how));
	}
	return 3;
outside:
	printf("left %d: ", how);
	return 7;
}

static async int raise_again(int how)
{
	async_try {
		async_raise(5, "told");
	} async_except (e) {
		if (await t(how))
			goto inside;
		return 9;
	inside:
		printf("caught %d, raised %d: ", e.code, await t(how));
		async_reraise();
	}
	return 3;
}

static async void show(int how)
{
	int v = -1;
	async_error e = await async_catch(v = leave(how));
	printf("%d %d %s\n", v, e.code, e.code ? e.message : "");
}

async int main(void)
{
	for (int how = 0; how < 4; how++)
		await show(how);
	int v = -1;
	async_error e = await async_catch(v = raise_again(1));
	printf("%d %d %s\n", v, e.code, e.message);
	return 0;
}
