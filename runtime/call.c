/* call.c: callbacks: soon, later, and never mind.
 * An async_call is a handle like any other, to an object that the loop owns until it has run.  Each call runs at most once; it is
 * gone before its function is entered.  Loop's thread. */
#include "runtime.h"

#include <errno.h>

struct call {
	struct async__node node;     /* in loop->calls */
	struct async__object object;
	struct async_timer timer;    /* its entry waits for the deadline, or in the ready queue right away */
	async_callback *fn;
	void *arg;
	struct async__local *locals; /* of who made the call */
};

static void free_call(struct call *call)
{
	async__locals_unref(call->locals);
	async__handle_free(&call->object);
	async__node_free(call);
}

static void run_call(struct async__entry *entry)
{
	struct call *call = async__container_of(entry, struct call, timer.entry);
	async_callback *fn = call->fn;
	void *arg = call->arg;
	struct async__local *before = async__locals_enter(call->locals);

	call->locals = NULL;
	free_call(call);
	fn(arg);
	async__locals_leave(before);
}

static struct call *new_call(async_loop *loop, async_callback *fn, void *arg)
{
	struct call *call = async__alloc(sizeof *call);

	if (!call)
		return NULL;
	if (async__handle_new(loop, &call->object, ASYNC__CALL)) {
		async__free(call);
		return NULL;
	}
	async__list_append(&loop->calls, &call->node.listed);
	async__timer_init(&call->timer, run_call);
	call->fn = fn;
	call->arg = arg;
	call->locals = async__locals_current();
	return call;
}

static async_call id_of(const struct call *call)
{
	return (async_call)(uintptr_t)async__handle_of(&call->object);
}

async_call async_call_soon(async_callback *fn, void *arg)
{
	async_loop *loop = async__need_loop("async_call_soon");
	struct call *call = loop ? new_call(loop, fn, arg) : NULL;

	if (!call)
		return 0;
	async__soon(loop, &call->timer.entry);
	return id_of(call);
}

static async_call call_at(async_loop *loop, int64_t when, async_callback *fn, void *arg)
{
	struct call *call = new_call(loop, fn, arg);

	if (!call)
		return 0;
	async__timer_start(loop, &call->timer, when);
	return id_of(call);
}

async_call async_call_at(int64_t when, async_callback *fn, void *arg)
{
	async_loop *loop = async__need_loop("async_call_at");

	return loop ? call_at(loop, when, fn, arg) : 0;
}

async_call async_call_later(double delay, async_callback *fn, void *arg)
{
	async_loop *loop = async__need_loop("async_call_later");

	if (!loop)
		return 0;
	if (delay != delay) {
		async__report_value(loop, "async_call_later", async__make_error(EINVAL, "the delay is not a number"), NULL);
		return 0;
	}
	return call_at(loop, async__deadline(loop, delay), fn, arg);
}

bool async_cancel_call(async_call id)
{
	struct async__object *object = async__handle_find((async_handle)(uintptr_t)id, "async_cancel_call", NULL);
	struct call *call;

	if (!object || object->kind != ASYNC__CALL)
		return false;
	call = async__container_of(object, struct call, object);
	async__timer_stop(async__loop_of(object), &call->timer);
	free_call(call);
	return true;
}
