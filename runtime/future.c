/* future.c: results that somebody sets, and what tasks share with futures: waiting entries, holds, reaping.
 * Completes: whoever calls async_set_result and its like, or the task's end (task.c).  Owner: the loop, until the object is
 * reaped: when it has finished, nothing holds it, it is not retained, and it was awaited or is detached.  Cancel: asks the
 * future's cancel hook, if it has one.  Loop's thread. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEAD = ASYNC__FUTURE_HEAD };

struct async__future *async__future_new(async_loop *loop, size_t result_size)
{
	struct async__future *future = result_size > UINT32_MAX ? NULL : async__block_new(loop, HEAD + result_size);

	if (!future)
		return NULL;
	memset(future, 0, HEAD + result_size);
	future->result_size = (uint32_t)result_size;
	if (async__handle_new(loop, &future->object, ASYNC__FUTURE)) {
		async__block_free(future, async__is_large(HEAD + result_size));
		return NULL;
	}
	return future;
}

/* ---- Finishing ---- */

static void settle(struct async__future *future, enum async__state state, struct async__error *error)
{
	async_loop *loop = async__loop_of(&future->object);

	future->state = (uint8_t)state;
	future->error = error;
	async__list_take_ring(loop->ready, &future->waiters);
	async__maybe_reap(future);
}

void async__future_cancelled(struct async__future *future, struct async__error *error)
{
	settle(future, ASYNC__CANCELLED, error);
}

void async__future_finish(struct async__future *future, struct async__error *error)
{
	if (future->cancel_later) {
		async__error_unref(error);
		settle(future, ASYNC__CANCELLED, NULL);
	} else if (!error) {
		settle(future, ASYNC__DONE, NULL);
	} else {
		settle(future, error->value.code == ASYNC_CANCELLED ? ASYNC__CANCELLED : ASYNC__FAILED, error);
	}
}

async_error async__future_error(const struct async__future *future)
{
	if (future->state == ASYNC__PENDING)
		return async__make_error(ASYNC_INVALID_STATE, "the result is not ready");
	if (async__error_in(future))
		return future->error->value;
	if (future->state == ASYNC__CANCELLED)
		return async__make_error(ASYNC_CANCELLED, NULL);
	return (async_error){ 0 };
}

/* ---- Reaping ---- */

void async__future_free(struct async__future *future)
{
	if (async__error_in(future))
		async__error_unref(future->error);
	if (future->object.kind != ASYNC__FUTURE) {
		async__task_free((struct async__task *)future);
		return;
	}
	async__handle_free(&future->object);
	async__block_free(future, async__is_large(HEAD + (size_t)future->result_size));
}

static void report_unretrieved(struct async__future *future)
{
	bool task = future->object.kind == ASYNC__TASK;
	const char *message = !task ? "Future exception was never retrieved" :
			      future->leftover ? "Unhandled error during shutdown" :
									 "Task exception was never retrieved";

	future->retrieved = true;
	async__report(async__loop_of(&future->object), message, future->error, async__handle_of(&future->object));
}

/* The handler and the destructor are the user's code, which may use the handle. */
void async__last_words(struct async__future *future)
{
	async__destructor *destroy = async__destructor_of(future);

	if (future->state == ASYNC__FAILED && !future->retrieved)
		report_unretrieved(future);
	if (future->state == ASYNC__DONE && !future->used && destroy) {
		future->used = true;
		destroy(async__result_of(future));
	}
}

/* A task that nobody has awaited yet is its parent's while that runs. */
static inline bool unwanted(struct async__future *future)
{
	return future->taken || future->detached || (future->object.kind == ASYNC__TASK && async__task_orphaned((struct async__task *)future));
}

static inline bool reapable(struct async__future *future)
{
	return future->state != ASYNC__PENDING && !(future->holds | future->retains) && unwanted(future);
}

void async__maybe_reap(struct async__future *future)
{
	if (!reapable(future))
		return;
	if (future->state == ASYNC__FAILED || async__destructor_of(future)) {
		future->holds++;
		async__last_words(future);
		future->holds--;
		if (!reapable(future))
			return;
	}
	async__future_free(future);
}

void async__let_go(struct async__future *future)
{
	if (--future->holds == 0)
		async__maybe_reap(future);
}

/* It is the next one to run in this batch; whoever runs the last of a batch asks for it. */
static void call_reaper(async_loop *loop)
{
	if (async__list_empty(loop->batch))
		async__attend(loop);
	else if (!async__linked(&loop->reaper.link))
		async__list_append(loop->batch->next, &loop->reaper.link);
}

void async__let_go_later(struct async__future *future)
{
	async_loop *loop = async__loop_of(&future->object);

	if (future->holds > 1 || future->state == ASYNC__PENDING || future->reaping) {
		async__let_go(future);
		return;
	}
	if (!loop->reaping)
		call_reaper(loop);
	future->reaping = true;
	future->reaped_next = NULL;
	*loop->last_reaped = future;
	loop->last_reaped = &future->reaped_next;
}

void async__reap_entry(struct async__entry *entry)
{
	async__reap_now(async__container_of(entry, async_loop, reaper));
}

void async__reap_now(async_loop *loop)
{
	struct async__future *future;

	async__list_remove(&loop->reaper.link);
	while ((future = loop->reaping)) {
		loop->reaping = future->reaped_next;
		if (!loop->reaping)
			loop->last_reaped = &loop->reaping;
		future->reaping = false;
		async__let_go(future);
	}
}

/* ---- Waiting entries ---- */

void async__unlink(struct async__future *future, struct async__entry *entry)
{
	if (future && future->state == ASYNC__PENDING)
		async__ring_remove(&future->waiters, &entry->link);
	else
		async__list_remove(&entry->link);
}

void async__unwatch(struct async__future *future, struct async__entry *entry)
{
	async__unlink(future, entry);
	async__let_go(future);
}

/* ---- Done callbacks ---- */

struct done_callback {
	struct async__node node;
	struct async__entry entry; /* among the future's waiters */
	struct async__future *future;
	async_done_callback *fn;
	void *arg;
	struct async__local *locals; /* of who added it */
};

static void run_done_callback(struct async__entry *entry)
{
	struct done_callback *callback = async__container_of(entry, struct done_callback, entry);
	struct async__future *future = callback->future;

	struct async__local *before = async__locals_enter(callback->locals);

	callback->fn(async__handle_of(&future->object), callback->arg);
	async__locals_leave(before);
	async__node_free(callback);
	async__let_go(future);
}

int async_add_done_callback(async_handle h, async_done_callback *fn, void *arg)
{
	int err;
	struct async__future *future = async__find_future(h, "async_add_done_callback", &err);
	struct done_callback *callback;

	if (!future)
		return err;
	callback = async__node_new(async__loop_of(&future->object), sizeof *callback);
	if (!callback)
		return ASYNC_NO_MEMORY;
	callback->entry.run = async__runs(run_done_callback);
	callback->future = future;
	callback->fn = fn;
	callback->arg = arg;
	callback->locals = async__locals_current();
	async__watch(future, &callback->entry);
	return 0;
}

size_t async_remove_done_callback(async_handle h, async_done_callback *fn, void *arg)
{
	struct async__future *future = async__find_future(h, "async_remove_done_callback", NULL);
	struct async__link *link, *next, *last;
	size_t n = 0;

	if (!future || future->state != ASYNC__PENDING || !future->waiters)
		return 0;
	last = future->waiters->prev;
	for (link = future->waiters; link; link = next) {
		struct async__entry *entry = async__container_of(link, struct async__entry, link);
		struct done_callback *callback = async__container_of(entry, struct done_callback, entry);

		next = link == last ? NULL : link->next;
		if (entry->run != async__runs(run_done_callback) || callback->fn != fn || callback->arg != arg)
			continue;
		async__unwatch(future, entry);
		async__locals_unref(callback->locals);
		async__node_free(callback);
		n++;
	}
	return n;
}

/* ---- The public calls ---- */

async_handle async__create_future(size_t size)
{
	async_loop *loop = async__need_loop("async_create_future");
	struct async__future *future = loop ? async__future_new(loop, size) : NULL;

	if (future)
		return async__handle_of(&future->object);
	if (loop)
		loop->no_memory = true;
	return NULL;
}

/* The future if it can still be completed by hand; else NULL and *error. */
static struct async__future *unfinished(async_handle h, const char *what, int *error)
{
	struct async__future *future = async__find_future(h, what, error);

	if (!future)
		return NULL;
	*error = ASYNC_INVALID_STATE;
	return future->object.kind == ASYNC__FUTURE && future->state == ASYNC__PENDING ? future : NULL;
}

int async__set_result(async_handle h, const void *value, size_t size)
{
	int err;
	struct async__future *future = unfinished(h, "async_set_result", &err);

	if (!future)
		return err;
	if (size > future->result_size)
		size = future->result_size;
	if (size)
		memcpy(async__result_of(future), value, size);
	async__future_finish(future, NULL);
	return 0;
}

int async_set_done(async_handle h)
{
	int err;
	struct async__future *future = unfinished(h, "async_set_done", &err);

	if (!future)
		return err;
	async__future_finish(future, NULL);
	return 0;
}

int async_set_error(async_handle h, async_error error)
{
	int err;
	struct async__future *future = unfinished(h, "async_set_exception", &err);

	if (!future)
		return err;
	async__future_finish(future, async__error_of(error));
	return 0;
}

int async_set_exception(async_handle h, int code, const char *format, ...)
{
	async_error error = { .code = code };
	va_list args;

	va_start(args, format);
	vsnprintf(error.message, sizeof error.message, format, args);
	va_end(args);
	return async_set_error(h, error);
}

bool async_done(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_done", NULL);

	return !future || future->state != ASYNC__PENDING;
}

bool async_cancelled(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_cancelled", NULL);

	return future && future->state == ASYNC__CANCELLED;
}

async_error async_exception(async_handle h)
{
	int err;
	struct async__future *future = async__find_future(h, "async_exception", &err);

	if (!future)
		return async__make_error(err, NULL);
	if (future->state != ASYNC__PENDING)
		future->retrieved = true;
	return async__future_error(future);
}

/* Something zeroed to point at, for a result that is not there. */
static void *zeroes(size_t size)
{
	static __thread _Alignas(64) char small[1024];
	struct async__node *node;

	if (size <= sizeof small)
		return memset(small, 0, sizeof small);
	node = async__self.loop ? async__node_new(async__self.loop, sizeof *node + size) : NULL;
	if (!node) {
		fputs("asyncc: no memory for a result that is missing\n", stderr);
		abort();
	}
	return memset(node + 1, 0, size);
}

void *async__result(async_handle h, size_t size)
{
	int err = 0;
	struct async__future *future = async__find_future(h, "async_result", &err);
	async_error error;

	if (future && future->state == ASYNC__DONE && size <= async__place_of_result(future).size) {
		future->used = true;
		return async__result_of(future);
	}
	error = future ? async_exception(h) : async__make_error(err, NULL);
	if (!error.code)
		error = async__make_error(ASYNC_INVALID_STATE, "the result has another size");
	async__report_value(async__self.loop, "async_result of a handle that has none", error, h);
	return zeroes(size);
}

int async__set_destructor(struct async__future *future, async__destructor *destroy)
{
	struct async__rare *rare;

	if (future->object.kind == ASYNC__FUTURE) {
		((struct async__own_future *)future)->destroy = destroy;
		return 0;
	}
	rare = async__rare((struct async__task *)future);
	if (!rare)
		return ASYNC_NO_MEMORY;
	rare->destroy = destroy;
	return 0;
}

int async_set_result_destructor(async_handle h, void (*destroy)(void *result))
{
	int err;
	struct async__future *future = async__find_future(h, "async_set_result_destructor", &err);

	if (!future)
		return err;
	return async__set_destructor(future, destroy);
}

void async_retain(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_retain", NULL);

	if (future)
		future->retains++;
}

void async_release(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_release", NULL);

	if (!future || !future->retains)
		return;
	future->retains--;
	async__maybe_reap(future);
}

void async_detach(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_detach", NULL);

	if (!future)
		return;
	future->detached = true;
	async__maybe_reap(future);
}
