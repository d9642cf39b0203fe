// async_except_error takes errors, as Python's `except Exception`; a cancellation goes on, through the async_finally and the handlers around.
// RUN: env ASYNC_LOOP=sim %exec_err %s | FileCheck %s
#include <async.h>
#include <errno.h>
#include <stdio.h>

static async void step(int how)
{
	await async_sleep(1);
	if (how)
		async_raise(how, "step %d", how);
}

/* Tries again after errors. */
static async int patient(int tries)
{
	int n = 0;
	while (n < tries) {
		async_try {
			await step(++n < tries ? EIO : 0);
			break;
		} async_except_error(err) {
			fprintf(stderr, "[%s] ", err.message);
			continue;
		} async_finally {
			fprintf(stderr, "finally %d ", n);
		}
	}
	return n;
}

static async const char *around(int how)
{
	async_try {
		async_try {
			await step(how);
		}
		async_except_error (inner) {
			if (inner.code == EPERM)
				async_reraise();
			if (inner.code == EDOM)
				async_raise(ERANGE, "in its place");
			return "inner";
		}
	}
	async_except (outer) {
		fprintf(stderr, "outer has %s, caused by %d; ", outer.message, async_error_cause(outer).code);
		if (outer.code == ASYNC_CANCELLED)
			return "outer, cancelled";
		return "outer";
	}
	return "nobody";
}

#define OR_ELSE(e, text) async_except_error(e) { fprintf(stderr, "%s: %s; ", text, e.message); }

static async void by_a_macro(int how)
{
	async_try { await step(how); }
	OR_ELSE(e, "macro")
}

static async void times_out(void)
{
	async_timeout (0.5) {
		async_try { await step(EIO); }
		async_except_error (e) { fprintf(stderr, "never"); }
	}
}

/* A cancellation that somebody else's task ended by is one, too, as in Python. */
static async void waits_for_a_cancelled(void)
{
	async_task(void) t = async_create_task(step(0));
	await async_sleep(0);
	async_cancel(t);
	async_try { await *t; }
	async_except_error (e) { fprintf(stderr, "never"); }
}

static async async_error cancel_it(async_handle t, double after)
{
	await async_sleep(after);
	fprintf(stderr, "cancel %d: ", async_cancel(t));
	return await async_catch(async_gather_n(&t, 1));
}

async int main(void)
{
	fprintf(stderr, "%d\n", await patient(3));
	// CHECK: [step 5] finally 1 [step 5] finally 2 finally 3 3
	async_task(int) task = async_create_task(patient(1000));
	async_error e = await cancel_it(task, 2.5);
	fprintf(stderr, "%s, %d\n", e.message, async_cancelled(task));
	// CHECK-NEXT: [step 5] finally 1 [step 5] finally 2 cancel 1: finally 3 cancelled, 1
	int codes[] = {EIO, EPERM, EDOM, 0};
	for (int i = 0; i < 4; i++)
		fprintf(stderr, "%s\n", await around(codes[i]));
	// CHECK-NEXT: {{^}}inner
	// CHECK-NEXT: outer has step 1, caused by 0; outer
	// CHECK-NEXT: outer has in its place, caused by 33; outer
	// CHECK-NEXT: nobody
	async_task(const char *) asked = async_create_task(around(0));
	e = await cancel_it(asked, 0.5);
	fprintf(stderr, "%s %s\n", e.message, await *asked);
	// CHECK-NEXT: cancel 1: outer has cancelled, caused by 0; outer, cancelled
	await by_a_macro(EIO);
	async_task(void) macro = async_create_task(by_a_macro(0));
	e = await cancel_it(macro, 0.5);
	fprintf(stderr, "%s\n", e.message);
	// CHECK-NEXT: macro: step 5; cancel 1: cancelled
	e = await async_catch(times_out());
	fprintf(stderr, "%s\n", e.message);
	// CHECK-NEXT: timed out
	e = await async_catch(waits_for_a_cancelled());
	fprintf(stderr, "%s\n", e.message);
	// CHECK-NEXT: cancelled
	return 0;
}
