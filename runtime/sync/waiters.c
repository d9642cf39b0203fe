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

async_status async__waiter_closed(async_status status, const char *what)
{
	if (status == ASYNC_FAILED)
		return ASYNC_FAILED;
	return async__raise(ASYNC_CLOSED, "%s: finished while somebody waited", what);
}
