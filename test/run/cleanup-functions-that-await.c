// An async cleanup function is awaited on every way out of its variable's block, as an async_finally around the rest of it would:
// return, break, continue, goto, an error, a cancellation; beside ordinary ones, innermost first, in heads of loops and in statement
// expressions; its own error takes the place of the one that waits.
// RUN: %exec %s | FileCheck %s
// CHECK: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 0: 10 0, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: end
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 1: 50 0, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: bye 21
// CHECK-NEXT: bye 11
// CHECK-NEXT: bye 22
// CHECK-NEXT: bye 12
// CHECK-NEXT: end
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 2: 50 0, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 3: 60 0, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 4: -1 4, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: bye 21
// CHECK-NEXT: bye 11
// CHECK-NEXT: bye 22
// CHECK-NEXT: bye 12
// CHECK-NEXT: end
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 5: 50 0, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 6: -1 70, cause 0
// CHECK-NEXT: bye 5
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 7: 26 0, cause 0
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 8: -1 78, cause 5
// CHECK-NEXT: bye 20
// CHECK-NEXT: bye 10
// CHECK-NEXT: plain 2
// CHECK-NEXT: bye 1
// CHECK-NEXT: 9: 10 0, cause 0
// CHECK-NEXT: body 0
// CHECK-NEXT: body 1
// CHECK-NEXT: body 2
// CHECK-NEXT: bye 3
// CHECK-NEXT: plain 2
// CHECK-NEXT: head 0: 0
// CHECK-NEXT: body 0
// CHECK-NEXT: bye 1
// CHECK-NEXT: plain 2
// CHECK-NEXT: head 1: 0
// CHECK-NEXT: body 0
// CHECK-NEXT: bye 1
// CHECK-NEXT: head 2: 7
// CHECK-NEXT: bye 100
// CHECK-NEXT: cancelled 1
// CHECK-NEXT: bye 200
// CHECK-NEXT: 201
#include <async.h>
#include <stdio.h>

static async void bye(int *n)
{
	await async_sleep(0);
	printf("bye %d\n", *n);
	await async_sleep(0);
}
static void plain(int *n)
{
	printf("plain %d\n", *n);
}
static async int fails(int *n)
{
	await async_sleep(0);
	async_raise(70 + *n, "cleanup");
}
#define AUTO __attribute__((cleanup(bye)))
#define LATER bye

static async int ways(int how)
{
	AUTO int a = 1;
	__attribute__((cleanup(plain))) int b = 2;
	for (int i = 0; i < 3; i++) {
		AUTO int c = 10 + i, d = 20 + i;
	again:
		switch (how) {
		case 0: return c;
		case 1: goto done;
		case 2: if (i == 1) continue; break;
		case 3: goto out;
		case 4: async_raise(4, "four");
		case 5: await async_sleep(0); break;
		case 6: { __attribute__((cleanup(fails))) int e = i; if (i == 1) return 3; break; }
		case 7: return ({ AUTO int z = 5; z + 1; }) + d;
		case 8: { __attribute__((cleanup(fails))) int e = 8; async_raise(5, "five"); }
		case 9: how = 0; goto again;
		}
	}
done:
	printf("end\n");
	return 50;
out:
	return 60;
}
static async int heads(int how)
{
	for (__attribute__((cleanup(LATER))) int i = 0; i < 3; i++) {
		await async_sleep(0);
		if (how == 1 && i == 1)
			break;
		if (how == 2 && i == 1)
			return 7;
		printf("body %d\n", i);
	}
	for (__attribute__((cleanup(plain))) int i = 0; i < 2; i++) {
	back:
		await async_sleep(0);
		if (how++ == 0)
			goto back;
	}
	return 0;
}
static async void never(void)
{
	AUTO int a = 100;
	await async_sleep(1000);
	printf("never\n");
}
static int blocks(void)
{
	AUTO int a = 200;
	return a + 1;
}
static async void all(void)
{
	for (int i = 0; i < 10; i++) {
		int r = -1;
		async_error e = await async_catch(r = ways(i));
		printf("%d: %d %d, cause %d\n", i, r, e.code, e.code ? async_error_cause(e).code : 0);
	}
	for (int i = 0; i < 3; i++) {
		int r = await heads(i);
		printf("head %d: %d\n", i, r);
	}
	async_task(void) task = async_create_task(never());
	await async_sleep(0);
	async_cancel(task);
	async_error e = await async_catch(*task);
	printf("cancelled %d\n", e.code == ASYNC_CANCELLED);
}
int main(void)
{
	all();
	printf("%d\n", blocks());
	return 0;
}
