// What a suspension leaves out is in the frame on the ways of errors and cleanups, too: an await that fails at once has stored nothing.
// RUN: %exec %s | FileCheck %s
// CHECK: caught 9: 41 3
// CHECK-NEXT: caught 9: 31 4
// CHECK-NEXT: finally 7 12, again 7 12, 19
// CHECK-NEXT: finally 8 13, again 8 13, 21
// CHECK-NEXT: timeout 1 6 106 5
// CHECK-NEXT: timeout 0 6 7 5
// CHECK-NEXT: group 3 10 17
// CHECK-NEXT: named 9 4 8
// CHECK-NEXT: cleanup 15 3
// CHECK-NEXT: gathered 1 2 33 4
// CHECK-NEXT: caught as a value 9 0 5
// CHECK-NEXT: queue 5 8 2
#include <async.h>
#include <stdio.h>
#include <string.h>

static async int fails(int late)
{
	if (late)
		await async_sleep(0);
	async_raise(9, "as told");
}

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

static async void caught(int late)
{
	int x = 1, y = 2;
	await pause(0);
	y++;
	async_try {
		x += late ? 30 : 40;
		await fails(late);
		x = 0;
	}
	async_except (e) {
		if (late)
			await pause(y++);
		await pause(0);
		printf("caught %d: %d %d\n", e.code, x, y);
	}
}

static async int always_fails(void)
{
	await async_sleep(0);
	async_raise(9, "as told");
}

static async int with_finally(int n)
{
	int x = n, y = 5;
	await pause(0);
	async_try {
		async_try {
			y += x;
			if (n == 7)
				await fails(0);
			await always_fails();
		}
		async_finally {
			printf("finally %d %d", x, y);
			await pause(0);
			printf(", again %d %d", x, y);
		}
	}
	async_except (e) {
		await pause(0);
	}
	return x + y;
}

static async void timed(int n)
{
	int x = 5, y = 6, z = 7;
	await pause(0);
	async_try {
		async_timeout (n ? 0.01 : 1) {
			await pause(y);
			if (n)
				z += 99;
			await async_sleep(n ? 1 : 0);
		}
	}
	async_except (e) {
		await pause(0);
	}
	await pause(0);
	printf("timeout %d %d %d %d\n", n, y, z, x);
}

/* The group's place may be that of x, which is set anew behind the awaits in it. */
static async void grouped(int n)
{
	int x = n, sum = 7;
	await pause(0);
	if (n) {
		sum += x;
		async_task_group (g) {
			async_create_task_in(g, pause(1));
		}
		await pause(0);
		x = 17;
	}
	await pause(0);
	printf("group %d %d %d\n", n, sum, x);
}

static async void named(void)
{
	int x = 4, code = 0;
	for (int i = 0; i < 2; i++) {
		async_try {
			await pause(0);
			await fails(i);
		}
		async_except (e) {
			await pause(0);
			code = e.code;
			await pause(0);
			e.code = 1;
			await pause(0);
			code += e.code - 1;
		}
		await pause(0);
		x += 2;
	}
	printf("named %d %d %d\n", code, x - 4, x);
}

static void add(int *n)
{
	*n += 10;
	printf("cleanup %d", *n);
}

static async int cleaned(int n)
{
	__attribute__((cleanup(add))) int guarded = n;
	int x = 2;
	await pause(0);
	guarded += x;
	await pause(x++);
	await pause(0);
	return x;
}

static async void gathered(void)
{
	int a = 0, b = 0, c = 30, d = 4;
	await pause(0);
	await async_gather(a = pause(1), b = pause(2));
	c += 3;
	await pause(0);
	await async_gather(pause(d), pause(0));
	await pause(0);
	printf("gathered %d %d %d %d\n", a, b, c, d);
}

static async void as_a_value(void)
{
	int a = 5;
	async_error e = {0}, f;
	await pause(0);
	e = await async_catch(a = fails(0));
	await pause(0);
	f = await async_catch(pause(0));
	await pause(0);
	printf("caught as a value %d %d %d\n", e.code, f.code, a);
}

static async void queued(void)
{
	async_queue(int) queue = async_queue_create(int, 2);
	int a = 0, b = 8, c = 2;
	await pause(0);
	await async_queue_put(queue, 5);
	a = await async_queue_get(queue);
	await pause(0);
	await async_queue_put(queue, b++);
	b = await async_queue_get(queue);
	await pause(0);
	async_queue_destroy(queue);
	printf("queue %d %d %d\n", a, b, c);
}

async int main(void)
{
	await caught(0);
	await caught(1);
	printf(", %d\n", await with_finally(7));
	printf(", %d\n", await with_finally(8));
	await timed(1);
	await timed(0);
	await grouped(3);
	await named();
	printf(" %d\n", await cleaned(3));
	await gathered();
	await as_a_value();
	await queued();
	return 0;
}
