/* Where blocking calls run can be replaced: an executor of one's own, a thread that makes the latest call first. */
#include <async.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct newest_first {
	async_executor executor; /* first */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	async_job *stack; /* by job->next */
	bool closed;
};

static void *work(void *arg)
{
	struct newest_first *self = arg;

	pthread_mutex_lock(&self->lock);
	while (self->stack || !self->closed) {
		async_job *job = self->stack;

		if (!job) {
			pthread_cond_wait(&self->changed, &self->lock);
			continue;
		}
		self->stack = job->next;
		pthread_mutex_unlock(&self->lock);
		async_job_run(job);
		async_job_end(job, 0, NULL);
		pthread_mutex_lock(&self->lock);
	}
	pthread_mutex_unlock(&self->lock);
	return NULL;
}

static int submit(async_executor *executor, async_job *job)
{
	struct newest_first *self = (struct newest_first *)executor;

	pthread_mutex_lock(&self->lock);
	job->next = self->stack;
	self->stack = job;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
	return 0;
}

static void shut_down(async_executor *executor, bool wait, bool cancel_pending)
{
	struct newest_first *self = (struct newest_first *)executor;

	(void)wait, (void)cancel_pending; /* it always waits for all */
	pthread_mutex_lock(&self->lock);
	self->closed = true;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
}

static void destroy(async_executor *executor)
{
	free(executor);
}

static const struct async_executor_methods methods = {
    .name = "newest first", .submit = submit, .shutdown = shut_down, .destroy = destroy};

static struct newest_first *newest_first(void)
{
	struct newest_first *self = calloc(1, sizeof *self);

	if (!self)
		abort();
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	async_executor_init(&self->executor, &methods);
	return self;
}

static int square(int n)
{
	printf("square of %d\n", n);
	return n * n;
}

async int main(void)
{
	struct newest_first *executor = newest_first();
	async_executor *pool = &executor->executor;
	async_task(int) one = async_create_task(async_run_in_executor(pool, square(1)));
	async_task(int) two = async_create_task(async_run_in_executor(pool, square(2)));
	async_task(int) three = async_create_task(async_run_in_executor(pool, square(3)));

	pthread_create(&executor->thread, NULL, work, executor); /* all three are waiting for it */
	printf("sum: %d\n", await *one + await *two + await *three);
	async_executor_shutdown(pool, true);
	return 0;
}
