// async_wait_for, async_shield, async_catch, async_run_in_executor, tasks and coroutine values inside of one another and inside of
// expressions.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: p1 p2 1 5 3 = 4
// CHECK-NEXT: 1 2 = 12
// CHECK-NEXT: = 1 timed out
// CHECK-NEXT: 4 = 5
// CHECK-NEXT: 5 1 = 1
// CHECK-NEXT: = 0
// CHECK-NEXT: = 0 3
// CHECK-NEXT: n3 = 0 12
// CHECK-NEXT: = 5
// CHECK-NEXT: 1 7 = 7
// CHECK-NEXT: 1 1 p2 = 22
// CHECK-NEXT: 1 yes
// CHECK-NEXT: = 1 44
// CHECK-NEXT: 3 p4 made 7 = 7
// CHECK-NEXT: 1 p6 2 6 = 8
// CHECK-NEXT: 1 = 3.5
// CHECK-NEXT: 2 n2 = -6
// CHECK-NEXT: p1 2 = 6
// CHECK-NEXT: = 7 6
// CHECK-NEXT: 1 1 = 46 1
// CHECK-NEXT: 2 = 2
// CHECK-NEXT: 0 = 1
// CHECK-NEXT: p9 = 1
#include <async.h>
#include <stdio.h>
#include <string.h>
struct pt { int x, y; };
struct bits { unsigned a : 3; int b : 5; };
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }
static async struct pt mk(int v) { if (v & 1) await async_sleep(0); return (struct pt){v, -v}; }
static async void nothing(int v) { printf(" n%d", v); if (v & 1) await async_sleep(0); }
static async int fail(int code) { if (code & 1) await async_sleep(0); async_raise(code, "code %d", code); return 1; }
static async int slow(int v) { await async_sleep(10); return v; }
static async double half(int v) { await async_sleep(0); return v / 2.0; }
static int plain(int a, int b) { return a * 10 + b; }
static struct pt plain_pt(struct pt q, const char *s) { return (struct pt){q.x + (int)strlen(s), q.y}; }
static void plain_void(int *q) { ++*q; }
static int *plain_pointer(int *q) { return q + 1; }
static int vsum(int n, ...) { __builtin_va_list ap; __builtin_va_start(ap, n); int r = 0; while (n--) r += __builtin_va_arg(ap, int); __builtin_va_end(ap); return r; }

static async void nested(void)
{
	int r, q = 5, *pi = &q; double d; async_error e; struct pt s;
	r = await async_wait_for(t(p(1)), p(2)) + await async_wait_for(async_wait_for(t(3), 4), await t(5)); printf(" = %d\n", r);
	r = await async_shield(t(1)) * 10 + await async_shield(async_wait_for(t(2), 1)); printf(" = %d\n", r);
	e = await async_catch(r = async_wait_for(slow(1), 0.25)); printf(" = %d %s\n", e.code == ASYNC_TIMEOUT, e.message);
	r = (await async_catch(fail(2))).code + (await async_catch(r = fail(3))).code + (await async_catch(r = t(4))).code; printf(" = %d\n", r);
	r = (e = await async_catch(fail(await t(5))), e.code) ? await t(1) : await t(2); printf(" = %d\n", r);
	e = await async_catch(async_catch(fail(9))); printf(" = %d\n", e.code);
	e = await async_catch(s = async_wait_for(mk(3), 1)); printf(" = %d %d\n", e.code, s.x);
	e = await async_catch(nothing(3)); e = await async_catch(r = async_run_in_executor(NULL, plain(1, 2))); printf(" = %d %d\n", e.code, r);
	e = await async_catch(async_shield(fail(5))); printf(" = %d\n", e.code);
	r = await t(1) ? await async_wait_for(t(7), 1) : await async_shield(t(8)); printf(" = %d\n", r);
	r = plain(await async_wait_for(t(1), 1), await async_run_in_executor(NULL, plain(await t(1), p(2)))); printf(" = %d\n", r);
	if (await async_wait_for(t(1), 1) && !(await async_catch(fail(3))).code) printf("no\n"); else printf(" yes\n");
	async_task(int) task = async_create_task(slow(44)); e = await async_catch(r = async_wait_for(async_shield(*task), 1)); printf(" = %d %d\n", e.code == ASYNC_TIMEOUT, await *task);
	async_coro(int) c = async_coroutine(t(await t(3) + p(4))); printf(" made"); r = await *c; printf(" = %d\n", r);
	task = await t(1) ? async_create_task(t(p(6))) : NULL; r = await t(2) + await async_wait_for(*task, 1); printf(" = %d\n", r);
	async_task(double) dt = async_create_task(half(5)); d = await *dt + await t(1); printf(" = %g\n", d);
	async_create_task(nothing(await t(2))); await async_sleep(0); async_task(struct pt) st = async_create_task(mk(6)); printf(" = %d\n", (await *st).y);
	r = await async_run_in_executor(NULL, vsum(3, p(1), await t(2), 3)); printf(" = %d\n", r);
	s = await async_run_in_executor(NULL, plain_pt(await mk(4), "abc")); await async_run_in_executor(NULL, plain_void(&q)); printf(" = %d %d\n", s.x, q);
	int (*f)(int, int) = plain, *(*fp)(int *) = plain_pointer; r = await async_run_in_executor(NULL, f(await t(1), 2)) + await async_run_in_executor(NULL, (await t(1) ? f : NULL)(3, 4)); pi = await async_run_in_executor(NULL, fp(pi)); printf(" = %d %d\n", r, (int)(pi - &q));
	r = (await async_run_in_executor(NULL, plain_pt((struct pt){1, await t(2)}, "x"))).y; printf(" = %d\n", r);
	int k = 0; r = await async_wait_for(t(k++), k + 1.0) + k; printf(" = %d\n", r);
	e = await async_catch(r = async_wait_for(t(p(9)), 0)); printf(" = %d\n", e.code == ASYNC_TIMEOUT);
}

int main(void)
{
	nested();
	return 0;
}
