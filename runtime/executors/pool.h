/* pool.h: jobs and the threads that take them: what thread pools and process pools have in common.
 *
 *   pool.c         jobs: queues, submission, cancelling, shutdown      pool_thread.c   threads: starting, working, idling, ending
 *   pool_share.c   shares as executors of their own
 *
 * A pool starts a thread when a job comes and no thread is idle, up to a limit; one that had nothing to do for a while ends.
 * A pool has shares, one of them its own: each job is submitted to a share, which may limit how many of its jobs run at
 * once; shares take turns.  The kind says what a thread does with a job. */
#ifndef ASYNC_POOL_H
#define ASYNC_POOL_H

#include "job.h"

#include <sys/types.h>

struct pool;

struct pool_share {
	async_executor executor; /* first: users hold a pointer to this */
	struct pool *pool;       /* retained, but by its own share */
	unsigned max;            /* jobs at once */
	/* Under the pool's lock: */
	async_job queue;         /* the head of a ring: oldest job is queue.next */
	size_t queued;
	unsigned running;        /* jobs that threads perform */
	unsigned nested;         /* of these, such as have submitted a job to this pool: they are taken to wait for it */
	int refusal;             /* why jobs are refused: 0 or ASYNC_SHUT_DOWN */
	struct async__link listed; /* pool->shares */
	struct async__link ready;  /* pool->ready, while it has a job that may run */
	struct async_executor_methods methods; /* of a share that is not the pool itself */
};

struct pool_thread {
	struct pool_thread *next; /* the pool's list */
	struct pool *pool;
	pthread_t id;
	unsigned number;          /* from 1, in the thread's name */
	async_job *job;           /* that it performs; the thread's own */
	struct pool_share *share; /* the job's; under the lock */
	bool nested;              /* the job has submitted another one; under the lock */
	bool ending;              /* counted in pool->ending; the thread's own */
	void *context;            /* the kind's: the worker process that this thread drives */
	struct pool_thread *above, *below; /* on the stack of idle threads; under the lock */
	atomic_int called;        /* idle: see pool_thread.c */
	struct async__spin spin;
};

struct pool_kind {
	const char *thread_name; /* at most 11 characters, a number follows */
	/* The thread begins: 0, or why that breaks the pool.  May be NULL. */
	int (*begin)(struct pool_thread *thread);
	/* Runs the job and ends it, by pool_end_job or async_job_end.  On the thread, without the lock. */
	void (*perform)(struct pool_thread *thread, async_job *job);
	/* The thread is about to end.  May be NULL. */
	void (*leave)(struct pool_thread *thread);
	/* Frees what submission put into job->data, for jobs that will not be performed.  May be NULL. */
	void (*forget)(async_job *job);
};

struct pool {
	struct pool_share own; /* first: the pool as an executor, without a limit but that of the threads */
	const struct pool_kind *kind;
	pid_t process;     /* that made it: a fork's child has none of the threads */
	unsigned max;      /* threads at most, besides those whose job waits for another one */
	char name[16];     /* of the threads */
	int (*initialise)(void);  /* the user's, or NULL */
	int64_t patience;  /* ns after which an idle thread ends; INT64_MAX: never */
	atomic_uint ending;       /* threads that give a job back and will then take the next one */
	atomic_bool somebody_spins;
	pthread_mutex_t lock;     /* guards what follows */
	pthread_cond_t share_ended; /* broadcast when a share that is shut down has no job left */
	struct async__link shares, ready;
	struct pool_thread *idle; /* the latest to become so: the others may retire */
	size_t queued;            /* jobs of all shares */
	unsigned nested;          /* jobs that wait for others */
	unsigned threads;         /* started and not ended */
	unsigned started;         /* ever, for their numbers */
	struct pool_thread *list; /* started and not retired */
	struct pool_thread *retired; /* ended, to be joined */
	char why[100];            /* it is broken */
	int refusal;              /* why jobs are refused: 0, ASYNC_SHUT_DOWN or ASYNC_BROKEN_EXECUTOR */
};

/* 0 or an errno value.  The kind's struct begins with the pool. */
int pool_init(struct pool *pool, const struct pool_kind *kind, const struct async_executor_methods *methods,
	      const async_pool_options *options);
/* Undoes pool_init, when all threads have ended or may not be waited for. */
void pool_finish(struct pool *pool);
struct pool *pool_of(async_executor *self);
/* Under the pool's lock, or before it is anybody's. */
void pool_share_init(struct pool_share *share, struct pool *pool, unsigned max);
/* A share of the pool, which must be one; NULL without memory. */
async_executor *pool_share_new(async_executor *pool, unsigned max);

/* The executor's methods. */
int pool_submit(async_executor *self, async_job *job);
bool pool_cancel(async_executor *self, async_job *job);
void pool_shutdown(async_executor *self, bool wait, bool cancel_pending);

/* Gives the job back, from a kind's perform that will then return at once. */
void pool_end_job(struct pool_thread *thread, async_job *job, int code, const char *why);
/* Refuses jobs from now on and fails the queued ones, all with ASYNC_BROKEN_EXECUTOR.  Any thread, without the lock. */
void pool_break(struct pool *pool, const char *why);
void pool_break_by_initialiser(struct pool *pool, int error);

/* ---- pool.c, for its threads and shares; under the lock ---- */

/* Keeps share among the ready ones if it has a job that may run, and out of them if it has not. */
void pool_settle(struct pool_share *share);
/* The next job that may run, as a running one of thread's; NULL: there is none. */
async_job *pool_take_job(struct pool_thread *thread);
/* thread's job has ended, or never will.  Lets go of the lock if its share may be gone with it. */
void pool_job_is_over(struct pool_thread *thread);
/* Takes all jobs of a share, or of all shares, as a list linked by next. */
async_job *pool_dequeue_share(struct pool_share *share);
async_job *pool_dequeue_all(struct pool *pool);
/* Ends jobs that are not performed; without the lock. */
void pool_drop_jobs(struct pool *pool, async_job *list, int code, const char *why);

/* ---- pool_thread.c ---- */

/* This thread, if it performs a job of the pool. */
struct pool_thread *pool_thread_here(const struct pool *pool);
/* There is a job more: sees to it that a thread comes for it.  0 or an error code.  Under the lock; *sleeper is to be given
 * to pool_wake without it. */
int pool_call_thread(struct pool *pool, atomic_int **sleeper);
void pool_wake(atomic_int *sleeper); /* NULL is fine */
void pool_call_all(struct pool *pool); /* under the lock */
/* Waits for the threads that have retired.  Without the lock. */
void pool_join_retired(struct pool *pool);
int pool_threads_init(void);

#endif
