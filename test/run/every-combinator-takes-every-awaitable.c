// Every combinator takes every awaitable: calls, pointers, handles, objects, jobs, and the other combinators.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: wait_for 1 2 103 4 5 6 107 8 9 10 11 -12 0 14
// CHECK-NEXT: catch 1 2 103 4 5 6 7 8 109 10 11 1 0 15
// CHECK-NEXT: gather 1 2 103 4 5 106 7 8 -9 10 11 1 14
// CHECK-NEXT: shield 1 2 103 4 105 6 7 8
// CHECK-NEXT: task 101 2 3 4 5 6 7
#include <async.h>
#include <stdio.h>

struct pt { int x, y; };
static async int f(int v) { if (v & 1) await async_sleep(0); return v; }
static async struct pt mk(int v) { await async_sleep(0); return (struct pt){v, -v}; }
static async int fail(int code) { if (code & 1) await async_sleep(0); async_raise(code, "no"); return 0; }
static async int slow(int v) { await async_sleep(5); return v; }
static async void nothing(void) { await async_sleep(0); }
static int plain(int v) { return v + 100; }
static int (*pointer(int v))(int) { return v == 0 ? f : v == 1 ? plain : fail; }

struct countdown { async_awaitable_t awaitable; int left, value; };
static async_status count(async_awaitable_t *self, void *result)
{
	struct countdown *object = (struct countdown *)self;
	if (object->left-- > 0) {
		async_wake_soon();
		return ASYNC_SUSPENDED;
	}
	*(int *)result = object->value;
	return ASYNC_DONE;
}
static struct countdown objects[4];
static struct countdown *object(int i, int value)
{
	objects[i] = (struct countdown){.awaitable = {count, NULL}, .left = i, .value = value};
	return &objects[i];
}

static async void waits(void)
{
	int a = await async_wait_for(f(1), 1), b = await async_wait_for(pointer(0)(2), 1), c = await async_wait_for(pointer(1)(3), 1);
	int d = await async_wait_for(*async_create_task(f(4)), 1), e = await async_wait_for(*async_coroutine(f(5)), 1);
	int g = await async_wait_for(async_awaitable(int, object(2, 6)), 1), h = await async_wait_for(async_run_in_executor(NULL, plain(7)), 1);
	int i = await async_wait_for(async_wait_for(f(8), 1), 1), j = await async_wait_for(async_shield(f(9)), 1), k = 0, l = 0;
	await async_wait_for(async_gather(k = f(10), l = pointer(0)(11)), 1);
	await async_wait_for(nothing(), 1);
	struct pt p = await async_wait_for(mk(12), 1);
	async_error none = await async_wait_for(async_catch(f(13)), 1), some = await async_wait_for(async_catch(a = fail(14)), 1);
	printf("wait_for %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", a, b, c, d, e, g, h, i, j, k, l, p.y, none.code, some.code);
}

static async void catches(void)
{
	int v = 0;
	printf("catch");
	printf(" %d", (await async_catch(v = f(1))).code + v);
	printf(" %d", (await async_catch(v = pointer(0)(2))).code + v);
	printf(" %d", (await async_catch(v = pointer(1)(3))).code + v);
	printf(" %d", (await async_catch(pointer(2)(4))).code);
	printf(" %d", (await async_catch(v = *async_create_task(f(5)))).code + v);
	printf(" %d", (await async_catch(*async_create_task(fail(6)))).code);
	printf(" %d", (await async_catch(v = *async_coroutine(fail(7)))).code);
	printf(" %d", (await async_catch(v = async_awaitable(int, object(1, 8)))).code + v);
	printf(" %d", (await async_catch(v = async_run_in_executor(NULL, plain(9)))).code + v);
	printf(" %d", (await async_catch(async_shield(fail(10)))).code);
	printf(" %d", (await async_catch(async_gather(v = f(11), fail(11)))).code);
	printf(" %d", (await async_catch(v = async_wait_for(slow(12), 1))).code == ASYNC_TIMEOUT);
	printf(" %d", (await async_catch(nothing())).code);
	printf(" %d\n", (await async_catch(async_catch(fail(14)))).code + (await async_catch(f(await fail(15)))).code);
}

static async void gathers(void)
{
	int a, b, c, d, e, g, h, i, j;
	async_error x, y, z;
	struct pt p;
	await async_gather(a = f(1), b = pointer(0)(2), c = pointer(1)(3), d = *async_create_task(f(4)), e = *async_coroutine(f(5)),
			   g = async_run_in_executor(NULL, plain(6)), h = async_wait_for(f(7), 1), i = async_shield(f(8)), nothing(), p = mk(9),
			   x = async_catch(fail(10)), y = async_catch(pointer(2)(11)), z = async_catch(h = async_wait_for(slow(12), 1)), async_catch(fail(13)), j = async_awaitable(int, object(3, 14)));
	printf("gather %d %d %d %d %d %d %d %d %d %d %d %d %d\n", a, b, c, d, e, g, h, i, p.y, x.code, y.code, z.code == ASYNC_TIMEOUT, j);
}

static async void shields(void)
{
	int a = await async_shield(f(1)), b = await async_shield(pointer(0)(2)), c = await async_shield(pointer(1)(3));
	int d = await async_shield(*async_create_task(f(4))), e = await async_shield(async_run_in_executor(NULL, plain(5)));
	int g = await async_shield(async_wait_for(f(6), 1)), h = await async_shield(async_shield(f(7)));
	int i = await async_shield(async_awaitable(int, object(2, 8)));
	await async_shield(nothing());
	printf("shield %d %d %d %d %d %d %d %d\n", a, b, c, d, e, g, h, i);
	a = await *async_create_task(async_run_in_executor(NULL, plain(1)));
	b = await *async_create_task(async_wait_for(f(2), 1));
	c = await *async_create_task(async_shield(f(3)));
	d = await *async_create_task(*async_coroutine(f(4)));
	e = await *async_create_task(pointer(0)(5));
	g = await *async_create_task(async_awaitable(int, object(0, 6)));
	h = await *async_create_task(async_wait_for(async_awaitable(int, object(1, 7)), 1));
	printf("task %d %d %d %d %d %d %d\n", a, b, c, d, e, g, h);
}

int main(void)
{
	waits();
	catches();
	gathers();
	shields();
	return 0;
}
