// A task group waits for all its tasks on every way out: at its end, by return, break, continue and goto.  (134, 136, 142)
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>

static int done;

static async int work(int n)
{
	await async_sleep(0.001 * n);
	done++;
	return n;
}

static async int grows(async_group *g, int n)
{
	if (n)
		async_create_task_in(g, grows(g, n - 1));
	return await work(n);
}

static async void at_its_end(void)
{
	int sum = 0;
	async_task_group (g) {
		async_task(int) a = async_create_task_in(g, work(2));
		async_create_task_in(g, work(3));
		sum += await *a;
		async_create_task_in(g, grows(g, 3));
	}
	printf("end: %d, %d done\n", sum, done);
}

static async int by_return(void)
{
	async_task_group (g) {
		async_create_task_in(g, work(1));
		return done + 100;
	}
	return 0;
}

static async void by_jumps(void)
{
	for (int i = 0; i < 4; i++) {
		async_task_group (g) {
			async_create_task_in(g, work(1));
			if (i == 0)
				continue;
			if (i == 2)
				break;
			if (i == 3)
				goto out;
		}
		printf("round %d: %d done\n", i, done);
	}
	printf("after break: %d done\n", done);
out:
	printf("out\n");
}

/* A break inside the block leaves the loop around it. */
static async void by_goto(void)
{
	async_task_group (outer) {
		async_create_task_in(outer, work(4));
		async_task_group (inner) {
			async_create_task_in(inner, work(2));
			goto away;
		}
	}
away:
	printf("goto: %d done\n", done);
}

static async void with_a_cancelled_one(void)
{
	async_task_group (g) {
		async_task(int) slow = async_create_task_in(g, work(100000));
		async_create_task_in(g, work(1));
		await async_sleep(0.001);
		async_cancel(slow);
	}
	printf("cancelled one: %d done\n", done);
}

static async void empty(void)
{
	async_task_group (nobody)
		printf("no braces, %d\n", nobody != NULL);
	async_task_group (unused)
		await async_sleep(1);
}

async int main(void)
{
	await at_its_end();
	done = 0;
	int n = await by_return();
	printf("return: %d, %d done\n", n, done);
	done = 0;
	await by_jumps();
	done = 0;
	await by_goto();
	done = 0;
	await with_a_cancelled_one();
	await empty();
	return 0;
}
// CHECK: end: 2, 6 done
// CHECK-NEXT: return: 100, 1 done
// CHECK-NEXT: round 1: 2 done
// CHECK-NEXT: after break: 3 done
// CHECK-NEXT: out
// CHECK-NEXT: goto: 2 done
// CHECK-NEXT: cancelled one: 1 done
// CHECK-NEXT: no braces, 1
