// A name in a typeof is the local's, wherever libclang hides it: in a cast, in a _Generic, in nothing's declaration, in a macro.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 7 4 1 8 1 3 2 5
// CHECK-NEXT: 7 12 2
#include <async.h>
#include <stdio.h>

#define AS(x, value) ((__typeof__(x))(value))
#define SAME(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))

struct s { int n; };

static async int step(int n)
{
	if (n & 1)
		await async_sleep(0);
	return n;
}
static void take(const int *p)
{
	(void)p;
}

static async int run_time_size(int n, int (*rows)[n])
{
	int sum = await step(rows[0][1]);
	__typeof__(*rows) *last = rows + 1;
	sum += (*last)[1];
	printf("%d %d", sum, (int)sizeof(__typeof__(*rows)));
	return (int)(sizeof *(__typeof__(rows))0 / sizeof(__typeof__(rows[0][0])) - 1);
}

async int main(void)
{
	int n = 7;
	struct s s = {4};
	double d = 2.5;
	take(&n);
	take(&s.n);
	await step(1);
	int shadow = 0;
	{
		static char n = 1;
		shadow = (int)sizeof((__typeof__(n) *)0)[0] * n;
	}
	char *p = (char *)(__typeof__(&n))&n;
	printf("%d %d %d %d %d %d %d %d\n", *(__typeof__(&n))p, ((__typeof__(s) *)(__typeof__(&s.n))&s.n)->n, shadow,
	       (int)sizeof(__typeof__(&s)), SAME(n, s.n), _Generic(d, __typeof__(n): 2, __typeof__(d): await step(3)), AS(n, d),
	       (int)AS(d, 5.5));
	take(&n);
	await step(1);
	int rows[2][3] = {{1, 2, 3}, {4, 5, 6}};
	printf(" %d\n", await run_time_size(3, rows));
	return 0;
}
