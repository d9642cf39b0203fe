/* jobs.h: jobs for tests of executors: start_call(pool, f, x) runs long f(long) there. */
#ifndef JOBS_H
#define JOBS_H

#include "script.h"

#include <stdatomic.h>
#include <time.h>

/* ---- Jobs, as asyncc makes them of async_run_in_executor(pool, f(args)) ---- */

struct call_job {
	long result;
	long (*function)(long);
	long argument;
};

static void run_call(void *memory)
{
	struct call_job *job = memory;

	job->result = job->function(job->argument);
}

static const async_job_type call_type = {.name = "call",
					 .run = run_call,
					 .size = sizeof(struct call_job),
					 .result_offset = offsetof(struct call_job, result),
					 .result_size = sizeof(long)};

static async_handle start_call(async_executor *pool, long (*function)(long), long argument)
{
	struct call_job *job = async__new_job(pool, &call_type);

	if (job) {
		job->function = function;
		job->argument = argument;
	}
	return async__submit(job);
}

static void pause_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&time, &time) < 0)
		;
}

/* How many of these jobs run at once, and how many have. */
static atomic_int inside, most_inside;

static inline long crowd(long n)
{
	int now = atomic_fetch_add(&inside, 1) + 1, most = atomic_load(&most_inside);

	while (now > most && !atomic_compare_exchange_weak(&most_inside, &most, now))
		;
	pause_ms(2);
	atomic_fetch_sub(&inside, 1);
	return n;
}

#endif
