/* barrier.c: async_barrier.
 * Rounds: tasks come in while it is FILLING; the last of them lets all leave (DRAINING), and who comes meanwhile is blocked until the
 * last has left.  Completes: that last one's coming, a reset or an abort.  Owner: the caller; waiters are in their frames.  Cancel: the
 * task just leaves.  Loop's thread. */
#include "waiters.h"

#include <errno.h>

enum { FILLING, DRAINING, RESETTING, BROKEN };
enum { START, BLOCKED, INSIDE };

ASYNC__RESULT_SHARES(struct async_barrier_wait__frame, barrier);

void async_barrier_init(async_barrier *barrier, size_t parties)
{
	*barrier = (async_barrier){ .parties = parties };
}

static int enter(async_barrier *barrier, const char *what)
{
	bool orphaned;
	int err = async__home_enter(&barrier->loop, what, &orphaned);

	if (orphaned)
		*barrier = (async_barrier){ .loop = barrier->loop, .parties = barrier->parties, .state = barrier->state == BROKEN ? BROKEN : FILLING };
	return err;
}

void async_barrier_finish(async_barrier *barrier)
{
	if (!barrier || enter(barrier, "async_barrier_finish"))
		return;
	async__waiters_close(&barrier->waiters);
	async__waiters_close(&barrier->blocked);
	*barrier = (async_barrier){ 0 };
}

static void wake_everybody(async_barrier *barrier)
{
	async__wake_all(&barrier->waiters);
	async__wake_all(&barrier->blocked);
}

int async_barrier_reset(async_barrier *barrier)
{
	int err = enter(barrier, "async_barrier_reset");

	if (err)
		return err;
	barrier->state = barrier->count ? RESETTING : FILLING;
	wake_everybody(barrier);
	return 0;
}

int async_barrier_abort(async_barrier *barrier)
{
	int err = enter(barrier, "async_barrier_abort");

	if (err)
		return err;
	barrier->state = BROKEN;
	wake_everybody(barrier);
	return 0;
}

bool async_barrier_broken(const async_barrier *barrier)
{
	return async__home_is_here(&barrier->loop, "async_barrier_broken") && barrier->state == BROKEN;
}

size_t async_barrier_n_waiting(const async_barrier *barrier)
{
	if (!async__home_is_here(&barrier->loop, "async_barrier_n_waiting"))
		return 0;
	return barrier->state == FILLING ? barrier->count : 0;
}

static enum async__abort abort_wait(async_frame *frame)
{
	struct async_barrier_wait__frame *f = (struct async_barrier_wait__frame *)frame;
	async_barrier *barrier = f->barrier;

	return async__waiter_cancel(f->waiter.task->at->state == BLOCKED ? &barrier->blocked : &barrier->waiters, &f->waiter);
}

static async_status wait_in(struct async_barrier_wait__frame *f, struct async__waiters *list, uint32_t state)
{
	return async__waiter_park(list, &f->waiter, &f->base, &async_barrier_wait__points[state], abort_wait);
}

static async_status leave(struct async_barrier_wait__frame *f, async_status status)
{
	async_barrier *barrier = f->barrier;

	f->result = f->place;
	if (--barrier->count)
		return status;
	if (barrier->state != BROKEN)
		barrier->state = FILLING;
	wake_everybody(barrier);
	return status;
}

static async_status come_in(struct async_barrier_wait__frame *f)
{
	async_barrier *barrier = f->barrier;

	if (barrier->state == DRAINING || barrier->state == RESETTING)
		return wait_in(f, &barrier->blocked, BLOCKED);
	if (barrier->state == BROKEN)
		return async__raise(ASYNC_BROKEN_BARRIER, "the barrier was aborted");
	f->place = barrier->count++;
	if (barrier->count < barrier->parties)
		return wait_in(f, &barrier->waiters, INSIDE);
	barrier->state = DRAINING;
	async__wake_all(&barrier->waiters);
	return leave(f, ASYNC_DONE);
}

static async_status go_out(struct async_barrier_wait__frame *f, async_status status)
{
	async_barrier *barrier = f->barrier;

	if (status == ASYNC_DONE && (barrier->state == BROKEN || barrier->state == RESETTING))
		status = async__raise(ASYNC_BROKEN_BARRIER, "the barrier was %s", barrier->state == BROKEN ? "aborted" : "reset");
	return leave(f, status);
}

static async_status async_barrier_wait__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_barrier_wait__frame *f = (struct async_barrier_wait__frame *)frame;
	async_barrier *barrier = f->barrier;
	int err;

	if (at->state != START && f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(status, "async_barrier");
	switch (at->state) {
	case START:
		err = enter(barrier, NULL);
		if (!err && !barrier->parties)
			err = EINVAL;
		return err ? async__raise(err, "async_barrier_wait: %s", async_error_text(err)) : come_in(f);
	case BLOCKED:
		async__waiter_remove(&barrier->blocked, &f->waiter);
		return status == ASYNC_FAILED ? ASYNC_FAILED : come_in(f);
	}
	async__waiter_remove(&barrier->waiters, &f->waiter);
	return go_out(f, status);
}

const async_point async_barrier_wait__points[] = {
	POINT(async_barrier_wait, START),
	POINT(async_barrier_wait, BLOCKED),
	POINT(async_barrier_wait, INSIDE),
};
DESCRIBE(async_barrier_wait, .file = "runtime/sync/barrier.c", .result_offset = offsetof(struct async_barrier_wait__frame, result),
	 .result_size = sizeof(size_t));

size_t async_barrier_wait(async_barrier *barrier)
{
	struct async_barrier_wait__frame *f = async__entry(&async_barrier_wait__async, (void (*)(void))async_barrier_wait);
	size_t result = 0;

	if (f)
		f->barrier = barrier;
	async__entry_run(f, &result, sizeof result);
	return result;
}
