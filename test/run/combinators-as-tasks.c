// async_gather, async_catch and async_executor_map as tasks of their own, in async_shield and in one another: their children begin, end
// and are cancelled as those of one that is awaited; calls through pointers as coroutine values and eager tasks.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: running 2
// CHECK-NEXT: work 1
// CHECK-NEXT: work 2
// CHECK-NEXT: work 3
// CHECK-NEXT: error 5 seven
// CHECK-NEXT: work 8
// CHECK-NEXT: work 9
// CHECK-NEXT: work 3
// CHECK-NEXT: cancelled 1, running 2
// CHECK-NEXT: caught 5 seven
// CHECK-NEXT: work 1
// CHECK-NEXT: fine 0
// CHECK-NEXT: late 1
// CHECK-NEXT: work 5
// CHECK-NEXT: work 6
// CHECK-NEXT: shielded 5
// CHECK-NEXT: map 2 4 6 8
// CHECK-NEXT: work 1
// CHECK-NEXT: map 4 8 12 16
// CHECK-NEXT: not yet 0
// CHECK-NEXT: work 2
// CHECK-NEXT: at once 1
// CHECK-NEXT: work 1
// CHECK-NEXT: 2 4 3
// CHECK-NEXT: work 1
// CHECK-NEXT: work 2
// CHECK-NEXT: work 1
#include <async.h>
#include <errno.h>
#include <stdio.h>
static int running;
static async int work(int n)
{
	running++;
	await async_sleep(0.01 * n);
	running--;
	if (n == 7)
		async_raise(EIO, "seven");
	printf("work %d\n", n);
	return n;
}
static int plain(int n) { return 2 * n; }
static async void all(void)
{
	async_task(void) both = async_create_task(async_gather(work(1), work(2)));
	await async_sleep(0);
	printf("running %d\n", running);
	await *both;
	both = async_create_task(async_gather(work(3), async_gather(work(7), work(8)), work(9)));
	async_error e = await async_catch(*both);
	printf("error %d %s\n", e.code, e.message);
	await async_sleep(1);
	both = async_create_task(async_gather(work(3), async_catch(work(7))));
	await *both;
	both = async_create_task(async_gather(work(3), work(4)));
	await async_sleep(0);
	async_cancel(both);
	e = await async_catch(*both);
	printf("cancelled %d, running %d\n", e.code == ASYNC_CANCELLED, running);
	running = 0;
	async_task(async_error) caught = async_create_task(async_catch(work(7)));
	e = await *caught;
	printf("caught %d %s\n", e.code, e.message);
	caught = async_create_task(async_catch(work(1)));
	printf("fine %d\n", (await *caught).code);
	e = await async_catch(async_wait_for(async_shield(async_gather(work(5), work(6))), 0.02));
	printf("late %d\n", e.code == ASYNC_TIMEOUT);
	await async_sleep(1);
	e = await async_shield(async_catch(work(7)));
	printf("shielded %d\n", e.code);
	int in[] = {1, 2, 3, 4}, out[4] = {0};
	async_task(void) map = async_create_task(async_executor_map(NULL, 2, out, plain, in, 4));
	await *map;
	printf("map %d %d %d %d\n", out[0], out[1], out[2], out[3]);
	await async_gather(async_executor_map(NULL, 0, out, plain, out, 4), work(1));
	printf("map %d %d %d %d\n", out[0], out[1], out[2], out[3]);
	int (*p)(int) = work, (*q)(int) = plain;
	async_coro(int) c = async_coroutine(p(2)), d = async_coroutine(q(2));
	printf("not yet %d\n", running);
	int x = await *c, y = await *d;
	async_task(int) t = async_create_task_eager(p(1)), u = async_create_task_eager(q(1));
	printf("at once %d\n", running);
	int z = await *t + await *u;
	printf("%d %d %d\n", x, y, z);
	async_task_group (g) {
		async_create_task_in(g, async_gather(work(1), work(2)));
		async_create_task_in(g, async_catch(work(7)));
	}
	await async_gather(async_gather(work(1)));
}
int main(void) { all(); return 0; }
