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
	self->base.state = 1;
	self->base.status = async__await_object(frame, &ticket.awaitable, NULL);
	if (self->base.status == ASYNC_SUSPENDED)
		return ASYNC_SUSPENDED;
	__attribute__((fallthrough));
case 1:
	if (self->base.status == ASYNC_FAILED)
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
	CHECK(async__await_object(frame, &hasty, NULL) == ASYNC_DONE);
	SLEEP(1);
	CHECK(async_time() - began >= 1000000000);
	CHECK(async__await_object(frame, &hasty, NULL) == ASYNC_DONE);
	AWAIT_VOID(START(waiter));
	CHECK_SEEN("got it");
	END;
}

TEST(a_wake_up_by_a_step_that_did_not_suspend_ends_no_later_wait)
{
	ticket.given = true;
	PLAY_SIM(sleeping_after_it);
}
