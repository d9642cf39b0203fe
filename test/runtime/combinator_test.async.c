/* combinator_test.async.c: gather, as_completed and eager starts, in async C.  Numbers: README.md. */
#include "async_testing.h"
#include "virtual.h"

#include <errno.h>
#include <math.h>

static async int after(double seconds, int value)
{
	await async_sleep(seconds);
	return value;
}

static async int fails(double seconds, int code)
{
	await async_sleep(seconds);
	async_raise(code, "failed");
}

/* ---- gather ---- */

static async void run_return_exceptions(void)
{
	int a = 0, b = 0;
	async_task(int) cancelled = async_create_task(after(5, 1));
	async_error x, y;

	async_cancel(cancelled);
	await async_gather(a = after(3, 7), x = async_catch(b = fails(1, EIO)), y = async_catch(b = *cancelled));
	CHECK(a == 7 && b == 0 && x.code == EIO && y.code == ASYNC_CANCELLED);
	CHECK(sim_seconds() == 3);
}
TEST(semantics_93_errors_and_cancellations_may_be_values_in_their_place)
{
	async_run_on(virtual_loop(), run_return_exceptions());
}

static async void gathers_errors(void)
{
	async_error x, y;

	await async_gather(x = async_catch(after(5, 1)), y = async_catch(after(6, 2)));
	note("not reached %d %d", x.code, y.code);
}

static async void run_outer_cancel(void)
{
	async_task(void) t = async_create_task(gathers_errors());
	async_error error;

	await async_sleep(1);
	async_cancel_with(t, "enough");
	error = await async_catch(*t);
	CHECK(error.code == ASYNC_CANCELLED);
	CHECK(async_all_tasks(NULL, 0) == 1 && sim_seconds() == 1);
	CHECK_SEEN("");
}
TEST(semantics_96_a_cancel_of_a_gather_is_no_value)
{
	async_run_on(virtual_loop(), run_outer_cancel());
}

static async void waits_for_both(async_task(int) a, async_task(int) b)
{
	async_handle both[] = {a, b};

	await async_gather_n(both, 2);
	await async_sleep(0);
	note("not reached");
}

static async void run_all_done(void)
{
	async_task(int) a = async_create_task(after(1, 1)), b = async_create_task(after(1, 2));
	async_task(void) t = async_create_task(waits_for_both(a, b));

	async_retain(a);
	async_retain(b);
	while (!async_done(a) || !async_done(b))
		await async_sleep(0.5);
	CHECK(!async_cancel(a) && !async_cancel(b)); /* the results stand */
	async_cancel(t);
	CHECK((await async_catch(*t)).code == ASYNC_CANCELLED);
	CHECK(await *a == 1 && await *b == 2);
	async_release(a);
	async_release(b);
	CHECK_SEEN("");
}
TEST(semantics_97_the_results_of_a_gather_that_is_cancelled_when_all_are_done_stand)
{
	async_run_on(virtual_loop(), run_all_done());
}

static async_handle foreign;

static async void makes_foreign(void)
{
	async_future(int) f = async_create_future(int);

	async_retain(f);
	foreign = f;
}

static async void run_heterogenous(void)
{
	async_task(int) own = async_create_task(after(1, 1));
	async_handle handles[] = {own, foreign}, none[] = {own, (async_handle)(uintptr_t)12345};

	async_retain(own);
	for (int i = 0; i < 2; i++) {
		CHECK((await async_catch(async_gather_n(handles, 2))).code == ASYNC_WRONG_THREAD);
		CHECK((await async_catch(async_gather_n(none, 2))).code == ASYNC_STALE);
	}
	CHECK(await *own == 1);
	async_release(own);
}
static void hear_nothing(const async_error_context *context, void *arg)
{
	(void)context, (void)arg;
}
static async void run_heterogenous_quietly(void)
{
	async_set_exception_handler(hear_nothing, NULL);
	await run_heterogenous();
}
TEST(semantics_7_50_99_handles_of_another_loop_and_what_is_no_handle_are_refused_twice_alike)
{
	async_loop *other = async_loop_new(NULL);

	async_run_on(other, makes_foreign());
	async_run_on(virtual_loop(), run_heterogenous_quietly());
	async_loop_close(other);
}

/* ---- as_completed ---- */

static async void take(async_completions *c, async_handle *order, size_t *n)
{
	async_handle h;

	while ((h = await async_next_completed(c)))
		order[(*n)++] = h;
}

static async void run_in_order(void)
{
	async_task(int) a = async_create_task(after(3, 1)), b = async_create_task(after(1, 2)), c = async_create_task(after(2, 3));
	async_handle handles[] = {a, b, c}, order[3];
	async_completions *completions = async_as_completed(handles, 3, 10);
	size_t n = 0;

	await async_gather(take(completions, order, &n), take(completions, order, &n)); /* two take turns */
	CHECK(n == 3 && order[0] == (async_handle)b && order[1] == (async_handle)c && order[2] == (async_handle)a);
	CHECK(await async_next_completed(completions) == NULL);
	CHECK(await *a == 1 && await *b == 2 && await *c == 3); /* the very tasks that went in */
	async_completions_free(completions);
	CHECK(sim_seconds() == 3);
}
TEST(semantics_107_109_handles_come_in_the_order_of_their_ends)
{
	async_run_on(virtual_loop(), run_in_order());
}

static async void run_late(void)
{
	async_task(int) a = async_create_task(after(1, 1)), b = async_create_task(after(5, 2));
	async_handle handles[] = {b, a};
	async_completions *c = async_as_completed(handles, 2, 2);

	CHECK(await async_next_completed(c) == (async_handle)a);
	for (int i = 0; i < 2; i++)
		CHECK((await async_catch(async_next_completed(c))).code == ASYNC_TIMEOUT);
	CHECK(sim_seconds() == 2 && !async_done(b));
	await async_sleep(4);
	CHECK(await async_next_completed(c) == (async_handle)b); /* it may be resumed */
	CHECK(await async_next_completed(c) == NULL);
	async_completions_free(c);
	CHECK(await *a == 1 && await *b == 2);
}
static async void run_no_number(void)
{
	async_future(int) f = async_create_future(int);
	async_handle handles[] = { f };
	async_completions *c = async_as_completed(handles, 1, NAN);

	CHECK((await async_catch(async_wait_for(async_next_completed(c), 1))).code == EINVAL);
	async_set_result(f, 1);
	CHECK((await async_catch(async_wait_for(async_next_completed(c), 1))).code == EINVAL);
	async_completions_free(c);
}
TEST(a_timeout_of_as_completed_that_is_not_a_number_is_an_error)
{
	async_run(run_no_number());
}
TEST(semantics_108_the_timeout_of_as_completed_is_raised_for_the_rest)
{
	async_run_on(virtual_loop(), run_late());
}

/* ---- Eager starts ---- */

static async int gathers_down(int depth)
{
	int sum = 1, parts[5] = {0};

	if (depth)
		await async_gather(parts[0] = gathers_down(depth - 1), parts[1] = gathers_down(depth - 1), parts[2] = gathers_down(depth - 1),
				   parts[3] = gathers_down(depth - 1), parts[4] = gathers_down(depth - 1));
	for (int i = 0; i < 5; i++)
		sum += parts[i];
	return sum;
}

static async int groups_down(int depth)
{
	int sum = 1;
	async_task(int) parts[5];

	if (!depth)
		return 1;
	async_task_group (g)
		for (int i = 0; i < 5; i++) {
			parts[i] = async_create_task_in(g, groups_down(depth - 1));
			async_retain(parts[i]);
		}
	for (int i = 0; i < 5; i++) {
		sum += await *parts[i];
		async_release(parts[i]);
	}
	return sum;
}

static async int add(int (*down)(int), bool eager_loop)
{
	async_set_eager(async_get_running_loop(), eager_loop);
	CHECK(async_get_eager(async_get_running_loop()) == eager_loop);
	return await down(4);
}

static async int at_once(int depth)
{
	(void)depth;
	return 781;
}

static unsigned long turns_of(int (*down)(int), bool eager_loop)
{
	sim_turns = 0;
	CHECK(async_run_on(virtual_loop(), add(down, eager_loop)) == 781);
	return sim_turns;
}
TEST(semantics_65_73_eager_gathers_schedule_nothing_and_groups_little)
{
	unsigned long nothing = turns_of(at_once, true);

	CHECK(turns_of(gathers_down, true) == nothing);
	CHECK(turns_of(gathers_down, false) > nothing);
	CHECK(turns_of(groups_down, false) > turns_of(groups_down, true));
}

/* ---- wait that leaves nothing running ---- */

static async int cleans_up_for(double seconds, double cleanup)
{
	async_try {
		await async_sleep(seconds);
	} async_finally {
		await async_sleep(cleanup);
		note("%g", seconds);
	}
	return 1;
}

static async void waits_for_three(async_handle *handles, double timeout)
{
	async_task(int) a = async_create_task(cleans_up_for(5, 1)), b = async_create_task(after(2, 0)), c = async_create_task(cleans_up_for(9, 2));

	handles[0] = a, handles[1] = b, handles[2] = c;
	CHECK(await async_wait_or_cancel(handles, 3, ASYNC_FIRST_COMPLETED, timeout) == (timeout < 2 ? 0 : 1));
	note("%g: %d%d%d", sim_seconds(), async_cancelled(a), async_cancelled(b), async_cancelled(c));
	CHECK(timeout < 2 || (handles[0] == b && handles[1] == a && handles[2] == c));
}

static async void run_wait_or_cancel(void)
{
	async_handle handles[3];
	async_task(void) t;

	await waits_for_three(handles, ASYNC_FOREVER);
	CHECK_SEEN("5 9 4: 101");
	await waits_for_three(handles, 1);
	CHECK_SEEN("5 9 7: 111");
	t = async_create_task(waits_for_three(handles, ASYNC_FOREVER));
	await async_sleep(1);
	async_cancel(t);
	CHECK((await async_catch(*t)).code == ASYNC_CANCELLED && sim_seconds() == 10);
	CHECK_SEEN("5 9");
	CHECK((await async_catch(async_wait_or_cancel(handles, 0, ASYNC_ALL_COMPLETED, 1))).code == EINVAL);
	CHECK(async_all_tasks(NULL, 0) == 1);
}
TEST(a_wait_may_cancel_what_is_not_done_by_then)
{
	async_run_on(virtual_loop(), run_wait_or_cancel());
}

/* ---- Results that nobody takes ---- */

static void destroy(void *result)
{
	note("%d", *(int *)result);
}

static async_task(int) made(double seconds, int value)
{
	async_task(int) t = async_create_task(after(seconds, value));

	async_set_result_destructor(t, destroy);
	return t;
}

static async void takes(async_task(int) t)
{
	await *t;
}

static async void lost_to_an_error(void)
{
	int a, b;

	CHECK((await async_catch(async_gather(a = *made(3, 1), b = fails(1, EIO)))).code == EIO);
	await async_sleep(3);
	CHECK_SEEN("1"); /* at its end: gather had let go of it */
	(void)a, (void)b;
}

static async void lost_to_a_cancellation(void)
{
	async_task(int) t = made(1, 2);
	async_task(void) taker = async_create_task(takes(t));

	await async_sleep(0);
	await async_sleep(1);
	CHECK(async_done(t) && !async_done(taker));
	async_cancel(taker); /* in the turn in which the result came */
	CHECK((await async_catch(*taker)).code == ASYNC_CANCELLED);
}

static async void lost_behind_a_shield(void)
{
	async_task(int) t = made(2, 3);

	CHECK((await async_catch(async_wait_for(async_shield(*t), 1))).code == ASYNC_TIMEOUT);
	async_detach(t);
	await async_sleep(2);
	CHECK_SEEN("3");
}

static async void taken(void)
{
	CHECK(await async_wait_for(*made(1, 4), 5) == 4);
}

static async void run_lost_results(void)
{
	await lost_to_an_error();
	await *async_create_task(lost_to_a_cancellation());
	await async_sleep(0);
	CHECK_SEEN("2");
	await *async_create_task(lost_behind_a_shield());
	await *async_create_task(taken());
	await async_sleep(0);
	CHECK_SEEN("");
}
TEST(a_result_lost_to_an_error_a_cancellation_or_a_timeout_meets_its_destructor)
{
	async_run_on(virtual_loop(), run_lost_results());
}
