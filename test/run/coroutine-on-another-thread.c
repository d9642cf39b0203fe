// A coroutine is started on a loop of another thread: result, error, timeout, cancellation, end of the loop.  (160)
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <pthread.h>
#include <stdio.h>

struct point {
	int x;
	double y;
};

static async struct point halve(struct point p, const char *how)
{
	await async_sleep(0.001);
	if (*how == 'f')
		async_raise(ASYNC_LIMIT, "failed as %s", how);
	return (struct point){p.x / 2, p.y / 2};
}

static int cleanups;

static async void lasts(void)
{
	async_try { await async_sleep(1000); }
	async_finally { cleanups++; }
}

static async int quick(void)
{
	return 5;
}

static void stop(void *loop)
{
	async_loop_stop(loop);
}

static void *run(void *loop)
{
	async_loop_run_forever(loop);
	return NULL;
}

static async void blocks(async_loop *loop)
{
	async_thread_future(int) f = async_run_coroutine_threadsafe(loop, quick());
	printf("%s\n", async_thread_wait(f, 1).message);
	async_thread_release(f);
}

int main(void)
{
	async_loop *loop = async_loop_new(NULL);
	pthread_t thread;
	pthread_create(&thread, NULL, run, loop);
	async_thread_future(struct point) f = async_run_coroutine_threadsafe(loop, halve((struct point){6, 1.5}, "asked"));
	async_error e = async_thread_wait(f, ASYNC_FOREVER);
	printf("%d: %d %.2f %d\n", e.code, async_thread_result(f).x, async_thread_result(f).y, async_thread_done(f));
	printf("%d\n", async_thread_cancel(f));
	async_thread_release(f);

	f = async_run_coroutine_threadsafe(loop, halve((struct point){6, 1.5}, "f told"));
	e = async_thread_wait(f, ASYNC_FOREVER);
	printf("%d: %s\n", e.code == ASYNC_LIMIT, e.message);
	async_thread_release(f);

	async_thread_future(void) g = async_run_coroutine_threadsafe(loop, lasts());
	e = async_thread_wait(g, 0.02);
	printf("%s, %d\n", e.message, async_thread_done(g));
	printf("%d\n", async_thread_cancel(g));
	async_thread_cancel(g); /* once more does no harm */
	e = async_thread_wait(g, 100);
	printf("%s, %d\n", e.message, cleanups);
	async_thread_release(g);
	g = async_run_coroutine_threadsafe(loop, lasts());
	async_thread_cancel(g);
	printf("%s\n", async_thread_wait(g, 100).message);
	async_thread_release(g);

	int sum = 0;
	for (int i = 0; i < 100; i++) {
		async_thread_future(int) h = async_run_coroutine_threadsafe(loop, quick());
		if (i % 2 == 0) {
			e = async_thread_wait(h, 100);
			sum += e.code ? 0 : async_thread_result(h);
		}
		async_thread_release(h);
	}
	printf("%d\n", sum);
	async_call_soon_threadsafe(loop, stop, loop);
	pthread_join(thread, NULL);

	async_run_on(loop, blocks(loop));
	async_thread_future(int) never = async_run_coroutine_threadsafe(loop, quick());
	async_loop_close(loop);
	printf("%s\n", async_thread_wait(never, 0).message);
	async_thread_release(never);
	async_thread_release((async_thread_future(int))NULL);
	return 0;
}
// CHECK: 0: 3 0.75 1
// CHECK-NEXT: 0
// CHECK-NEXT: 1: failed as f told
// CHECK-NEXT: timed out, 0
// CHECK-NEXT: 1
// CHECK-NEXT: cancelled, 1
// CHECK-NEXT: cancelled
// CHECK-NEXT: 250
// CHECK-NEXT: waiting here would stop the loop that is waited for
// CHECK-NEXT: the loop was closed
