/* thread.c: the thread pool.
 * Completes: each job, from the thread that ran it.  Owns: nothing beyond the pool.  Thread: the pool's.  Cancel: the
 * pool's; a job that runs can ask async_job_cancelled. */
#include "pool.h"

#include <errno.h>
#include <sched.h>

static void perform(struct pool_thread *thread, async_job *job)
{
	(void)thread;
	async_job_run(job);
	async_job_end(job, 0, NULL);
}

static void destroy(async_executor *self)
{
	struct pool *pool = (struct pool *)self;

	pool_finish(pool);
	async__free(pool);
}

static const struct pool_kind thread_kind = {.thread_name = "async-pool", .perform = perform};

static const struct async_executor_methods thread_methods = {.name = "thread pool",
							     .submit = pool_submit,
							     .cancel = pool_cancel,
							     .shutdown = pool_shutdown,
							     .destroy = destroy};

/* As many as asyncio has: enough to keep blocking calls going, not so many that they only wait for each other. */
static unsigned suitable_number(void)
{
	cpu_set_t set;
	unsigned n = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;

	return n + 4 < 32 ? n + 4 : 32;
}

async_executor *async_thread_pool_new(unsigned n)
{
	struct pool *pool = async__alloc_zeroed(sizeof *pool);
	int err;

	if (!pool) {
		errno = ENOMEM;
		return NULL;
	}
	err = pool_init(pool, &thread_kind, &thread_methods, n ? n : suitable_number());
	if (err) {
		async__free(pool);
		errno = err;
		return NULL;
	}
	return &pool->executor;
}
