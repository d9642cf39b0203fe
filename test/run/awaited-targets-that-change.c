// What is awaited is what its operand was when the await began, whatever becomes of the variable meanwhile or in the same expression.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>

struct turn {
	async_awaitable_t awaitable;
	int left, n;
};

/* Suspends as often as `left` says. */
static async_status take_turns(struct async_awaitable *self, void *result)
{
	struct turn *turn = (struct turn *)self;

	if (turn->left-- > 0) {
		async_wake_soon();
		return ASYNC_SUSPENDED;
	}
	*(int *)result = turn->n;
	return ASYNC_DONE;
}

static async int later(int n)
{
	await async_sleep(0);
	return n;
}

static async_task(int) shared;

static async void change(async_task(int) *task, async_task(int) other)
{
	*task = other;
	await async_sleep(0);
}

static async void others_change_it(void)
{
	async_task(int) one = async_create_task(later(1)), two = async_create_task(later(2)), known = one;

	async_create_task(change(&known, two));
	printf("known %d\n", await *known);
	printf("and then %d\n", await *known);
	known = async_coroutine(later(8));
	async_create_task(change(&known, NULL));
	printf("coroutine %d\n", await *known);
	shared = async_create_task(later(3));
	one = shared;
	async_create_task(change(&shared, NULL));
	printf("shared %d %d\n", await *shared, shared == NULL);
}

static async void same_expression(void)
{
	async_task(int) task = async_create_task(later(4));
	async_task(int) volatile odd = async_create_task(later(5));
	async_task(int) next = async_create_task(later(6));
	int sum = await *task * 10;

	sum += await *odd + (task = next, 100);
	printf("%d\n", sum);
	for (int i = 0; i < 2; i++) {
		task = i ? next : async_create_task(later(7));
		printf("loop %d\n", await *(task));
	}
}

static async void places(int n)
{
	struct { struct turn turns[2]; } all = {{{{.step = take_turns}, 1, 10}, {{.step = take_turns}, 2, 20}}};
	struct turn one = {{.step = take_turns}, 3, 30}, *at = all.turns, on_heap[n];
	int sum;

	on_heap[n - 1] = one;
	sum = await async_awaitable(int, at++);
	printf("%d\n", sum + await async_awaitable(int, at));
	printf("%d\n", await async_awaitable(int, &(one)));
	printf("%d\n", await async_awaitable(int, &all.turns[--at - all.turns]));
	printf("%d\n", await async_awaitable(int, (&(struct turn){{.step = take_turns}, n, 40})));
	printf("%d\n", await async_awaitable(int, &on_heap[n - 1]));
	for (int i = 0; i < 2; i++) {
		struct turn inner = {{.step = take_turns}, i, 50 + i};
		printf("%d\n", await async_awaitable(int, &inner));
	}
}

async int main(void)
{
	await others_change_it();
	await same_expression();
	await places(3);
	return 0;
}
// CHECK: known 1
// CHECK-NEXT: and then 2
// CHECK-NEXT: coroutine 8
// CHECK-NEXT: shared 3 1
// CHECK-NEXT: 145
// CHECK-NEXT: loop 7
// CHECK-NEXT: loop 6
// CHECK-NEXT: 30
// CHECK-NEXT: 30
// CHECK-NEXT: 10
// CHECK-NEXT: 40
// CHECK-NEXT: 30
// CHECK-NEXT: 50
// CHECK-NEXT: 51
