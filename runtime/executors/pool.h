/* pool.h: a queue of jobs and the threads that take from it: what thread pools and process pools have in common.
 *
 * A pool starts a thread when a job comes and no thread is idle, up to a limit, and keeps its threads until shutdown.
 * The kind says what a thread does with a job. */
#ifndef ASYNC_POOL_H
#define ASYNC_POOL_H

#include "job.h"

#include <sys/types.h>

struct pool;

struct pool_thread {
	struct pool_thread *next; /* the pool's list; nodes live as long as the pool */
	struct pool *pool;
	pthread_t id;
	unsigned number;  /* from 1, in the thread's name */
	async_job *job;   /* that it performs; the thread's own */
	void *context;    /* the kind's: the worker process that this thread drives */
};

struct pool_kind {
	const char *thread_name; /* at most 11 characters, a number follows */
	/* Runs the job and calls async_job_end.  On the thread, without the lock. */
	void (*perform)(struct pool_thread *thread, async_job *job);
	/* The thread is about to end.  May be NULL. */
	void (*leave)(struct pool_thread *thread);
	/* Frees what submission put into job->data, for jobs that will not be performed.  May be NULL. */
	void (*forget)(async_job *job);
};

struct pool {
	async_executor executor; /* first: users hold a pointer to this */
	const struct pool_kind *kind;
	pid_t process;     /* that made it: a fork's child has none of the threads */
	unsigned max;      /* threads at most */
	pthread_mutex_t lock;     /* guards what follows */
	pthread_cond_t work;      /* signalled for each job, broadcast at shutdown */
	async_job queue;          /* the head of a ring: oldest job is queue.next */
	size_t queued;
	unsigned idle;            /* threads that wait for work */
	unsigned threads;         /* started and not ended */
	unsigned started;         /* ever, for their numbers */
	struct pool_thread *list; /* all that were started, ended ones too */
	char why[100];            /* it is broken */
	int refusal;              /* why jobs are refused: 0, ASYNC_SHUT_DOWN or ASYNC_BROKEN_EXECUTOR */
};

/* 0 or an errno value.  The kind's struct begins with the pool. */
int pool_init(struct pool *pool, const struct pool_kind *kind, const struct async_executor_methods *methods, unsigned max);
/* Undoes pool_init, when all threads have ended or may not be waited for. */
void pool_finish(struct pool *pool);

/* The executor's methods. */
int pool_submit(async_executor *self, async_job *job);
bool pool_cancel(async_executor *self, async_job *job);
void pool_shutdown(async_executor *self, bool wait, bool cancel_pending);

/* Refuses jobs from now on and fails the queued ones, all with ASYNC_BROKEN_EXECUTOR.  Any thread, without the lock. */
void pool_break(struct pool *pool, const char *why);

#endif
