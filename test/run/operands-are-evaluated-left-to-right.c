// In an expression with an await, callee, arguments and operands are evaluated left to right, each read at its turn, whatever
// the C compiler would do.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 1 2 3 plain(1,2,3) = 123
// CHECK: plain(0,11,11) = 121
#include <async.h>
#include <stdio.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }
static async int sum3(int a, int b, int c) { printf(" sum(%d,%d,%d)", a, b, c); if (b & 1) await async_sleep(0); return a * 100 + b * 10 + c; }
static int plain3(int a, int b, int c) { printf(" plain(%d,%d,%d)", a, b, c); return a * 100 + b * 10 + c; }
static int g;
static int bump(void) { return ++g; }
static async int bump_async(void) { g += 10; await async_sleep(0); return ++g; }
typedef int (*fn3)(int, int, int);
static fn3 pick(int v) { printf(" pick%d", v); return plain3; }
static fn3 apick(int v) { printf(" apick%d", v); return sum3; }
struct s { int x, y; int a[3]; };
static struct s obj;
static struct s *ptr(int v) { printf(" ptr%d", v); return &obj; }
static int arr[8];
static async struct s mk(int v) { printf(" mk%d", v); if (v & 1) await async_sleep(0); return (struct s){v, v + 1, {v, v + 1, v + 2}}; }

static async void args(void)
{
	int r;
	r = plain3(await t(1), await t(2), await t(3)); printf(" = %d\n", r);
	r = plain3(p(1), await t(2), p(3)); printf(" = %d\n", r);
	r = plain3(p(1), p(2), await t(3)); printf(" = %d\n", r);
	r = await sum3(await t(1), await sum3(p(1), await t(4), 2), await t(3)); printf(" = %d\n", r);
	r = pick(1)(await t(1), p(2), await t(3)); printf(" = %d\n", r);
	r = (*pick(await t(5)))(await t(1), p(2), await t(3)); printf(" = %d\n", r);
	r = await apick(1)(await t(1), p(2), await t(3)); printf(" = %d\n", r);
	r = await (*apick(await t(7)))(await t(1), p(2), 9); printf(" = %d\n", r);
	g = 0; r = plain3(g, await bump_async(), g); printf(" = %d\n", r);
	g = 0; r = plain3(g, bump(), await bump_async()); printf(" = %d\n", r);
	g = 0; r = plain3(await bump_async(), g, bump()); printf(" = %d\n", r);
	g = 0; r = plain3(await bump_async(), bump(), g); printf(" = %d\n", r);
	int i = 1;
	r = plain3(i, i = await t(4), i); printf(" = %d\n", r);
	i = 1; r = plain3(i++, await t(4), i); printf(" = %d\n", r);
	i = 1; r = plain3(await t(i++), i++, i); printf(" = %d\n", r);
	i = 1; r = await sum3(i++, i++, i++); printf(" = %d\n", r);
}

static async void operands(void)
{
	int r, i = 2, *q = &i;
	r = p(1) + await t(2) * p(3); printf(" = %d\n", r);
	r = await t(1) + await t(2) - await t(3); printf(" = %d\n", r);
	g = 1; r = g + await bump_async(); printf(" = %d\n", r);
	g = 1; r = await bump_async() + g; printf(" = %d\n", r);
	g = 1; r = g + bump() * 100 + await t(1) + g; printf(" = %d\n", r);
	r = i + (i = await t(5)) + i; printf(" = %d\n", r);
	r = *q + (i = await t(6)) + *q; printf(" = %d\n", r);
	r = -i + !await t(0) + ~await t(1); printf(" = %d\n", r);
	arr[3] = 5; r = arr[await t(3)] + (arr[3] = await t(8)); printf(" = %d\n", r);
	r = (await t(3))[arr]; printf(" = %d\n", r);
	r = arr[i = 3] + await t(1) + arr[i]; printf(" = %d\n", r);
	r = ptr(1)->a[await t(2)] + p(4); printf(" = %d\n", r);
	r = p(1)[ptr(1)->a + await t(1)]; printf(" = %d\n", r);
	r = *(arr + await t(3)) + *(await t(3) + arr); printf(" = %d\n", r);
	r = (await mk(3)).y + (await mk(4)).a[await t(2)] + (await mk(1)).a[p(1)]; printf(" = %d\n", r);
	r = (p(1) < await t(2)) == p(1); printf(" = %d\n", r);
	r = (p(1), await t(2), p(3)) + (await t(1), p(2)) + (p(2), await t(1)); printf(" = %d\n", r);
	r = ((p(1), (await t(2), p(6))), i); printf(" = %d\n", r);
	r = (i++, await t(2)) + (await t(1), i) + (await t(1), i++); printf(" = %d\n", r);
}

int main(void)
{
	args();
	operands();
	return 0;
}
