/* job.h: what executors of the library know of each other and of jobs, beyond async/executor.h. */
#ifndef ASYNC_JOB_H
#define ASYNC_JOB_H

#include "../runtime.h"

/* Has the job been cancelled since it was submitted?  Any thread, until async_job_end. */
bool async__job_unwanted(async_job *job);

/* In a worker process: was the job it runs cancelled?  NULL everywhere else. */
extern bool (*async__worker_job_cancelled)(void);

/* The running loop's share of its own pool for looking up names: half of the threads, so that files need not wait for slow
 * servers.  The loop's; NULL without memory. */
async_executor *async__lookups(void);

/* pool.c: shuts a thread pool down and waits for its threads, but only so long; false if some go on without us. */
bool async__pool_shutdown_within(async_executor *pool, unsigned seconds);
#define ASYNC__DEFAULT_EXECUTOR_PATIENCE 300

#endif
