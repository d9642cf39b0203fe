// The array in the result of a call outlives the awaits of its expression.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: mkp1 1 mkp2 p1 = 5
#include <async.h>
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }

struct s { int x, y, a[3]; };
static struct s mkp(int v) { printf(" mkp%d", v); return (struct s){v, v + 1, {v, v + 1, v + 2}}; }
static async struct s mk(int v) { if (v & 1) await async_sleep(0); return mkp(v); }
static int *same(int *q) { return q; }

static async void temporaries(void)
{
	int r = mkp(1).a[await t(1)] + mkp(2).a[p(1)]; printf(" = %d\n", r);
	r = (await mk(3)).a[await t(2)] + mkp(4).a[({ await t(1); 2; })]; printf(" = %d\n", r);
	r = same(mkp(5).a)[await t(1)] + same((await mk(6)).a)[p(2)] + *same(mkp(7).a); printf(" = %d\n", r);
	r = (await t(1) ? mkp(1) : mkp(2)).a[await t(0)] + (await t(0) ? await mk(1) : mkp(2)).a[2]; printf(" = %d\n", r);
	struct s v; r = (v = mkp(8)).a[await t(1)] + (p(1), mkp(9)).a[await t(1)]; printf(" = %d\n", r);
	r = *(mkp(1).a + await t(2)) + *(await t(1) + mkp(1).a) + (await t(1))[mkp(3).a]; printf(" = %d\n", r);
	await t(same(mkp(3).a)[p(1)]); r = mkp(await t(2)).x + mkp(1).y; printf(" = %d\n", r);
}

int main(void)
{
	temporaries();
	return 0;
}
