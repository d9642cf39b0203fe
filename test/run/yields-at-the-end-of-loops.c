// Loops whose bodies end in a yield take the turns that they take without it, and in the right order.
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>

static int steps;

static int step(int n)
{
	printf(" %d", n);
	steps++;
	return n;
}

static void left(int *n)
{
	printf(" (%d left)", *n);
}

static async void twice(int n)
{
	for (int i = 0, j = 2 * n; step(i) < n; i++, step(-j), j -= 2) {
		if (i == 1)
			continue;
		if (i == 4)
			break;
		if (i % 2)
			await async_sleep(0);
		else if (i)
			await async_sleep(0);
	}
}

static async int nested(int n)
{
	int sum = 0, i, j;
	for (i = 0; i < n; i++) {
		j = i;
		while (j-- > 0) {
			sum += 10 * i + j;
			await async_sleep(0);
		}
		for (;; j++)
			if (j > 1)
				break;
			else
				await async_sleep(0);
		await async_sleep(0);
	}
	return sum;
}

static async void scoped(int n)
{
	for (int i = 0; i < n; i++) {
		__attribute__((cleanup(left))) int kept = i * i;
		async_try { await async_sleep(0); }
		async_finally { step(kept); }
		await async_sleep(0);
	}
	for (int i = n; i > 0; i--)
		switch (i % 3) {
		case 0:
			step(i);
			break;
		case 1:
			await async_sleep(0);
		}
	int i = 2;
	do
		await async_sleep(0);
	while (step(--i));
}

static async void beside(int *turns)
{
	for (;;) {
		++*turns;
		await async_sleep(0);
	}
}

async int main(void)
{
	int turns = 0;
	async_task(void) other = async_create_task(beside(&turns));
	// CHECK: 0 -12 1 -10 2 -8 3 -6 4
	await twice(6);
	// CHECK: 2
	printf("\n%d\n", turns);
	// CHECK: 310
	printf("%d\n", await nested(5));
	// CHECK: 0 (0 left) 1 (1 left) 4 (4 left) 3 1 0
	await scoped(3);
	async_cancel(other);
	// CHECK: -1
	printf("\n%d\n", (await async_catch(*other)).code == ASYNC_CANCELLED ? -1 : 0);
	return 0;
}
