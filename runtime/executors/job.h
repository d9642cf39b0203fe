/* job.h: what executors of the library know of a job beyond async/executor.h. */
#ifndef ASYNC_JOB_H
#define ASYNC_JOB_H

#include <async.h>
#include <async/abi.h>

/* Has the job been cancelled since it was submitted?  Any thread, until async_job_end. */
bool async__job_unwanted(async_job *job);

/* In a worker process: was the job it runs cancelled?  NULL everywhere else. */
extern bool (*async__worker_job_cancelled)(void);

#endif
