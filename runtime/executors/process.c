/* process.c: the process pool: a pool whose threads each drive a worker process, and wait for it in their stead.
 * Completes: jobs, from the driving thread, when the worker has answered or died.  Owns: the encoded job (job->data) from
 * submission until it is sent; the workers.  Thread: submission encodes on the loop's thread, so the job's arguments are
 * read there and then.  Cancel: a queued job is taken out; the worker of a running one is told.
 *
 * A worker that dies breaks the pool: the other workers are killed, so that no job's end stays unknown. */
#include "job.h"
#include "module.h"
#include "pool.h"
#include "wire.h"
#include "worker.h"
#include "worker_main.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct process_pool {
	struct pool pool;
	char **environment; /* of the program when the pool was made: reading it later would race with setenv */
	struct module_place initialiser; /* if pool.initialise */
	unsigned jobs_per_worker; /* 0: any number */
};

/* A thread's worker. */
struct driven {
	struct worker worker; /* process is set and reset under the pool's lock */
	async_job *job;       /* that it has got; under the lock */
	uint64_t id;          /* the job's */
	unsigned jobs;        /* that the worker has done */
	bool initialised;
};

/* A job as it is sent. */
struct encoded {
	size_t size; /* of what follows */
	struct wire_head head;
	struct wire_job job;
	char rest[];
};

/* ---- Encoding, on the loop's thread ---- */

static const char *string_argument(const async_job *job, size_t i)
{
	const char *string;

	memcpy(&string, (const char *)job->arguments + job->type->strings[i], sizeof string);
	return string;
}

static size_t size_of_strings(const async_job *job)
{
	size_t size = 0;

	for (size_t i = 0; i < job->type->n_strings; i++)
		if (string_argument(job, i))
			size += strlen(string_argument(job, i)) + 1;
	return size;
}

static char *append(char *end, const void *data, size_t size)
{
	if (size)
		memcpy(end, data, size);
	return end + size;
}

static int encode(async_job *job, const struct module_place *place)
{
	const async_job_type *type = job->type;
	struct encoded *encoded;
	size_t name, strings, size;
	char *end;

	name = strlen(place->name) + 1;
	strings = size_of_strings(job);
	size = sizeof *encoded - offsetof(struct encoded, head) + name + type->size + strings;
	encoded = async__alloc(offsetof(struct encoded, head) + size);
	if (!encoded)
		return ASYNC_NO_MEMORY;
	encoded->size = size;
	encoded->head = (struct wire_head){.kind = WIRE_JOB, .size = size - sizeof encoded->head};
	encoded->job = (struct wire_job){place->offset, name, type->size, strings};
	end = append(encoded->rest, place->name, name);
	end = append(end, job->arguments, type->size);
	for (size_t i = 0; i < type->n_strings; i++)
		if (string_argument(job, i))
			end = append(end, string_argument(job, i), strlen(string_argument(job, i)) + 1);
	job->data = encoded;
	return 0;
}

static void forget(async_job *job)
{
	async__free(job->data);
	job->data = NULL;
}

static int submit(async_executor *self, async_job *job)
{
	struct module_place place;
	int err;

	if (job->type->has_pointers) {
		async_job_end(job, EINVAL,
			      "%s cannot run in a process pool: its arguments or result have pointers other than const char *",
			      job->type->name);
		return 0;
	}
	if (!module_place_of(job->type, &place)) {
		async_job_end(job, EINVAL, "%s cannot run in a process pool: its job type is no constant of the program",
			      job->type->name);
		return 0;
	}
	err = encode(job, &place);
	if (err)
		return err;
	err = pool_submit(self, job);
	if (err)
		forget(job);
	return err;
}

/* ---- Driving a worker, on its thread ---- */

/* Makes sure that the thread has a worker.  0 or an error code. */
static int have_worker(struct pool_thread *thread)
{
	struct process_pool *pool = (struct process_pool *)thread->pool;
	struct driven *driven = thread->context;
	struct worker worker;
	int err;

	if (driven && driven->worker.process)
		return 0;
	if (!driven) {
		driven = async__alloc_zeroed(sizeof *driven);
		if (!driven)
			return ASYNC_NO_MEMORY;
		pthread_mutex_lock(&pool->pool.lock);
		thread->context = driven; /* others look for what is to be killed */
		pthread_mutex_unlock(&pool->pool.lock);
	}
	err = worker_start(&worker, pool->environment);
	if (err)
		return err;
	driven->jobs = 0;
	driven->initialised = false;
	pthread_mutex_lock(&pool->pool.lock);
	driven->worker = worker;
	if (pool->pool.refusal == ASYNC_BROKEN_EXECUTOR)
		worker_kill(&worker); /* it came too late to be killed with the others */
	pthread_mutex_unlock(&pool->pool.lock);
	return 0;
}

/* Under the lock. */
static void pass_on_cancel(const struct driven *driven)
{
	struct wire_head note = {.kind = WIRE_CANCEL, .id = driven->id};

	worker_notify(&driven->worker, &note, sizeof note);
}

/* From now on, and until job is NULL, a cancellation is passed on to the worker. */
static void set_running(struct pool_thread *thread, async_job *job)
{
	struct driven *driven = thread->context;

	pthread_mutex_lock(&thread->pool->lock);
	driven->job = job;
	if (job && async__job_unwanted(job))
		pass_on_cancel(driven); /* it was cancelled before we were found */
	pthread_mutex_unlock(&thread->pool->lock);
}

/* Sends the job and takes the answer into its struct.  False: the worker died; else *code is the job's. */
static bool exchange(struct pool_thread *thread, async_job *job, int *code)
{
	struct driven *driven = thread->context;
	struct encoded *encoded = job->data;
	const async_job_type *type = job->type;
	struct wire_reply reply;
	bool alive;

	encoded->head.id = driven->id = driven->id + 1;
	alive = worker_send(&driven->worker, &encoded->head, encoded->size);
	forget(job);
	if (!alive)
		return false;
	set_running(thread, job);
	alive = worker_receive(&driven->worker, &reply, sizeof reply);
	set_running(thread, NULL);
	if (!alive || reply.id != driven->id)
		return false;
	*code = (int)reply.code;
	if (reply.size == 0)
		return true;
	return reply.size == type->result_size &&
	       worker_receive(&driven->worker, (char *)job->arguments + type->result_offset, type->result_size);
}

static void describe_death(char *text, size_t size, pid_t process, int status)
{
	if (status >= 0 && WIFSIGNALED(status))
		snprintf(text, size, "worker process %ld was killed by signal %d (%s)", (long)process, WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (status >= 0 && WIFEXITED(status))
		snprintf(text, size, "worker process %ld ended with status %d in a job", (long)process, WEXITSTATUS(status));
	else
		snprintf(text, size, "worker process %ld has died", (long)process);
}

static void kill_workers(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	for (struct pool_thread *thread = pool->list; thread; thread = thread->next) {
		struct driven *driven = thread->context;

		if (driven && driven->worker.process)
			worker_kill(&driven->worker);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void reap(struct pool_thread *thread, int *status)
{
	struct driven *driven = thread->context;

	pthread_mutex_lock(&thread->pool->lock);
	*status = worker_reap(&driven->worker);
	pthread_mutex_unlock(&thread->pool->lock);
}

static void worker_died(struct pool_thread *thread, async_job *job)
{
	struct driven *driven = thread->context;
	pid_t process = driven->worker.process;
	char why[100];
	int status;

	/* If it only closed its socket, or answered nonsense, it is no worker any more. */
	worker_dismiss(&driven->worker);
	reap(thread, &status);
	describe_death(why, sizeof why, process, status);
	pool_break(thread->pool, why);
	kill_workers(thread->pool);
	async_job_end(job, ASYNC_BROKEN_EXECUTOR, "%s", thread->pool->why); /* the first death's: others may follow from it */
}

/* False: the worker died; else *code is 0, or why it cannot work. */
static bool initialise(struct pool_thread *thread, int *code)
{
	const struct process_pool *pool = (const struct process_pool *)thread->pool;
	struct driven *driven = thread->context;
	struct wire_head head = {.kind = WIRE_INITIALISE};
	struct wire_job where = {.type_offset = pool->initialiser.offset};
	struct wire_reply reply = {0};
	bool alive = true;

	if (pool->pool.initialise && !driven->initialised) {
		where.name_size = strlen(pool->initialiser.name) + 1;
		head.size = sizeof where + where.name_size;
		alive = worker_send(&driven->worker, &head, sizeof head) &&
			worker_send(&driven->worker, &where, sizeof where) &&
			worker_send(&driven->worker, pool->initialiser.name, where.name_size) &&
			worker_receive(&driven->worker, &reply, sizeof reply);
	}
	driven->initialised = alive && !reply.code;
	*code = (int)reply.code;
	return alive;
}

static void dismiss(struct pool_thread *thread)
{
	struct driven *driven = thread->context;
	int status;

	worker_dismiss(&driven->worker);
	reap(thread, &status);
}

static void give_back(struct pool_thread *thread, async_job *job, int code)
{
	const struct process_pool *pool = (const struct process_pool *)thread->pool;
	struct driven *driven = thread->context;
	char why[200] = "";

	if (code)
		snprintf(why, sizeof why, "%s: the worker process could not run it: %s", job->type->name, async_error_text(code));
	if (++driven->jobs != pool->jobs_per_worker) {
		pool_end_job(thread, job, code, why);
		return;
	}
	async_job_end(job, code, "%s", why);
	dismiss(thread);
}

static void perform(struct pool_thread *thread, async_job *job)
{
	int code;

	if (async__job_unwanted(job)) {
		forget(job);
		async_job_end(job, ASYNC_CANCELLED, "cancelled");
		return;
	}
	code = have_worker(thread);
	if (code) {
		forget(job);
		async_job_end(job, code, "cannot start a worker process: %s", async_error_text(code));
		return;
	}
	if (!initialise(thread, &code)) {
		worker_died(thread, job);
	} else if (code) {
		pool_break_by_initialiser(thread->pool, code);
		kill_workers(thread->pool);
		async_job_end(job, ASYNC_BROKEN_EXECUTOR, "%s", thread->pool->why);
	} else if (!exchange(thread, job, &code)) {
		worker_died(thread, job);
	} else {
		give_back(thread, job, code);
	}
}

static void leave(struct pool_thread *thread)
{
	struct driven *driven = thread->context;

	if (driven && driven->worker.process)
		dismiss(thread);
	pthread_mutex_lock(&thread->pool->lock);
	thread->context = NULL;
	pthread_mutex_unlock(&thread->pool->lock);
	async__free(driven);
}

/* ---- The executor ---- */

static bool cancel(async_executor *self, async_job *job)
{
	struct pool *pool = pool_of(self);

	if (pool_cancel(self, job))
		return true;
	if (pool->process != getpid())
		return false;
	pthread_mutex_lock(&pool->lock);
	for (struct pool_thread *thread = pool->list; thread; thread = thread->next) {
		struct driven *driven = thread->context;

		if (driven && driven->job == job)
			pass_on_cancel(driven);
	}
	pthread_mutex_unlock(&pool->lock);
	return false;
}

static void free_environment(char **environment)
{
	for (char **variable = environment; variable && *variable; variable++)
		async__free(*variable);
	async__free(environment);
}

static char **copy_environment(char **environment)
{
	size_t n = 0;
	char **copy;

	while (environment && environment[n])
		n++;
	copy = async__alloc_zeroed((n + 1) * sizeof *copy);
	for (size_t i = 0; copy && i < n; i++) {
		size_t size = strlen(environment[i]) + 1;

		copy[i] = async__alloc(size);
		if (!copy[i]) {
			free_environment(copy);
			return NULL;
		}
		memcpy(copy[i], environment[i], size);
	}
	return copy;
}

static void destroy(async_executor *self)
{
	struct process_pool *pool = (struct process_pool *)self;

	pool_finish(&pool->pool);
	free_environment(pool->environment);
	async__free(pool);
}

static const struct pool_kind process_kind = {
	.thread_name = "async-proc", .perform = perform, .leave = leave, .forget = forget};

static const struct async_executor_methods process_methods = {
	.name = "process pool", .submit = submit, .cancel = cancel, .shutdown = pool_shutdown, .destroy = destroy};

async_executor *async_process_pool_new(unsigned n)
{
	return async_process_pool_new_with(&(async_pool_options){.max = n});
}

/* A worker is kept for good: to start one costs milliseconds. */
static async_pool_options with_defaults(const async_pool_options *options)
{
	async_pool_options all = *options;

	if (!all.max)
		all.max = async__processors();
	if (all.idle == 0)
		all.idle = ASYNC_FOREVER;
	return all;
}

async_executor *async_process_pool_new_with(const async_pool_options *given)
{
	async_pool_options options = with_defaults(given);
	struct process_pool *pool = async__alloc_zeroed(sizeof *pool);
	int err = ENOMEM;

	if (!pool)
		goto fail;
	async__serve_if_worker(); /* links the worker's side in; here it does nothing */
	err = EINVAL;
	if (options.initialise && !module_place_of((const void *)(uintptr_t)options.initialise, &pool->initialiser))
		goto free_pool;
	pool->jobs_per_worker = options.jobs_per_worker;
	err = ENOMEM;
	pool->environment = copy_environment(environ);
	if (!pool->environment)
		goto free_pool;
	err = pool_init(&pool->pool, &process_kind, &process_methods, &options);
	if (err)
		goto free_environment;
	return &pool->pool.own.executor;

free_environment:
	free_environment(pool->environment);
free_pool:
	async__free(pool);
fail:
	errno = err;
	return NULL;
}
