/* loop.c: a loop's life, from async_loop_new to async_loop_close, and which loop runs on this thread.
 * The loop owns every task, future and callback, and frees what is left when it closes; what then has not been awaited, retrieved
 * or finished is reported.  Completes: nothing itself.  Its own thread only. */
#include "runtime.h"
#include "io/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

__thread struct async__thread async__self;
atomic_int async__own_threads;

/* ---- Forks ---- */

atomic_uint async__fork_count;

static void count_fork(void)
{
	atomic_fetch_add(&async__fork_count, 1);
	if (async__self.loop)
		async__attend(async__self.loop);
}

static void notice_forks(void)
{
	pthread_atfork(NULL, NULL, count_fork);
}

/* ---- Making ---- */

/* Those of descriptors 0 to 2 that are closed become /dev/null: in their places, ours would get what the program and its children
 * print. */
static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return; /* there is none here: they stay closed */
}

static void init_lists(async_loop *loop)
{
	async__list_init(&loop->queues[0]);
	async__list_init(&loop->queues[1]);
	loop->ready = &loop->queues[0];
	loop->batch = &loop->queues[1];
	async__list_init(&loop->wheels.late);
	loop->last_reaped = &loop->reaping;
	loop->reaper.run = async__runs(async__reap_entry);
	loop->free_slot = ASYNC__NO_SLOT;
	async__list_init(&loop->calls);
	async__list_init(&loop->nodes);
	async__list_init(&loop->errors);
}

static async_loop *new_over(const async_loop_backend *backend, bool owned)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	async_loop *loop;
	int err = ENOMEM;

	pthread_once(&once, notice_forks);
	fill_standard_descriptors();
	loop = async__alloc_zeroed(sizeof *loop);
	if (!loop)
		goto fail;
	init_lists(loop);
	loop->backend = backend;
	atomic_init(&loop->attention, true);
	loop->always_looks = backend != &async_loop_epoll && backend != &async_loop_poll;
	loop->spins = !loop->always_looks || strcmp(backend->name, "io_uring") == 0;
	loop->thread = pthread_self();
	loop->owned_by_entry = owned;
	loop->fork_count = async__forks();
	loop->state = async__alloc_zeroed(backend->state_size ? backend->state_size : 1);
	if (!loop->state)
		goto free_loop;
	loop->door = async__door_new(loop);
	if (!loop->door)
		goto free_state;
	err = backend->open(loop, loop->state);
	if (!err) {
		loop->slow = 0.1;
		if (async__wanted("ASYNC_DEBUG"))
			async__watchdog_open(loop);
		loop->eager = async__wanted("ASYNC_EAGER");
		async__note_open(&loop->note, "loop", "async_loop_close", NULL);
		return loop;
	}
	async__door_unref(loop->door);
free_state:
	async__free(loop->state);
free_loop:
	async__free(loop);
fail:
	errno = err > 0 ? err : ENOMEM;
	return NULL;
}

/* The kernel, or what is installed, cannot do what the environment wishes. */
static bool refused(int err)
{
	return err == ENOSYS || err == EPERM || err == EACCES || err == ELIBACC;
}

static async_loop *new_or_epoll(const async_loop_backend *backend, bool owned)
{
	const async_loop_backend *wish = backend ? backend : async__default_backend();
	async_loop *loop;

	if (!wish) {
		errno = EINVAL;
		return NULL;
	}
	loop = new_over(wish, owned);
	if (loop || backend || wish == &async_loop_epoll || !refused(errno))
		return loop;
	fprintf(stderr, "asyncc: ASYNC_LOOP=%s: %s; epoll is used\n", wish->name, strerror(errno));
	return new_over(&async_loop_epoll, owned);
}

async_loop *async_loop_new(const async_loop_backend *backend)
{
	return new_or_epoll(backend, false);
}

async_loop *async__loop_for_entry(void)
{
	return new_or_epoll(NULL, true);
}

void *async_loop_backend_state(async_loop *loop)
{
	return loop->state;
}

/* ---- Which loop runs here ---- */

static __thread char *lowest; /* address of this thread's stack; NULL if it is not known */

/* Calls may nest on the C stack down to 256 KiB below the loop, or half of what a small stack has left. */
static char *stack_limit(void)
{
	char *here = __builtin_frame_address(0);
	size_t left, use = 256 * 1024;

	if (!lowest) {
		pthread_attr_t attributes;
		void *address;
		size_t size;

		if (pthread_getattr_np(pthread_self(), &attributes))
			return here - 16 * 1024;
		pthread_attr_getstack(&attributes, &address, &size);
		pthread_attr_destroy(&attributes);
		lowest = address;
	}
	left = here > lowest ? (size_t)(here - lowest) : 0;
	return here - (left / 2 < use ? left / 2 : use);
}

bool async__stack_is_used_up(void)
{
	char *limit = async__self.stack_limit, *end = lowest ? lowest + (limit - lowest) / 2 : limit - 16 * 1024;

	return (char *)__builtin_frame_address(0) < end;
}

void async__loop_enter(async_loop *loop)
{
	if (!pthread_equal(loop->thread, pthread_self())) {
		loop->thread = pthread_self();
		async__handles_move(loop, loop->thread);
	}
	loop->running = true;
	async__self.loop = loop;
	async__self.task = NULL;
	async__self.found = NULL;
	async__self.stack_limit = stack_limit();
	if (loop->system)
		async__system = loop->system;
}

void async__loop_leave(async_loop *loop)
{
	loop->running = false;
	async__self.loop = NULL;
	async__self.task = NULL;
	async__self.found = NULL;
	async__error_unref(async__self.error); /* raised, and not taken any further */
	async__self.error = NULL;
	if (loop->system)
		async__system = &async__real_system;
}

async_loop *async_get_running_loop(void)
{
	return async__self.loop;
}

async_loop *async__need_loop(const char *what)
{
	if (!async__self.loop)
		async__report_value(NULL, what, async__make_error(ASYNC_WRONG_THREAD, "no loop runs on this thread"), NULL);
	return async__self.loop;
}

bool async__loop_is_ours(async_loop *loop, const char *what)
{
	if (loop == async__self.loop || pthread_equal(loop->thread, pthread_self()))
		return true;
	if (what)
		async__report_value(async__self.loop, what, async__make_error(ASYNC_WRONG_THREAD, NULL), NULL);
	return false;
}

void async_set_eager(async_loop *loop, bool on)
{
	if (async__loop_is_ours(loop, "async_set_eager"))
		loop->eager = on;
}

bool async_get_eager(async_loop *loop)
{
	return async__loop_is_ours(loop, "async_get_eager") && loop->eager;
}

int64_t async__now(async_loop *loop)
{
	return loop->seen = loop->backend->now(loop, loop->state);
}

int64_t async_time(void)
{
	struct timespec t;

	if (async__self.loop)
		return async__now(async__self.loop);
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- Closing ---- */

void *async__node_new(async_loop *loop, size_t size)
{
	struct async__node *node = async__alloc_zeroed(size);

	if (node)
		async__list_append(&loop->nodes, &node->listed);
	return node;
}

void async__node_free(void *memory)
{
	struct async__node *node = memory;

	async__list_remove(&node->listed);
	async__free(node);
}

/* What a handler is told about may be released by it: not before it has looked. */
void async__each_other(async_loop *loop, void (*look)(struct async__future *))
{
	struct async__walk walk = { 0 };
	struct async__object *object;

	while ((object = async__next_object(loop, &walk))) {
		struct async__future *future = (struct async__future *)object;

		if (!async__is_future(object) || async__is_pending_task(object))
			continue;
		future->holds++;
		look(future);
		future->holds--;
	}
}

static void report_pending(async_loop *loop)
{
	size_t n;
	struct async__task **tasks = async__tasks(loop, &n);

	for (size_t i = 0; tasks && i < n; i++)
		async__report_value(loop, "Task was destroyed but it is pending",
				    async__make_error(ASYNC_INVALID_STATE, "%s", async__function_of(tasks[i])->name),
				    async__handle_of(&tasks[i]->future.object));
	async__free(tasks);
}

static void report_never_awaited(struct async__task *coroutine)
{
	if (coroutine->future.fresh)
		async__report_value(async__loop_of(&coroutine->future.object), "Coroutine was never awaited",
				    async__make_error(ASYNC_INVALID_STATE, "%s", async__function_of(coroutine)->name),
				    async__handle_of(&coroutine->future.object));
}

static void report_unseen(struct async__future *future)
{
	if (future->object.kind == ASYNC__COROUTINE)
		report_never_awaited((struct async__task *)future);
	else
		async__last_words(future);
}

static void free_objects(async_loop *loop)
{
	struct async__walk walk = { 0 };
	struct async__object *object;

	while ((object = async__next_object(loop, &walk))) {
		if (async__is_future(object))
			async__future_free((struct async__future *)object);
		else if (object->kind != ASYNC__SPARE)
			async__handle_free(object); /* the loop's nodes are freed by their lists */
	}
}

static void free_nodes(struct async__link *list)
{
	while (!async__list_empty(list))
		async__node_free(async__container_of(list->next, struct async__node, listed));
}

static void free_errors(async_loop *loop)
{
	while (!async__list_empty(&loop->errors)) {
		struct async__error *error = async__container_of(loop->errors.next, struct async__error, listed);

		async__list_remove(&error->listed);
		async__free(error);
	}
	while (loop->spare_errors) {
		struct async__error *error = loop->spare_errors;

		loop->spare_errors = error->cause;
		async__free(error);
	}
}

static void free_loop(async_loop *loop)
{
	async__watchdog_close(loop);
	async__signals_close(loop);
	async__door_close(loop);
	free_objects(loop);
	free_nodes(&loop->nodes);
	free_nodes(&loop->calls);
	free_errors(loop);
	async__chunks_free(loop);
	async__spare_tasks_free(loop);
	async__blocks_free(loop);
	loop->backend->close(loop, loop->state);
	async__fds_free(loop);
	async__handles_close(loop);
	async__free(loop->state);
	async__note_closed(&loop->note);
	async__free(loop);
}

bool async_loop_close(async_loop *loop)
{
	struct async__thread outer = async__self;
	const struct async__system *system = async__system;

	if (!loop)
		return true;
	if (loop->running || loop->closing) {
		async__report_value(outer.loop, "async_loop_close", async__make_error(ASYNC_RUNNING_LOOP, NULL), NULL);
		return false;
	}
	async__loop_enter(loop);
	if (loop->default_executor && loop->fork_count == async__forks())
		loop->close_default_executor(loop);
	async__door_take(loop);
	if (loop->fork_count == async__forks()) {
		report_pending(loop);
		async__each_other(loop, report_unseen);
	}
	loop->closing = true;
	if (loop->backend->abandon && loop->fork_count == async__forks())
		loop->backend->abandon(loop, loop->state);
	free_loop(loop);
	async__self = outer;
	async__system = system;
	return true;
}
