/* async_gather runs awaitables concurrently and stores their results; errors either propagate or are results. */
#include <async.h>
#include <stdio.h>

async int factorial(char name, int number)
{
	int f = 1;
	for (int i = 2; i <= number; i++) {
		printf("Task %c: Compute factorial(%d), currently i=%d...\n", name, number, i);
		await async_sleep(0.05);
		f *= i;
	}
	printf("Task %c: factorial(%d) = %d\n", name, number, f);
	return f;
}

async void fails(void)
{
	await async_sleep(0.02);
	async_raise(ASYNC_ERROR, "no luck");
}

async int main(void)
{
	int a, b, c;
	await async_gather(a = factorial('A', 2), b = factorial('B', 3), c = factorial('C', 4));
	printf("[%d, %d, %d]\n", a, b, c);

	async_try {
		await async_gather(factorial('D', 2), fails());
	} async_except(err) {
		printf("gather failed: %s\n", err.message);
	}
	await async_sleep(0.1); /* D keeps running */

	int e;
	async_error errors[2];
	await async_gather(errors[0] = async_catch(e = factorial('E', 2)), errors[1] = async_catch(fails()));
	printf("%d %s\n", e, errors[1].message);
	return 0;
}
