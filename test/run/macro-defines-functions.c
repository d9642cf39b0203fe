// A macro may define whole async functions, or the head of one, or hide keywords and combinators.
// RUN: %exec %s | FileCheck %s
// CHECK: 2 6 25 25
// CHECK-NEXT: test_one test_two 7 8
// CHECK-NEXT: 15
#include <async.h>
#include <stdio.h>

#define HANDLER(name, expression) static async int name(int x) { await async_sleep(0); return expression; }
#define BOTH(name) HANDLER(name##_plus, x + 1) HANDLER(name##_times, x * 2)
#define TEST(name) static async void name(void)
#define AWAIT await
#define ASYNC async
#define GATHER(a, b) async_gather(a, b)
#define SPAWN(call) async_create_task(call)
#define SAME(x) x
#define SQUARE_OF(x) square((x) + 1)

BOTH(calc)
HANDLER(square,
	x * x)

TEST(test_one) { await async_sleep(0); printf("test_one "); }
TEST(test_two)
{
	printf("test_two ");
	AWAIT async_sleep(0);
}

static ASYNC int result(int n)
{
	AWAIT async_sleep(0);
	return n;
}

SAME(static) async int first(int n) { await async_sleep(0); return n; } SAME(
static) async int second(int n) { await async_sleep(0); return n + await first(5); }
SAME(static async int) third(int n) { await async_sleep(0); return n + await second(4); }
SAME(static) SAME(async int) fourth(int n) { await async_sleep(0); return n + await third(3); } static SAME(async
) int fifth(int n)
{
	await async_sleep(0);
	return n + await fourth(2);
}

async int main(void)
{
	int a, b;
	printf("%d %d ", await calc_plus(1), AWAIT calc_times(3));
	printf("%d %d\n", await square(5), await SQUARE_OF(4));
	await test_one();
	await test_two();
	await GATHER(a = result(7), b = result(8));
	printf("%d %d\n", a, b);
	printf("%d\n", await fifth(1));
	return 0;
}
