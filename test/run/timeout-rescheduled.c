// A timeout is moved while its block runs, by it or by others; not when time is up.  (128)
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

static async void sooner(void)
{
	async_timeout_as (t, 1000) {
		int64_t before = async_timeout_when(t);
		printf("%d", async_timeout_reschedule(t, 0.001));
		printf(" %d\n", before - async_timeout_when(t) > 900 * (int64_t)1000000000);
		await async_sleep(1000);
	}
}

/* Idle: each message gives the next one as much time again. */
static async int later(void)
{
	int n = 0;
	async_timeout_as (t, 0.05)
		while (n < 5) {
			await async_sleep(0.02);
			async_timeout_reschedule(t, 0.05);
			n++;
		}
	return n;
}

static async int never(void)
{
	async_timeout_as (t, 0.001) {
		async_timeout_reschedule(t, ASYNC_FOREVER);
		printf("%d\n", async_timeout_when(t) == INT64_MAX);
		await async_sleep(0.01);
		return async_timeout_expired(t);
	}
	return -1;
}

static async void from_forever_at_once(void)
{
	async_timeout_as (t, ASYNC_FOREVER) {
		async_timeout_reschedule(t, -1);
		printf("not before an await\n");
		await async_sleep(1000);
	}
}

static async void too_late(void)
{
	async_timeout_as (t, 0.001) {
		async_try {
			await async_sleep(1000);
		} async_finally {
			printf("%d %d\n", async_timeout_expired(t), async_timeout_reschedule(t, 5) == ASYNC_INVALID_STATE);
		}
	}
}

static async void not_a_number(void)
{
	async_timeout_as (t, 5)
		printf("%d %d\n", async_timeout_reschedule(t, NAN) == EINVAL, async_timeout_when(t) < INT64_MAX);
	async_timeout_as (t, NAN)
		printf("never %d\n", async_timeout_reschedule(t, 1));
}

/* The block does not begin, whatever way it would be left. */
static async int no_number_to_return_from(void)
{
	async_timeout (5) {
		async_try {
			async_timeout (NAN) {
				await async_sleep(0);
				return 1;
			}
		} async_finally {
			puts("finally");
		}
	}
	return 2;
}

static async void extend(async_timeout_scope *t)
{
	await async_sleep(0.001);
	async_timeout_reschedule(t, 1000);
}

/* Another task, and the outer of two blocks. */
static async void by_others(double inner)
{
	async_timeout_as (t, 0.03) {
		async_create_task(extend(t));
		async_timeout_as (u, inner) {
			await async_sleep(0.05);
			printf("%d\n", async_timeout_when(u) < async_timeout_when(t));
		}
	}
}

/* Its own name, and another one's of the same spelling. */
static async int names(int t, double seconds)
{
	int sum = t;
	for (int i = 0; i < 3; i++)
		async_timeout_as (t, seconds + 1) {
			await async_sleep(0);
			sum += async_timeout_expired(t);
			if (i == 1)
				break;
		}
	return sum + t;
}

static async void show(const char *what, async_error e)
{
	printf("%s: %s\n", what, e.code == 0 ? "fine" : e.code == ASYNC_TIMEOUT ? "timeout" : e.message);
}

async int main(void)
{
	int n = 0;
	await show("sooner", await async_catch(sooner()));
	await show("later", await async_catch(n = later()));
	printf("%d\n", n);
	printf("%d\n", await never());
	await show("at once", await async_catch(from_forever_at_once()));
	await show("too late", await async_catch(too_late()));
	await show("not a number", await async_catch(not_a_number()));
	await show("left by return", await async_catch(n = no_number_to_return_from()));
	await show("as an await", await async_catch(async_wait_for(no_number_to_return_from(), NAN)));
	await show("by others", await async_catch(by_others(20)));
	await show("inner", await async_catch(by_others(0.02)));
	printf("%d\n", await names(7, 3));
	return 0;
}
// CHECK: 0 1
// CHECK-NEXT: sooner: timeout
// CHECK-NEXT: later: fine
// CHECK-NEXT: 5
// CHECK-NEXT: 1
// CHECK-NEXT: 0
// CHECK-NEXT: not before an await
// CHECK-NEXT: at once: timeout
// CHECK-NEXT: 1 1
// CHECK-NEXT: too late: timeout
// CHECK-NEXT: 1 1
// CHECK-NEXT: not a number: the timeout is not a number
// CHECK-NEXT: finally
// CHECK-NEXT: left by return: the timeout is not a number
// CHECK-NEXT: as an await: the timeout is not a number
// CHECK-NEXT: 1
// CHECK-NEXT: by others: fine
// CHECK-NEXT: inner: timeout
// CHECK-NEXT: 14
