// A result is stored when the last await is over, so a saved local that fits has the same place if no parameters have; not what is only in the
// frame, what is larger, or anything of a function with something to do between its return and its end.
// RUN: %asyncc %s -o - --no-line | FileCheck %s
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s --check-prefix=OUT
#include <async.h>
#include <stdio.h>
#include <string.h>

static async int later(int n)
{
	await async_sleep(0);
	return n;
}

static int n;

// CHECK: struct {{.*}}shares__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* never in use at the same await */
// CHECK-NEXT: long result;
// CHECK-NEXT: long one;
// CHECK-NEXT: int two;
// CHECK-NEXT: };
// CHECK-NEXT: };
static async long shares(void)
{
	long one = n + 1;
	await async_sleep(0);
	if (one % 2)
		return one;
	int two = (int)one * 2;
	await async_sleep(0);
	return two + n;
}

// CHECK: struct {{.*}}too_large__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: char result;
// CHECK: long wide;
static async char too_large(void)
{
	long wide = n * 1000000000L;
	await async_sleep(0);
	return (char)(wide / 1000000000L);
}

// CHECK: struct {{.*}}in_the_frame__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: int result;
// CHECK: int known;
static async int in_the_frame(void)
{
	int known = n, *p = &known;
	*p += await later(1);
	return *p;
}

// CHECK: struct {{.*}}goes_on__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: int result;
// CHECK: int kept
static async int goes_on(void)
{
	int kept = n * 7;
	async_try {
		await async_sleep(0);
		if (n)
			return kept + 1;
	}
	async_finally {
		await async_sleep(0);
		printf("kept %d\n", kept);
	}
	return kept;
}

// CHECK-LABEL: stays__r{{un|esume}}(
// CHECK: f->one = one;
// CHECK-NOT: f->one = one;
// CHECK: 2 * one;
static async long stays(void)
{
	long one = n + 1;
	await async_sleep(0);
	await async_sleep(0);
	return 2 * one;
}

struct pair { int a, b; };

static async struct pair swapped(struct pair pair)
{
	struct pair mine = {pair.b, pair.a};
	await async_sleep(0);
	return (struct pair){mine.a, mine.b};
}

/* Its own frame serves it again, from the beginning. */
static async long down(int n, long sum)
{
	long more = sum + n;
	await async_sleep(0);
	if (!n)
		return more;
	return await down(n - 1, more);
}

static async double through_a_loop(void)
{
	double sum = 0;
	for (int i = 0; i < n; i++) {
		double part = await later(i) * 0.5;
		await async_sleep(0);
		sum += part;
	}
	return sum;
}

async int main(void)
{
	struct pair pair = await swapped((struct pair){1, 2});

	n = 4;
	printf("%ld", await shares());
	n = 5;
	printf(" %ld\n", await shares());
	n = 'x';
	printf("%d", await too_large());
	n = 9;
	printf(" %d\n", await in_the_frame());
	n = 3;
	printf("%d\n", await goes_on());
	n = 0;
	printf("%d\n", await goes_on());
	printf("%d %d\n", pair.a, pair.b);
	printf("%ld\n", await down(100, 0));
	n = 5;
	printf("%.1f\n", await through_a_loop());
	n = 6;
	printf("%ld\n", await stays());
	return 0;
}
// OUT: 5 17
// OUT-NEXT: 120 10
// OUT-NEXT: kept 21
// OUT-NEXT: 22
// OUT-NEXT: kept 0
// OUT-NEXT: 0
// OUT-NEXT: 2 1
// OUT-NEXT: 5050
// OUT-NEXT: 5.0
// OUT-NEXT: 14
