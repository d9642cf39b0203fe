/* scale_test.async.c: a million of everything: four times as many take four times the work, not sixteen, and the C stack stays where it is.
 * Work is the thread's CPU time, which a busy machine disturbs: it is looked at up to five times.  On the other loops than the default
 * there is a tenth of each. */
#include "async_testing.h"
#include "virtual.h"

#include <time.h>

#if defined(ASYNC__ASAN) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 }; /* each block is malloc's, and large */
#else
enum { SANITIZED = 0 };
#endif

static int scale(int n)
{
	return SANITIZED || getenv("ASYNC_LOOP") ? n / 10 : n;
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *lowest;

/* Where the stack is. */
__attribute__((noinline)) static void sound(void)
{
	char *here = __builtin_frame_address(0);

	if (!lowest || here < lowest)
		lowest = here;
}

/* How deep the run goes below this. */
static size_t run_timed(int (*run)(int), int n, double *seconds)
{
	char *top = __builtin_frame_address(0);
	double before = cpu_seconds();

	lowest = NULL;
	CHECK(async_run_on(virtual_loop(), run(n)) == n);
	*seconds = cpu_seconds() - before;
	return (size_t)(top - lowest);
}

static void check_linear(int (*run)(int), int n)
{
	double small, large;
	size_t depth, deeper;

	for (int tries = 0; tries < 5; tries++) {
		depth = run_timed(run, n / 4, &small);
		deeper = run_timed(run, n, &large);
		CHECK(deeper < depth + 4096 && deeper < 600 * 1024);
		if (large < 9 * small)
			return;
	}
	fprintf(stderr, "%d: %f s, %d: %f s\n", n / 4, small, n, large);
	CHECK(!"linear");
}

/* ---- Tasks ---- */

static int n_cancelled;

static async void sleeps(void)
{
	sound();
	async_try {
		await async_sleep(1000);
	} async_except (error) {
		n_cancelled += error.code == ASYNC_CANCELLED;
		async_reraise();
	}
}

static async int cancel_each(int n)
{
	async_task(void) *tasks = malloc((size_t)n * sizeof *tasks);

	n_cancelled = 0;
	for (int i = 0; i < n; i++)
		tasks[i] = async_create_task(sleeps());
	await async_sleep(0);
	for (int i = 0; i < n; i++) {
		CHECK(async_cancel(tasks[i]));
		async_detach(tasks[i]);
	}
	await async_sleep(0);
	free(tasks);
	CHECK(async_all_tasks(NULL, 0) == 1 && !async_get_running_loop()->wheels.running);
	return n_cancelled;
}
TEST(a_million_tasks_cancelled_at_once)
{
	check_linear(cancel_each, scale(1000000));
}

static async int cancel_group(int n)
{
	n_cancelled = 0;
	async_task_group (g) {
		for (int i = 0; i < n; i++)
			async_create_task_in(g, sleeps());
		await async_sleep(0);
		async_group_cancel(g);
	}
	return n_cancelled;
}
TEST(a_group_of_many_tasks_cancelled_at_once)
{
	check_linear(cancel_group, scale(400000));
}

/* ---- Timers ---- */

static int n_fired;

static void fire(void *arg)
{
	(void)arg;
	sound();
	n_fired++;
}

/* All live at once; two of three are stopped, the last third fires, in the time of one of them. */
static async int start_and_stop(int n)
{
	async_call *calls = malloc((size_t)n * sizeof *calls);
	int64_t when = async_time() + 50000000;

	n_fired = 0;
	for (int i = 0; i < n; i++)
		calls[i] = async_call_at(i % 3 == 2 ? when : when + (int64_t)(i % 1009) * 1000000000, fire, NULL);
	for (int i = 0; i < n; i++)
		CHECK(i % 3 == 2 || async_cancel_call(calls[i]));
	while (n_fired < n / 3)
		await async_sleep(0.01);
	CHECK(async_time() >= when);
	free(calls);
	return n;
}
TEST(a_million_timers_live_at_once)
{
	check_linear(start_and_stop, scale(1000000));
}

/* ---- Depth ---- */

static async int down(int n)
{
	sound();
	if (n)
		return 1 + await down(n - 1);
	await async_sleep(0);
	return 0;
}
TEST(a_hundred_thousand_nested_awaits)
{
	check_linear(down, scale(400000));
}

static async int down_at_once(int n)
{
	sound();
	return n ? 1 + await down_at_once(n - 1) : 0;
}
TEST(a_hundred_thousand_nested_awaits_that_never_suspend)
{
	check_linear(down_at_once, scale(400000));
}

/* ---- Completions ---- */

static async int value(int n)
{
	sound();
	return n;
}

static async int complete(int n)
{
	async_future(int) done = async_create_future(int);
	int count = 0;

	async_retain(done);
	async_set_result(done, 1);
	for (int i = 0; i < n; i++)
		count += (await value(i)) == i;
	for (int i = 0; i < n; i++)
		count -= await *done;
	for (int i = 0; i < n; i++)
		count += await *async_create_task_eager(value(1));
	async_release(done);
	return count;
}
TEST(a_million_synchronous_completions)
{
	check_linear(complete, scale(1000000));
}
