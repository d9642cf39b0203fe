// An error value raised again is the same error: trace and causes kept, as long as somebody has it.
// RUN: env ASYNC_LOOP=sim %exec_err %s | FileCheck %s
#include <async.h>
#include <stdio.h>

static async void deep(void)
{
	async_raise(ASYNC_LIMIT, "deep");
}

static async void wraps(void)
{
	async_try { await deep(); }
	async_except (e) { async_raise(ASYNC_ERROR, "wrapped"); }
}

static void show(const char *what, async_error e)
{
	async_error cause = async_error_cause(e);
	fprintf(stderr, "%s: %s, caused by: %s; %s\n", what, e.message, cause.code ? cause.message : "nothing",
		async_error_cause(cause).code ? "?" : "no more");
}

static async_error kept;

static async void raises_again(int how)
{
	async_try { await wraps(); }
	async_except (e) {
		show("handling", e);
		kept = e;
		if (how == 0)
			async_raise_error(e);
		if (how == 1)
			async_raise_error(async_error_cause(e));
	}
	async_raise_error(kept);
}

static async void raises_nothing(void)
{
	async_raise_error((async_error){0});
}

static void on_error(const async_error_context *context, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n%s", context->message, context->error.message, context->trace);
}

async int main(void)
{
	async_set_exception_handler(on_error, NULL);
	for (int i = 0; i < 3; i++) {
		async_try { await raises_again(i); }
		async_except (e) { show("main", e); }
		async_create_task(raises_again(i));
		await async_sleep(1);
	}
	async_error e = await async_catch(raises_nothing());
	fprintf(stderr, "%s\n", e.message);
	return 0;
}
// CHECK: handling: wrapped, caused by: deep; no more
// CHECK-NEXT: main: wrapped, caused by: deep; no more
// CHECK-NEXT: handling: wrapped, caused by: deep; no more
// CHECK-NEXT: Task exception was never retrieved: wrapped
// CHECK-NEXT:   at wraps (errors-by-value.c:14)
// CHECK-NEXT:   at raises_again (errors-by-value.c:28)
// CHECK-NEXT: caused by: deep
// CHECK-NEXT:   at deep (errors-by-value.c:8)
// CHECK-NEXT:   at wraps (errors-by-value.c:13)
// CHECK-NEXT: handling: wrapped, caused by: deep; no more
// CHECK-NEXT: main: deep, caused by: nothing; no more
// CHECK-NEXT: handling: wrapped
// CHECK-NEXT: Task exception was never retrieved: deep
// CHECK-NEXT:   at deep (errors-by-value.c:8)
// CHECK-NEXT:   at wraps (errors-by-value.c:13)
// CHECK-NEXT: handling: wrapped, caused by: deep; no more
// CHECK-NEXT: main: wrapped, caused by: nothing; no more
// CHECK-NEXT: handling: wrapped, caused by: deep; no more
// CHECK-NEXT: Task exception was never retrieved: wrapped
// CHECK-NEXT:   at raises_again (errors-by-value.c:37)
// CHECK-NEXT: no error to raise
