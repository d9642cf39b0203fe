// Beside an await, the parts of what a macro brings are evaluated left to right, too: such a macro is expanded.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 50
// CHECK-NEXT: 46
// CHECK-NEXT: -33
// CHECK-NEXT: 1 2 3 4 10
#include <async.h>
#include <stdio.h>
#define KEEP(place, value, other) ((int)(place = (value), other + place))
#define NOT(x) (~(x))
#define ADD(place, x) (place = (x), place + 1)
#define SUM(a, b) sum(a, b)

static int a = 5, b = 6;
static int *p = &a, *q = &b;

static int next(void)
{
	static int n;
	printf("%d ", ++n);
	return n;
}

static int sum(int x, int y)
{
	return x + y;
}

static async int twice(int x)
{
	await async_sleep(0);
	return 2 * x;
}

async int main(void)
{
	int t = 0, u = 0;
	printf("%d\n", sum(KEEP(t, (*p | (*q &= 7 ^ NOT(*p) ^ 40)), 1), await twice(22)));
	b = 6;
	printf("%d\n", sum(KEEP(t, (*p | ((*q) &= (7 ^ ADD(u, (*p) - 1)))), 1), await twice(19)));
	printf("%d\n", KEEP(t, KEEP(u, (*p) += 1, (*q) += 2), (*p) * (*q)) + KEEP(t, (*p | ((*q) = 100)), (*q) -= 1) + await twice(-50));
	printf("%d\n", SUM(next(), next()) + SUM(next(), next()) + await twice(0));
}
