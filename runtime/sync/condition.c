/* condition.c: async_condition.
 * Completes: a notification; the wait then takes the lock again, however often it is cancelled meanwhile, and raises the last of those
 * cancellations.  Owner: the caller; the waiter and the frame of the acquire are in the wait's frame.  Cancel: a wait that ends
 * cancelled notifies another in its place, as it may have had a notification.  Loop's thread. */
#include "waiters.h"

void async_condition_init(async_condition *condition, async_lock *lock)
{
	*condition = (async_condition){ .lock = lock };
}

void async_condition_finish(async_condition *condition)
{
	if (!condition || async__home_enter_one(&condition->loop, &condition->waiters, "async_condition_finish"))
		return;
	async__waiters_close(&condition->waiters);
	if (!condition->lock)
		async_lock_finish(&condition->own);
	*condition = (async_condition){ 0 };
}

async_lock *async_condition_lock(async_condition *condition)
{
	return condition->lock ? condition->lock : &condition->own;
}

static void notify(async_condition *condition, size_t n)
{
	while (n-- && async__wake_next(&condition->waiters))
		;
}

int async_condition_notify(async_condition *condition, size_t n)
{
	int err = async__home_enter_one(&condition->loop, &condition->waiters, "async_condition_notify");

	if (err)
		return err;
	if (!async_lock_locked(async_condition_lock(condition)))
		return ASYNC_INVALID_STATE;
	notify(condition, n);
	return 0;
}

int async_condition_notify_all(async_condition *condition)
{
	return async_condition_notify(condition, SIZE_MAX);
}

enum { START, NOTIFIED, ACQUIRED };

static enum async__abort abort_wait(async_frame *frame)
{
	struct async_condition_wait__frame *f = (struct async_condition_wait__frame *)frame;

	return async__waiter_cancel(&f->condition->waiters, &f->waiter);
}

/* Releases the lock and waits, or says why not. */
static async_status begin(struct async_condition_wait__frame *f)
{
	async_condition *condition = f->condition;
	int err = async__home_enter_one(&condition->loop, &condition->waiters, NULL);

	f->cancelled.error = NULL;
	if (!err)
		err = async_lock_release(async_condition_lock(condition));
	if (err)
		return async__raise(err, "async_condition_wait: %s", err == ASYNC_INVALID_STATE ? "the lock is not held" : async_error_text(err));
	return async__waiter_park(&condition->waiters, &f->waiter, &f->base, &async_condition_wait__points[NOTIFIED], abort_wait);
}

static async_status acquire(struct async_condition_wait__frame *f)
{
	f->acquire.lock = async_condition_lock(f->condition);
	f->acquire.base.caller_at = &async_condition_wait__points[ACQUIRED];
	return async__start(&f->acquire.base, async_lock_acquire__points);
}

/* The latest cancellation counts. */
static void keep_error(struct async_condition_wait__frame *f)
{
	async_caught before = f->cancelled;

	(void)async__hold(&f->cancelled);
	async__drop(&before);
}

/* The lock is to be had again, whatever is cancelled meanwhile; only the lock's own end ends that. */
static async_status take_lock(struct async_condition_wait__frame *f, async_status status)
{
	while (status == ASYNC_FAILED) {
		if (async__self.error->value.code != ASYNC_CANCELLED) {
			async__drop(&f->cancelled);
			return ASYNC_FAILED;
		}
		keep_error(f);
		status = acquire(f);
	}
	if (status == ASYNC_SUSPENDED || !f->cancelled.error)
		return status;
	notify(f->condition, 1);
	return async__reraise(&f->cancelled);
}

static async_status async_condition_wait__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_condition_wait__frame *f = (struct async_condition_wait__frame *)frame;

	switch (at->state) {
	case START:
		return begin(f);
	case NOTIFIED:
		if (f->waiter.state == WAITER_CLOSED)
			return async__waiter_closed(status, "async_condition");
		async__waiter_remove(&f->condition->waiters, &f->waiter);
		if (status == ASYNC_FAILED)
			keep_error(f);
		return take_lock(f, acquire(f));
	}
	return take_lock(f, status);
}

const async_point async_condition_wait__points[] = {
	POINT(async_condition_wait, START),
	POINT(async_condition_wait, NOTIFIED),
	ASYNC_POINT_OF(async_condition_wait__async, async_condition_wait__resume, ACQUIRED, NULL, struct async_condition_wait__frame, acquire),
};
DESCRIBE(async_condition_wait, .file = "runtime/sync/condition.c");
ENTRY(async_condition_wait, async_condition, condition)

/* ---- With a predicate ---- */

static async_status async_condition_wait_for__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_condition_wait_for__frame *f = (struct async_condition_wait_for__frame *)frame;

	if (!at->state && !async__home_is_here(&f->condition->loop, NULL))
		return async__raise(ASYNC_WRONG_THREAD, NULL);
	while (status == ASYNC_DONE && !f->predicate(f->arg)) {
		f->wait.condition = f->condition;
		f->wait.base.caller_at = &async_condition_wait_for__points[1];
		status = async__start(&f->wait.base, async_condition_wait__points);
	}
	return status;
}

const async_point async_condition_wait_for__points[] = {
	POINT(async_condition_wait_for, 0),
	ASYNC_POINT_OF(async_condition_wait_for__async, async_condition_wait_for__resume, 1, NULL, struct async_condition_wait_for__frame, wait),
};
DESCRIBE(async_condition_wait_for, .file = "runtime/sync/condition.c");

void async_condition_wait_for(async_condition *condition, async_predicate *predicate, void *arg)
{
	struct async_condition_wait_for__frame *f = async__entry(&async_condition_wait_for__async, (void (*)(void))async_condition_wait_for);

	if (f) {
		f->condition = condition;
		f->predicate = predicate;
		f->arg = arg;
	}
	async__entry_run(f, NULL, 0);
}
