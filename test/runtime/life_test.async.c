/* life_test.async.c: loops, handles and reports, in async C.  Numbers: README.md. */
#include "async_testing.h"
#include "virtual.h"

#include <errno.h>

static async void naps(double seconds)
{
	await async_sleep(seconds);
}

static async void fails(int code)
{
	await async_sleep(0);
	async_raise(code, "failed");
}

static void hear(const async_error_context *context, void *arg)
{
	(void)arg;
	note("[%s: %s]", context->message, context->error.message);
}

/* ---- Timers ---- */

static void nothing(void *arg)
{
	(void)arg;
}

static async void run_cancelled_timers(void)
{
	async_loop *loop = async_get_running_loop();
	async_call calls[1000];
	unsigned long allocs;

	for (int round = 0; round < 3; round++) {
		async__fail_alloc(0);
		for (int i = 0; i < 1000; i++)
			calls[i] = async_call_later(100 + i, nothing, NULL);
		for (int i = 0; i < 1000; i++)
			CHECK(async_cancel_call(calls[i]));
		allocs = async__allocs();
		CHECK(loop->wheels.running == 0 && async__list_empty(&loop->calls));
		CHECK(round == 0 || allocs == 1000);
	}
	for (int i = 0; i < 1000; i++) {
		async_task(void) t = async_create_task(naps(1000));

		await async_sleep(0);
		async_cancel(t);
		CHECK((await async_catch(*t)).code == ASYNC_CANCELLED);
	}
	CHECK(loop->wheels.running == 0 && sim_seconds() == 0);
}
TEST(semantics_17_18_timers_that_were_cancelled_are_gone)
{
	async_run_on(virtual_loop(), run_cancelled_timers());
}

TEST(semantics_16_a_timer_keeps_its_deadline_when_it_is_stopped)
{
	async_loop *loop = async_loop_new(&sim_backend);
	struct async_timer late, early, same;

	async__timer_init(&late, NULL);
	async__timer_init(&early, NULL);
	async__timer_init(&same, NULL);
	async__timer_start(loop, &late, 2000);
	async__timer_start(loop, &early, 1000);
	async__timer_start(loop, &same, 2000);
	async__timer_stop(loop, &early);
	CHECK(async_timer_deadline(&early) == 1000);
	CHECK(async_timer_deadline(&late) == async_timer_deadline(&same));
	async__timer_stop(loop, &late);
	async__timer_stop(loop, &same);
	async_loop_close(loop);
}

/* ---- Runs ---- */

static int pipe_ends[2], n_readable;

static void on_readable(void *arg)
{
	char byte;

	n_readable++;
	CHECK(read(pipe_ends[0], &byte, 1) == 1);
	async_loop_stop(arg);
}

static async void wait_to_be_stopped(void)
{
	CHECK(async_add_reader(pipe_ends[0], on_readable, async_get_running_loop()) == 0);
	CHECK(write(pipe_ends[1], "x", 1) == 1);
	await async_sleep(1000);
}

static async void look_again(void)
{
	for (int i = 0; i < 10; i++)
		await async_sleep(0);
	CHECK(async_remove_reader(pipe_ends[0]));
}

TEST(semantics_21_an_event_is_told_once_though_the_loop_was_stopped)
{
	async_loop *loop = async_loop_new(NULL);

	CHECK(pipe(pipe_ends) == 0);
	CHECK((async_catch(async_run_on(loop, wait_to_be_stopped()))).code == ASYNC_INVALID_STATE);
	CHECK(n_readable == 1);
	async_run_on(loop, look_again());
	CHECK(n_readable == 1);
	CHECK(freopen("/dev/null", "w", stderr)); /* what still sleeps is told about */
	async_loop_close(loop);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static async async_loop *tell_loop(void)
{
	await async_sleep(0);
	return async_get_running_loop();
}

TEST(semantics_32_the_running_loop_is_known_inside_only)
{
	async_loop *loop = async_loop_new(&sim_backend);

	CHECK(!async_get_running_loop() && !async_current_task());
	CHECK(async_run_on(loop, tell_loop()) == loop);
	CHECK(!async_get_running_loop() && !async_current_task());
	CHECK((async_catch(async_run_on(loop, fails(EIO)))).code == EIO);
	CHECK(!async_get_running_loop());
	async_loop_close(loop);
}

static int n_opened;

static int open_counted(async_loop *loop, void *state)
{
	n_opened++;
	return under_test->open(loop, state);
}

static async int count_to(int n)
{
	int i = 0;

	while (i < n) {
		await async_sleep(1);
		i++;
	}
	return i;
}

TEST(semantics_154_a_loop_runs_one_thing_after_the_other)
{
	async_loop_backend counted = sim_backend;
	async_loop *loop;

	counted.open = open_counted;
	loop = async_loop_new(&counted);
	for (int i = 1; i < 5; i++)
		CHECK(async_run_on(loop, count_to(i)) == i);
	CHECK(n_opened == 1 && sim_seconds() == 10);
	CHECK(async_loop_close(loop) && async_loop_close(NULL));
}

/* ---- Futures and callbacks ---- */

static async_future(int) shared;

static void third(async_handle h, void *arg)
{
	(void)h, (void)arg;
	note("third");
}

static void second(async_handle h, void *arg)
{
	(void)arg;
	note("second");
	CHECK(async_add_done_callback(h, third, NULL) == 0); /* comes later */
}

static void first(async_handle h, void *arg)
{
	(void)arg;
	note("first");
	CHECK(async_remove_done_callback(h, third, NULL) == 0); /* too late: they are on their way */
	CHECK(async_remove_done_callback(h, first, NULL) == 0);
	async_release(h);
}

static async void run_mutations(void)
{
	shared = async_create_future(int);
	async_retain(shared);
	async_retain(shared);
	async_add_done_callback(shared, first, NULL);
	async_add_done_callback(shared, second, NULL);
	async_add_done_callback(shared, third, NULL);
	CHECK(async_remove_done_callback(shared, third, NULL) == 1);
	async_add_done_callback(shared, third, NULL);
	async_set_result(shared, 4);
	await async_sleep(0);
	CHECK_SEEN("first second third");
	await async_sleep(0);
	CHECK_SEEN("third");
	CHECK(await *shared == 4);
	async_release(shared);
	CHECK(async_add_done_callback(shared, first, NULL) == ASYNC_STALE);
}
TEST(semantics_42_callbacks_may_change_the_list_of_callbacks)
{
	async_run_on(virtual_loop(), run_mutations());
}

static async void run_set_if_not_cancelled(void)
{
	async_future(int) f = async_create_future(int);

	async_retain(f);
	CHECK(async_cancel(f));
	CHECK(async_set_result(f, 1) == ASYNC_INVALID_STATE && async_set_exception(f, EIO, "no") == ASYNC_INVALID_STATE);
	CHECK(async_cancelled(f) && (await async_catch(*f)).code == ASYNC_CANCELLED);
	async_release(f);
}
TEST(semantics_47_54_setting_what_is_cancelled_or_a_task_changes_nothing)
{
	async_run_on(virtual_loop(), run_set_if_not_cancelled());
}

static async void run_copies(void)
{
	async_future(int) f;
	async_error error;

	for (int how = 0; how < 3; how++) {
		async_task(int) t;

		f = async_create_future(int);
		t = async_create_task(async_shield(*f));
		await async_sleep(0);
		if (how == 0)
			async_set_result(f, 5);
		else if (how == 1)
			async_set_exception(f, EIO, "no");
		else
			async_cancel_with(f, "enough");
		error = await async_catch(*t);
		CHECK(error.code == ((int[]){0, EIO, ASYNC_CANCELLED})[how]);
		CHECK(how != 1 || !strcmp(error.message, "no"));
		CHECK(how != 2 || !strcmp(error.message, "enough"));
	}
}
TEST(semantics_46_a_future_that_mirrors_another_has_its_result_error_or_cancellation)
{
	async_run_on(virtual_loop(), run_copies());
}

/* ---- Reports ---- */

static async_local(int) who = 1;

static void hear_who(const async_error_context *context, void *arg)
{
	(void)arg;
	note("%d %s", async_local_get(&who), context->error.message);
}

static async void fails_as(int number)
{
	async_local_set(&who, number);
	async_raise(EIO, "%d", number);
}

static async void run_in_context(void)
{
	async_set_exception_handler(hear_who, NULL);
	async_local_set(&who, 2);
	async_create_task(fails_as(3));
	async_create_task(fails_as(4));
	await async_sleep(0);
	await async_sleep(0);
	CHECK_SEEN("3 3 4 4");
	CHECK(async_local_get(&who) == 2);
}
TEST(semantics_148_a_handler_sees_the_values_of_the_task_that_failed)
{
	async_run_on(virtual_loop(), run_in_context());
}

static async void run_cancel_after_failure(void)
{
	async_task(void) t = async_create_task(fails(EIO)), other = async_create_task(fails(EPIPE));

	async_set_exception_handler(hear, NULL);
	await async_sleep(1);
	CHECK(!async_cancel(t)); /* its error counts as seen */
	async_detach(t);
	async_detach(other);
	CHECK_SEEN("[Task exception was never retrieved: failed]");
}
TEST(semantics_63_a_task_that_failed_is_not_reported_when_it_was_cancelled_then)
{
	async_run_on(virtual_loop(), run_cancel_after_failure());
}

static void raise_in_callback(void *arg)
{
	(void)arg;
	async_fail(EIO, "in a callback");
}

static async void run_callback_error(void)
{
	async_set_exception_handler(hear, NULL);
	async_call_soon(raise_in_callback, NULL);
	await async_sleep(1);
	CHECK_SEEN("[Error raised outside of a task: in a callback]");
	async_set_exception_handler(NULL, NULL); /* the default is back */
	CHECK(!async_get_running_loop()->handler);
}
TEST(semantics_145_146_an_error_of_a_callback_goes_to_the_handler_and_the_loop_goes_on)
{
	async_run_on(virtual_loop(), run_callback_error());
}

static void hear_and_fail(const async_error_context *context, void *arg)
{
	(void)arg;
	note("%s", context->error.message);
	if (strlen(seen) < 40)
		async_fail(EIO, "%s again", context->error.message);
}

static async void run_broken_handler(void)
{
	async_set_exception_handler(hear_and_fail, NULL);
	async_create_task(fails(EIO));
	await async_sleep(1);
	CHECK(strstr(seen, "failed failed again"));
}
TEST(semantics_147_a_handler_that_fails_is_told_of_it_and_the_loop_survives)
{
	async_run_on(virtual_loop(), run_broken_handler());
}

/* ---- Without memory ---- */

static async int needs_a_frame(int n)
{
	char large[3000] = {(char)n};

	await async_sleep(0);
	return large[0];
}

static async void run_without_memory(void)
{
	async_error error;
	async_task(int) t;

	async__fail_alloc(1);
	t = async_create_task(needs_a_frame(1));
	async__fail_alloc(0);
	CHECK(!t);
	error = await async_catch(*t);
	CHECK(error.code == ASYNC_NO_MEMORY);
	CHECK(async_all_tasks(NULL, 0) == 1);
}
TEST(semantics_4_a_task_that_cannot_be_made_leaves_nothing)
{
	async_run_on(virtual_loop(), run_without_memory());
}

/* ---- The states that a dump tells ---- */

static async void waits_for(async_task(void) t)
{
	await *t;
}

static async void run_dump(void)
{
	async_task(void) sleeper = async_create_task(naps(10)), waiter = async_create_task(waits_for(sleeper)), ready, fresh;

	async_set_name(sleeper, "sleeper");
	async_set_name(waiter, "waiter");
	await async_sleep(0);
	ready = async_create_task(naps(0));
	async_set_name(ready, "ready");
	if (!eager())
		await async_sleep(0);
	fresh = async_create_task(naps(1));
	async_set_name(fresh, "fresh");
	async_print_tasks();
	abort();
}
TEST_DIES(semantics_58_199_a_dump_tells_each_tasks_state_and_whom_it_waits_for, "waiter, waits_for: waiting\n  for sleeper\n")
{
	async_run_on(virtual_loop(), run_dump());
}
TEST_DIES(semantics_58_a_dump_tells_what_runs_and_what_is_ready, "ready, naps: ready\n")
{
	async_run_on(virtual_loop(), run_dump());
}

static async void dumps_at_once(void)
{
	async_print_tasks();
	abort();
}

static async void run_host(void)
{
	async_set_name(async_current_task(), "host");
	await async_sleep(0);
	async_create_task_eager(dumps_at_once());
}
TEST_DIES(a_task_runs_while_another_one_begins_within_it, "host, run_host: running\nTask-2, dumps_at_once: running\n")
{
	async_run_on(virtual_loop(), run_host());
}
