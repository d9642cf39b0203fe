// Handles in the order in which they finish; a gather that cancels the rest on an error.  (107, 108, 109; 1.18)
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>

static async int work(int n)
{
	await async_sleep(n);
	if (n == 4)
		async_raise(ASYNC_LIMIT, "four");
	return n;
}

static async void in_order(double timeout)
{
	async_handle tasks[] = {async_create_task(work(3)), async_create_task(work(5)), async_create_task(work(1)), async_create_task(work(4))};
	async_completions *c = async_as_completed(tasks, 4, timeout);
	async_handle h;
	for (;;) {
		async_error e = await async_catch(h = async_next_completed(c));
		if (e.code) {
			printf("%s\n", e.message);
			break;
		}
		if (!h)
			break;
		int n = 0, i = 0;
		while (tasks[i] != h)
			i++;
		e = await async_catch(n = *(async_task(int))h);
		printf("task %d: %d %s\n", i, n, e.message);
	}
	async_completions_free(c);
	for (int i = 0; i < 4; i++)
		async_cancel(tasks[i]);
	printf("--\n");
}

static async_completions *shared;

static async int takes_one(void)
{
	async_handle h = await async_next_completed(shared);
	return h ? await *(async_task(int))h : -1;
}

static async void concurrently(void)
{
	async_handle tasks[] = {async_create_task(work(2)), async_create_task(work(1))};
	shared = async_as_completed(tasks, 2, ASYNC_FOREVER);
	async_task(int) gone = async_create_task(takes_one());
	async_task(int) a = async_create_task(takes_one()), b = async_create_task(takes_one()), c = async_create_task(takes_one());
	await async_sleep(0.5);
	async_cancel(gone);
	int first = await *a, second = await *b, third = await *c;
	printf("%d %d %d\n", first, second, third);
	async_completions_free(shared);
	async_handle stale[] = {tasks[0], NULL};
	shared = async_as_completed(stale, 2, 0);
	printf("%d", await async_next_completed(shared) == tasks[0]);
	printf("%d", await async_next_completed(shared) == NULL);
	printf("%d\n", await async_next_completed(shared) == NULL);
	async_completions_free(shared);
	shared = async_as_completed(stale, 0, 0);
	printf("%d\n", await async_next_completed(shared) == NULL);
	async_completions_free(shared);
}

static async void or_cancel(void)
{
	async_task(int) t[] = {async_create_task(work(3)), async_create_task(work(100)), async_create_task(work(4)), async_create_task(work(200))};
	async_handle handles[] = {t[0], t[1], t[2], t[3]};
	async_error e = await async_catch(async_gather_n_or_cancel(handles, 4));
	printf("%s:", e.message);
	for (int i = 0; i < 4; i++)
		printf(" %s", async_cancelled(t[i]) ? "cancelled" : async_done(t[i]) ? "done" : "pending");
	printf("\n");
	async_handle fine[] = {async_create_task(work(1)), async_create_task(work(2))};
	await async_gather_n_or_cancel(fine, 2);
	printf("%d\n", async_done(fine[1]));
}

async int main(void)
{
	await in_order(ASYNC_FOREVER);
	await in_order(3.5);
	await in_order(100);
	await concurrently();
	await or_cancel();
	return 0;
}
// CHECK: task 2: 1
// CHECK-NEXT: task 0: 3
// CHECK-NEXT: task 3: 0 four
// CHECK-NEXT: task 1: 5
// CHECK-NEXT: --
// CHECK-NEXT: task 2: 1
// CHECK-NEXT: task 0: 3
// CHECK-NEXT: timed out
// CHECK-NEXT: --
// CHECK: --
// CHECK-NEXT: 1 2 -1
// CHECK-NEXT: 111
// CHECK-NEXT: 1
// CHECK-NEXT: four: done cancelled done cancelled
// CHECK-NEXT: 1
