// Ordinary C that calls back gets a function that blocks: a thread's own, on a loop of that thread, and what qsort compares with.
// RUN: %exec %s | FileCheck %s
// CHECK: 1 2 3 5 8
// CHECK-NEXT: thread 42
#include <async.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static async int compare(const void *a, const void *b)
{
	const int *x = a, *y = b;
	await async_sleep(0);
	return (*x > *y) - (*x < *y);
}
static async int doubled(int n)
{
	await async_sleep(0.001);
	return 2 * n;
}
static async void *in_a_thread(void *arg)
{
	int *n = arg;
	async_task(int) task = async_create_task(doubled(*n));
	*n = await *task;
	return arg;
}
int main(void)
{
	int table[] = { 5, 3, 8, 1, 2 }, n = 21;
	pthread_t thread;
	void *result;
	qsort(table, 5, sizeof *table, compare);
	printf("%d %d %d %d %d\n", table[0], table[1], table[2], table[3], table[4]);
	if (pthread_create(&thread, NULL, in_a_thread, &n) || pthread_join(thread, &result))
		return 1;
	printf("thread %d\n", *(int *)result);
	return 0;
}
