/* thread.c: the thread pool.
 * Completes: each job, from the thread that ran it.  Owns: nothing beyond the pool.  Thread: the pool's.  Cancel: the
 * pool's; a job that runs can ask async_job_cancelled. */
#include "pool.h"

#include <errno.h>

static void perform(struct pool_thread *thread, async_job *job)
{
	async_job_run(job);
	pool_end_job(thread, job, 0, "");
}

static int begin(struct pool_thread *thread)
{
	return thread->pool->initialise ? thread->pool->initialise() : 0;
}

static void destroy(async_executor *self)
{
	struct pool *pool = (struct pool *)self;

	pool_finish(pool);
	async__free(pool);
}

static const struct pool_kind thread_kind = {.thread_name = "async-pool", .begin = begin, .perform = perform};

static const struct async_executor_methods thread_methods = {.name = "thread pool",
							     .submit = pool_submit,
							     .cancel = pool_cancel,
							     .shutdown = pool_shutdown,
							     .destroy = destroy};

/* As many as asyncio has: enough to keep blocking calls going, not so many that they only wait for each other. */
static unsigned suitable_number(void)
{
	unsigned n = async__processors() + 4;

	return n < 32 ? n : 32;
}

async_executor *async_thread_pool_new(unsigned n)
{
	return async_thread_pool_new_with(&(async_pool_options){.max = n});
}

async_executor *async_thread_pool_new_with(const async_pool_options *given)
{
	async_pool_options options = *given;
	struct pool *pool = NULL;
	int err = EINVAL;

	if (!options.max)
		options.max = suitable_number();
	if (!options.jobs_per_worker) {
		pool = async__alloc_zeroed(sizeof *pool);
		err = pool ? pool_init(pool, &thread_kind, &thread_methods, &options) : ENOMEM;
	}
	if (!err)
		return &pool->own.executor;
	async__free(pool);
	errno = err;
	return NULL;
}
