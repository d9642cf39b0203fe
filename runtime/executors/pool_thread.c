/* pool_thread.c: a pool's threads: they start when a job finds none idle, and end after an idle while.
 * Completes: a job that took its thread with it, as failed.  Owns: the thread, which is joined by whoever comes next after
 * it has retired, or by shutdown.  Thread: the pool's own, but for those who call them.  Cancel: not here.
 *
 * Idle threads are a stack: the latest is called first, so that those that are not needed stay idle long enough to retire.
 * A thread looks for work for some microseconds before it sleeps, if that has paid of late (spin.c); one at a time does. */
#include "pool.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOOKING, CALLED, ASLEEP }; /* struct pool_thread.called */

/* Has a value, the pool_thread, while foreign code runs: its destructor sees every way in which a thread can end. */
static pthread_key_t performing;
static pthread_once_t performing_once = PTHREAD_ONCE_INIT;
static int performing_error;

static void job_took_its_thread(void *arg);

static void make_performing(void)
{
	performing_error = pthread_key_create(&performing, job_took_its_thread);
}

int pool_threads_init(void)
{
	pthread_once(&performing_once, make_performing);
	return performing_error;
}

struct pool_thread *pool_thread_here(const struct pool *pool)
{
	struct pool_thread *thread = pthread_getspecific(performing);

	return thread && thread->pool == pool && thread->job ? thread : NULL;
}

/* ---- Idling ---- */

/* Under the lock. */
static void push_idle(struct pool_thread *thread)
{
	struct pool *pool = thread->pool;

	atomic_store_explicit(&thread->called, LOOKING, memory_order_relaxed);
	thread->above = NULL;
	thread->below = pool->idle;
	if (pool->idle)
		pool->idle->above = thread;
	pool->idle = thread;
}

static void remove_idle(struct pool_thread *thread)
{
	if (thread->above)
		thread->above->below = thread->below;
	else
		thread->pool->idle = thread->below;
	if (thread->below)
		thread->below->above = thread->above;
}

static struct timespec *deadline_after(int64_t patience, struct timespec *deadline)
{
	if (patience == INT64_MAX)
		return NULL;
	clock_gettime(CLOCK_MONOTONIC, deadline);
	patience += deadline->tv_nsec;
	deadline->tv_sec += patience / 1000000000;
	deadline->tv_nsec = patience % 1000000000;
	return deadline;
}

/* True: it was called. */
static bool sleep_until_called(struct pool_thread *thread)
{
	struct timespec space, *deadline = deadline_after(thread->pool->patience, &space);
	int looking = LOOKING;

	if (!atomic_compare_exchange_strong(&thread->called, &looking, ASLEEP))
		return true;
	while (atomic_load_explicit(&thread->called, memory_order_acquire) == ASLEEP)
		if (syscall(SYS_futex, &thread->called, FUTEX_WAIT_BITSET_PRIVATE, ASLEEP, deadline, NULL,
			    FUTEX_BITSET_MATCH_ANY) < 0 &&
		    errno == ETIMEDOUT)
			return false;
	return true;
}

/* True: it was called. */
static bool look_until_called(struct pool_thread *thread)
{
	atomic_bool *somebody = &thread->pool->somebody_spins;
	bool came;

	if (atomic_exchange(somebody, true))
		return false;
	came = async__spin(&thread->spin, &thread->called, INT64_MAX);
	atomic_store(somebody, false);
	return came;
}

/* False: it has waited for as long as the pool's patience.  Under the lock, which it lets go of meanwhile. */
static bool wait_for_work(struct pool_thread *thread)
{
	struct pool *pool = thread->pool;

	push_idle(thread);
	pthread_mutex_unlock(&pool->lock);
	if (!look_until_called(thread))
		sleep_until_called(thread);
	pthread_mutex_lock(&pool->lock);
	if (atomic_load_explicit(&thread->called, memory_order_relaxed) == CALLED)
		return true; /* who called has taken us off the stack */
	remove_idle(thread);
	return false;
}

/* Takes the latest idle thread off the stack; where it sleeps, or NULL if it is awake.  Under the lock. */
static atomic_int *call_latest(struct pool *pool)
{
	struct pool_thread *thread = pool->idle;

	remove_idle(thread);
	return atomic_exchange(&thread->called, CALLED) == ASLEEP ? &thread->called : NULL;
}

/* The thread may be up and gone already: then nobody sleeps there, or somebody looks once in vain. */
void pool_wake(atomic_int *sleeper)
{
	if (sleeper)
		syscall(SYS_futex, sleeper, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void pool_call_all(struct pool *pool)
{
	while (pool->idle)
		pool_wake(call_latest(pool));
}

/* ---- Working ---- */

static void perform(struct pool_thread *thread, async_job *job)
{
	thread->job = job;
	pthread_setspecific(performing, thread);
	thread->pool->kind->perform(thread, job);
	pthread_setspecific(performing, NULL);
	thread->job = NULL;
}

/* There are as many others as there may be: a job that waited for another one goes on. */
static bool is_surplus(const struct pool *pool)
{
	return pool->threads > pool->max + pool->nested;
}

/* NULL: the thread is to end.  Under the lock. */
static async_job *next_job(struct pool_thread *thread)
{
	struct pool *pool = thread->pool;
	async_job *job;

	while (!is_surplus(pool)) {
		job = pool_take_job(thread);
		if (job)
			return job;
		if (pool->refusal || !wait_for_work(thread))
			break;
	}
	return NULL;
}

/* Until the thread is to end: then under the lock. */
static void work(struct pool_thread *thread)
{
	struct pool *pool = thread->pool;
	async_job *job;

	pthread_mutex_lock(&pool->lock);
	while ((job = next_job(thread))) {
		pthread_mutex_unlock(&pool->lock);
		perform(thread, job);
		pthread_mutex_lock(&pool->lock);
		if (thread->ending)
			atomic_fetch_sub(&pool->ending, 1);
		thread->ending = false;
		pool_job_is_over(thread);
	}
}

/* ---- Ending ---- */

/* The thread is none of the pool's any more: what is there to be done is another's.  The jobs, if nobody is left for them, or only
 * threads whose own job waits for one of them. */
static async_job *pass_on(struct pool *pool, atomic_int **sleeper)
{
	pool->threads--;
	if (async__list_empty(&pool->ready))
		return NULL;
	if (!pool->refusal)
		pool_call_thread(pool, sleeper);
	return pool->threads > pool->nested || atomic_load(&pool->ending) ? NULL : pool_dequeue_all(pool);
}

/* Under the lock.  While the pool is shut down its list stands still. */
static void retire(struct pool_thread *thread)
{
	struct pool_thread **place = &thread->pool->list;

	if (thread->pool->refusal)
		return;
	while (*place != thread)
		place = &(*place)->next;
	*place = thread->next;
	thread->next = thread->pool->retired;
	thread->pool->retired = thread;
}

/* Under the lock since that was decided, as nobody may count on a thread that will not come; lets go of it.  killed: the job that did it,
 * or NULL. */
static void end_thread(struct pool_thread *thread, async_job *killed)
{
	struct pool *pool = thread->pool;
	atomic_int *sleeper = NULL;
	async_job *stranded;

	stranded = pass_on(pool, &sleeper);
	pthread_mutex_unlock(&pool->lock);
	pool_wake(sleeper);
	if (killed)
		async_job_end(killed, ASYNC_BROKEN_EXECUTOR, "the job ended its thread");
	pool_drop_jobs(pool, stranded, ASYNC_BROKEN_EXECUTOR, "the pool has no thread left");
	if (pool->kind->leave)
		pool->kind->leave(thread);
	pool_join_retired(pool);
	pthread_mutex_lock(&pool->lock);
	retire(thread);
	pthread_mutex_unlock(&pool->lock);
	atomic_fetch_sub(&async__own_threads, 1);
	async_executor_release(&pool->own.executor); /* a detached pool may end here */
}

void pool_join_retired(struct pool *pool)
{
	struct pool_thread *list;

	pthread_mutex_lock(&pool->lock);
	list = pool->retired;
	pool->retired = NULL;
	pthread_mutex_unlock(&pool->lock);
	while (list) {
		struct pool_thread *thread = list;

		list = thread->next;
		pthread_join(thread->id, NULL);
		async__free(thread);
	}
}

/* The job called pthread_exit, or the thread was cancelled in it: the loop must hear of the end all the same. */
static void job_took_its_thread(void *arg)
{
	struct pool_thread *thread = arg;
	struct pool *pool = thread->pool;

	if (!thread->job)
		pool_break(pool, "the pool's initialiser ended its thread");
	pthread_mutex_lock(&pool->lock);
	if (thread->job)
		pool_job_is_over(thread);
	end_thread(thread, thread->job);
}

/* ---- Starting ---- */

/* False: the pool is broken. */
static bool begin(struct pool_thread *thread)
{
	int err;

	if (!thread->pool->kind->begin)
		return true;
	pthread_setspecific(performing, thread);
	err = thread->pool->kind->begin(thread);
	pthread_setspecific(performing, NULL);
	if (err)
		pool_break_by_initialiser(thread->pool, err);
	return !err;
}

static void *serve(void *arg)
{
	struct pool_thread *thread = arg;
	char name[16];

	snprintf(name, sizeof name, "%.11s-%u", thread->pool->name, thread->number % 1000);
	pthread_setname_np(pthread_self(), name);
	if (begin(thread))
		work(thread);
	else
		pthread_mutex_lock(&thread->pool->lock);
	end_thread(thread, NULL);
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
	async_executor_retain(&pool->own.executor);
	block_signals(&old);
	err = pthread_create(&thread->id, NULL, serve, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err) {
		async_executor_release(&pool->own.executor);
		async__free(thread);
		return err;
	}
	atomic_fetch_add(&async__own_threads, 1); /* after it is there: counted late it only looks like somebody else's */
	thread->next = pool->list;
	pool->list = thread;
	pool->threads++;
	return 0;
}

int pool_call_thread(struct pool *pool, atomic_int **sleeper)
{
	int err;

	if (pool->queued <= atomic_load(&pool->ending))
		return 0; /* one that has just given its job back will come */
	if (pool->idle) {
		*sleeper = call_latest(pool);
		return 0;
	}
	if (pool->threads >= pool->max + pool->nested)
		return 0;
	err = start_thread(pool);
	return pool->threads > pool->nested ? 0 : err; /* those that are there, and do not wait, will come to it */
}
