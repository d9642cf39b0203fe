/* pool.c: a queue of jobs and the threads that take from it.
 * Completes: nothing itself, but for jobs that a broken or shut down pool drops.  Owns: a job from submit until it is
 * handed to the kind's perform, or dropped.  Thread: any; the pool's lock orders everything.  Cancel: takes a job that is
 * still queued out of the queue; a running one is not disturbed. */
#include "pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Has a value, the pool_thread, while a job runs: its destructor sees every way in which a thread can end. */
static pthread_key_t performing;
static pthread_once_t performing_once = PTHREAD_ONCE_INIT;
static int performing_error;

static void job_took_its_thread(void *arg);

static void make_performing(void)
{
	performing_error = pthread_key_create(&performing, job_took_its_thread);
}

int pool_init(struct pool *pool, const struct pool_kind *kind, const struct async_executor_methods *methods, unsigned max)
{
	int err;

	pool->kind = kind;
	pool->process = getpid();
	pool->max = max;
	pool->queue.next = pool->queue.previous = &pool->queue;
	pthread_once(&performing_once, make_performing);
	err = performing_error;
	if (err)
		return err;
	err = pthread_mutex_init(&pool->lock, NULL);
	if (err)
		return err;
	err = pthread_cond_init(&pool->work, NULL);
	if (err)
		goto destroy_lock;
	async_executor_init(&pool->executor, methods);
	return 0;

destroy_lock:
	pthread_mutex_destroy(&pool->lock);
	return err;
}

void pool_finish(struct pool *pool)
{
	while (pool->list) {
		struct pool_thread *thread = pool->list;

		pool->list = thread->next;
		async__free(thread);
	}
	if (pool->process != getpid())
		return; /* the parent's threads may have held the lock, or waited, when we were forked */
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
}

/* ---- The queue; under the lock ---- */

static void enqueue(struct pool *pool, async_job *job)
{
	job->next = &pool->queue;
	job->previous = pool->queue.previous;
	job->previous->next = job;
	pool->queue.previous = job;
	pool->queued++;
}

/* Afterwards job->previous is NULL, by which cancel sees that it is not queued any more. */
static async_job *dequeue(struct pool *pool, async_job *job)
{
	job->previous->next = job->next;
	job->next->previous = job->previous;
	job->next = job->previous = NULL;
	pool->queued--;
	return job;
}

/* Takes the whole queue as a list linked by next. */
static async_job *dequeue_all(struct pool *pool)
{
	async_job *list = NULL, **end = &list;

	while (pool->queued) {
		*end = dequeue(pool, pool->queue.next);
		end = &(*end)->next;
	}
	return list;
}

static void drop_jobs(struct pool *pool, async_job *list, int code, const char *why)
{
	while (list) {
		async_job *job = list;

		list = job->next;
		job->next = NULL;
		if (pool->kind->forget)
			pool->kind->forget(job);
		async_job_end(job, code, "%s", why);
	}
}

/* ---- Threads ---- */

static void perform(struct pool_thread *thread, async_job *job)
{
	thread->job = job;
	pthread_setspecific(performing, thread);
	thread->pool->kind->perform(thread, job);
	pthread_setspecific(performing, NULL);
}

static void *serve(void *arg)
{
	struct pool_thread *thread = arg;
	struct pool *pool = thread->pool;
	char name[16];

	snprintf(name, sizeof name, "%.11s-%u", pool->kind->thread_name, thread->number % 1000);
	pthread_setname_np(pthread_self(), name);
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->queued && !pool->refusal) {
			pool->idle++;
			pthread_cond_wait(&pool->work, &pool->lock);
			pool->idle--;
		}
		if (!pool->queued)
			break;
		async_job *job = dequeue(pool, pool->queue.next);
		pthread_mutex_unlock(&pool->lock);
		perform(thread, job);
		pthread_mutex_lock(&pool->lock);
	}
	pool->threads--;
	pthread_mutex_unlock(&pool->lock);
	if (pool->kind->leave)
		pool->kind->leave(thread);
	atomic_fetch_sub(&async__own_threads, 1);
	async_executor_release(&pool->executor); /* a detached pool may end here */
	return NULL;
}

/* All but those that report a fault of the thread itself: handlers belong to the program's own threads. */
static void block_signals(sigset_t *old)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&set, faults[i]);
	pthread_sigmask(SIG_SETMASK, &set, old);
}

/* Under the lock.  0 or an error code. */
static int start_thread(struct pool *pool)
{
	struct pool_thread *thread = async__alloc_zeroed(sizeof *thread);
	sigset_t old;
	int err;

	if (!thread)
		return ASYNC_NO_MEMORY;
	thread->pool = pool;
	thread->number = ++pool->started;
	async_executor_retain(&pool->executor);
	block_signals(&old);
	err = pthread_create(&thread->id, NULL, serve, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err) {
		async_executor_release(&pool->executor);
		async__free(thread);
		return err;
	}
	atomic_fetch_add(&async__own_threads, 1); /* after it is there: counted late it only looks like somebody else's */
	thread->next = pool->list;
	pool->list = thread;
	pool->threads++;
	return 0;
}

/* The thread has left without asking for the next job: another takes its place.  Under the lock; yields the jobs that
 * nobody is left for. */
static async_job *replace_thread(struct pool *pool)
{
	pool->threads--;
	if (!pool->queued || (!pool->refusal && start_thread(pool) == 0) || pool->threads)
		return NULL;
	return dequeue_all(pool);
}

/* The job called pthread_exit, or the thread was cancelled in it: the loop must hear of the end all the same. */
static void job_took_its_thread(void *arg)
{
	struct pool_thread *thread = arg;
	struct pool *pool = thread->pool;
	async_job *stranded;

	if (pool->kind->leave)
		pool->kind->leave(thread);
	pthread_mutex_lock(&pool->lock);
	stranded = replace_thread(pool);
	pthread_mutex_unlock(&pool->lock);
	async_job_end(thread->job, ASYNC_BROKEN_EXECUTOR, "the job ended its thread");
	drop_jobs(pool, stranded, ASYNC_BROKEN_EXECUTOR, "the pool has no thread left");
	atomic_fetch_sub(&async__own_threads, 1);
	async_executor_release(&pool->executor);
}

/* ---- Methods ---- */

int pool_submit(async_executor *self, async_job *job)
{
	struct pool *pool = (struct pool *)self;
	int err = 0;

	if (pool->process != getpid())
		return ASYNC_FORKED;
	pthread_mutex_lock(&pool->lock);
	if (pool->refusal) {
		err = pool->refusal;
		pthread_mutex_unlock(&pool->lock);
		job->next = NULL;
		drop_jobs(pool, job, err, err == ASYNC_BROKEN_EXECUTOR ? pool->why : async_error_text(err));
		return 0;
	}
	enqueue(pool, job);
	if (pool->idle >= pool->queued) {
		pthread_cond_signal(&pool->work);
	} else if (pool->threads < pool->max) {
		err = start_thread(pool);
		if (err && pool->threads)
			err = 0; /* those that are there will come to it */
		if (err)
			dequeue(pool, job);
	}
	pthread_mutex_unlock(&pool->lock);
	return err;
}

bool pool_cancel(async_executor *self, async_job *job)
{
	struct pool *pool = (struct pool *)self;
	bool queued;

	if (pool->process != getpid())
		return false;
	pthread_mutex_lock(&pool->lock);
	queued = job->previous != NULL;
	if (queued)
		dequeue(pool, job);
	pthread_mutex_unlock(&pool->lock);
	if (queued && pool->kind->forget)
		pool->kind->forget(job);
	return queued;
}

/* A thread of the pool cannot wait for itself. */
static bool called_from_inside(const struct pool *pool)
{
	for (const struct pool_thread *thread = pool->list; thread; thread = thread->next)
		if (pthread_equal(thread->id, pthread_self()))
			return true;
	return false;
}

/* Joins the threads that end before the deadline (NULL: never comes), and lets the others go; how many those are. */
static unsigned join_threads(struct pool *pool, const struct timespec *deadline)
{
	unsigned left = 0;

	for (struct pool_thread *thread = pool->list; thread; thread = thread->next) {
		if (!deadline) {
			pthread_join(thread->id, NULL);
		} else if (pthread_timedjoin_np(thread->id, NULL, deadline) != 0) {
			pthread_detach(thread->id);
			left++;
		}
	}
	return left;
}

static void detach_threads(struct pool *pool)
{
	for (struct pool_thread *thread = pool->list; thread; thread = thread->next)
		pthread_detach(thread->id);
}

static void refuse_jobs(struct pool *pool, bool cancel_pending)
{
	async_job *dropped = NULL;

	pthread_mutex_lock(&pool->lock);
	if (!pool->refusal)
		pool->refusal = ASYNC_SHUT_DOWN; /* no thread is started from here on, so the list stands still */
	if (cancel_pending)
		dropped = dequeue_all(pool);
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	drop_jobs(pool, dropped, ASYNC_CANCELLED, "the executor was shut down");
}

void pool_shutdown(async_executor *self, bool wait, bool cancel_pending)
{
	struct pool *pool = (struct pool *)self;

	if (pool->process != getpid())
		return;
	refuse_jobs(pool, cancel_pending);
	if (wait && !called_from_inside(pool))
		join_threads(pool, NULL);
	else
		detach_threads(pool);
}

bool async__pool_shutdown_within(async_executor *self, unsigned seconds)
{
	struct pool *pool = (struct pool *)self;
	struct timespec deadline;

	if (pool->process != getpid())
		return true;
	refuse_jobs(pool, false);
	clock_gettime(CLOCK_REALTIME, &deadline); /* pthread_timedjoin_np's */
	deadline.tv_sec += seconds;
	return join_threads(pool, &deadline) == 0;
}

void pool_break(struct pool *pool, const char *why)
{
	async_job *dropped;

	pthread_mutex_lock(&pool->lock);
	if (pool->refusal != ASYNC_BROKEN_EXECUTOR)
		snprintf(pool->why, sizeof pool->why, "%s", why);
	pool->refusal = ASYNC_BROKEN_EXECUTOR;
	dropped = dequeue_all(pool);
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	drop_jobs(pool, dropped, ASYNC_BROKEN_EXECUTOR, why);
}
