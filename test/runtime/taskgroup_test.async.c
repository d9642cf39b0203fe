/* taskgroup_test.async.c: task groups, in async C.  Numbers: README.md; test/run/task-group-*.c has every way out. */
#include "async_testing.h"
#include "virtual.h"

static async void child(const char *name, double seconds)
{
	async_try {
		await async_sleep(seconds);
		note("%s", name);
	} async_except (error) {
		note("%s:%s", name, async__error_name(error.code));
		async_reraise();
	}
}

static async void fails(const char *name, double seconds)
{
	await child(name, seconds);
	async_raise(ASYNC_LIMIT, "%s", name);
}

static async void clumsy(const char *name)
{
	async_try {
		await async_sleep(100);
	} async_finally {
		async_raise(ASYNC_LIMIT, "%s", name);
	}
}

static async void grows(async_group *g, int n)
{
	if (n)
		async_create_task_in(g, grows(g, n - 1));
	await async_sleep(1);
	note("%d", n);
}

static async void run_grows(void)
{
	async_task_group (g)
		async_create_task_in(g, grows(g, 3));
	note("end");
	CHECK_SEEN(QUEUED_OR_EAGER("3 2 1 0 end", "0 1 2 3 end"));
}
TEST(semantics_134_a_group_waits_for_the_children_of_its_children)
{
	async_run_on(virtual_loop(), run_grows());
}

static async void of_two(double first, double second)
{
	async_task_group (g) {
		async_create_task_in(g, fails("a", first));
		async_create_task_in(g, fails("b", second));
		async_create_task_in(g, child("c", 50));
		await child("body", 60);
	}
}

static async void run_of_two(void)
{
	async_error error = await async_catch(of_two(1, 1));

	CHECK(error.code == ASYNC_GROUP);
	CHECK(async_group_error(error, 0).code == ASYNC_LIMIT && async_group_error(error, 1).code == ASYNC_LIMIT);
	CHECK(!async_group_error(error, 2).code);
	CHECK(sim_seconds() == 1);
	CHECK_SEEN("a b c:ASYNC_CANCELLED body:ASYNC_CANCELLED");
	CHECK(async_cancelling(async_current_task()) == 0);
}
TEST(semantics_135_140_the_first_failure_cancels_the_rest_and_every_error_is_told)
{
	async_run_on(virtual_loop(), run_of_two());
}

static async void run_cancelled_child(void)
{
	async_task_group (g) {
		async_task(void) t = async_create_task_in(g, child("a", 5));

		async_create_task_in(g, child("b", 1));
		await async_sleep(0);
		CHECK(async_cancel(t));
	}
	CHECK_SEEN("a:ASYNC_CANCELLED b");
}
TEST(semantics_136_a_child_that_is_cancelled_is_no_error)
{
	async_run_on(virtual_loop(), run_cancelled_child());
}

static async void body_fails(void)
{
	async_task_group (g) {
		async_create_task_in(g, clumsy("clumsy"));
		async_create_task_in(g, child("b", 1));
		await async_sleep(0);
		async_raise(ASYNC_ERROR, "body");
	}
}

static async void run_body_fails(void)
{
	async_error error = await async_catch(body_fails());

	CHECK(error.code == ASYNC_GROUP);
	CHECK(!strcmp(async_group_error(error, 0).message, "clumsy") && !strcmp(async_group_error(error, 1).message, "body"));
	CHECK_SEEN("b:ASYNC_CANCELLED");
}
TEST(semantics_137_an_error_of_the_body_is_grouped_with_those_of_the_children)
{
	async_run_on(virtual_loop(), run_body_fails());
}

static async void waits(bool for_clumsy)
{
	async_task_group (g) {
		async_create_task_in(g, child("a", 5));
		if (for_clumsy)
			async_create_task_in(g, clumsy("clumsy"));
	}
}

static async void run_outer_cancel(void)
{
	for (int for_clumsy = 0; for_clumsy < 2; for_clumsy++) {
		async_task(void) t = async_create_task(waits(for_clumsy));
		async_error error;

		await async_sleep(1);
		async_cancel(t);
		error = await async_catch(*t);
		CHECK(error.code == (for_clumsy ? ASYNC_GROUP : ASYNC_CANCELLED));
		CHECK_SEEN("a:ASYNC_CANCELLED");
	}
}
TEST(semantics_138_a_cancel_from_outside_reaches_the_children_and_comes_out)
{
	async_run_on(virtual_loop(), run_outer_cancel());
}

static async void nested(double outer_at, double inner_at)
{
	async_task_group (outer) {
		async_create_task_in(outer, fails("outer", outer_at));
		async_task_group (inner) {
			async_create_task_in(inner, fails("inner", inner_at));
			await async_sleep(100);
		}
	}
}

static async void run_nested(void)
{
	async_error error = await async_catch(nested(1, 50));

	CHECK(error.code == ASYNC_GROUP && !strcmp(async_group_error(error, 0).message, "outer") && !async_group_error(error, 1).code);
	error = await async_catch(nested(50, 1));
	CHECK(error.code == ASYNC_GROUP && async_group_error(error, 0).code == ASYNC_GROUP && !async_group_error(error, 1).code);
	CHECK(!strcmp(async_group_error(async_group_error(error, 0), 0).message, "inner"));
	CHECK_SEEN("outer inner:ASYNC_CANCELLED inner outer:ASYNC_CANCELLED");
}
TEST(semantics_139_a_failure_of_the_outer_group_is_not_wrapped_one_of_the_inner_is)
{
	async_run_on(virtual_loop(), run_nested());
}

static async void slow_to_fail(void)
{
	async_try {
		await async_sleep(100);
	} async_finally {
		await async_sleep(5);
	}
}

static async void fails_and_is_cancelled(void)
{
	async_try {
		async_task_group (g) {
			async_create_task_in(g, fails("a", 1));
			async_create_task_in(g, slow_to_fail());
			await async_sleep(100);
		}
	} async_except (error) {
		note("%s", async__error_name(error.code));
	}
	note("cancelling %d", async_cancelling(async_current_task()));
	async_try {
		await async_sleep(0);
		note("not reached");
	} async_except (error) {
		note("%s", async__error_name(error.code));
	}
}

static async void run_fails_and_is_cancelled(void)
{
	async_task(void) t = async_create_task(fails_and_is_cancelled());

	await async_sleep(3); /* a has failed, the other cleans up */
	async_cancel(t);
	await *t;
	CHECK_SEEN("a ASYNC_GROUP cancelling 1 ASYNC_CANCELLED");
}
TEST(semantics_140_a_real_cancel_while_errors_are_gathered_stays_pending)
{
	async_run_on(virtual_loop(), run_fails_and_is_cancelled());
}

static async void nothing(void)
{
}

static async void run_many(void)
{
	unsigned long allocs;
	unsigned left = 0;

	async_task_group (g) {
		for (int i = 0; i < 100; i++)
			async_create_task_in(g, nothing());
		await async_sleep(0);
		await async_sleep(0);
		async__fail_alloc(0);
		for (int i = 0; i < 1000; i++) {
			async_create_task_in(g, nothing());
			await async_sleep(0);
			await async_sleep(0);
			left += ((struct async__group *)g)->first != NULL;
		}
		allocs = async__allocs();
		CHECK(async_all_tasks(NULL, 0) == 1);
	}
	CHECK(left == 0 && allocs <= 3 * 1000);
}
TEST(semantics_142_children_that_have_ended_are_dropped_at_once)
{
	async_run_on(virtual_loop(), run_many());
}

static async void too_late(async_group *g)
{
	async_try {
		await async_sleep(100);
	} async_finally {
		async_task(void) t = async_create_task_in(g, child("never", 1));
		async_error error = await async_catch(*t);

		note("late:%s", async__error_name(error.code));
	}
}

static async void group_that_aborts(void)
{
	async_task_group (g) {
		async_create_task_in(g, too_late(g));
		async_create_task_in(g, fails("a", 1));
	}
}

static async void run_aborting(void)
{
	async_error error = await async_catch(group_that_aborts());

	CHECK(error.code == ASYNC_GROUP);
	CHECK_SEEN("a late:ASYNC_CANCELLED"); /* of an eager one, too, nothing ran */
}
TEST(semantics_143_a_task_that_comes_to_a_group_that_aborts_never_runs)
{
	async_run_on(virtual_loop(), run_aborting());
}

static async void ends_early(void)
{
	async_task_group (g) {
		async_create_task_in(g, child("a", 5));
		await async_sleep(1);
		async_group_cancel(g);
		await async_sleep(5);
		note("not reached");
	}
	note("cancelling %d", async_cancelling(async_current_task()));
	await async_sleep(0);
	note("goes on");
}

static async void run_ends_early(void)
{
	async_task(void) t;

	await ends_early();
	CHECK_SEEN("a:ASYNC_CANCELLED cancelling 0 goes on");
	t = async_create_task(ends_early());
	await async_sleep(0.5);
	async_cancel(t); /* before it cancels its group itself */
	CHECK((await async_catch(*t)).code == ASYNC_CANCELLED);
	CHECK_SEEN("a:ASYNC_CANCELLED");
}
TEST(semantics_144_a_group_may_be_ended_early_and_swallows_no_other_cancel)
{
	async_run_on(virtual_loop(), run_ends_early());
}
