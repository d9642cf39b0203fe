// An awaitable that is awaited by a step: alone, in every combinator, as a task, by names that macros make, whatever its own step is; woken
// by others, failing, and cancelled before its end.
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
// CHECK: alone 5 6
// CHECK-NEXT: in combinators 7 8 9 10 0 11
// CHECK-NEXT: as tasks 12 13
// CHECK-NEXT: by a macro's name 14, its own step 100
// CHECK-NEXT: failed 3 no more
// CHECK-NEXT: woken 15
// CHECK-NEXT: timed out, cancelled 1
// CHECK-NEXT: in a loop 45
// CHECK-NEXT: asked 3 times
#include <async.h>
#include <stdio.h>

struct countdown {
	async_awaitable_t awaitable;
	int left, value;
};

static int asked, cancelled;

static inline async_status count(struct async_awaitable *self, void *result)
{
	struct countdown *countdown = (struct countdown *)self;

	asked++;
	if (countdown->left-- > 0) {
		async_wake_soon();
		return ASYNC_SUSPENDED;
	}
	*(int *)result = countdown->value;
	return ASYNC_DONE;
}

static async_status hundred(struct async_awaitable *self, void *result)
{
	(void)self;
	*(int *)result = 100;
	return ASYNC_DONE;
}

static async_status fail(struct async_awaitable *self, void *result)
{
	(void)result;
	return ((struct countdown *)self)->left ? ASYNC_DONE : async_fail(3, "no more");
}

struct gate {
	async_awaitable_t awaitable;
	async_handle waiter;
	bool open;
};

static async_status pass(struct async_awaitable *self, void *result)
{
	struct gate *gate = (struct gate *)self;

	(void)result;
	if (gate->open)
		return ASYNC_DONE;
	gate->waiter = async_current_task();
	return ASYNC_SUSPENDED;
}

static void leave_gate(struct async_awaitable *self)
{
	((struct gate *)self)->waiter = NULL;
	cancelled++;
}

static async void open_later(struct gate *gate)
{
	await async_sleep(1);
	gate->open = true;
	async_wake(gate->waiter);
}

static struct countdown new_countdown(int left, int value)
{
	return (struct countdown){.left = left, .value = value};
}

#define STEP(name) co##name
#define AWAIT(T, object) async_awaitable_by(T, object, STEP(unt))

static async void combinators(void)
{
	struct countdown a = new_countdown(0, 7), b = new_countdown(1, 8), c = new_countdown(2, 9), d = new_countdown(1, 10), e = new_countdown(3, 11);
	int x = await async_wait_for(async_awaitable_by(int, &a, count), 1), y = await async_shield(async_awaitable_by(int, &b, count)), z, v, w;
	async_error none = await async_catch(v = async_awaitable_by(int, &d, count));

	await async_gather(z = async_awaitable_by(int, &c, count), w = async_wait_for(async_awaitable_by(int, &e, count), 1));
	printf("in combinators %d %d %d %d %d %d\n", x, y, z, v, none.code, w);
}

static async void tasks(void)
{
	struct countdown a = new_countdown(0, 12), b = new_countdown(3, 13);
	async_task(int) first = async_create_task(async_awaitable_by(int, &a, count)), second = async_create_task(async_awaitable_by(int, &b, count));

	printf("as tasks %d", await *first);
	printf(" %d\n", await *second);
}

static async void gates(void)
{
	struct gate gate = {0}, never = {.awaitable.cancel = leave_gate};
	async_task(void) opener = async_create_task(open_later(&gate));
	int n = 15;

	await async_awaitable_by(void, &gate, pass);
	printf("woken %d\n", n);
	await *opener;
	async_error error = await async_catch(async_wait_for(async_awaitable_by(void, &never, pass), 1));
	printf("%s, cancelled %d\n", error.code == ASYNC_TIMEOUT ? "timed out" : "?", cancelled);
}

async int main(void)
{
	struct countdown none = new_countdown(0, 5), two = new_countdown(2, 6), own = new_countdown(1, 14), many[10];
	int sum = 0;

	printf("alone %d", await async_awaitable_by(int, &none, count));
	printf(" %d\n", await async_awaitable_by(int, &two, (count)));
	await combinators();
	await tasks();
	own.awaitable.step = hundred;
	printf("by a macro's name %d, ", await AWAIT(int, &own));
	printf("its own step %d\n", await async_awaitable(int, &own));
	none.left = 0;
	async_error error = await async_catch(async_awaitable_by(void, &none, fail));
	printf("failed %d %s\n", error.code, error.message);
	await gates();
	for (int i = 0; i < 10; i++) {
		many[i] = new_countdown(i % 3, i);
		sum += await async_awaitable_by(int, &many[i], count);
	}
	printf("in a loop %d\n", sum);
	asked = 0;
	two.left = 2;
	(void)await async_awaitable_by(int, &two, count);
	printf("asked %d times\n", asked);
	return 0;
}
