// async_gather's results go to members, bit-fields, array elements and places behind calls, each when all is done; its operands
// are evaluated first, left to right.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: 13 2 3 4 5 6 70001 at1 = -1 5 2 3 4 5 2 6 4465
// CHECK-NEXT: n1 8 9 10 at2 = 2 3 9 0 10
// CHECK-NEXT: p1 2 p3 p4 1 5 4 = 1 5 4
// CHECK-NEXT: 21 22 5 = 33 code 33 21 22 45 5
// CHECK-NEXT: 31 32 = 31 32
// CHECK-NEXT: 1 2 = 7
// CHECK-NEXT: 2 = 1 2
// CHECK-NEXT: 2 = 1 1
// CHECK-NEXT: 0 1 2 = 012 1
// CHECK-NEXT: 1 2 = 3
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
static struct pt gpt;
static struct pt *at(int v) { printf(" at%d", v); return &gpt; }

static async void gathers(void)
{
	struct pt s, arr[3] = {{0}}; struct bits b = {0}; int i = 0, a[4] = {0}, r; double d; short sh; async_error e;
	await async_gather(s = mk(1), b.a = t(13), b.b = t(2), a[i++] = t(3), a[i++] = t(4), at(1)->y = t(5), d = t(6), sh = t(70001));
	printf(" = %d %d %d %d %d %d %d %g %d\n", s.y, b.a, b.b, a[0], a[1], gpt.y, i, d, sh);
	await async_gather(arr[1] = mk(2), *at(2) = mk(3), nothing(1), t(8), (a[2] = t(9)), e = async_catch(r = t(10)));
	printf(" = %d %d %d %d %d\n", arr[1].x, gpt.x, a[2], e.code, r);
	await async_gather(a[0] = t(p(1)), a[1] = t(await t(2) + p(3)), a[2] = t(p(4)));
	printf(" = %d %d %d\n", a[0], a[1], a[2]);
	await async_gather(e = async_catch(a[3] = fail(33)), a[0] = async_wait_for(t(21), 1.0), a[1] = async_shield(t(22)), r = async_run_in_executor(NULL, plain(4, 5)), a[2] = async_wait_for(async_shield(t(5)), 2));
	printf(" = %d %s %d %d %d %d\n", e.code, e.message, a[0], a[1], r, a[2]);
	async_task(int) t1 = async_create_task(t(31)), t2 = async_create_task(t(32));
	await async_gather(a[0] = *t1, a[1] = *t2); printf(" = %d %d\n", a[0], a[1]);
	e = await async_catch(async_gather(a[0] = t(1), a[1] = fail(7), a[2] = t(2))); printf(" = %d\n", e.code);
	await async_wait_for(async_gather(a[0] = slow(1), a[1] = t(2)), 20); printf(" = %d %d\n", a[0], a[1]);
	e = await async_catch(async_wait_for(async_gather(a[0] = slow(9), a[1] = t(2)), 0.5)); printf(" = %d %d\n", e.code == ASYNC_TIMEOUT, a[0]);
	for (int k = 0; k < 3; k++) await async_gather(a[k] = t(k), a[3] = half(k)); printf(" = %d%d%d %d\n", a[0], a[1], a[2], a[3]);
	a[0] = (await async_gather(a[1] = t(1)), a[1] + await t(2)); printf(" = %d\n", a[0]);
}

int main(void)
{
	gathers();
	return 0;
}
