/* executor_test.c: jobs, the thread pool, the inline executor and one of our own. */
#include "jobs.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static long twice(long n)
{
	return 2 * n;
}

static long sleep_ms(long ms)
{
	pause_ms(ms);
	return ms;
}

static atomic_int calls;

static long count(long n)
{
	atomic_fetch_add(&calls, 1);
	return n;
}

static async_executor *pool;

/* ---- Results ---- */

static pthread_t loop_thread;

static long is_elsewhere(long n)
{
	(void)n;
	return !pthread_equal(pthread_self(), loop_thread);
}

SCRIPT(off_thread)
{
	static long result;
	BEGIN;
	loop_thread = pthread_self();
	AWAIT(start_call(NULL, is_elsewhere, 0), &result);
	CHECK(result == 1);
	AWAIT(start_call(NULL, twice, 21), &result);
	CHECK(result == 42);
	END;
}
TEST(semantics_157_a_job_runs_on_another_thread_and_its_result_arrives)
{
	PLAY(off_thread);
	CHECK(atomic_load(&async__own_threads) == 0); /* the default pool went with its loop */
}

SCRIPT(ignored_result)
{
	BEGIN;
	async_detach(start_call(NULL, count, 1));
	AWAIT_VOID(start_call(NULL, count, 1));
	END;
}
TEST(a_result_that_nobody_wants_is_no_trouble)
{
	PLAY(ignored_result);
	CHECK(atomic_load(&calls) == 2);
}

static pthread_barrier_t barrier;

static long meet(long n)
{
	pthread_barrier_wait(&barrier);
	return n;
}

SCRIPT(concurrent)
{
	static async_handle jobs[4];
	static long result;
	static int i;
	BEGIN;
	pthread_barrier_init(&barrier, NULL, 4);
	for (i = 0; i < 4; i++)
		jobs[i] = start_call(NULL, meet, i);
	for (i = 0; i < 4; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == i);
	}
	END;
}
TEST(semantics_159_concurrent_calls_all_run)
{
	PLAY(concurrent);
}

/* ---- Threads ---- */

static pthread_t last_thread;
static atomic_int thread_changes;

static long note_thread(long n)
{
	if (!pthread_equal(last_thread, pthread_self()))
		atomic_fetch_add(&thread_changes, 1);
	last_thread = pthread_self();
	return n;
}

SCRIPT(one_after_the_other)
{
	static int i;
	static long result;
	BEGIN;
	last_thread = pthread_self();
	for (i = 0; i < 20; i++) {
		AWAIT(start_call(pool, note_thread, i), &result);
		usleep(2000); /* real time: the thread has gone idle */
	}
	CHECK(atomic_load(&async__own_threads) == 1);
	END;
}
TEST(semantics_163_an_idle_thread_is_used_again)
{
	pool = async_thread_pool_new(8);
	PLAY(one_after_the_other);
	CHECK(atomic_load(&thread_changes) == 1);
	async_executor_shutdown(pool, true);
}

SCRIPT(many)
{
	static async_handle jobs[40];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 40; i++)
		jobs[i] = start_call(pool, crowd, i);
	for (i = 0; i < 40; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == i);
	}
	END;
}
TEST(semantics_163_threads_grow_up_to_the_limit)
{
	pool = async_thread_pool_new(3);
	PLAY(many);
	CHECK(atomic_load(&most_inside) == 3);
	async_executor_shutdown(pool, true);
}

static long blocked_signals(long n)
{
	sigset_t set;

	(void)n;
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, SIGINT) && sigismember(&set, SIGTERM) && sigismember(&set, SIGCHLD) &&
	       sigismember(&set, SIGALRM) && !sigismember(&set, SIGSEGV);
}

static char thread_name[16];

static long name_of_thread(long n)
{
	return pthread_getname_np(pthread_self(), thread_name, sizeof thread_name) + n;
}

SCRIPT(signals_and_names)
{
	static long result;
	BEGIN;
	AWAIT(start_call(NULL, blocked_signals, 0), &result);
	CHECK(result == 1);
	AWAIT(start_call(NULL, name_of_thread, 0), &result);
	CHECK(strncmp(thread_name, "async-pool-", 11) == 0);
	END;
}
TEST(pool_threads_block_signals_and_have_names)
{
	PLAY(signals_and_names);
}

static long end_thread(long n)
{
	(void)n;
	pthread_exit(NULL);
}

SCRIPT(thread_ended)
{
	static async_handle ending, behind;
	static long result;
	BEGIN;
	ending = start_call(pool, end_thread, 0);
	behind = start_call(pool, twice, 3);
	AWAIT_ERROR(ending, ASYNC_BROKEN_EXECUTOR);
	AWAIT(behind, &result);
	CHECK(result == 6);
	AWAIT_ERROR(start_call(pool, end_thread, 0), ASYNC_BROKEN_EXECUTOR);
	AWAIT(start_call(pool, twice, 4), &result);
	CHECK(result == 8);
	END;
}
TEST(a_job_that_ends_its_thread_fails_and_the_pool_goes_on)
{
	pool = async_thread_pool_new(1);
	PLAY(thread_ended);
	async_executor_shutdown(pool, true);
}

SCRIPT(inner)
{
	BEGIN;
	AWAIT_VOID(start_sleep(0.001));
	END;
}

static long run_a_loop(long n)
{
	PLAY(inner);
	return n + 1;
}

SCRIPT(loop_in_job)
{
	static long result;
	BEGIN;
	AWAIT(start_call(NULL, run_a_loop, 1), &result);
	CHECK(result == 2);
	END;
}
TEST(a_job_may_run_a_loop_of_its_own)
{
	PLAY(loop_in_job);
}

/* ---- Cancelling ---- */

static atomic_int release_job, saw_cancel;

static long hold_until_released(long n)
{
	atomic_fetch_add(&calls, 1);
	while (!atomic_load(&release_job)) {
		if (async_job_cancelled())
			atomic_store(&saw_cancel, 1);
		pause_ms(1);
	}
	return n;
}

SCRIPT(cancel_queued)
{
	static async_handle running, queued;
	static long result;
	BEGIN;
	running = start_call(pool, hold_until_released, 1);
	queued = start_call(pool, count, 2);
	AWAIT_VOID(start_sleep(0.01));
	CHECK(async_cancel(queued) && async_done(queued));
	AWAIT_ERROR(queued, ASYNC_CANCELLED);
	atomic_store(&release_job, 1);
	AWAIT(running, &result);
	CHECK(result == 1 && atomic_load(&calls) == 1);
	END;
}
TEST(a_job_cancelled_in_the_queue_never_starts)
{
	pool = async_thread_pool_new(1);
	PLAY(cancel_queued);
	async_executor_shutdown(pool, true);
	CHECK(atomic_load(&calls) == 1);
}

SCRIPT(awaiter)
{
	static long result;
	BEGIN;
	AWAIT_STATUS(start_call(pool, hold_until_released, 1), &result, sizeof result);
	return self->status;
	END;
}

SCRIPT(cancel_running)
{
	static async_handle task;
	BEGIN;
	task = START(awaiter);
	while (atomic_load(&calls) == 0)
		AWAIT_VOID(start_sleep(0.001));
	CHECK(async_cancel(task));
	AWAIT_VOID(start_sleep(0.01));
	CHECK(!async_done(task)); /* its frame is pinned until the job has let go of it */
	CHECK(atomic_load(&saw_cancel) == 1);
	atomic_store(&release_job, 1);
	AWAIT_ERROR(task, ASYNC_CANCELLED);
	END;
}
TEST(semantics_158_a_running_job_goes_on_and_the_cancel_arrives_when_it_ends)
{
	pool = async_thread_pool_new(1);
	PLAY(cancel_running);
	async_executor_shutdown(pool, true);
	CHECK(!async_job_cancelled());
}

SCRIPT(leave_it)
{
	BEGIN;
	async_detach(start_call(pool, hold_until_released, 1));
	while (atomic_load(&calls) == 0)
		AWAIT_VOID(start_sleep(0.001));
	END;
}
TEST(semantics_158_a_job_that_ends_after_its_loop_touches_nothing)
{
	pool = async_thread_pool_new(1);
	PLAY(leave_it);
	atomic_store(&release_job, 1);
	async_executor_shutdown(pool, true);
}

/* ---- Shutting down ---- */

SCRIPT(after_shutdown)
{
	BEGIN;
	async_executor_shutdown(pool, true);
	AWAIT_ERROR(start_call(pool, twice, 1), ASYNC_SHUT_DOWN);
	async_executor_shutdown(pool, true); /* a second time does nothing */
	END;
}
TEST(semantics_161_submission_after_shutdown_is_refused)
{
	pool = async_thread_pool_new(1);
	PLAY(after_shutdown);
}

SCRIPT(no_wait)
{
	static async_handle jobs[5];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 5; i++)
		jobs[i] = start_call(pool, sleep_ms, 5);
	async_executor_shutdown(pool, false);
	CHECK(!async_done(jobs[4]));
	for (i = 0; i < 5; i++)
		AWAIT(jobs[i], &result);
	END;
}
TEST(semantics_162_shutdown_without_waiting_lets_pending_jobs_finish)
{
	pool = async_thread_pool_new(2);
	PLAY(no_wait);
	while (atomic_load(&async__own_threads))
		pause_ms(1);
}

SCRIPT(waits)
{
	static async_handle jobs[5];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 5; i++)
		jobs[i] = start_call(pool, crowd, i);
	async_executor_shutdown(pool, true);
	CHECK(atomic_load(&inside) == 0 && atomic_load(&async__own_threads) == 0);
	for (i = 0; i < 5; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == i);
	}
	END;
}
TEST(semantics_162_shutdown_waits_for_all_jobs)
{
	pool = async_thread_pool_new(2);
	PLAY(waits);
}

SCRIPT(cancel_pending)
{
	static async_handle running, queued[3];
	static int i;
	static long result;
	BEGIN;
	running = start_call(pool, hold_until_released, 7);
	for (i = 0; i < 3; i++)
		queued[i] = start_call(pool, count, i);
	while (atomic_load(&calls) == 0)
		AWAIT_VOID(start_sleep(0.001));
	async_executor_shutdown_cancel(pool, false);
	for (i = 0; i < 3; i++)
		AWAIT_ERROR(queued[i], ASYNC_CANCELLED);
	atomic_store(&release_job, 1);
	AWAIT(running, &result);
	CHECK(result == 7 && atomic_load(&calls) == 1);
	END;
}
TEST(semantics_162_cancel_futures_cancels_only_what_has_not_started)
{
	pool = async_thread_pool_new(1);
	PLAY(cancel_pending);
	while (atomic_load(&async__own_threads))
		pause_ms(1);
}

static long shut_own_pool_down(long n)
{
	async_executor_shutdown(pool, true);
	return n;
}

SCRIPT(from_inside)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, shut_own_pool_down, 3), &result);
	CHECK(result == 3);
	END;
}
TEST(a_job_may_shut_its_own_pool_down)
{
	pool = async_thread_pool_new(2);
	PLAY(from_inside);
	while (atomic_load(&async__own_threads))
		pause_ms(1);
}

TEST(shutting_nothing_down_is_fine)
{
	async_executor_shutdown(NULL, true);
	pool = async_thread_pool_new(0);
	async_executor_shutdown(pool, true);
}

SCRIPT(in_child)
{
	BEGIN;
	AWAIT_ERROR(start_call(pool, twice, 1), ASYNC_FORKED);
	END;
}
TEST(a_forked_child_cannot_use_its_parents_pool)
{
	int status;
	pid_t child;

	pool = async_thread_pool_new(2);
	PLAY(leave_it);
	atomic_store(&release_job, 1);
	child = fork();
	if (child == 0) {
		PLAY(in_child);
		async_executor_shutdown(pool, true);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	async_executor_shutdown(pool, true);
}

/* ---- Memory ---- */


SCRIPT(no_memory)
{
	static unsigned long n;
	static async_handle job;
	static bool failed;
	BEGIN;
	AWAIT_VOID(start_call(NULL, twice, 1));
	for (n = 1, failed = true; failed; n++) {
		async__fail_alloc(n);
		job = start_call(NULL, twice, 1);
		async__fail_alloc(0);
		AWAIT_STATUS(job, NULL, 0);
		failed = self->status == ASYNC_FAILED;
		if (failed)
			CHECK(take_error().code == ASYNC_NO_MEMORY);
	}
	CHECK(n > 2);
	END;
}
TEST(a_job_without_memory_raises_NO_MEMORY)
{
	PLAY(no_memory);
}

TEST(a_pool_without_memory_is_NULL_with_errno)
{
	async_executor *(*const makers[])(unsigned) = {async_thread_pool_new, async_process_pool_new};

	for (int i = 0; i < 2; i++) {
		unsigned long n = 0;

		do {
			async__fail_alloc(++n);
			errno = 0;
			pool = makers[i](1);
			async__fail_alloc(0);
			CHECK(pool || errno == ENOMEM);
		} while (!pool);
		CHECK(n > 1);
		async_executor_shutdown(pool, true);
	}
}

SCRIPT(no_thread)
{
	static async_handle job;
	static unsigned long n;
	static long result;
	static bool failed;
	BEGIN;
	for (n = 1, failed = true; failed; n++) {
		pool = async_thread_pool_new(1);
		async__fail_alloc(n);
		job = start_call(pool, twice, 1);
		async__fail_alloc(0);
		AWAIT_STATUS(job, &result, sizeof result);
		failed = self->status == ASYNC_FAILED;
		if (failed)
			last_error = take_error();
		CHECK(failed ? last_error.code == ASYNC_NO_MEMORY : result == 2);
		async_executor_shutdown(pool, true);
	}
	CHECK(n > 3);
	END;
}
TEST(a_pool_that_cannot_start_a_thread_fails_the_job)
{
	PLAY(no_thread);
}

/* ---- Other executors ---- */

static long on_this_thread(long n)
{
	return n + (pthread_equal(pthread_self(), loop_thread) != 0);
}

SCRIPT(inline_jobs)
{
	static async_handle job;
	static long result;
	BEGIN;
	loop_thread = pthread_self();
	job = start_call(pool, on_this_thread, 1);
	CHECK(!async_done(job)); /* it has run, but never completes from inside a call */
	AWAIT(job, &result);
	CHECK(result == 2);
	async_executor_shutdown(pool, true);
	AWAIT_ERROR(start_call(pool, twice, 1), ASYNC_SHUT_DOWN);
	END;
}
TEST(the_inline_executor_runs_jobs_at_once)
{
	pool = async_inline_executor_new();
	PLAY(inline_jobs);
}

struct lazy_executor {
	async_executor executor;
	async_job *job; /* kept until run_lazily */
	int destroyed;
};

static int lazy_submit(async_executor *self, async_job *job)
{
	if (((struct lazy_executor *)self)->job)
		return EBUSY;
	((struct lazy_executor *)self)->job = job;
	return 0;
}

static void lazy_shutdown(async_executor *self, bool wait, bool cancel_pending)
{
	(void)self, (void)wait, (void)cancel_pending;
}

static void lazy_destroy(async_executor *self)
{
	((struct lazy_executor *)self)->destroyed++;
}

static struct lazy_executor lazy;
static const struct async_executor_methods lazy_methods = {
	.name = "lazy", .submit = lazy_submit, .shutdown = lazy_shutdown, .destroy = lazy_destroy};

SCRIPT(own_executor)
{
	static async_handle job;
	static long result;
	BEGIN;
	job = start_call(&lazy.executor, twice, 5);
	AWAIT_ERROR(start_call(&lazy.executor, twice, 6), EBUSY);
	AWAIT_VOID(start_sleep(0.001));
	async_job_run(lazy.job);
	async_job_end(lazy.job, 0, NULL);
	lazy.job = NULL;
	AWAIT(job, &result);
	CHECK(result == 10);
	job = start_call(&lazy.executor, twice, 5);
	async_executor_shutdown(&lazy.executor, false);
	CHECK(lazy.destroyed == 0);
	async_job_end(lazy.job, ECHILD, "lost number %d", 7);
	AWAIT_ERROR(job, ECHILD);
	CHECK(strcmp(last_error.message, "lost number 7") == 0 && lazy.destroyed == 1);
	END;
}
TEST(an_executor_of_ones_own)
{
	async_executor_init(&lazy.executor, &lazy_methods);
	PLAY(own_executor);
}

SCRIPT(cancel_without_hook)
{
	static async_handle job;
	BEGIN;
	job = start_call(&lazy.executor, count, 5);
	CHECK(async_cancel(job) && !async_done(job));
	async_job_run(lazy.job); /* skips it */
	async_job_end(lazy.job, 0, NULL);
	AWAIT_ERROR(job, ASYNC_CANCELLED);
	CHECK(atomic_load(&calls) == 0);
	END;
}
TEST(an_executor_without_cancel_skips_cancelled_jobs)
{
	async_executor_init(&lazy.executor, &lazy_methods);
	PLAY(cancel_without_hook);
	async_executor_shutdown(&lazy.executor, true);
	CHECK(lazy.destroyed == 1);
}

/* ---- Stress: several loops share a pool, with cancels at all moments ---- */

enum { LOOPS = 4, ROUNDS = 300, BATCH = 16 };

struct stress_frame {
	async_frame base;
	async_handle jobs[BATCH];
	int round, i;
	unsigned seed;
};

static long little(long n)
{
	if (n % 7 == 0)
		sched_yield();
	return n + !!async_job_cancelled();
}

static const async_function stress__async;

static async_status stress_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct stress_frame *f = (struct stress_frame *)frame;
	async_caught caught = {NULL};
	long result;

	if (at->state)
		goto awaited;
	for (f->round = 0; f->round < ROUNDS; f->round++) {
		for (f->i = 0; f->i < BATCH; f->i++)
			f->jobs[f->i] = start_call(pool, little, f->i);
		for (f->i = 0; f->i < BATCH; f->i++)
			if (rand_r(&f->seed) % 3 == 0)
				async_cancel(f->jobs[f->i]);
		for (f->i = 0; f->i < BATCH; f->i++) {
			status = async__await(frame, &stress__async.points[1], f->jobs[f->i]);
			if (status == ASYNC_SUSPENDED)
				return ASYNC_SUSPENDED;
awaited:
			status = async__await_end(f->jobs[f->i], status, &result, sizeof result);
			if (status == ASYNC_DONE) {
				CHECK(result == f->i);
			} else {
				CHECK(async__hold(&caught).code == ASYNC_CANCELLED);
				async__drop(&caught);
			}
		}
	}
	return ASYNC_DONE;
}

static const async_function stress__async = {.abi = ASYNC_ABI_VERSION,
					     .frame_size = sizeof(struct stress_frame),
					     .frame_align = 16,
					     .points = ASYNC_POINTS(stress__async, stress_resume, NULL),
					     .name = "stress",
					     .file = __FILE__};

static void *run_stress(void *arg)
{
	struct stress_frame *f = async__entry(&stress__async, (void (*)(void))run_stress);

	f->seed = (unsigned)(uintptr_t)arg;
	async__entry_run(f, NULL, 0);
	return NULL;
}

TEST(several_loops_share_a_pool)
{
	pthread_t threads[LOOPS];

	pool = async_thread_pool_new(3);
	for (uintptr_t i = 0; i < LOOPS; i++)
		pthread_create(&threads[i], NULL, run_stress, (void *)(i + 1));
	for (int i = 0; i < LOOPS; i++)
		pthread_join(threads[i], NULL);
	async_executor_shutdown(pool, true);
}

TEST(pools_come_and_go_while_loops_end)
{
	for (int i = 0; i < 200; i++) {
		pool = async_thread_pool_new(2);
		atomic_store(&release_job, 1);
		PLAY(leave_it);
		async_executor_shutdown(pool, i % 2);
	}
	while (atomic_load(&async__own_threads))
		pause_ms(1);
}
