// Queues carry values of their type, by put and get wherever an awaitable may stand.  (184, 187, 189)
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>
#include <string.h>

struct job {
	int number;
	char name[40];
	double weight;
};

static async void producer(async_queue(struct job) jobs, int n)
{
	for (int i = 1; i <= n; i++) {
		struct job job = {i, "", i * 0.5};
		snprintf(job.name, sizeof job.name, "job %d", i);
		await async_queue_put(jobs, job);
	}
	async_queue_shutdown(jobs);
}

static async double consumer(async_queue(struct job) jobs)
{
	double sum = 0;
	for (;;) {
		struct job job;
		async_error e = await async_catch(job = async_queue_get(jobs));
		if (e.code)
			break;
		printf("%s\n", job.name);
		sum += job.weight;
		async_queue_task_done(jobs);
	}
	return sum;
}

static async int sum_of_two(async_queue(int) q)
{
	return await async_queue_get(q) * 10 + await async_queue_get(q);
}

static async_queue(int) choose(async_queue(int) a)
{
	printf("choose\n");
	return a;
}

async int main(void)
{
	async_queue(struct job) jobs = async_queue_create(struct job, 2);
	async_task(double) t = async_create_task(consumer(jobs));
	await producer(jobs, 5);
	await async_queue_join(jobs);
	printf("%.1f\n", await *t);
	async_queue_destroy(jobs);

	async_queue(int) q = async_queue_create(int, 0);
	double four = 4.9;
	await async_queue_put(q, four);
	await async_queue_put(q, 'x' - 'r');
	printf("%d\n", await sum_of_two(q));

	async_error e = await async_catch(async_wait_for(async_queue_get(q), 0.01));
	printf("%s, %d left\n", e.message, (int)async_queue_size(q));

	int a = 0, b = 0;
	async_task(void) put = async_create_task(async_queue_put(q, 7));
	async_task(int) got = async_create_task(async_queue_get(q));
	printf("%d\n", await *got);
	await *put;
	await async_gather(a = async_queue_get(q), b = async_queue_get(q), async_queue_put(q, 1), async_queue_put(q, 2));
	printf("%d %d\n", a, b);

	async_queue_put_nowait(q, 3);
	int c;
	printf("%d", async_queue_get_nowait(q, &c));
	printf(" %d %d\n", c, async_queue_get_nowait(q, &c) == ASYNC_QUEUE_EMPTY);
	async_queue(const char *) names = async_queue_create_lifo(const char *, 0);
	await async_queue_put(names, "one");
	await async_queue_put(names, "two");
	printf("%s ", await async_queue_get(names));
	printf("%s\n", await async_queue_get(names));
	async_queue_destroy(names);
	async_queue_put_nowait(q, 40);
	await async_queue_put(choose(q), await async_queue_get(q) + 2);
	printf("%d\n", await async_queue_get(choose(q)));
	async_queue_destroy(q);
	return 0;
}
// CHECK: job 1
// CHECK-NEXT: job 2
// CHECK-NEXT: job 3
// CHECK-NEXT: job 4
// CHECK-NEXT: job 5
// CHECK-NEXT: 7.5
// CHECK-NEXT: 46
// CHECK-NEXT: timed out, 0 left
// CHECK-NEXT: 7
// CHECK-NEXT: 1 2
// CHECK-NEXT: 0 3 1
// CHECK-NEXT: two one
// CHECK-NEXT: choose
// CHECK-NEXT: choose
// CHECK-NEXT: 42
