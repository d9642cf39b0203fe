/* remote.c: async_run_coroutine_threadsafe.
 * What the two threads share is a record with two references, the asker's and the loop's.  The asker stores the arguments in a frame of
 * the record; on the loop's thread they are copied into a task's, and its result comes back the same way.  Completes: the task's
 * callback, the loop's end, or a post that no loop took.  Cancel: a post, too.  Asking: any one thread; the rest: the loop's. */
#include "runtime.h"

#include <errno.h>
#include <time.h>

struct async__remote {
	struct async__post post, cancel_post; /* each once */
	struct async__closer closer;
	struct async__entry entry;            /* among the task's waiters */
	struct async__future *task;           /* held from its start to its end */
	struct async__door *door;
	async_loop *loop;                     /* to tell whether it runs here; not looked into by the asker */
	const async_function *function;
	async_frame *frame;                   /* of the record: arguments, then the result */
	atomic_uint refs;
	pthread_mutex_t lock;                 /* of what follows */
	pthread_cond_t ended;
	bool done, cancelled;
	async_error error;
};

static void unref(struct async__remote *remote)
{
	if (atomic_fetch_sub(&remote->refs, 1) != 1)
		return;
	pthread_cond_destroy(&remote->ended);
	pthread_mutex_destroy(&remote->lock);
	if (remote->door)
		async__door_unref(remote->door);
	async__free(remote->frame);
	async__free(remote);
}

/* The loop's reference goes with it. */
static void finish(struct async__remote *remote, async_error error)
{
	error.number = 0;
	pthread_mutex_lock(&remote->lock);
	remote->done = true;
	remote->error = error;
	pthread_cond_broadcast(&remote->ended);
	pthread_mutex_unlock(&remote->lock);
	unref(remote);
}

/* ---- On the loop's thread ---- */

static void run_end(struct async__entry *entry)
{
	struct async__remote *remote = async__container_of(entry, struct async__remote, entry);
	struct async__future *task = remote->task;
	async_error error = async__future_error(task);

	async__list_remove(&remote->closer.listed);
	if (!error.code)
		async__copy_result(task, (char *)remote->frame + remote->function->result_offset, remote->function->result_size);
	task->retrieved = true;
	remote->task = NULL;
	async__let_go(task);
	finish(remote, error);
}

static void loop_closed(struct async__closer *closer)
{
	struct async__remote *remote = async__container_of(closer, struct async__remote, closer);

	remote->task = NULL;
	finish(remote, async__make_error(ASYNC_CLOSED, "the loop was closed"));
}

static bool is_cancelled(struct async__remote *remote)
{
	bool cancelled;

	pthread_mutex_lock(&remote->lock);
	cancelled = remote->cancelled;
	pthread_mutex_unlock(&remote->lock);
	return cancelled;
}

static void run_start(struct async__post *post)
{
	struct async__remote *remote = async__container_of(post, struct async__remote, post);
	struct async__task *task = async__task_new(async__self.loop, remote->function, 0);

	if (!task) {
		finish(remote, async__make_error(ASYNC_NO_MEMORY, NULL));
		return;
	}
	memcpy(async__root(task) + 1, remote->frame + 1, remote->function->frame_size - sizeof(async_frame));
	remote->entry.run = async__runs(run_end);
	remote->task = &task->future;
	task->future.detached = true;
	async__watch(remote->task, &remote->entry);
	remote->closer.loop_closed = loop_closed;
	async__on_close(async__self.loop, &remote->closer);
	async__task_start_by_loop(task);
	if (is_cancelled(remote))
		async__cancel(&task->future, NULL);
}

static void drop_start(struct async__post *post)
{
	finish(async__container_of(post, struct async__remote, post), async__make_error(ASYNC_CLOSED, "the loop was closed"));
}

static void run_cancel(struct async__post *post)
{
	struct async__remote *remote = async__container_of(post, struct async__remote, cancel_post);

	if (remote->task)
		async__cancel(remote->task, NULL);
	unref(remote);
}

static void drop_cancel(struct async__post *post)
{
	unref(async__container_of(post, struct async__remote, cancel_post));
}

/* ---- On the asker's ---- */

static bool init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int err;

	if (pthread_condattr_init(&attributes))
		return false;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	err = pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
	return !err;
}

void *async__new_remote(const async_function *function)
{
	struct async__remote *remote = async__alloc_zeroed(sizeof *remote);

	if (!remote)
		return NULL;
	remote->frame = async__alloc_aligned(function->frame_align < 16 ? 16 : function->frame_align, function->frame_size);
	if (!remote->frame)
		goto free_remote;
	if (!init_condition(&remote->ended))
		goto free_frame;
	pthread_mutex_init(&remote->lock, NULL);
	atomic_init(&remote->refs, 2);
	remote->function = function;
	remote->frame->caller_at = (const async_point *)(const void *)remote; /* that is how submit finds it */
	return remote->frame;
free_frame:
	async__free(remote->frame);
free_remote:
	async__free(remote);
	return NULL;
}

struct async__remote *async__submit_remote(async_loop *loop, void *frame)
{
	struct async__remote *remote;

	if (!frame)
		return NULL;
	remote = (struct async__remote *)(uintptr_t)((async_frame *)frame)->caller_at;
	remote->loop = loop;
	remote->door = async__door_ref(loop->door);
	remote->post = (struct async__post){ .run = run_start, .drop = drop_start };
	remote->cancel_post = (struct async__post){ .run = run_cancel, .drop = drop_cancel };
	if (!async__door_post(remote->door, &remote->post))
		drop_start(&remote->post);
	return remote;
}

/* A point of CLOCK_MONOTONIC. */
static struct timespec after(double seconds)
{
	struct timespec t;
	time_t whole = (time_t)seconds;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += whole;
	t.tv_nsec += (long)((seconds - (double)whole) * 1e9);
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

async_error async__thread_wait(struct async__remote *remote, double timeout)
{
	struct timespec deadline;
	async_error error;
	int err = 0;

	if (!remote)
		return async__make_error(ASYNC_NO_MEMORY, NULL);
	if (timeout != timeout)
		return async__make_error(EINVAL, "the timeout is not a number");
	if (remote->loop == async__self.loop)
		return async__make_error(ASYNC_RUNNING_LOOP, "waiting here would stop the loop that is waited for");
	deadline = after(timeout > 0 && timeout < 1e9 ? timeout : 0);
	pthread_mutex_lock(&remote->lock);
	while (!remote->done && !err)
		err = timeout < 1e9 ? pthread_cond_timedwait(&remote->ended, &remote->lock, &deadline) :
				      pthread_cond_wait(&remote->ended, &remote->lock);
	error = remote->done ? remote->error : async__make_error(ASYNC_TIMEOUT, NULL);
	pthread_mutex_unlock(&remote->lock);
	return error;
}

void *async__thread_result(struct async__remote *remote)
{
	return (char *)remote->frame + remote->function->result_offset;
}

bool async__thread_done(struct async__remote *remote)
{
	bool done;

	if (!remote)
		return true;
	pthread_mutex_lock(&remote->lock);
	done = remote->done;
	pthread_mutex_unlock(&remote->lock);
	return done;
}

bool async__thread_cancel(struct async__remote *remote)
{
	bool done, first;

	if (!remote)
		return false;
	pthread_mutex_lock(&remote->lock);
	done = remote->done;
	first = !remote->cancelled;
	remote->cancelled = true;
	pthread_mutex_unlock(&remote->lock);
	if (done || !first)
		return !done;
	atomic_fetch_add(&remote->refs, 1);
	if (!async__door_post(remote->door, &remote->cancel_post))
		drop_cancel(&remote->cancel_post);
	return true;
}

void async__thread_release(struct async__remote *remote)
{
	if (remote)
		unref(remote);
}
