// The value of an assignment is evaluated before its target; += reads the target after the await.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 1 i=1 a0=1
// CHECK: g=24
#include <async.h>
#include <stdio.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }
static int g;
static async int bump_async(void) { g += 10; await async_sleep(0); return ++g; }
typedef int (*fn3)(int, int, int);
struct s { int x, y; int a[3]; };
static struct s obj;
static struct s *ptr(int v) { printf(" ptr%d", v); return &obj; }
static int arr[8];

static async void targets(void)
{
	int r, i = 0, j = 1;
	arr[i++] = await t(1); printf(" i=%d a0=%d\n", i, arr[0]);
	arr[i++] += await t(1) + i; printf(" i=%d a1=%d\n", i, arr[1]);
	arr[p(2)] = await t(2); printf("\n");
	arr[await t(2)] = p(7); printf(" %d\n", arr[2]);
	arr[await t(2)] = await t(7); printf(" %d\n", arr[2]);
	arr[await t(2)] += await t(7); printf(" %d\n", arr[2]);
	ptr(await t(1))->x = await t(3); printf(" %d\n", obj.x);
	ptr(1)->x = await t(3); printf(" %d\n", obj.x);
	ptr(1)->x += await t(3); printf(" %d\n", obj.x);
	ptr(1)->a[p(2)] = await t(3); printf(" %d\n", obj.a[2]);
	ptr(1)->a[await t(2)] = p(3); printf(" %d\n", obj.a[2]);
	r = j = arr[i] = await t(9); printf(" %d %d %d\n", r, j, arr[2]);
	r = arr[p(1)] = arr[p(2)] = await t(9); printf(" %d %d %d\n", r, arr[1], arr[2]);
	r = (arr[await t(1)] = p(3)) + (arr[await t(1)] += p(3)); printf(" %d\n", r);
	g = 1; g += await bump_async(); printf(" g=%d\n", g);
	g = 1; g = g + await bump_async(); printf(" g=%d\n", g);
	i = 1; i += await t(i = 5); printf(" i=%d\n", i);
	i = 1; i = i++ + await t(3); printf(" i=%d\n", i);
	i = 2; arr[i] = i = await t(3); printf(" i=%d %d %d\n", i, arr[2], arr[3]);
	int *pt = &arr[0]; *pt++ = await t(5); *pt++ += await t(4); printf(" %d %d %d\n", arr[0], arr[1], (int)(pt - arr));
	int *const *pp = (int *const[]){&arr[5]}; **pp = await t(11); printf(" %d\n", arr[5]);
	*(await t(0) ? &arr[1] : &arr[2]) = await t(3); printf(" %d %d\n", arr[1], arr[2]);
	*(p(0) ? &arr[1] : &arr[2]) = await t(4); printf(" %d %d\n", arr[1], arr[2]);
	(await t(1) ? &obj : ptr(2))->y = await t(6); printf(" %d\n", obj.y);
	++arr[await t(1)]; arr[await t(1)]++; printf(" %d\n", arr[1]);
	r = arr[await t(1)]++ + ++arr[await t(1)]; printf(" %d %d\n", r, arr[1]);
	r = -arr[await t(1)]-- - await t(1); printf(" %d %d\n", r, arr[1]);
	(*&i) = await t(3); printf(" %d\n", i);
	((i)) = await t(3); printf(" %d\n", i);
	i = 5; i = await t(1) ? i : await t(2); printf(" %d\n", i);
}

int main(void)
{
	targets();
	return 0;
}
