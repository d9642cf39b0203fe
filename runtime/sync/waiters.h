/* waiters.h: what runtime/sync shares: lists of waiting tasks, and which loop a primitive belongs to.
 * A waiter is in its task's frame and stays in the list until the task runs again, as asyncio's futures do: who was woken but not
 * yet run still counts.  Loop's thread. */
#ifndef WAITERS_H
#define WAITERS_H

#include "runtime.h"

enum {
	WAITER_WAITS,
	WAITER_WOKEN,
	WAITER_CANCELLED,
	WAITER_CLOSED /* the list is gone */
};

/* The current task's waiter at the end of the list. */
static inline void async__waiter_add(struct async__waiters *list, struct async__waiter *waiter)
{
	waiter->prev = list->last;
	waiter->next = NULL;
	waiter->task = async__self.task;
	waiter->state = WAITER_WAITS;
	if (__builtin_expect(list->last != NULL, 0))
		list->last->next = waiter;
	else
		list->first = waiter;
	list->last = waiter;
	if (__builtin_expect(!list->next, 1))
		list->next = waiter;
	list->n_live++;
}
/* The same, and the task waits from now on: as async__park. */
static inline async_status async__waiter_park(struct async__waiters *list, struct async__waiter *waiter, async_frame *leaf,
					      const async_point *at, enum async__abort (*abort)(async_frame *leaf))
{
	struct async__task *task = async__self.task;

	async__waiter_add(list, waiter);
	task->future.waits = ASYNC__LEAF;
	task->abort = abort;
	return async__park_as_set(task, leaf, at);
}
/* One that is in no list is fine. */
static inline void async__waiter_remove(struct async__waiters *list, struct async__waiter *waiter)
{
	if (__builtin_expect(waiter->prev != NULL, 0))
		waiter->prev->next = waiter->next;
	else if (__builtin_expect(list->first == waiter, 1))
		list->first = waiter->next;
	else
		return;
	if (__builtin_expect(waiter->next != NULL, 0))
		waiter->next->prev = waiter->prev;
	else
		list->last = waiter->prev;
	if (__builtin_expect(list->next == waiter, 0))
		list->next = waiter->next;
	if (__builtin_expect(waiter->state != WAITER_CANCELLED, 1))
		list->n_live--;
	waiter->prev = waiter->next = NULL;
}
/* Wakes the first that waits; false if none does. */
static inline bool async__wake_next(struct async__waiters *list)
{
	struct async__waiter *waiter;

	while ((waiter = list->next)) {
		list->next = waiter->next;
		if (__builtin_expect(waiter->state != WAITER_WAITS, 0))
			continue;
		waiter->state = WAITER_WOKEN;
		async__wake(waiter->task);
		return true;
	}
	return false;
}
void async__wake_all(struct async__waiters *list);
/* For the leaf's abort hook. */
enum async__abort async__waiter_cancel(struct async__waiters *list, struct async__waiter *waiter);
/* Wakes all, for good: they find WAITER_CLOSED. */
void async__waiters_close(struct async__waiters *list);

/* How a wait ended whose waiter was closed: its own cancellation, or ASYNC_CLOSED raised. */
async_status async__waiter_closed(async_status status, const char *what);

/* async__home_enter for what has one list. */
static inline int async__home_enter_one(async_handle *loop, struct async__waiters *list, const char *what)
{
	bool orphaned;
	int err = async__home_enter(loop, what, &orphaned);

	if (orphaned)
		*list = (struct async__waiters){ 0 };
	return err;
}

/* A point of a library function whose descriptor is one of these: */
#define POINT(NAME, STATE) ASYNC_POINT(NAME##__async, NAME##__resume, STATE, NULL)
/* Descriptor of a library function whose frame is struct NAME__frame, and whose points are NAME__points. */
#define DESCRIBE(NAME, ...)                                           \
	const async_function NAME##__async = {                        \
		.abi = ASYNC_ABI_VERSION,                             \
		.frame_size = sizeof(struct NAME##__frame),           \
		.frame_align = _Alignof(struct NAME##__frame),        \
		.points = NAME##__points,                             \
		.name = #NAME,                                        \
		__VA_ARGS__                                           \
	}

/* The blocking entry of one that takes a single pointer. */
#define ENTRY(NAME, TYPE, PARAMETER)                                                                       \
	void NAME(TYPE *PARAMETER)                                                                         \
	{                                                                                                  \
		struct NAME##__frame *async__f = async__entry(&NAME##__async, (void (*)(void))NAME);       \
                                                                                                           \
		if (async__f)                                                                              \
			async__f->PARAMETER = PARAMETER;                                                   \
		async__entry_run(async__f, NULL, 0);                                                       \
	}

#endif
