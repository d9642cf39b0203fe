/* semaphore.c: async_semaphore.
 * Completes: a release, which hands its unit to the first waiter.  Owner: the caller; waiters are in their frames.  Cancel: a waiter
 * that had been handed a unit gives it back, to the next.  Loop's thread. */
#include "waiters.h"

#include <errno.h>

void async_semaphore_init(async_semaphore *semaphore, size_t value)
{
	*semaphore = (async_semaphore){ .value = value };
}

void async_semaphore_init_bounded(async_semaphore *semaphore, size_t value)
{
	*semaphore = (async_semaphore){ .value = value, .bound = value + 1 };
}

void async_semaphore_finish(async_semaphore *semaphore)
{
	if (!semaphore || async__home_enter_one(&semaphore->loop, &semaphore->waiters, "async_semaphore_finish"))
		return;
	async__waiters_close(&semaphore->waiters);
	*semaphore = (async_semaphore){ 0 };
}

static bool would_wait(const async_semaphore *semaphore)
{
	return !semaphore->value || semaphore->waiters.n_live;
}

bool async_semaphore_locked(const async_semaphore *semaphore)
{
	return async__home_is_here(&semaphore->loop, "async_semaphore_locked") && would_wait(semaphore);
}

static void hand_out(async_semaphore *semaphore)
{
	while (semaphore->value && async__wake_next(&semaphore->waiters))
		semaphore->value--;
}

int async_semaphore_release(async_semaphore *semaphore)
{
	int err = async__home_enter_one(&semaphore->loop, &semaphore->waiters, "async_semaphore_release");

	if (err)
		return err;
	if (semaphore->value + 1 == semaphore->bound) /* without a bound: more than a size_t holds */
		return EINVAL;
	semaphore->value++;
	if (async__wake_next(&semaphore->waiters))
		semaphore->value--;
	return 0;
}

static enum async__abort abort_acquire(async_frame *frame)
{
	struct async_semaphore_acquire__frame *f = (struct async_semaphore_acquire__frame *)frame;

	return async__waiter_cancel(&f->semaphore->waiters, &f->waiter);
}

static async_status begin(struct async_semaphore_acquire__frame *f)
{
	async_semaphore *semaphore = f->semaphore;
	int err = async__home_enter_one(&semaphore->loop, &semaphore->waiters, NULL);

	if (err)
		return async__raise(err, "async_semaphore_acquire: %s", async_error_text(err));
	if (!would_wait(semaphore)) {
		semaphore->value--;
		return ASYNC_DONE;
	}
	return async__waiter_park(&semaphore->waiters, &f->waiter, &f->base, &async_semaphore_acquire__points[1], abort_acquire);
}

static async_status async_semaphore_acquire__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_semaphore_acquire__frame *f = (struct async_semaphore_acquire__frame *)frame;

	if (at->state == 0)
		return begin(f);
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(status, "async_semaphore");
	async__waiter_remove(&f->semaphore->waiters, &f->waiter);
	if (status == ASYNC_FAILED && f->waiter.state == WAITER_WOKEN)
		f->semaphore->value++;
	hand_out(f->semaphore);
	return status;
}

const async_point async_semaphore_acquire__points[] = { POINT(async_semaphore_acquire, 0), POINT(async_semaphore_acquire, 1) };
DESCRIBE(async_semaphore_acquire, .file = "runtime/sync/semaphore.c");
ENTRY(async_semaphore_acquire, async_semaphore, semaphore)
