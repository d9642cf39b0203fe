/* scope_test.async.c: timeouts, cancellation and errors within one task, in async C.  Numbers: README.md. */
#include "async_testing.h"
#include "virtual.h"

#include <errno.h>

static async int after(double seconds, int value)
{
	await async_sleep(seconds);
	return value;
}

static async void raises(double seconds, int code)
{
	if (seconds > 0)
		await async_sleep(seconds);
	async_raise(code, "raised %d", code);
}

/* ---- Errors and their causes ---- */

static async void handles(async_task(void) t)
{
	async_try {
		await raises(0, EIO);
	} async_except (error) {
		(void)error;
		await *t;
	}
}

static async void cleans_up(void)
{
	async_try {
		await raises(0, EIO);
	} async_finally {
		await raises(0, EPIPE);
	}
}

static async void turns_into(int code)
{
	async_try {
		await async_sleep(100);
	} async_except (error) {
		CHECK(error.code == ASYNC_CANCELLED);
		async_raise(code, "instead");
	}
}

static async void run_causes(void)
{
	async_task(void) t = async_create_task(raises(0, EPERM));
	async_error error;

	error = await async_catch(handles(t));
	CHECK(error.code == EPERM && async_error_cause(error).code == EIO);
	CHECK(async_error_cause(async_error_cause(error)).code == 0);
	error = await async_catch(cleans_up());
	CHECK(error.code == EPIPE && async_error_cause(error).code == EIO);
	t = async_create_task(turns_into(EPROTO));
	await async_sleep(1);
	async_cancel(t);
	error = await async_catch(*t);
	CHECK(error.code == EPROTO && async_error_cause(error).code == ASYNC_CANCELLED);
}
TEST(semantics_9_88_an_error_is_caused_by_the_one_that_was_handled)
{
	async_run_on(virtual_loop(), run_causes());
}

static async void raises_again(void)
{
	async_try {
		await raises(0, EIO);
	} async_except (error) {
		async_raise_error(error);
	}
}

static async int gives_up(void)
{
	async_try {
		await raises(0, EIO);
	} async_finally {
		return 1;
	}
}

static size_t n_errors(void)
{
	size_t n = 0;
	struct async__link *head = &async_get_running_loop()->errors;

	for (struct async__link *link = head->next; link != head; link = link->next)
		n++;
	return n;
}

static async void run_no_circle(void)
{
	async_error error = await async_catch(raises_again());

	CHECK(error.code == EIO && async_error_cause(error).code == 0);
	for (int i = 0; i < 1000; i++) {
		CHECK(await gives_up() == 1);
		await async_catch(cleans_up());
	}
	CHECK(n_errors() < 50); /* none is kept for good */
}
TEST(semantics_9_no_error_is_its_own_cause_and_none_stays)
{
	async_run_on(virtual_loop(), run_no_circle());
}

static async void run_last_four(void)
{
	async_error errors[6];

	for (int i = 0; i < 6; i++)
		errors[i] = await async_catch(cleans_up());
	for (int i = 0; i < 6; i++)
		CHECK(async_error_cause(errors[i]).code == (i < 2 ? 0 : EIO));
	CHECK((await async_catch(cleans_up())).code == EPIPE);
	CHECK(async_error_cause(errors[2]).code == 0 && errors[2].code == EPIPE);
}
TEST(an_error_that_was_caught_has_its_causes_until_four_more_are)
{
	async_run_on(virtual_loop(), run_last_four());
}

static async void run_twice_the_same(void)
{
	async_task(void) t = async_create_task(cleans_up());
	async_error first, second;

	async_retain(t);
	first = await async_catch(*t);
	second = await async_catch(*t);
	CHECK(first.code == EPIPE && second.code == EPIPE && !strcmp(first.message, second.message));
	CHECK(async_error_cause(first).number == async_error_cause(second).number && async_error_cause(first).code == EIO);
	CHECK(async_exception(t).code == EPIPE);
	async_release(t);
}
TEST(semantics_38_everyone_who_awaits_gets_the_same_error)
{
	async_run_on(virtual_loop(), run_twice_the_same());
}

/* ---- Cancellation ---- */

/* As asyncio.timeout does: who cancelled takes it back, and converts it if no other request is left. */
static async void block(bool other_as_well)
{
	async_handle me = async_current_task();

	async_try {
		async_cancel(me);
		if (other_as_well)
			async_cancel(me);
		await async_sleep(1);
	} async_except (error) {
		CHECK(error.code == ASYNC_CANCELLED);
		if (async_uncancel(me) > 0)
			async_reraise();
		note("converted");
	}
}

static async void run_blocks(void)
{
	async_task(void) t = async_create_task(block(false));

	await *t;
	t = async_create_task(block(true));
	CHECK((await async_catch(*t)).code == ASYNC_CANCELLED);
	CHECK_SEEN("converted");
}
TEST(semantics_86_who_cancelled_uncancels_and_converts_only_at_zero)
{
	async_run_on(virtual_loop(), run_blocks());
}

static async void ticks(int n)
{
	for (int i = 0; i < n; i++) {
		note("%d", i);
		await async_sleep(0);
	}
}

static async void run_ticks(void)
{
	async_task(void) t;

	await async_sleep(0);
	t = async_create_task(ticks(3));
	await async_sleep(0);
	note("a");
	await async_sleep(0);
	note("b");
	await *t;
	CHECK_SEEN(QUEUED_OR_EAGER("0 a 1 b 2", "0 1 a 2 b")); /* eager: it yielded first */
}
TEST(semantics_89_sleep_of_zero_yields_once)
{
	async_run_on(virtual_loop(), run_ticks());
}

/* ---- wait_for and timeouts ---- */

static async_handle waiting_task;

static async int says_who(void)
{
	await async_sleep(0);
	CHECK(async_current_task() == waiting_task);
	return 3;
}

static async void run_same_task(void)
{
	waiting_task = async_current_task();
	CHECK(await async_wait_for(says_who(), 5) == 3);
	CHECK(async_all_tasks(NULL, 0) == 1);
}
TEST(semantics_120_wait_for_runs_a_call_in_the_task_of_who_waits)
{
	async_run_on(virtual_loop(), run_same_task());
}

static async void waits_for(async_task(int) t)
{
	note("%d", await async_wait_for(*t, 10));
	await async_sleep(1);
	note("not reached");
}

static async void run_complete_and_cancelled(void)
{
	async_task(int) inner = async_create_task(after(1, 7));
	async_task(void) outer;

	async_retain(inner);
	outer = async_create_task(waits_for(inner));
	while (!async_done(inner))
		await async_sleep(0.5);
	async_cancel(outer); /* inner has ended in this turn: the cancel is not lost */
	CHECK((await async_catch(*outer)).code == ASYNC_CANCELLED);
	CHECK(await *inner == 7);
	async_release(inner);
}
TEST(semantics_118_a_cancel_is_delivered_though_the_inner_one_is_complete)
{
	async_run_on(virtual_loop(), run_complete_and_cancelled());
	CHECK(!strstr(seen, "not reached"));
}

static async void run_timeout(void)
{
	async_try {
		async_timeout (1) {
			async_try {
				await async_sleep(5);
			} async_except (error) {
				note("inside:%s", async__error_name(error.code));
				async_reraise();
			}
		}
	} async_except (error) {
		note("outside:%s caused by %s", async__error_name(error.code), async__error_name(async_error_cause(error).code));
	}
	CHECK(sim_seconds() == 1 && async_cancelling(async_current_task()) == 0);
	await async_sleep(0);
	CHECK_SEEN("inside:ASYNC_CANCELLED outside:ASYNC_TIMEOUT caused by ASYNC_CANCELLED");
}
TEST(semantics_121_a_timeout_cancels_once_and_becomes_one_where_it_was_set)
{
	async_run_on(virtual_loop(), run_timeout());
}

static async void tidies_up(void)
{
	async_try {
		await async_sleep(100);
	} async_except (error) {
		async_error late;

		CHECK(error.code == ASYNC_CANCELLED);
		late = await async_catch(async_wait_for(async_sleep(5), 1));
		note("%s", async__error_name(late.code));
		async_reraise();
	}
}

static async void run_after_cancellation(void)
{
	async_task(void) t = async_create_task(tidies_up());

	await async_sleep(1);
	async_cancel(t);
	CHECK((await async_catch(*t)).code == ASYNC_CANCELLED);
	CHECK(sim_seconds() == 2);
	CHECK_SEEN("ASYNC_TIMEOUT");
}
TEST(semantics_127_a_timeout_works_in_the_handler_of_a_cancellation)
{
	async_run_on(virtual_loop(), run_after_cancellation());
}

/* ---- Conditions with a predicate ---- */

static async_condition condition;
static int wanted;

static bool has_come(void *number)
{
	return wanted >= *(int *)number;
}

static async void waits_for_number(int number)
{
	await async_lock_acquire(async_condition_lock(&condition));
	async_try {
		await async_condition_wait_for(&condition, has_come, &number);
		CHECK(async_lock_locked(async_condition_lock(&condition)));
		note("%d", number);
	} async_finally {
		async_lock_release(async_condition_lock(&condition));
	}
}

static async void run_predicates(void)
{
	async_task(void) tasks[] = {async_create_task(waits_for_number(2)), async_create_task(waits_for_number(0)), async_create_task(waits_for_number(1))};

	for (int i = 0; i < 4; i++) {
		await async_sleep(1);
		note("|");
		await async_lock_acquire(async_condition_lock(&condition));
		wanted = i;
		CHECK(async_condition_notify_all(&condition) == 0);
		async_lock_release(async_condition_lock(&condition));
	}
	for (int i = 0; i < 3; i++)
		await *tasks[i];
	CHECK((await async_catch(async_condition_wait_for(&condition, has_come, &(int){5}))).code == ASYNC_INVALID_STATE);
	CHECK_SEEN("0 | | 1 | 2 |");
	async_condition_finish(&condition);
}
TEST(semantics_173_a_condition_may_be_waited_for_with_a_predicate)
{
	async_run_on(virtual_loop(), run_predicates());
}

/* ---- Timeouts that are moved, in real time ---- */

static async void gives_more_time(async_timeout_scope *t)
{
	CHECK(async_timeout_reschedule(t, 1000) == 0);
}

static async void is_given_more_time(void)
{
	async_timeout_as (t, 0.1) {
		async_create_task(gives_more_time(t));
		await async_sleep(0.2);
		CHECK(!async_timeout_expired(t));
		CHECK(async_timeout_reschedule(t, ASYNC_FOREVER) == 0 && async_timeout_when(t) == INT64_MAX);
		CHECK(async_timeout_reschedule(t, 0) == 0 && async_timeout_when(t) <= async_time());
		async_try {
			await async_sleep(1000);
		} async_finally {
			CHECK(async_timeout_expired(t) && async_timeout_reschedule(t, 1) == ASYNC_INVALID_STATE);
		}
	}
}

static async void run_moved_timeout(void)
{
	CHECK((await async_catch(is_given_more_time())).code == ASYNC_TIMEOUT);
}
TEST(semantics_128_a_timeout_is_moved_while_it_has_not_expired)
{
	async_run(run_moved_timeout());
}
