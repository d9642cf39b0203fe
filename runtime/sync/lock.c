/* lock.c: async_lock.
 * Completes: a release, which wakes the first waiter; that one takes the lock when it runs.  Owner: the caller; waiters are in their
 * frames.  Cancel: the waiter leaves when its task runs, and passes a wake-up that had come to it on.  Loop's thread. */
#include "waiters.h"

void async_lock_init(async_lock *lock)
{
	*lock = (async_lock){ 0 };
}

void async_lock_finish(async_lock *lock)
{
	if (!lock || async__home_enter_one(&lock->loop, &lock->waiters, "async_lock_finish"))
		return;
	async__waiters_close(&lock->waiters);
	*lock = (async_lock){ 0 };
}

bool async_lock_locked(const async_lock *lock)
{
	return async__home_is_here(&lock->loop, "async_lock_locked") && lock->locked;
}

/* The head of the queue is to run, unless it will anyway. */
static void wake_first(async_lock *lock)
{
	if (lock->waiters.first && lock->waiters.first->state == WAITER_WAITS)
		async__wake_next(&lock->waiters);
}

int async_lock_release(async_lock *lock)
{
	int err = async__home_enter_one(&lock->loop, &lock->waiters, "async_lock_release");

	if (err)
		return err;
	if (!lock->locked)
		return ASYNC_INVALID_STATE;
	lock->locked = false;
	wake_first(lock);
	return 0;
}

static enum async__abort abort_acquire(async_frame *frame)
{
	struct async_lock_acquire__frame *f = (struct async_lock_acquire__frame *)frame;

	return async__waiter_cancel(&f->lock->waiters, &f->waiter);
}

static async_status begin(struct async_lock_acquire__frame *f)
{
	async_lock *lock = f->lock;
	int err = async__home_enter_one(&lock->loop, &lock->waiters, NULL);

	if (err)
		return async__raise(err, "async_lock_acquire: %s", async_error_text(err));
	if (!lock->locked && !lock->waiters.n_live) {
		lock->locked = true;
		return ASYNC_DONE;
	}
	return async__waiter_park(&lock->waiters, &f->waiter, &f->base, &async_lock_acquire__points[1], abort_acquire);
}

static async_status async_lock_acquire__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_lock_acquire__frame *f = (struct async_lock_acquire__frame *)frame;

	if (at->state == 0)
		return begin(f);
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(status, "async_lock");
	async__waiter_remove(&f->lock->waiters, &f->waiter);
	if (status == ASYNC_FAILED) {
		if (!f->lock->locked)
			wake_first(f->lock);
		return ASYNC_FAILED;
	}
	f->lock->locked = true;
	return ASYNC_DONE;
}

const async_point async_lock_acquire__points[] = { POINT(async_lock_acquire, 0), POINT(async_lock_acquire, 1) };
DESCRIBE(async_lock_acquire, .file = "runtime/sync/lock.c");
ENTRY(async_lock_acquire, async_lock, lock)
