// async_create_task and async_gather take calls through function pointers: an async target becomes a task, a plain one is called
// at once and its result waits; also while the arguments of another such call are evaluated, and from ordinary functions.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: ops0 plain1 ops0 add2 plain4 made = 9 -5 1
// CHECK-NEXT: ops1 plain3 plain8 add5 = 7 11 17
// CHECK-NEXT: plain20 plain7 plain1 plain2 plain3 add7 = 28 12
// CHECK-NEXT: ops0 = 22 no 3
// CHECK-NEXT: plain1 plain1 = 33 4
// CHECK-NEXT: ops1 ops1 add2 made add1 add4 = 8 -5 1
// CHECK-NEXT: ops1 add3 add5 add8 = 7 11 17
// CHECK-NEXT: add7 add20 add7 add1 add2 add3 = 28 12
// CHECK-NEXT: ops0 = 22 no 3
// CHECK-NEXT: plain1 plain1 = 33 4
#include <async.h>
#include <stdio.h>
#include <string.h>
struct pt { int x, y; };
static async int async_add(int a, int b) { printf(" add%d", a); if (a & 1) await async_sleep(0); return a + b; }
static int plain_add(int a, int b) { printf(" plain%d", a); return a + b; }
static async struct pt async_pt(int v) { await async_sleep(0); return (struct pt){v, -v}; }
static async void async_bump(int *v) { await async_sleep(0); ++*v; }
static void plain_bump(int *v) { ++*v; }
static async int fail(int a, int b) { await async_sleep(0); async_raise(a, "no %d", b); return 0; }
struct ops { int (*add)(int, int); struct pt (*pt)(int); void (*bump)(int *); };
static const struct ops asynch = {async_add, async_pt, async_bump}, mixed = {plain_add, async_pt, plain_bump};
static const struct ops *ops(int v) { printf(" ops%d", v); return v ? &asynch : &mixed; }
static async_task(int) start(const struct ops *o, int v) { return async_create_task(o->add(v, 1)); }
static int seven(void) { async_task(int) t = start(&asynch, 7); async_detach(t); return 7; }
static async int run(void)
{
	for (int i = 0; i < 2; i++) {
		const struct ops *o = ops(i);
		int v = 0, a, b;
		async_task(int) t1 = async_create_task(o->add(1, 2)), t2 = async_create_task(ops(i)->add(await async_add(2, 2), v + 1));
		async_task(struct pt) t3 = async_create_task((*o->pt)(5));
		async_task(void) t4 = async_create_task(o->bump(&v));
		printf(" made");
		a = *&v + await *t1 + await *t2;
		await *t4;
		printf(" = %d %d %d\n", a, (await *t3).y, v);
		async_create_task(o->bump(&v));
		await async_gather(a = o->add(3, 4), b = ops(1)->add(5, 6), async_gather(o->bump(&v), v = o->add(8, 9)));
		printf(" = %d %d %d\n", a, b, v);
		a = await o->add(seven(), await *start(o, 20));
		b = await async_shield(o->add(1, 1)) + await async_wait_for(o->add(2, 2), 5) + await *async_create_task(async_wait_for(o->add(3, 3), 1));
		printf(" = %d %d\n", a, b);
		o = ops(0);
		int (*f)(int, int) = fail;
		async_error e = await async_catch(*async_create_task(f(22, 3)));
		printf(" = %d %s\n", e.code, e.message);
		await async_gather(e = async_catch(f(33, 4)), a = o->add(1, await *async_create_task((f == fail ? o->add : NULL)(1, 2))));
		printf(" = %d %d\n", e.code, a);
	}
	return 0;
}
int main(void) { return run(); }
