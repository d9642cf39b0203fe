/* stress_test.c: loops on several threads submit to pools, cancel and abandon jobs, while another thread shuts the pools down in
 * all ways and makes new ones.  For the thread sanitizer above all (test/CMakeLists.txt runs it under that). */
#include "jobs.h"

#include "executors/job.h"

#include <sched.h>

enum { LOOPS = 4, ROUNDS = 120, BATCH = 12, POOLS = 60 };

/* Whoever has the address of one that is gone is refused: that is what is tried. */
static _Atomic(async_executor *) pool, share;
static atomic_int results, cancelled, refused, discarded;

static void discard(void *result)
{
	CHECK(*(long *)result >= 0);
	atomic_fetch_add(&discarded, 1);
}

static long little(long n)
{
	if (n % 5 == 0)
		sched_yield();
	if (n % 11 == 0)
		pause_ms(1);
	return n + !!async_job_cancelled();
}

SCRIPT(inner)
{
	BEGIN;
	AWAIT_STATUS(start_call(atomic_load(&pool), little, 1), NULL, 0);
	if (self->status == ASYNC_FAILED)
		take_error();
	END;
}

/* Its pool may be gone, or be another one, by then. */
static long nested(long n)
{
	struct script_frame *frame = async__entry(&inner__async, (void (*)(void))inner__resume);

	async__entry_run(frame, NULL, 0);
	return n;
}

struct stress_frame {
	async_frame base;
	async_handle jobs[BATCH];
	int round, i;
	unsigned seed;
};

static async_handle submit_one(struct stress_frame *f)
{
	async_executor *executor = atomic_load(rand_r(&f->seed) % 3 ? &pool : &share);
	unsigned kind = (unsigned)rand_r(&f->seed) % 8;
	struct call_job *job;

	if (kind > 1)
		return start_call(executor, little, f->i);
	job = async__new_job(executor, &call_type);
	if (job) {
		job->function = kind ? little : nested;
		job->argument = f->i;
	}
	return kind ? async__submit_abandon(job, discard) : async__submit(job);
}

static void note(struct stress_frame *f, async_status status, long result)
{
	async_caught caught = {NULL};

	if (status == ASYNC_DONE) {
		CHECK(result == f->i);
		atomic_fetch_add(&results, 1);
		return;
	}
	switch (async__hold(&caught).code) {
	case ASYNC_CANCELLED: atomic_fetch_add(&cancelled, 1); break;
	case ASYNC_SHUT_DOWN: atomic_fetch_add(&refused, 1); break;
	default: abort();
	}
	async__drop(&caught);
}

static const async_function stress__async;

static async_status stress_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct stress_frame *f = (struct stress_frame *)frame;
	long result = 0;

	if (at->state)
		goto awaited;
	for (f->round = 0; f->round < ROUNDS; f->round++) {
		for (f->i = 0; f->i < BATCH; f->i++)
			f->jobs[f->i] = submit_one(f);
		for (f->i = 0; f->i < BATCH; f->i++)
			if (rand_r(&f->seed) % 4 == 0)
				async_cancel(f->jobs[f->i]);
		for (f->i = 0; f->i < BATCH; f->i++) {
			status = async__await(frame, &stress__async.points[1], f->jobs[f->i]);
			if (status == ASYNC_SUSPENDED)
				return ASYNC_SUSPENDED;
awaited:
			status = async__await_end(f->jobs[f->i], status, &result, sizeof result);
			note(f, status, result);
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

static void *run_loop(void *arg)
{
	struct stress_frame *f = async__entry(&stress__async, (void (*)(void))run_loop);

	f->seed = (unsigned)(uintptr_t)arg;
	async__entry_run(f, NULL, 0);
	return NULL;
}

static void replace_pool(int n)
{
	async_executor *old = atomic_load(&pool), *old_share = atomic_load(&share);
	async_executor *next = async_thread_pool_new_with(&(async_pool_options){.max = 1 + (unsigned)n % 3, .idle = 0.001});

	CHECK(next);
	atomic_store(&share, async_executor_share(next, 1));
	atomic_store(&pool, next);
	if (n % 5 == 0)
		async_executor_shutdown(old_share, n % 2);
	if (n % 3)
		async_executor_shutdown(old, n % 2);
	else
		async_executor_shutdown_cancel(old, n % 2);
	async_executor_shutdown(old_share, false);
}

static void *replace_pools(void *arg)
{
	unsigned seed = 5;

	for (int n = 0; n < POOLS; n++) {
		pause_ms(rand_r(&seed) % 6);
		replace_pool(n);
	}
	return arg;
}

static void begin_with_a_pool(void)
{
	atomic_store(&pool, async_thread_pool_new(2));
	atomic_store(&share, async_executor_share(atomic_load(&pool), 1));
}

static void end_with_it(void)
{
	async_executor_shutdown(atomic_load(&share), true);
	async_executor_shutdown(atomic_load(&pool), true);
	while (atomic_load(&async__own_threads))
		pause_ms(1);
}

TEST(submit_cancel_and_shutdown_from_several_threads)
{
	pthread_t loops[LOOPS], replacer;

	begin_with_a_pool();
	pthread_create(&replacer, NULL, replace_pools, NULL);
	for (uintptr_t i = 0; i < LOOPS; i++)
		pthread_create(&loops[i], NULL, run_loop, (void *)(i + 1));
	for (int i = 0; i < LOOPS; i++)
		pthread_join(loops[i], NULL);
	pthread_join(replacer, NULL);
	end_with_it();
	CHECK(atomic_load(&results) + atomic_load(&cancelled) + atomic_load(&refused) == LOOPS * ROUNDS * BATCH);
	CHECK(atomic_load(&results) > 0 && atomic_load(&cancelled) > 0);
}

/* Two threads shut the same pool down: one of them does. */
static void *shut(void *arg)
{
	async_executor_shutdown(arg, true);
	return NULL;
}

TEST(one_pool_is_shut_down_by_several_threads)
{
	for (int i = 0; i < 100; i++) {
		pthread_t threads[2];
		async_executor *one = async_thread_pool_new(2);

		for (int n = 0; n < 2; n++)
			pthread_create(&threads[n], NULL, shut, one);
		for (int n = 0; n < 2; n++)
			pthread_join(threads[n], NULL);
	}
}
