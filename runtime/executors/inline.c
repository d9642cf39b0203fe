/* inline.c: the executor that runs each job at once, on the thread that submits it.
 * Completes: the job, before submit returns; its awaiter hears of it in a later turn all the same.  Owns: nothing.
 * Thread: the loop's.  Cancel: comes too late by nature. */
#include "job.h"

#include <errno.h>

struct inline_executor {
	async_executor executor;
	bool shut;
};

static int submit(async_executor *self, async_job *job)
{
	if (((struct inline_executor *)self)->shut)
		return ASYNC_SHUT_DOWN;
	async_job_run(job);
	async_job_end(job, 0, NULL);
	return 0;
}

static void shut_down(async_executor *self, bool wait, bool cancel_pending)
{
	(void)wait;
	(void)cancel_pending;
	((struct inline_executor *)self)->shut = true;
}

static void destroy(async_executor *self)
{
	async__free(self);
}

static const struct async_executor_methods inline_methods = {
	.name = "inline", .submit = submit, .shutdown = shut_down, .destroy = destroy};

async_executor *async_inline_executor_new(void)
{
	struct inline_executor *executor = async__alloc_zeroed(sizeof *executor);

	if (!executor) {
		errno = ENOMEM;
		return NULL;
	}
	async_executor_init(&executor->executor, &inline_methods);
	return &executor->executor;
}
