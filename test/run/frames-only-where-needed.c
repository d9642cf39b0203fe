// A callee that need not suspend takes no frame, one that must takes it late; either way its result, its error and its caller's
// variables are what they are.
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct large { char text[40]; int n; };
struct pair { double x; _Bool even; };

/* Weak: their callers know no more than of a function in another file. */
#define ELSEWHERE __attribute__((weak)) async

ELSEWHERE struct large large(int n, _Bool waits)
{
	struct large l = { "large", n };
	if (waits)
		await async_sleep(0);
	return l;
}

ELSEWHERE _Bool even(int n)
{
	return n % 2 == 0;
}

ELSEWHERE struct pair pair(int n)
{
	if (n < 0)
		async_raise(ERANGE, "%d is too small", n);
	if (n > 100) {
		await async_sleep(0.001);
		if (n > 200)
			async_raise(ERANGE, "%d is too large", n);
	}
	return (struct pair){ n / 2.0, await even(n) };
}

ELSEWHERE void nothing(int *counter, int times)
{
	while (times--) {
		++*counter;
		if (times % 3 == 1)
			await async_sleep(0);
	}
}

/* Suspends at its deepest point, and sums on the way back. */
async long deep(int n, _Bool waits)
{
	if (n == 0) {
		if (waits)
			await async_sleep(0);
		return 0;
	}
	return n + await deep(n - 1, waits);
}

async int fib(int n)
{
	if (n % 7 == 3)
		await async_sleep(0);
	return n < 2 ? n : await fib(n - 1) + await fib(n - 2);
}

async void fails_below(int n)
{
	if (n == 0)
		async_raise(EIO, "at the bottom");
	await fails_below(n - 1);
}

static async int through(int (*p)(int), int n)
{
	return await p(n) + await p(n + 1);
}

static int plain(int n)
{
	return 100 * n;
}

async int main(void)
{
	struct large l = await large(1, 0), m = await large(2, 1);
	// CHECK: large 1, large 2
	printf("%s %d, %s %d\n", l.text, l.n, m.text, m.n);

	struct pair p = await pair(7), q = await pair(108);
	// CHECK: 3.5 0, 54.0 1
	printf("%.1f %d, %.1f %d\n", p.x, p.even, q.x, q.even);

	async_error e = await async_catch(p = pair(-1)), g = await async_catch(q = pair(201));
	// CHECK: -1 is too small, 201 is too large, 3.5, 54.0
	printf("%s, %s, %.1f, %.1f\n", e.message, g.message, p.x, q.x);

	int counter = 0;
	await nothing(&counter, 0);
	await nothing(&counter, 10);
	// CHECK: 10
	printf("%d\n", counter);

	// CHECK: 1275 1275 5000050000 5000050000
	printf("%ld %ld ", await deep(50, 0), await deep(50, 1));
	printf("%ld %ld\n", await deep(100000, 0), await deep(100000, 1));

	// CHECK: 610
	printf("%d\n", await fib(15));

	e = await async_catch(fails_below(1000));
	// CHECK: at the bottom
	printf("%s\n", e.message);

	// CHECK: 13 900 21
	printf("%d %d %d\n", await through(fib, 5), await through(plain, 4), await async_wait_for(through(fib, 6), 5));

	async_task(int) a = async_create_task(fib(9)), b = async_create_task(fib(10));
	// CHECK: 34 55
	printf("%d %d\n", await *a, await *b);
	return 0;
}
