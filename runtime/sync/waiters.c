/* waiters.c: see waiters.h. */
#include "waiters.h"

void async__wake_all(struct async__waiters *list)
{
	while (async__wake_next(list))
		;
}

enum async__abort async__waiter_cancel(struct async__waiters *list, struct async__waiter *waiter)
{
	if (waiter->state == WAITER_WAITS) {
		waiter->state = WAITER_CANCELLED;
		list->n_live--;
	}
	return ASYNC__ABORTED;
}

void async__waiters_close(struct async__waiters *list)
{
	struct async__waiter *waiter, *next;

	async__wake_all(list);
	for (waiter = list->first; waiter; waiter = next) {
		next = waiter->next;
		waiter->prev = waiter->next = NULL;
		waiter->state = WAITER_CLOSED;
	}
	*list = (struct async__waiters){ 0 };
}

async_status async__waiter_closed(const async_frame *frame, const char *what)
{
	if (frame->status == ASYNC_FAILED)
		return ASYNC_FAILED;
	return async__raise(ASYNC_CLOSED, "%s: finished while somebody waited", what);
}

/* ---- Which loop it belongs to ---- */

struct identity {
	struct async__node node;
	struct async__object object;
};

/* A handle that names the loop itself, so that others can tell whether it still exists. */
static async_handle identity_of(async_loop *loop)
{
	struct identity *identity;

	if (loop->identity)
		return loop->identity;
	identity = async__node_new(loop, sizeof *identity);
	if (!identity)
		return NULL;
	if (async__handle_new(loop, &identity->object, ASYNC__LOOP)) {
		async__node_free(identity);
		return NULL;
	}
	return loop->identity = async__handle_of(&identity->object);
}

static int bind_to_this_loop(async_handle *bound, async_handle before)
{
	async_loop *loop = async__self.loop;
	async_handle mine = loop ? identity_of(loop) : NULL;

	if (loop && !mine)
		return ASYNC_NO_MEMORY;
	if (__atomic_compare_exchange_n(bound, &before, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return 0;
	return ASYNC_WRONG_THREAD;
}

int async__sync_enter_slowly(async_handle *bound, const char *what, bool *orphaned)
{
	async_handle before = __atomic_load_n(bound, __ATOMIC_RELAXED);
	int err = 0;

	*orphaned = false;
	if (before && async__handle_find(before, what, &err))
		return 0;
	if (err == ASYNC_WRONG_THREAD)
		return err;
	*orphaned = before != NULL;
	return bind_to_this_loop(bound, before);
}
