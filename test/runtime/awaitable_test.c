/* awaitable_test.c: a user's own awaitable objects.  Numbers: README.md. */
#include "play.h"

struct ticket {
	async_awaitable_t awaitable;
	async_handle waits;
	bool given;
};

static async_status step(async_awaitable_t *self, void *result)
{
	struct ticket *ticket = (struct ticket *)(void *)self;

	(void)result;
	if (ticket->given)
		return ASYNC_DONE;
	ticket->waits = async_current_task();
	return ASYNC_SUSPENDED;
}

static void let_go(async_awaitable_t *self)
{
	note("cancel%d", ((struct ticket *)(void *)self)->given);
}

static struct ticket ticket = { { step, let_go }, NULL, false };

SCRIPT(waiter)
{
	BEGIN;
	STAND(1);
	self->status = async__await_object(frame, HERE, &ticket.awaitable, NULL);
	if (self->status == ASYNC_SUSPENDED)
		return ASYNC_SUSPENDED;
	__attribute__((fallthrough));
case 1:
	if (self->status == ASYNC_FAILED)
		return ASYNC_FAILED;
	note("got it");
	END;
}

SCRIPT(playing)
{
	static async_handle t;

	BEGIN;
	t = START(waiter);
	YIELD;
	CHECK(async_cancel(t));
	AWAIT_ERROR(t, ASYNC_CANCELLED);
	CHECK_SEEN("cancel0");
	t = START(waiter);
	YIELD;
	ticket.given = true;
	async_wake(ticket.waits);
	CHECK(async_cancel(t)); /* what it was woken for has to go to somebody else */
	AWAIT_ERROR(t, ASYNC_CANCELLED);
	CHECK_SEEN("cancel1");
	END;
}

TEST(an_object_hears_of_a_cancellation_also_after_it_woke_its_task)
{
	PLAY_SIM(playing);
}

static async_status step_wakes_and_ends(async_awaitable_t *self, void *result)
{
	(void)self;
	(void)result;
	async_wake_soon();
	return ASYNC_DONE;
}

SCRIPT(sleeping_after_it)
{
	static async_awaitable_t hasty = { step_wakes_and_ends, NULL };
	static int64_t began;

	BEGIN;
	began = async_time();
	CHECK(async__await_object(frame, HERE, &hasty, NULL) == ASYNC_DONE);
	SLEEP(1);
	CHECK(async_time() - began >= 1000000000);
	CHECK(async__await_object(frame, HERE, &hasty, NULL) == ASYNC_DONE);
	AWAIT_VOID(START(waiter));
	CHECK_SEEN("got it");
	END;
}

TEST(a_wake_up_by_a_step_that_did_not_suspend_ends_no_later_wait)
{
	ticket.given = true;
	PLAY_SIM(sleeping_after_it);
}

/* ---- A step that wakes its own task before it answers ---- */

enum how { BY_ITSELF, BY_HANDLE, FROM_WITHIN, FROM_BELOW, CANCELLED };

struct self_waker {
	async_awaitable_t awaitable;
	enum how how;
	bool second;
};

static async_handle host;
static async_status at_once(async_awaitable_t *self, void *result)
{
	(void)self;
	(void)result;
	return ASYNC_DONE;
}

SCRIPT(wakes_its_host)
{
	BEGIN;
	async_wake(host);
	END;
}

/* Whose own object's step is to forget nothing of its host's. */
SCRIPT(awaits_another)
{
	static async_awaitable_t another = { at_once, NULL };

	BEGIN;
	CHECK(async__await_object(frame, HERE, &another, NULL) == ASYNC_DONE);
	END;
}

static void start_now(const async_function *function)
{
	async_detach(async__start_task_eager(async__new_task(function)));
}

static async_status wake_oneself(async_awaitable_t *self, void *result)
{
	struct self_waker *waker = (struct self_waker *)(void *)self;

	(void)result;
	note("step%d", waker->how);
	if (waker->second)
		return ASYNC_DONE;
	waker->second = true;
	host = async_current_task();
	switch (waker->how) {
	case BY_ITSELF: async_wake_soon(); break;
	case BY_HANDLE: async_wake(host); break;
	case FROM_WITHIN: start_now(&wakes_its_host__async); break;
	case FROM_BELOW: async_wake_soon(); start_now(&awaits_another__async); break;
	case CANCELLED: async_cancel(host); break;
	}
	return ASYNC_SUSPENDED;
}

static void let_go_of_waker(async_awaitable_t *self)
{
	note("let go of %d", ((struct self_waker *)(void *)self)->how);
}

static struct self_waker waker = { .how = BY_ITSELF };

SCRIPT(awaits_waker)
{
	BEGIN;
	STAND(1);
	self->status = ASYNC_DONE;
	/* fall through */
	case 1:
	if (self->status != ASYNC_FAILED)
		self->status = async__await_object(frame, HERE, &waker.awaitable, NULL);
	if (self->status == ASYNC_FAILED)
		return ASYNC_FAILED;
	if (self->status == ASYNC_SUSPENDED)
		return ASYNC_SUSPENDED;
	END;
}

static async_handle awaiting(enum how how)
{
	waker = (struct self_waker){ { wake_oneself, let_go_of_waker }, how, false };
	return async__start_task(async__new_task(&awaits_waker__async));
}

SCRIPT(waking_oneself)
{
	BEGIN;
	AWAIT_VOID(awaiting(BY_ITSELF));
	CHECK_SEEN("step0 step0");
	AWAIT_VOID(awaiting(BY_HANDLE));
	CHECK_SEEN("step1 step1");
	AWAIT_VOID(awaiting(FROM_WITHIN));
	CHECK_SEEN("step2 step2");
	AWAIT_VOID(awaiting(FROM_BELOW));
	CHECK_SEEN("step3 step3");
	AWAIT_ERROR(awaiting(CANCELLED), ASYNC_CANCELLED);
	CHECK_SEEN("step4 let go of 4");
	END;
}

TEST(a_step_may_wake_its_own_task_before_it_answers)
{
	PLAY_SIM(waking_oneself);
}
