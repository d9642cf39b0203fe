/* pool_test.c: what pools have to offer besides running jobs: initialisers, shares, retirement, nested jobs, values of tasks. */
#include "jobs.h"

#include "executors/job.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <sched.h>

static async_executor *pool, *share;
static atomic_int calls, released, begun;

static long twice(long n)
{
	return 2 * n;
}

static long count(long n)
{
	atomic_fetch_add(&calls, 1);
	return n;
}

static long hold_until_released(long n)
{
	atomic_fetch_add(&begun, 1);
	while (!atomic_load(&released))
		pause_ms(1);
	return n;
}

/* How many threads of pools there are; waits a while until they are so many. */
static bool threads_become(int n)
{
	for (int i = 0; i < 5000 && atomic_load(&async__own_threads) != n; i++)
		pause_ms(1);
	return atomic_load(&async__own_threads) == n;
}

/* ---- Initialisers ---- */

static __thread int prepared;
static atomic_int preparations;

static int prepare(void)
{
	prepared = 42;
	atomic_fetch_add(&preparations, 1);
	return 0;
}

static long is_prepared(long n)
{
	pause_ms(n);
	return prepared;
}

SCRIPT(prepared_jobs)
{
	static async_handle jobs[6];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 6; i++)
		jobs[i] = start_call(pool, is_prepared, 2);
	for (i = 0; i < 6; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == 42);
	}
	for (i = 0; i < 5000 && atomic_load(&preparations) != atomic_load(&async__own_threads); i++)
		pause_ms(1); /* one that had nothing to do may only begin */
	CHECK(atomic_load(&preparations) == atomic_load(&async__own_threads));
	END;
}
TEST(semantics_164_each_thread_begins_with_the_initialiser)
{
	pool = async_thread_pool_new_with(&(async_pool_options){.max = 3, .initialise = prepare});
	PLAY(prepared_jobs);
	async_executor_shutdown(pool, true);
}

static int fail(void)
{
	return EACCES;
}

SCRIPT(unprepared)
{
	static async_handle jobs[4];
	static int i;
	BEGIN;
	for (i = 0; i < 4; i++)
		jobs[i] = start_call(pool, count, i);
	for (i = 0; i < 4; i++) {
		AWAIT_ERROR(jobs[i], ASYNC_BROKEN_EXECUTOR);
		CHECK(strstr(last_error.message, "initialiser failed: Permission denied"));
	}
	AWAIT_ERROR(start_call(pool, count, 1), ASYNC_BROKEN_EXECUTOR); /* later ones too */
	CHECK(atomic_load(&calls) == 0);
	END;
}
TEST(semantics_164_an_initialiser_that_fails_breaks_the_pool)
{
	pool = async_thread_pool_new_with(&(async_pool_options){.max = 2, .initialise = fail});
	PLAY(unprepared);
	async_executor_shutdown(pool, true);
	CHECK(atomic_load(&async__own_threads) == 0);
}

static int exits(void)
{
	pthread_exit(NULL);
}

SCRIPT(exited)
{
	BEGIN;
	AWAIT_ERROR(start_call(pool, count, 1), ASYNC_BROKEN_EXECUTOR);
	CHECK(strstr(last_error.message, "initialiser ended its thread"));
	END;
}
TEST(semantics_164_an_initialiser_that_ends_its_thread_breaks_the_pool)
{
	pool = async_thread_pool_new_with(&(async_pool_options){.max = 1, .initialise = exits});
	PLAY(exited);
	async_executor_shutdown(pool, true);
}

static char thread_name[16];

static long name_of_thread(long n)
{
	return pthread_getname_np(pthread_self(), thread_name, sizeof thread_name) + n;
}

SCRIPT(named)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, name_of_thread, 0), &result);
	CHECK(strcmp(thread_name, "a-long-name-1") == 0);
	END;
}
TEST(threads_are_called_as_the_options_say)
{
	char name[] = "a-long-name-indeed";

	pool = async_thread_pool_new_with(&(async_pool_options){.name = name});
	name[0] = 'b';
	PLAY(named);
	async_executor_shutdown(pool, true);
}

TEST(threads_are_not_recycled)
{
	CHECK(!async_thread_pool_new_with(&(async_pool_options){.jobs_per_worker = 3}) && errno == EINVAL);
}

/* ---- Retirement ---- */

TEST(an_idle_time_that_is_none_is_refused)
{
	double none[] = { -1, NAN };

	for (size_t i = 0; i < 2; i++) {
		CHECK(!async_thread_pool_new_with(&(async_pool_options){ .idle = none[i] }) && errno == EINVAL);
		CHECK(!async_process_pool_new_with(&(async_pool_options){ .idle = none[i] }) && errno == EINVAL);
	}
}

SCRIPT(come_and_go)
{
	static async_handle jobs[3];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 3; i++)
		jobs[i] = start_call(pool, is_prepared, 5);
	CHECK(atomic_load(&async__own_threads) == 3);
	for (i = 0; i < 3; i++)
		AWAIT(jobs[i], &result);
	CHECK(threads_become(0));
	for (i = 0; i < 20; i++) { /* at about the time when it retires */
		AWAIT(start_call(pool, twice, i), &result);
		CHECK(result == 2 * i);
		pause_ms(2);
	}
	END;
}
TEST(idle_threads_retire_and_new_ones_come)
{
	pool = async_thread_pool_new_with(&(async_pool_options){.max = 3, .idle = 0.002});
	PLAY(come_and_go);
	async_executor_shutdown(pool, true);
	CHECK(atomic_load(&async__own_threads) == 0);
}

SCRIPT(only_one)
{
	static async_handle jobs[4];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 4; i++)
		jobs[i] = start_call(pool, is_prepared, 5);
	for (i = 0; i < 4; i++)
		AWAIT(jobs[i], &result);
	for (i = 0; i < 4000 && atomic_load(&async__own_threads) > 1; i++) { /* one is kept busy, the others are left alone */
		AWAIT(start_call(pool, twice, i), &result);
		pause_ms(1); /* of real time */
	}
	CHECK(atomic_load(&async__own_threads) <= 1);
	END;
}
TEST(threads_that_are_not_needed_retire_though_one_is)
{
	pool = async_thread_pool_new_with(&(async_pool_options){.max = 4, .idle = 0.1});
	PLAY(only_one);
	async_executor_shutdown(pool, true);
}

/* ---- Shares ---- */

SCRIPT(limited)
{
	static async_handle jobs[30];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 30; i++)
		jobs[i] = start_call(share, crowd, i);
	for (i = 0; i < 30; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == i);
	}
	CHECK(atomic_load(&most_inside) == 2);
	END;
}
TEST(a_share_runs_as_many_jobs_at_once_as_it_may)
{
	pool = async_thread_pool_new(6);
	share = async_executor_share(pool, 2);
	PLAY(limited);
	async_executor_shutdown(share, true);
	async_executor_shutdown(pool, true);
}

SCRIPT(slow_and_quick)
{
	static async_handle slow[5];
	static int i;
	static long result;
	BEGIN;
	share = async_executor_share(NULL, 1);
	for (i = 0; i < 5; i++)
		slow[i] = start_call(share, hold_until_released, i);
	for (i = 0; i < 5; i++) {
		AWAIT(start_call(NULL, twice, i), &result);
		CHECK(result == 2 * i);
	}
	CHECK(atomic_load(&begun) <= 1 && !async_done(slow[0]));
	atomic_store(&released, 1);
	for (i = 0; i < 5; i++)
		AWAIT(slow[i], &result);
	async_executor_shutdown(share, true);
	END;
}
TEST(slow_jobs_of_a_share_keep_no_others_from_running)
{
	PLAY(slow_and_quick);
}

/* One thread: while the first job holds it, two kinds queue up. */
static char order[16];
static atomic_int ordered;

static long note(long kind)
{
	order[atomic_fetch_add(&ordered, 1)] = (char)kind;
	return kind;
}

SCRIPT(turns)
{
	static async_handle first, jobs[6];
	static int i;
	static long result;
	BEGIN;
	first = start_call(pool, hold_until_released, 0);
	while (atomic_load(&begun) == 0)
		AWAIT_VOID(start_sleep(0.001));
	for (i = 0; i < 3; i++)
		jobs[i] = start_call(pool, note, 'p');
	for (; i < 6; i++)
		jobs[i] = start_call(share, note, 's');
	atomic_store(&released, 1);
	AWAIT(first, &result);
	for (i = 0; i < 6; i++)
		AWAIT(jobs[i], &result);
	CHECK(strcmp(order, "pspsps") == 0 || strcmp(order, "spspsp") == 0);
	END;
}
TEST(shares_take_turns)
{
	pool = async_thread_pool_new(1);
	share = async_executor_share(pool, 1);
	PLAY(turns);
	async_executor_shutdown(pool, true);
	async_executor_shutdown(share, true);
}

SCRIPT(share_ends)
{
	static async_handle running, queued[3];
	static int i;
	static long result;
	BEGIN;
	running = start_call(share, hold_until_released, 1);
	for (i = 0; i < 3; i++)
		queued[i] = start_call(share, count, i);
	while (atomic_load(&begun) == 0)
		AWAIT_VOID(start_sleep(0.001));
	CHECK(async_cancel(queued[0]));
	AWAIT_ERROR(queued[0], ASYNC_CANCELLED);
	async_executor_shutdown_cancel(share, false);
	for (i = 1; i < 3; i++)
		AWAIT_ERROR(queued[i], ASYNC_CANCELLED);
	AWAIT_ERROR(start_call(share, count, 1), ASYNC_SHUT_DOWN);
	AWAIT(start_call(pool, twice, 4), &result); /* the pool goes on */
	CHECK(result == 8);
	atomic_store(&released, 1);
	AWAIT(running, &result);
	CHECK(atomic_load(&calls) == 0);
	END;
}
TEST(a_share_is_shut_down_by_itself)
{
	pool = async_thread_pool_new(2);
	share = async_executor_share(pool, 1);
	PLAY(share_ends);
	async_executor_shutdown(pool, true);
}

SCRIPT(waits_for_share)
{
	static async_handle jobs[5];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 5; i++)
		jobs[i] = start_call(share, crowd, i);
	async_executor_shutdown(share, true);
	CHECK(atomic_load(&inside) == 0);
	for (i = 0; i < 5; i++)
		AWAIT(jobs[i], &result);
	END;
}
TEST(shutting_a_share_down_waits_for_its_jobs)
{
	pool = async_thread_pool_new(2);
	share = async_executor_share(pool, 1);
	PLAY(waits_for_share);
	async_executor_shutdown(pool, true);
}

SCRIPT(pool_ends_first)
{
	static async_handle jobs[4];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 4; i++)
		jobs[i] = start_call(share, crowd, i);
	async_executor_shutdown(pool, true); /* lets the share's finish */
	for (i = 0; i < 4; i++)
		AWAIT(jobs[i], &result);
	AWAIT_ERROR(start_call(share, count, 1), ASYNC_SHUT_DOWN);
	END;
}
TEST(a_pool_that_ends_takes_its_shares_along)
{
	pool = async_thread_pool_new(2);
	share = async_executor_share(pool, 1);
	PLAY(pool_ends_first);
	async_executor_shutdown(share, true);
}

TEST(what_is_no_pool_has_no_shares)
{
	async_executor *alone = async_inline_executor_new();

	errno = 0;
	CHECK(!async_executor_share(alone, 1) && errno == EINVAL);
	CHECK(!async_executor_share(NULL, 1) && errno == EINVAL); /* no loop runs here */
	pool = async_thread_pool_new(1);
	CHECK(!async_executor_share(pool, 0) && errno == EINVAL);
	share = async_executor_share(pool, 1);
	CHECK(!async_executor_share(share, 1) && errno == EINVAL);
	async__fail_alloc(1);
	CHECK(!async_executor_share(pool, 1) && errno == ENOMEM);
	async__fail_alloc(0);
	async_executor_shutdown(share, true);
	async_executor_shutdown(pool, true);
	CHECK(!async_executor_share(pool, 1) && errno == EINVAL); /* it is gone */
	async_executor_shutdown(alone, true);
}

/* Names take the loop's lookups share; while those hang, files and other jobs run. */
SCRIPT(lookups_hang)
{
	static async_handle slow[40];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 40; i++)
		slow[i] = start_call(async__lookups(), hold_until_released, i);
	AWAIT(start_call(NULL, twice, 3), &result);
	CHECK(result == 6);
	atomic_store(&released, 1);
	for (i = 0; i < 40; i++)
		AWAIT(slow[i], &result);
	END;
}
TEST(slow_lookups_do_not_keep_files_waiting)
{
	PLAY(lookups_hang);
}

/* ---- Nested jobs ---- */

SCRIPT(inner)
{
	static __thread long result;
	BEGIN;
	AWAIT(start_call(share ? share : pool, twice, 21), &result);
	CHECK(result == 42);
	END;
}

static long submit_another(long n)
{
	PLAY(inner);
	return n;
}

SCRIPT(nested)
{
	static async_handle jobs[3];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 3; i++)
		jobs[i] = start_call(pool, submit_another, i);
	for (i = 0; i < 3; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == i);
	}
	AWAIT(start_call(pool, twice, 1), &result);
	END;
}
TEST(a_job_may_wait_for_another_one_of_its_pool_of_one_thread)
{
	pool = async_thread_pool_new(1);
	PLAY(nested);
	CHECK(threads_become(1)); /* the others are not needed any more */
	async_executor_shutdown(pool, true);
}

SCRIPT(nested_in_share)
{
	static long result;
	BEGIN;
	AWAIT(start_call(share, submit_another, 5), &result);
	CHECK(result == 5);
	END;
}
TEST(a_job_may_wait_for_another_one_of_its_share)
{
	pool = async_thread_pool_new(1);
	share = async_executor_share(pool, 1);
	PLAY(nested_in_share);
	async_executor_shutdown(share, true);
	async_executor_shutdown(pool, true);
}

/* ---- Values of tasks ---- */

static long key = 7, other_key = 8;

static long value_here(long n)
{
	return *(const long *)async__local_get(&key) * 100 + *(const long *)async__local_get(&other_key) + n;
}

SCRIPT(values_of_its_loop)
{
	BEGIN;
	CHECK(value_here(0) == 708); /* a loop of its own begins without any */
	END;
}

static long value_beyond_a_loop(long n)
{
	PLAY(values_of_its_loop);
	return value_here(n);
}

SCRIPT(values)
{
	static long result, value;
	static async_handle job;
	BEGIN;
	AWAIT(start_call(NULL, value_here, 1), &result);
	CHECK(result == 709); /* the keys' own values */
	value = 1;
	CHECK(async__local_set(&key, &value, sizeof value) == 0);
	job = start_call(pool, value_here, 0);
	value = 2;
	CHECK(async__local_set(&key, &value, sizeof value) == 0);
	AWAIT(job, &result);
	CHECK(result == 108); /* as they were when it was submitted */
	AWAIT(start_call(pool, value_beyond_a_loop, 0), &result);
	CHECK(result == 208);
	END;
}
SCRIPT(no_values)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, value_here, 0), &result);
	CHECK(result == 708);
	END;
}
TEST(semantics_159_a_job_sees_its_submitters_values)
{
	pool = async_thread_pool_new(1);
	PLAY(values);
	PLAY(no_values);
	async_executor_shutdown(pool, true);
}

SCRIPT(values_without_memory)
{
	static long n, value;
	static bool failed;
	BEGIN;
	value = 5;
	CHECK(async__local_set(&key, &value, sizeof value) == 0 && async__local_set(&other_key, &value, sizeof value) == 0);
	for (n = 1, failed = true; failed; n++) {
		async__fail_alloc((unsigned long)n);
		self->awaited = start_call(pool, twice, 1);
		async__fail_alloc(0);
		AWAIT_STATUS(self->awaited, NULL, 0);
		failed = self->status == ASYNC_FAILED;
		if (failed)
			CHECK(take_error().code == ASYNC_NO_MEMORY);
	}
	CHECK(n > 4);
	END;
}
TEST(a_job_with_values_without_memory_raises_NO_MEMORY)
{
	pool = async_thread_pool_new(1);
	PLAY(values_without_memory);
	async_executor_shutdown(pool, true);
}

/* ---- Left alone ---- */

static atomic_int discarded;

static void discard(void *result)
{
	CHECK(*(long *)result == 9);
	atomic_fetch_add(&discarded, 1);
}

static async_handle start_abandonable(long (*function)(long), long argument, void (*give_up)(void *))
{
	struct call_job *job = async__new_job(pool, &call_type);

	if (job) {
		job->function = function;
		job->argument = argument;
	}
	return async__submit_abandon(job, give_up);
}

SCRIPT(abandons)
{
	static async_handle jobs[3];
	static int i;
	BEGIN;
	jobs[0] = start_abandonable(hold_until_released, 9, discard);
	jobs[1] = start_abandonable(hold_until_released, 9, NULL);
	async_set_result_destructor(jobs[1], discard);
	jobs[2] = start_abandonable(hold_until_released, 9, NULL);
	while (atomic_load(&begun) < 3)
		AWAIT_VOID(start_sleep(0.001));
	for (i = 0; i < 3; i++) {
		CHECK(async_cancel(jobs[i]) && async_done(jobs[i]));
		AWAIT_ERROR(jobs[i], ASYNC_CANCELLED);
	}
	CHECK(atomic_load(&discarded) == 0);
	atomic_store(&released, 1);
	while (atomic_load(&discarded) < 2)
		AWAIT_VOID(start_sleep(0.001));
	END;
}
TEST(semantics_158_an_abandoned_job_goes_on_and_its_result_is_discarded)
{
	pool = async_thread_pool_new(3);
	PLAY(abandons);
	async_executor_shutdown(pool, true);
	CHECK(atomic_load(&discarded) == 2);
}

SCRIPT(abandons_at_the_end)
{
	static async_handle job;
	BEGIN;
	job = start_abandonable(hold_until_released, 9, discard);
	while (atomic_load(&begun) < 1)
		AWAIT_VOID(start_sleep(0.001));
	CHECK(async_cancel(job));
	AWAIT_ERROR(job, ASYNC_CANCELLED);
	END;
}
TEST(semantics_158_an_abandoned_job_that_ends_after_its_loop_is_discarded_too)
{
	pool = async_thread_pool_new(1);
	PLAY(abandons_at_the_end);
	atomic_store(&released, 1);
	async_executor_shutdown(pool, true);
	CHECK(atomic_load(&discarded) == 1);
}

/* ---- Looking before sleeping ---- */

/* How many waits pass until it looks, at something that is there. */
static int waits_until_it_looks(struct async__spin *spin)
{
	atomic_int there = 1;

	for (int n = 0; n <= 4096; n++)
		if (async__spin(spin, &there, INT64_MAX))
			return n;
	return -1;
}

static void look_in_vain(struct async__spin *spin)
{
	atomic_int missing = 0;

	while (spin->passing)
		CHECK(!async__spin(spin, &missing, INT64_MAX));
	CHECK(!async__spin(spin, &missing, INT64_MAX));
}

TEST(who_looked_in_vain_lets_waits_pass_and_looks_again)
{
	struct async__spin spin = {0};
	int last = 0;

	if (async__processors() == 1) {
		CHECK(waits_until_it_looks(&spin) == -1);
		return;
	}
	CHECK(waits_until_it_looks(&spin) == 0);
	for (int vain = 0; vain < 15; vain++) {
		look_in_vain(&spin);
		CHECK(spin.passing == 4096 || (int)spin.passing > last);
		last = (int)spin.passing;
	}
	CHECK(waits_until_it_looks(&spin) == 4096); /* at most, and not for good */
	for (int found = 0; found < 200; found++)
		CHECK(waits_until_it_looks(&spin) == 0);
	look_in_vain(&spin);
	CHECK(waits_until_it_looks(&spin) < 10); /* what was before has been forgotten */
}

TEST(a_look_that_a_deadline_ends_says_nothing)
{
	struct async__spin spin = {0};
	atomic_int missing = 0;

	for (int i = 0; i < 100; i++)
		CHECK(!async__spin(&spin, &missing, 100));
	CHECK(async__processors() == 1 || waits_until_it_looks(&spin) == 0);
}
