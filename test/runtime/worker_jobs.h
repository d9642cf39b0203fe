/* worker_jobs.h: jobs for tests of process pools: after JOB_TYPE(f), start_call(pool, &f_type, x) runs long f(long) in a worker. */
#ifndef WORKER_JOBS_H
#define WORKER_JOBS_H

#include "script.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

struct call_job {
	long result;
	long argument;
};

#define JOB_TYPE(function)                                                              \
	static void run_##function(void *memory)                                        \
	{                                                                               \
		struct call_job *job = memory;                                          \
                                                                                        \
		job->result = function(job->argument);                                  \
	}                                                                               \
	static const async_job_type function##_type = {.name = #function,               \
						       .run = run_##function,           \
						       .size = sizeof(struct call_job), \
						       .result_offset = 0,              \
						       .result_size = sizeof(long)}

static async_handle start_call(async_executor *pool, const async_job_type *type, long argument)
{
	struct call_job *job = async__new_job(pool, type);

	if (job)
		job->argument = argument;
	return async__submit(job);
}

static void pause_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&time, &time) < 0)
		;
}

static bool no_children(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

#endif
