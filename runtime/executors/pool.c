/* pool.c: a pool's jobs: its queues, and who is told what when they come, go, or are not wanted any more.
 * Completes: nothing itself, but for jobs that a broken or shut down pool drops.  Owns: a job from submit until it is
 * handed to the kind's perform, or dropped.  Thread: any; the pool's lock orders everything.  Cancel: takes a job that is
 * still queued out of the queue; a running one is not disturbed. */
#include "pool.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 10 }; /* s that an idle thread stays, if the options do not say */

static int64_t nanoseconds(double seconds)
{
	return seconds < 9e9 ? (int64_t)(seconds * 1e9) : INT64_MAX;
}

static int init_locks(struct pool *pool)
{
	pthread_mutexattr_t attributes;
	int err = pthread_mutexattr_init(&attributes);

	if (err)
		return err;
	/* What is done under the lock takes less time than to sleep for it. */
	if (async__processors() > 1)
		pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
	err = pthread_mutex_init(&pool->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	if (err)
		return err;
	err = pthread_cond_init(&pool->share_ended, NULL);
	if (err)
		pthread_mutex_destroy(&pool->lock);
	return err;
}

void pool_share_init(struct pool_share *share, struct pool *pool, unsigned max)
{
	share->pool = pool;
	share->max = max;
	share->queue.next = share->queue.previous = &share->queue;
	async__list_append(&pool->shares, &share->listed);
}

int pool_init(struct pool *pool, const struct pool_kind *kind, const struct async_executor_methods *methods,
	      const async_pool_options *options)
{
	int err = options->idle >= 0 ? pool_threads_init() : EINVAL;

	if (!err)
		err = init_locks(pool);
	if (err)
		return err;
	pool->kind = kind;
	pool->process = getpid();
	pool->max = options->max;
	snprintf(pool->name, sizeof pool->name, "%.11s", options->name ? options->name : kind->thread_name);
	pool->initialise = options->initialise;
	pool->patience = nanoseconds(options->idle > 0 ? options->idle : PATIENCE);
	async__list_init(&pool->shares);
	async__list_init(&pool->ready);
	pool_share_init(&pool->own, pool, UINT32_MAX);
	async_executor_init(&pool->own.executor, methods);
	return 0;
}

static void free_threads(struct pool_thread *list)
{
	while (list) {
		struct pool_thread *thread = list;

		list = thread->next;
		async__free(thread);
	}
}

void pool_finish(struct pool *pool)
{
	free_threads(pool->list);
	free_threads(pool->retired);
	if (pool->process != getpid())
		return; /* the parent's threads may have held the lock, or waited, when we were forked */
	pthread_cond_destroy(&pool->share_ended);
	pthread_mutex_destroy(&pool->lock);
}

struct pool *pool_of(async_executor *self)
{
	return ((struct pool_share *)self)->pool;
}

/* ---- The queues; under the lock ---- */

void pool_settle(struct pool_share *share)
{
	bool ready = share->queued && share->running - share->nested < share->max;

	if (ready && !async__linked(&share->ready))
		async__list_append(&share->pool->ready, &share->ready);
	if (!ready)
		async__list_remove(&share->ready);
}

static void enqueue(struct pool_share *share, async_job *job)
{
	job->next = &share->queue;
	job->previous = share->queue.previous;
	job->previous->next = job;
	share->queue.previous = job;
	share->queued++;
	share->pool->queued++;
	pool_settle(share);
}

static void tell_if_ended(struct pool_share *share)
{
	if (share->refusal && !share->queued && !share->running)
		pthread_cond_broadcast(&share->pool->share_ended);
}

/* Afterwards job->previous is NULL, by which cancel sees that it is not queued any more. */
static async_job *dequeue(struct pool_share *share, async_job *job)
{
	job->previous->next = job->next;
	job->next->previous = job->previous;
	job->next = job->previous = NULL;
	share->queued--;
	share->pool->queued--;
	pool_settle(share);
	return job;
}

/* A share that has had its turn goes behind the others. */
async_job *pool_take_job(struct pool_thread *thread)
{
	struct pool *pool = thread->pool;
	struct pool_share *share;

	if (async__list_empty(&pool->ready))
		return NULL;
	share = async__container_of(pool->ready.next, struct pool_share, ready);
	async__list_remove(&share->ready);
	share->running++;
	thread->share = share;
	if (share != &pool->own)
		async_executor_retain(&share->executor); /* its last job may be given back before we are done with it */
	return dequeue(share, share->queue.next);
}

void pool_job_is_over(struct pool_thread *thread)
{
	struct pool_share *share = thread->share;

	share->running--;
	if (thread->nested) {
		share->nested--;
		share->pool->nested--;
	}
	thread->nested = false;
	thread->share = NULL;
	pool_settle(share);
	tell_if_ended(share);
	if (share == &thread->pool->own)
		return;
	pthread_mutex_unlock(&thread->pool->lock);
	async_executor_release(&share->executor);
	pthread_mutex_lock(&thread->pool->lock);
}

async_job *pool_dequeue_share(struct pool_share *share)
{
	async_job *list = NULL, **end = &list;

	while (share->queued) {
		*end = dequeue(share, share->queue.next);
		end = &(*end)->next;
	}
	tell_if_ended(share);
	return list;
}

async_job *pool_dequeue_all(struct pool *pool)
{
	async_job *list = NULL, **end = &list;

	for (struct async__link *link = pool->shares.next; link != &pool->shares; link = link->next) {
		*end = pool_dequeue_share(async__container_of(link, struct pool_share, listed));
		while (*end)
			end = &(*end)->next;
	}
	return list;
}

void pool_drop_jobs(struct pool *pool, async_job *list, int code, const char *why)
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

void pool_end_job(struct pool_thread *thread, async_job *job, int code, const char *why)
{
	thread->ending = true;
	atomic_fetch_add(&thread->pool->ending, 1); /* before the loop may hear of it, and submit the next one */
	async_job_end(job, code, "%s", why);
}

/* ---- Methods ---- */

/* Who submits a job from a job is taken to wait for it: neither may keep the other from running. */
static void note_nested(struct pool *pool)
{
	struct pool_thread *thread = pool_thread_here(pool);

	if (!thread || thread->nested)
		return;
	thread->nested = true;
	thread->share->nested++;
	pool->nested++;
	pool_settle(thread->share);
}

static void refuse(struct pool *pool, async_job *job, int why)
{
	job->next = NULL;
	pool_drop_jobs(pool, job, why, why == ASYNC_BROKEN_EXECUTOR ? pool->why : async_error_text(why));
}

int pool_submit(async_executor *self, async_job *job)
{
	struct pool_share *share = (struct pool_share *)self;
	struct pool *pool = share->pool;
	atomic_int *sleeper = NULL;
	bool retired;
	int err;

	if (pool->process != getpid())
		return ASYNC_FORKED;
	pthread_mutex_lock(&pool->lock);
	err = pool->refusal ? pool->refusal : share->refusal;
	if (err) {
		pthread_mutex_unlock(&pool->lock);
		refuse(pool, job, err);
		return 0;
	}
	note_nested(pool);
	enqueue(share, job);
	if (async__linked(&share->ready))
		err = pool_call_thread(pool, &sleeper);
	if (err)
		dequeue(share, job);
	retired = pool->retired;
	pthread_mutex_unlock(&pool->lock);
	pool_wake(sleeper);
	if (retired)
		pool_join_retired(pool);
	return err;
}

bool pool_cancel(async_executor *self, async_job *job)
{
	struct pool *pool = pool_of(self);
	bool queued;

	if (pool->process != getpid())
		return false;
	pthread_mutex_lock(&pool->lock);
	queued = job->previous != NULL;
	if (queued) {
		dequeue((struct pool_share *)self, job);
		tell_if_ended((struct pool_share *)self);
	}
	pthread_mutex_unlock(&pool->lock);
	if (queued && pool->kind->forget)
		pool->kind->forget(job);
	return queued;
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

/* No thread is started from here on, and none retires, so the list stands still. */
static void refuse_jobs(struct pool *pool, bool cancel_pending)
{
	async_job *dropped = NULL;

	pthread_mutex_lock(&pool->lock);
	if (!pool->refusal)
		pool->refusal = ASYNC_SHUT_DOWN;
	if (cancel_pending)
		dropped = pool_dequeue_all(pool);
	pool_call_all(pool);
	pthread_mutex_unlock(&pool->lock);
	pool_drop_jobs(pool, dropped, ASYNC_CANCELLED, "the executor was shut down");
	pool_join_retired(pool);
}

/* A thread of the pool cannot wait for itself. */
static bool called_from_inside(const struct pool *pool)
{
	for (const struct pool_thread *thread = pool->list; thread; thread = thread->next)
		if (pthread_equal(thread->id, pthread_self()))
			return true;
	return false;
}

void pool_shutdown(async_executor *self, bool wait, bool cancel_pending)
{
	struct pool *pool = pool_of(self);

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
	struct pool *pool = pool_of(self);
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
	dropped = pool_dequeue_all(pool);
	pool_call_all(pool);
	pthread_mutex_unlock(&pool->lock);
	pool_drop_jobs(pool, dropped, ASYNC_BROKEN_EXECUTOR, why);
}

void pool_break_by_initialiser(struct pool *pool, int error)
{
	char why[sizeof pool->why];

	snprintf(why, sizeof why, "the pool's initialiser failed: %s", async_error_text(error));
	pool_break(pool, why);
}
