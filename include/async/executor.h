/* async/executor.h: blocking work on other threads and in other processes, and writing an executor of one's own. */
#ifndef ASYNC_EXECUTOR_H
#define ASYNC_EXECUTOR_H

#include <async/base.h>

ASYNC_BEGIN_DECLS

typedef struct async_executor async_executor;

/* await async_run_in_executor(pool, f(args)): calls the ordinary function f in the pool (NULL: the loop's own thread pool),
 * its arguments evaluated here.  Cancelled, the await ends when the job has ended, as its arguments may point into the
 * frame; a job that has not started never starts.  In a process pool, arguments and result travel by value and strings
 * (const char *) are copied.  Jobs of threads see the task-local values of who submitted them (async_local_get), as these
 * were then.  A job may itself submit jobs to its pool, and wait for them in a loop of its own: the pool takes one thread
 * more meanwhile.  (loop.run_in_executor, to_thread) */
#define async_run_in_executor(pool, call) (async__mark_run_in_executor(pool), (call))
void async__mark_run_in_executor(async_executor *pool) ASYNC__MARKER;

/* The same, but cancelled, the await ends at once, and the job goes on without us: asyncio's way.  Nothing that the job
 * uses may be in the frame, or go with it.  What it then returns goes to the result's destructor, if the job was made a
 * task that has one (async_set_result_destructor). */
#define async_run_in_executor_abandon(pool, call) (async__mark_run_in_executor_abandon(pool), (call))
void async__mark_run_in_executor_abandon(async_executor *pool) ASYNC__MARKER;

/* await async_executor_map(pool, at_once, results, f, arguments, n): results[i] = f(arguments[i]) for each i below n, in the pool,
 * at most at_once of them at a time (0: as many as the pool takes).  Each result is in its place as soon as it is there, whatever
 * the order in which they come.  An argument is read when its job begins to wait for a thread.  The first error ends the
 * map: no more jobs are made, those that run are told (async_job_cancelled) and waited for; so does a cancellation.
 * (Executor.map) */
#define async_executor_map(pool, at_once, results, f, arguments, n) \
	(async__mark_executor_map(pool, at_once, results, arguments, n), (void)((results)[0] = (f)((arguments)[0])))
void async__mark_executor_map(async_executor *pool, size_t at_once, const volatile void *results, const volatile void *arguments,
			      size_t n) ASYNC__MARKER;

/* Asked inside of a job: does nobody wait for its result any more (the await was cancelled)?  A long job that looks now
 * and then can end early.  False outside of a job.  (trio's from_thread.check_cancelled) */
bool async_job_cancelled(void);

/* A pool of up to n threads (0: a few more than there are processors, at most 32), started on demand and kept; NULL with
 * errno set.  Its threads block all signals.  Any thread may use it, and several loops.  (ThreadPoolExecutor) */
async_executor *async_thread_pool_new(unsigned n);

/* What there is to choose about a pool; what is left 0 is as said. */
typedef struct async_pool_options {
	unsigned max;      /* threads or workers at most; 0: as many as async_thread_pool_new(0), async_process_pool_new(0) take */
	const char *name;  /* of its threads, a number follows: copied, the first 11 bytes of it.  NULL: "async-pool", "async-proc" */
	/* Called first of all on each thread, or in each worker.  Not 0: an error code, or a number of your own, that breaks
	 * the pool: its jobs and every later one fail with ASYNC_BROKEN_EXECUTOR.  (initializer) */
	int (*initialise)(void);
	double idle;       /* seconds without work after which a thread or worker ends; 0: 10 for threads, never for workers; less, or no number: EINVAL */
	unsigned jobs_per_worker; /* a worker that has done so many is replaced by a new one; 0: never.  Process pools only,
	                           * else EINVAL.  (max_tasks_per_child) */
} async_pool_options;
async_executor *async_thread_pool_new_with(const async_pool_options *options);

/* A share of a thread or process pool (NULL: the running loop's own) for jobs of one kind: at most max (not 0) of them
 * run at once, whatever else waits, and the rest of the pool takes turns with them.  So slow jobs of one kind (names
 * looked up, say) cannot keep those of another from running.  NULL with errno set: EINVAL if that is no pool.  An executor
 * like others: shut it down; it keeps its pool's threads from ending, but not the pool from being shut down. */
async_executor *async_executor_share(async_executor *pool, unsigned max);

/* The same with worker processes (0: one for each processor).  A worker is this program started anew, never a fork: it
 * runs jobs in place of main, with the environment of the pool's creation, /dev/null as its input and none of our
 * descriptors but output and errors.  What a job changes, it changes in its worker only.  A worker that dies breaks the
 * pool: all its jobs and every later one fail with ASYNC_BROKEN_EXECUTOR; make a new pool.  (ProcessPoolExecutor)
 * The program's constructors run before the jobs if libasyncc.a is linked in, as the last of its archives; they do not
 * if it uses libasyncc.so.  A program that only dlopens that cannot have process pools. */
async_executor *async_process_pool_new(unsigned n);
async_executor *async_process_pool_new_with(const async_pool_options *options);

/* Runs each job at once, inside of the submission, on the loop's own thread.  For tests. */
async_executor *async_inline_executor_new(void);

/* Takes no more jobs; wait: until all have ended (blocks).  Frees the pool when the last job has let go of it.
 * NULL is fine.  (Executor.shutdown) */
void async_executor_shutdown(async_executor *pool, bool wait);
/* The same, and the jobs that have not started are cancelled.  (Executor.shutdown(cancel_futures=True)) */
void async_executor_shutdown_cancel(async_executor *pool, bool wait);

/* ---- Writing an executor ----
 * An executor is a struct that begins with an async_executor.  The runtime makes the job and takes back its result; the
 * executor decides where and when it runs: it calls async_job_run, and then async_job_end. */

/* One call that an executor is to make. */
typedef struct async_job {
	struct async_job *next, *previous; /* the executor's, for its queue */
	void *data;                        /* the executor's */
	const struct async_job_type *type; /* what it calls (async/abi.h) */
	void *arguments;                   /* type->size bytes: the arguments, and room for the result */
} async_job;

struct async_executor_methods {
	const char *name;
	/* Takes the job, which stays valid until async_job_end; 0, or an error code when it is not taken.  Loop's
	 * thread; several loops may share an executor, so any. */
	int (*submit)(async_executor *self, async_job *job);
	/* Nobody wants this job any more.  True: it had not begun, and the executor has forgotten it.  False: it is
	 * running or has ended.  NULL: always false.  Loop's thread; the struct is valid even if the job ended a moment
	 * ago, as its result has not been taken yet. */
	bool (*cancel)(async_executor *self, async_job *job);
	/* Refuses jobs from now on (ASYNC_SHUT_DOWN).  cancel_pending: ends those not begun with ASYNC_CANCELLED.  wait:
	 * returns when no job is left.  Called at most once. */
	void (*shutdown)(async_executor *self, bool wait, bool cancel_pending);
	/* Frees it: it is shut down and the last job has been taken back.  Any thread. */
	void (*destroy)(async_executor *self);
};

struct async_executor {
	const struct async_executor_methods *methods;
	struct async_executor *next; /* the runtime's: executors that are not shut down */
	size_t users; /* the runtime's: the owner until shutdown, jobs, and who called async_executor_retain; atomic */
};

/* The executor belongs to whom made it until async_executor_shutdown. */
void async_executor_init(async_executor *self, const struct async_executor_methods *methods);
/* Puts off destroy, for threads of the executor's own.  Any thread. */
void async_executor_retain(async_executor *self);
void async_executor_release(async_executor *self);
/* Makes the call, unless the job was cancelled.  Any thread. */
void async_job_run(async_job *job);
/* Gives the job back: code 0, or the error it failed with.  Exactly once, any thread; the job is gone then.  If its loop
 * is gone, nobody hears of it. */
void async_job_end(async_job *job, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

ASYNC_END_DECLS

#endif
