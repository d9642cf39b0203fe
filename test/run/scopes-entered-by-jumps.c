// Variables of blocks that jumps enter and leave in every way: AddressSanitizer, for which %exec lowers them with poison, has nothing to say.
// RUN: %exec_twin %s | FileCheck %s
#include <async.h>
#include <stdio.h>
#include <string.h>

static int turn;

async void set(int *at, int value)
{
	if (turn++ % 2)
		await async_sleep(0);
	*at = value;
}

async int past_the_declaration(int n)
{
	int sum = 0;

	switch (n) {
		int x;
	case 0:
		x = 1;
		/* fall through */
	case 1:
		await set(&x, n + 5);
		sum += x;
		break;
	default:
		sum = -1;
	}
	return sum;
}

async int by_goto(int n)
{
	int sum = 0;

	if (n)
		goto inside;
	while (sum < 100) {
		int x, *p;
	inside:
		p = &x;
		await set(&x, 30 + n);
		sum += *p;
		if (sum % 2)
			continue;
		if (sum > 70)
			break;
	}
	return sum;
}

async int out_of_two(int n)
{
	for (int i = 0;; i++) {
		int a[4] = {i, n};
		for (int k = 0; k < 3; k++) {
			int b = k;
			await set(&a[2], b);
			await set(&b, a[2] * 2 + n);
			if (b > 5)
				return b + a[0];
			if (b == 3)
				break;
			if (b == 2 && i == 1)
				goto next;
		}
		await set(a, 7);
	next:;
		if (i > n)
			return a[0];
	}
}

static void drop(int *at)
{
	printf("drop %d\n", *at);
}

async int guarded(int n)
{
	for (int i = 0; i < n; i++) {
		__attribute__((cleanup(drop))) int x = i;
		await set(&x, i * 10);
		if (i == 1)
			continue;
		if (i == 3)
			return x;
	}
	return 0;
}

async int value(int n)
{
	int r = ({
		int x = n;
		await set(&x, x + 1);
		x;
	});
	{
		int x;
		await set(&x, r);
		r += x;
	}
	return r;
}

async int again(int n) /* its frame's memory has been another's */
{
	char room[64];

	memset(room, n, sizeof room);
	await async_sleep(0);
	if (n == 0)
		return room[63];
	{
		int x = 0;
		await set(&x, await again(n - 1));
		return x + room[1];
	}
}

async int main(void)
{
	for (int n = 0; n < 5; n++) {
		// CHECK: 5 90 1 0 2 0
		// CHECK-NEXT: drop 0
		printf("%d ", await past_the_declaration(n));
		printf("%d ", await by_goto(n));
		printf("%d ", await out_of_two(n));
		printf("%d ", await guarded(0));
		printf("%d ", await value(n));
		printf("%d\n", await again(n));
		await guarded(n + 1);
	}
	return 0;
}
