/* event.c: async_event.
 * Completes: async_event_set, for all who wait then.  Owner: the caller; waiters are in their frames.  Cancel: the waiter leaves when
 * its task runs.  Loop's thread. */
#include "waiters.h"

void async_event_init(async_event *event)
{
	*event = (async_event){ 0 };
}

void async_event_finish(async_event *event)
{
	if (!event || async__home_enter_one(&event->loop, &event->waiters, "async_event_finish"))
		return;
	async__waiters_close(&event->waiters);
	*event = (async_event){ 0 };
}

bool async_event_is_set(const async_event *event)
{
	return async__home_is_here(&event->loop, "async_event_is_set") && event->is_set;
}

int async_event_set(async_event *event)
{
	int err = async__home_enter_one(&event->loop, &event->waiters, "async_event_set");

	if (err || event->is_set)
		return err;
	event->is_set = true;
	async__wake_all(&event->waiters);
	return 0;
}

int async_event_clear(async_event *event)
{
	int err = async__home_enter_one(&event->loop, &event->waiters, "async_event_clear");

	if (!err)
		event->is_set = false;
	return err;
}

static enum async__abort abort_wait(async_frame *frame)
{
	struct async_event_wait__frame *f = (struct async_event_wait__frame *)frame;

	return async__waiter_cancel(&f->event->waiters, &f->waiter);
}

static async_status async_event_wait__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_event_wait__frame *f = (struct async_event_wait__frame *)frame;
	int err;

	if (at->state == 1) {
		if (f->waiter.state == WAITER_CLOSED)
			return async__waiter_closed(status, "async_event");
		async__waiter_remove(&f->event->waiters, &f->waiter);
		return status;
	}
	err = async__home_enter_one(&f->event->loop, &f->event->waiters, NULL);
	if (err)
		return async__raise(err, "async_event_wait: %s", async_error_text(err));
	if (f->event->is_set)
		return ASYNC_DONE;
	return async__waiter_park(&f->event->waiters, &f->waiter, frame, &async_event_wait__points[1], abort_wait);
}

const async_point async_event_wait__points[] = { POINT(async_event_wait, 0), POINT(async_event_wait, 1) };
DESCRIBE(async_event_wait, .file = "runtime/sync/event.c");
ENTRY(async_event_wait, async_event, event)
