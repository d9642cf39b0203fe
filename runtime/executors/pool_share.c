/* pool_share.c: executors that are a share of a pool: its threads perform their jobs, only so many at once.
 * Completes: nothing itself.  Owns: nothing; it keeps its pool alive.  Thread: any; the pool's lock orders everything.
 * Cancel: the pool's. */
#include "pool.h"

#include <errno.h>
#include <unistd.h>

static void destroy(async_executor *self)
{
	struct pool_share *share = (struct pool_share *)self;
	struct pool *pool = share->pool;

	if (pool->process == getpid()) {
		pthread_mutex_lock(&pool->lock);
		async__list_remove(&share->listed);
		pthread_mutex_unlock(&pool->lock);
	}
	async__free(share);
	async_executor_release(&pool->own.executor);
}

static void wait_until_ended(struct pool_share *share)
{
	struct pool *pool = share->pool;
	struct pool_thread *here;

	pthread_mutex_lock(&pool->lock);
	here = pool_thread_here(pool);
	if (!here || here->share != share) /* a job cannot wait for itself */
		while (share->queued || share->running)
			pthread_cond_wait(&pool->share_ended, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

static void shut_down(async_executor *self, bool wait, bool cancel_pending)
{
	struct pool_share *share = (struct pool_share *)self;
	struct pool *pool = share->pool;
	async_job *dropped = NULL;

	if (pool->process != getpid())
		return;
	pthread_mutex_lock(&pool->lock);
	share->refusal = ASYNC_SHUT_DOWN;
	if (cancel_pending)
		dropped = pool_dequeue_share(share);
	pthread_mutex_unlock(&pool->lock);
	pool_drop_jobs(pool, dropped, ASYNC_CANCELLED, "the executor was shut down");
	if (wait)
		wait_until_ended(share);
}

async_executor *pool_share_new(async_executor *executor, unsigned max)
{
	struct pool *pool = pool_of(executor);
	struct pool_share *share = async__alloc_zeroed(sizeof *share);

	if (!share)
		return NULL;
	share->methods = *executor->methods; /* jobs are submitted and cancelled as the pool's kind does it */
	share->methods.name = "share of a pool";
	share->methods.shutdown = shut_down;
	share->methods.destroy = destroy;
	async_executor_retain(executor);
	pthread_mutex_lock(&pool->lock);
	pool_share_init(share, pool, max);
	pthread_mutex_unlock(&pool->lock);
	async_executor_init(&share->executor, &share->methods);
	return &share->executor;
}
