// Ordinary functions, callbacks for instance, make tasks, coroutines, group members and jobs whose arguments are calls.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: 1 + 20 + 300
// CHECK-NEXT: 2 + 30 + 300
// CHECK-NEXT: 3 + 40 + 300
// CHECK-NEXT: 4 + 50 + 300
// CHECK-NEXT: 5 + 60 + 300
// CHECK-NEXT: joined ab cd
// CHECK-NEXT: got 7 8
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ones, tens = 10, hundreds = 300;

static int one(void)
{
	return ++ones;
}

static int ten(void)
{
	return tens += 10;
}

static int *hundred(void)
{
	return &hundreds;
}

static async int add(int a, int b, const int *c)
{
	printf("%d + %d + %d\n", a, b, *c);
	await async_sleep(0);
	return a + b + *c;
}

static char *join(char *a, char *b)
{
	char *both = malloc(strlen(a) + strlen(b) + 1);
	strcpy(both, a);
	strcat(both, b);
	free(a), free(b);
	return both;
}

struct pair { int a, b; };
static async_queue(struct pair) pairs;
static async_task(char *) joined, again;
static char *(*joiner)(char *, char *) = join;

static struct pair pair(int a, int b)
{
	return (struct pair){a, b};
}

static void callback(void *group)
{
	async_detach(async_create_task(add(one(), ten(), hundred())));
	async_create_task_in((async_group *)group, add(one(), ten(), hundred()));
	async_detach(async_create_task(async_wait_for(add(one(), ten(), hundred()), 1)));
	async_detach(async_create_task(*async_coroutine(add(one(), ten(), hundred()))));
	async_detach(async_create_task(async_gather(add(one(), ten(), hundred()))));
	joined = async_create_task(async_run_in_executor(NULL, join(strdup("a"), strdup("b"))));
	again = async_create_task(async_run_in_executor_abandon(NULL, joiner(strdup("c"), strdup("d"))));
	async_create_task(async_queue_put(pairs, pair(7, 8)));
}

async int main(void)
{
	pairs = async_queue_create(struct pair, 0);
	async_task_group (g) {
		async_call_soon(callback, g);
		await async_sleep(1);
	}
	char *both = await *joined, *more = await *again;
	printf("joined %s %s\n", both, more);
	free(both), free(more);
	struct pair got = await async_queue_get(pairs);
	printf("got %d %d\n", got.a, got.b);
	async_queue_destroy(pairs);
	return 0;
}
