/* executor.c: jobs on their way from a loop to an executor and back, and which executors there are.
 * Completes: the job's future, on its loop's thread, by a post through the loop's door.  Owns: the job's struct, from
 * async__new_job until its post has run, even while an executor has the job.  Thread: a job is made and taken back on the
 * loop's; async_job_run and async_job_end are any thread's.  Cancel: a job that has not begun never begins, and its future
 * ends at once; of one that runs the future ends as cancelled when the job has ended, as its arguments may point into the
 * awaiting frame. */
#include "pool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

struct job {
	async_job job;                /* first: executors hold a pointer to this */
	async_executor *executor;     /* retained; NULL: there was none, and the future fails with refusal */
	struct async__door *door;     /* referenced; NULL before submission */
	async_loop *loop;             /* of which that is true as well */
	bool may_be_abandoned;        /* async__submit_abandon */
	void (*discard)(void *result); /* for its result then; may be NULL */
	struct async__local *locals;  /* the submitter's values, a copy; NULL: none */
	bool abandoned;               /* the future has ended already; loop's thread */
	struct async__future *future; /* held; the loop's thread looks at it, and only while the loop is open */
	struct async__post post;      /* the way back */
	atomic_bool unwanted;         /* cancelled */
	async_error outcome;          /* from async_job_end; code 0 if it ended well */
	_Alignas(64) char arguments[]; /* type->size bytes */
};

static __thread struct job *current_job;
bool (*async__worker_job_cancelled)(void);

/* ---- Which executors there are ----
 * So that the use of one that was shut down is an error, not a use after free. */

static pthread_mutex_t live_lock = PTHREAD_MUTEX_INITIALIZER;
static async_executor *live; /* linked by next */

void async_executor_init(async_executor *self, const struct async_executor_methods *methods)
{
	self->methods = methods;
	self->users = 1;
	pthread_mutex_lock(&live_lock);
	self->next = live;
	live = self;
	pthread_mutex_unlock(&live_lock);
}

/* The place in the list that points to it, or to NULL.  Under the lock. */
static async_executor **find_live(const async_executor *executor)
{
	async_executor **place = &live;

	while (*place && *place != executor)
		place = &(*place)->next;
	return place;
}

/* Retains it; NULL if it is not there (any more). */
static async_executor *retain_if_live(async_executor *executor)
{
	pthread_mutex_lock(&live_lock);
	executor = *find_live(executor);
	if (executor)
		async_executor_retain(executor);
	pthread_mutex_unlock(&live_lock);
	return executor;
}

/* True for the one that may shut it down. */
static bool take_from_live(async_executor *executor)
{
	async_executor **place;
	bool found;

	pthread_mutex_lock(&live_lock);
	place = find_live(executor);
	found = *place != NULL;
	if (found)
		*place = executor->next;
	pthread_mutex_unlock(&live_lock);
	return found;
}

void async_executor_retain(async_executor *self)
{
	__atomic_fetch_add(&self->users, 1, __ATOMIC_RELAXED);
}

void async_executor_release(async_executor *self)
{
	if (__atomic_fetch_sub(&self->users, 1, __ATOMIC_ACQ_REL) == 1)
		self->methods->destroy(self);
}

static void shut_down(async_executor *pool, bool wait, bool cancel_pending)
{
	if (!pool || !take_from_live(pool))
		return;
	pool->methods->shutdown(pool, wait, cancel_pending);
	async_executor_release(pool);
}

void async_executor_shutdown(async_executor *pool, bool wait)
{
	shut_down(pool, wait, false);
}

void async_executor_shutdown_cancel(async_executor *pool, bool wait)
{
	shut_down(pool, wait, true);
}

/* ---- The loop's own ---- */

static void close_default(async_loop *loop)
{
	async_executor *pool = loop->default_executor;

	shut_down(loop->lookups, false, false);
	loop->default_executor = loop->lookups = NULL;
	if (!take_from_live(pool))
		return;
	if (!async__pool_shutdown_within(pool, ASYNC__DEFAULT_EXECUTOR_PATIENCE))
		async__report_value(NULL, "The default executor's threads did not end in time",
				    async__make_error(ASYNC_TIMEOUT, NULL), NULL);
	async_executor_release(pool);
}

static async_executor *default_executor(async_loop *loop)
{
	if (!loop->default_executor) {
		loop->default_executor = async_thread_pool_new(0);
		loop->close_default_executor = close_default;
	}
	return loop->default_executor;
}

async_executor *async__lookups(void)
{
	async_loop *loop = async__self.loop;

	if (loop && !loop->lookups && default_executor(loop))
		loop->lookups = pool_share_new(loop->default_executor, (((struct pool *)loop->default_executor)->max + 1) / 2);
	return loop ? loop->lookups : NULL;
}

async_executor *async_executor_share(async_executor *pool, unsigned max)
{
	async_executor *share = NULL;
	int err = EINVAL;

	if (!pool && async__self.loop)
		pool = default_executor(async__self.loop);
	pool = pool ? retain_if_live(pool) : NULL;
	if (pool && max && pool->methods->shutdown == pool_shutdown) {
		share = pool_share_new(pool, max);
		err = ENOMEM;
	}
	if (pool)
		async_executor_release(pool);
	if (!share)
		errno = err;
	return share;
}

/* ---- A job's way ---- */

static void free_job(struct job *job)
{
	async__locals_free_copy(job->locals);
	if (job->executor)
		async_executor_release(job->executor);
	if (job->door)
		async__door_unref(job->door);
	async__free(job);
}

static void discard_result(struct job *job)
{
	if (job->discard && !job->outcome.code)
		job->discard((char *)job->job.arguments + job->job.type->result_offset);
}

/* The loop's thread has the job back. */
static void take_back(struct async__post *post)
{
	struct job *job = async__container_of(post, struct job, post);
	const async_job_type *type = job->job.type;
	struct async__future *future = job->future;
	struct async__error *error = NULL;
	bool lost;

	job->loop->external--;
	if (job->abandoned) {
		discard_result(job);
		free_job(job);
		return;
	}
	future->cancel = NULL;
	if (job->outcome.code)
		error = async__error_new(job->outcome.code, "%s", job->outcome.message);
	else if (type->result_size)
		memcpy(async__result_of(future), (char *)job->job.arguments + type->result_offset, type->result_size);
	lost = future->cancel_later && !job->outcome.code;
	free_job(job);
	if (lost && async__destructor_of(future))
		async__destructor_of(future)(async__result_of(future));
	if (future->state == ASYNC__PENDING)
		async__future_finish(future, error);
	else
		async__error_unref(error); /* somebody has set a result of his own */
	async__let_go(future);
}

/* The loop was closed first: its future is gone, or going. */
static void drop(struct async__post *post)
{
	struct job *job = async__container_of(post, struct job, post);

	discard_result(job);
	free_job(job);
}

static enum async__abort cancel(struct async__future *future)
{
	struct job *job = future->owner;
	const struct async_executor_methods *methods = job->executor->methods;

	atomic_store(&job->unwanted, true);
	if (methods->cancel && methods->cancel(job->executor, &job->job)) {
		job->loop->external--;
		free_job(job);
	} else if (job->may_be_abandoned) {
		job->abandoned = true;
		if (!job->discard)
			job->discard = async__destructor_of(future);
	} else {
		return ASYNC__LATER;
	}
	future->cancel = NULL;
	future->holds--; /* not let_go: it is about to be finished by whom called us */
	return ASYNC__ABORTED;
}

void *async__new_job(async_executor *pool, const async_job_type *type)
{
	async_loop *loop = async__need_loop("async_run_in_executor");
	struct job *job;

	if (!loop)
		return NULL;
	if (!pool)
		pool = default_executor(loop);
	job = pool ? async__alloc_aligned(64, sizeof *job + type->size) : NULL;
	if (!job)
		goto no_memory;
	memset(job, 0, sizeof *job + type->size); /* gaps too: a process pool sends them */
	if (!async__locals_copy(&job->locals))
		goto free_memory;
	job->executor = retain_if_live(pool);
	job->job.type = type;
	job->job.arguments = job->arguments;
	return job->arguments;

free_memory:
	async__free(job);
no_memory:
	loop->no_memory = true;
	return NULL;
}

/* Nobody has taken the job: its future fails at once. */
static void refuse(struct job *job, int code)
{
	struct async__future *future = job->future;

	future->cancel = NULL;
	free_job(job);
	async__future_finish(future, async__error_new(code, NULL));
	async__let_go(future);
}

static async_handle submit(struct job *job)
{
	async_loop *loop = async__self.loop;
	struct async__future *future;
	async_handle handle;
	int err;

	future = async__future_new(loop, job->job.type->result_size);
	if (!future) {
		loop->no_memory = true;
		free_job(job);
		return NULL;
	}
	handle = async__handle_of(&future->object);
	async__keep(future);
	job->future = future;
	job->loop = loop;
	if (!job->executor) {
		refuse(job, ASYNC_SHUT_DOWN);
		return handle;
	}
	job->door = async__door_ref(loop->door);
	job->post.run = take_back;
	job->post.drop = drop;
	future->owner = job;
	future->cancel = cancel;
	loop->external++;
	err = job->executor->methods->submit(job->executor, &job->job);
	if (err) {
		loop->external--;
		refuse(job, err);
	}
	return handle;
}

async_handle async__submit(void *arguments)
{
	return arguments ? submit(async__container_of(arguments, struct job, arguments)) : NULL;
}

async_handle async__submit_abandon(void *arguments, void (*discard)(void *result))
{
	if (!arguments)
		return NULL;
	async__container_of(arguments, struct job, arguments)->may_be_abandoned = true;
	async__container_of(arguments, struct job, arguments)->discard = discard;
	return submit(async__container_of(arguments, struct job, arguments));
}

/* ---- In the executor ---- */

void async_job_run(async_job *job)
{
	struct job *outer = current_job, *mine = (struct job *)job;
	const struct async__local *outer_locals;

	if (async__job_unwanted(job))
		return;
	current_job = mine;
	outer_locals = async__locals_of_job(mine->locals);
	job->type->run(job->arguments);
	async__locals_of_job(outer_locals);
	current_job = outer;
}

void async_job_end(async_job *job, int code, const char *format, ...)
{
	struct job *ended = (struct job *)job;
	va_list arguments;

	ended->outcome.code = code;
	if (code) {
		va_start(arguments, format);
		vsnprintf(ended->outcome.message, sizeof ended->outcome.message, format, arguments);
		va_end(arguments);
	}
	if (!async__door_post(ended->door, &ended->post))
		drop(&ended->post);
}

bool async__job_unwanted(async_job *job)
{
	return atomic_load(&((struct job *)job)->unwanted);
}

bool async_job_cancelled(void)
{
	if (current_job)
		return async__job_unwanted(&current_job->job);
	return async__worker_job_cancelled && async__worker_job_cancelled();
}
