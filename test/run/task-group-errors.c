// The first failure in a task group cancels the rest; the errors come out as one ASYNC_GROUP.  (135 to 141, 143, 144)
// RUN: env ASYNC_LOOP=sim %exec %s | FileCheck %s
#include <async.h>
#include <stdio.h>

static int cleanups;

static async void nap(int ms)
{
	async_try { await async_sleep(0.001 * ms); }
	async_finally { cleanups++; }
}

static async void fail(int ms, const char *why)
{
	await async_sleep(0.001 * ms);
	async_raise(ASYNC_ERROR, "%s", why);
}

static async void fails_when_cancelled(const char *why)
{
	async_try { await async_sleep(1000); }
	async_except (e) { async_raise(ASYNC_LIMIT, "%s (%s)", why, e.message); }
}

static void show(const char *what, async_error e)
{
	printf("%s: %s%s", what, e.code == ASYNC_GROUP ? "group: " : "", e.code ? e.message : "fine");
	async_error each;
	for (size_t i = 0; (each = async_group_error(e, i)).code; i++)
		printf(" [%s]", each.message);
	printf(", %d cleanups\n", cleanups);
	cleanups = 0;
}

static async void child_fails(void)
{
	async_task_group (g) {
		async_create_task_in(g, nap(100000));
		async_create_task_in(g, fail(1, "boom"));
		async_create_task_in(g, nap(100000));
		await async_sleep(100);
		printf("not reached\n");
	}
}

static async void two_fail(void)
{
	async_task_group (g) {
		async_create_task_in(g, fails_when_cancelled("clumsy"));
		async_create_task_in(g, fail(1, "boom"));
		await async_sleep(100);
	}
}

static async void body_fails(void)
{
	async_task_group (g) {
		async_create_task_in(g, nap(100000));
		async_create_task_in(g, fails_when_cancelled("clumsy"));
		await async_sleep(0);
		async_raise(ASYNC_ERROR, "body");
	}
}

static async void fails_at_the_end(void)
{
	async_task_group (g) {
		async_create_task_in(g, fail(2, "late"));
		async_create_task_in(g, nap(1));
	}
	printf("not reached\n");
}

static async int returns(void)
{
	async_task_group (g) {
		async_create_task_in(g, fail(1, "after return"));
		return 1;
	}
	return 0;
}

static async void waits(bool clumsy)
{
	async_task_group (g) {
		async_create_task_in(g, nap(100000));
		if (clumsy)
			async_create_task_in(g, fails_when_cancelled("clumsy"));
	}
	printf("not reached\n");
}

static async void nested(bool inner_fails)
{
	async_task_group (outer) {
		async_create_task_in(outer, fail(inner_fails ? 1000000 : 2, "outer"));
		async_task_group (inner) {
			async_create_task_in(inner, nap(100000));
			if (inner_fails)
				async_create_task_in(inner, fail(2, "inner"));
			await async_sleep(100);
		}
		printf("not reached\n");
	}
}

static async void level(void)
{
	async_error e = {0};
	async_try {
		async_task_group (g) {
			async_create_task_in(g, fail(1, "x"));
			await async_sleep(100);
		}
	}
	async_except (error) { e = error; }
	printf("cancelling %d, %s\n", async_cancelling(async_current_task()), e.message);
	await async_sleep(0);
	printf("goes on\n");
}

static async void slow_to_fail(void)
{
	async_try { await async_sleep(1000); }
	async_except (e) {
		await async_sleep(0.02);
		async_raise(ASYNC_LIMIT, "slow (%s)", e.message);
	}
}

/* A cancel from outside while the errors are gathered stays pending. */
static async void both(void)
{
	async_try {
		async_task_group (g) {
			async_create_task_in(g, fail(1, "x"));
			async_create_task_in(g, slow_to_fail());
			await async_sleep(100);
		}
	}
	async_except (e) { show("both", e); }
	printf("cancelling %d\n", async_cancelling(async_current_task()));
	async_try { await async_sleep(100); }
	async_except (e) { printf("pending: %s\n", e.message); }
}

static async void late(void)
{
	async_group *gone;
	async_task_group (g) {
		gone = g;
		async_create_task_in(g, fail(0, "x"));
		async_try { await async_sleep(100); }
		async_finally {
			async_task(void) t = async_create_task_in(g, nap(1));
			async_error e = await async_catch(*t);
			printf("in an aborting group: %s, %d cleanups\n", e.message, cleanups);
		}
	}
	(void)gone;
}

static async void stops_itself(async_group *g)
{
	await async_sleep(0.002);
	async_group_cancel(g);
}

static async void early(void)
{
	async_task_group (g) {
		async_create_task_in(g, nap(100000));
		async_create_task_in(g, stops_itself(g));
		await async_sleep(100);
		printf("not reached\n");
	}
	printf("ended early, cancelling %d\n", async_cancelling(async_current_task()));
	async_task_group (g) {
		async_create_task_in(g, nap(100000));
		async_group_cancel(g);
		printf("until the next await\n");
		await async_sleep(0);
		printf("not reached\n");
	}
}

static async void caught_inside(void)
{
	async_error e;
	async_task_group (g) {
		async_task(void) t = async_create_task_in(g, fail(1, "seen"));
		e = await async_catch(*t);
		printf("%s\n", e.message);
	}
}

static async void many(void)
{
	async_task_group (g)
		for (int i = 0; i < 20000; i++)
			async_create_task_in(g, fail(0, "one of many"));
}

static async void timed(void)
{
	async_timeout (0.01) {
		async_task_group (g) {
			async_create_task_in(g, nap(100000));
		}
	}
}

async int main(void)
{
	async_error e;
	int n = 0;
	show("child", await async_catch(child_fails()));
	async_try { await child_fails(); }
	async_except (e) { show("child", e); }
	async_try { await two_fail(); }
	async_except (e) { show("two", e); }
	async_try { await body_fails(); }
	async_except (e) { show("body", e); }
	show("end", await async_catch(fails_at_the_end()));
	show("return", await async_catch(n = returns()));
	for (int i = 0; i < 2; i++) {
		async_task(void) t = async_create_task(waits(i));
		await async_sleep(0.005);
		async_cancel(t);
		async_try { await *t; }
		async_except (e) { show("cancelled", e); }
	}
	async_try { await nested(false); }
	async_except (e) { show("outer", e); }
	async_try { await nested(true); }
	async_except (e) {
		show("inner", e);
		show("inside it", async_group_error(e, 0));
	}
	await level();
	async_task(void) t = async_create_task(both());
	await async_sleep(0.005);
	async_cancel(t);
	await *t;
	show("late", await async_catch(late()));
	await early();
	cleanups = 0;
	show("caught inside", await async_catch(caught_inside()));
	e = await async_catch(many());
	printf("%s\n", e.message);
	show("timed", await async_catch(timed()));
	return n;
}
// CHECK: child: group: 1 error in a task group: boom [boom], 2 cleanups
// CHECK-NEXT: child: group: 1 error in a task group: boom [boom], 2 cleanups
// CHECK-NEXT: two: group: 2 errors in a task group, the first: boom [boom] [clumsy (cancelled)], 0 cleanups
// CHECK-NEXT: body: group: 2 errors in a task group, the first: clumsy (cancelled) [clumsy (cancelled)] [body], 1 cleanups
// CHECK-NEXT: end: group: 1 error in a task group: late [late], 1 cleanups
// CHECK-NEXT: return: group: 1 error in a task group: after return [after return], 0 cleanups
// CHECK-NEXT: cancelled: cancelled, 1 cleanups
// CHECK-NEXT: cancelled: group: 1 error in a task group: clumsy (cancelled) [clumsy (cancelled)], 1 cleanups
// CHECK-NEXT: outer: group: 1 error in a task group: outer [outer], 1 cleanups
// CHECK-NEXT: inner: group: 1 error in a task group: 1 error in a task group: inner [1 error in a task group: inner], 1 cleanups
// CHECK-NEXT: inside it: group: 1 error in a task group: inner [inner], 0 cleanups
// CHECK-NEXT: cancelling 0, 1 error in a task group: x
// CHECK-NEXT: goes on
// CHECK-NEXT: both: group: 2 errors in a task group, the first: x [x] [slow (cancelled)], 0 cleanups
// CHECK-NEXT: cancelling 1
// CHECK-NEXT: pending: cancelled
// CHECK-NEXT: in an aborting group: cancelled, 0 cleanups
// CHECK-NEXT: late: group: 1 error in a task group: x [x], 0 cleanups
// CHECK-NEXT: ended early, cancelling 0
// CHECK-NEXT: until the next await
// CHECK-NEXT: cancelled
// CHECK-NEXT: caught inside: group: 1 error in a task group: seen [seen], 0 cleanups
// CHECK-NEXT: 20000 errors in a task group, the first: one of many
// CHECK-NEXT: timed: timed out, 1 cleanups
