/* future_test.c: futures and done callbacks.  Numbers: README.md. */
#include "play.h"

static async_handle future;

static void set_int(async_handle f, int value)
{
	CHECK(async__set_result(f, &value, sizeof value) == 0);
}

SCRIPT(states)
{
	static int x;

	BEGIN;
	future = async__create_future(sizeof(int));
	CHECK(!async_done(future) && async_exception(future).code == ASYNC_INVALID_STATE);
	set_int(future, 5);
	CHECK(async_done(future) && !async_cancelled(future) && !async_cancel(future));
	CHECK(async_exception(future).code == 0);
	CHECK(*(int *)async__result(future, sizeof(int)) == 5);
	x = 6;
	CHECK(async__set_result(future, &x, sizeof x) == ASYNC_INVALID_STATE);
	CHECK(async_set_exception(future, ASYNC_ERROR, "late") == ASYNC_INVALID_STATE);
	AWAIT(future, &x);
	CHECK(x == 5);
	CHECK(async__set_result(future, &x, sizeof x) == ASYNC_STALE);
	END;
}

TEST(semantics_33_34_35_a_future_is_set_once)
{
	PLAY_SIM(states);
}

SCRIPT(pending_result)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	future = async__create_future(sizeof(int));
	CHECK(*(int *)async__result(future, sizeof(int)) == 0);
	CHECK(((char *)async__result(NULL, 5000))[4999] == 0);
	CHECK_SEEN("[async_result of a handle that has none: the result is not ready] [async_result of a handle that has none: stale handle]");
	END;
}

TEST(semantics_33_the_result_of_a_pending_future_is_an_error_and_zeroes)
{
	PLAY_SIM(pending_result);
}

SCRIPT(cancels)
{
	BEGIN;
	future = async__create_future(0);
	CHECK(async_cancel_with(future, "why") && !async_cancel(future) && async_cancelled(future));
	CHECK(!strcmp(async_exception(future).message, "why"));
	AWAIT_NOTE("f", future);
	CHECK_SEEN("f:why");
	END;
}

TEST(semantics_36_37_a_future_is_cancelled_once_with_a_message)
{
	PLAY_SIM(cancels);
}

SCRIPT(callbacks)
{
	BEGIN;
	future = async__create_future(0);
	async_retain(future);
	async_add_done_callback(future, note_done, (void *)"a");
	async_add_done_callback(future, note_done, (void *)"b");
	async_add_done_callback(future, note_done, (void *)"a");
	async_add_done_callback(future, note_done, (void *)"c");
	CHECK(async_remove_done_callback(future, note_done, (void *)"zzz") == 0);
	async_set_done(future);
	CHECK_SEEN("");
	async_call_soon(note_call, (void *)"soon");
	async_add_done_callback(future, note_done, (void *)"d");
	CHECK_SEEN("");
	YIELD;
	CHECK_SEEN("a b a c soon d");
	async_release(future);
	future = async__create_future(0);
	async_add_done_callback(future, note_done, (void *)"x");
	async_add_done_callback(future, note_done, (void *)"y");
	CHECK(async_remove_done_callback(future, note_done, (void *)"x") == 1);
	async_cancel(future);
	AWAIT_ERROR(future, ASYNC_CANCELLED);
	YIELD;
	CHECK_SEEN("y");
	END;
}

TEST(semantics_39_40_41_callbacks_run_soon_and_in_order)
{
	PLAY_SIM(callbacks);
}

static void look(async_handle h, void *arg)
{
	(void)arg;
	note("%d", *(int *)async__result(h, sizeof(int)));
}

SCRIPT(awaiter)
{
	static int n;
	int x;

	BEGIN;
	AWAIT_STATUS(future, &n, sizeof n);
	x = n;
	note("got %d", x);
	END;
}

SCRIPT(all_waiters)
{
	static async_handle a, b;

	BEGIN;
	future = async__create_future(sizeof(int));
	a = START(awaiter);
	b = START(awaiter);
	YIELD;
	async_add_done_callback(future, look, NULL);
	set_int(future, 7);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	CHECK_SEEN("got 7 got 7 7");
	CHECK(async_set_done(future) == ASYNC_STALE);
	END;
}

TEST(all_who_wait_get_the_result_and_the_last_reaps)
{
	PLAY_SIM(all_waiters);
}

SCRIPT(unseen)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	future = async__create_future(0);
	async_set_exception(future, ASYNC_ERROR, "lost");
	async_detach(future);
	CHECK_SEEN("[Future exception was never retrieved: lost]");
	future = async__create_future(0);
	async_set_exception(future, ASYNC_ERROR, "seen");
	async_exception(future);
	async_detach(future);
	future = async__create_future(0);
	async_set_exception(future, ASYNC_ERROR, "cancelled afterwards");
	async_cancel(future);
	async_detach(future);
	future = async__create_future(0);
	async_set_done(future);
	async__create_future(0); /* abandoned */
	CHECK_SEEN("");
	future = async__create_future(0);
	async_set_exception(future, ASYNC_ERROR, "until the end");
	END;
}

TEST(semantics_43_44_45_an_error_nobody_saw_is_reported_once)
{
	PLAY_SIM(unseen);
	CHECK_SEEN("[Future exception was never retrieved: until the end]");
}

static void destroy(void *result)
{
	note("destroyed %d", *(int *)result);
}

SCRIPT(destructors)
{
	static int x;

	BEGIN;
	future = async__create_future(sizeof(int));
	async_set_result_destructor(future, destroy);
	set_int(future, 1);
	AWAIT(future, &x);
	future = async__create_future(sizeof(int));
	async_set_result_destructor(future, destroy);
	set_int(future, 2);
	async_detach(future);
	future = async__create_future(sizeof(int));
	async_set_result_destructor(future, destroy);
	set_int(future, 3);
	END;
}

TEST(a_result_that_nobody_takes_meets_its_destructor)
{
	PLAY_SIM(destructors);
	CHECK_SEEN("destroyed 2 destroyed 3");
}

static void release_in_handler(const async_error_context *context, void *arg)
{
	(void)arg;
	note("[%s]", context->error.message);
	async_retain(context->handle);
	async_release(context->handle);
	async_detach(context->handle);
}

SCRIPT(meddling)
{
	BEGIN;
	async_set_exception_handler(release_in_handler, NULL);
	future = async__create_future(0);
	async_set_exception(future, ASYNC_ERROR, "x");
	async_detach(future);
	CHECK_SEEN("[x]");
	CHECK(async_exception(future).code == ASYNC_STALE);
	future = async__create_future(0);
	async_set_exception(future, ASYNC_ERROR, "y");
	END;
}

TEST(a_handler_may_use_the_handle_it_is_told_about)
{
	PLAY_SIM(meddling);
	CHECK_SEEN("[y]");
}

/* ---- Awaiters cancelled in the turn the future was set: the value stays ---- */

SCRIPT(cancelled_awaiter)
{
	static int x;

	BEGIN;
	AWAIT_STATUS(future, &x, sizeof x);
	CHECK(self->status == ASYNC_FAILED && take_error().code == ASYNC_CANCELLED);
	END;
}

SCRIPT(set_then_cancel)
{
	static async_handle t;
	static int x;

	BEGIN;
	future = async__create_future(sizeof(int));
	t = START(cancelled_awaiter);
	YIELD;
	set_int(future, 9);
	async_cancel(t);
	AWAIT_VOID(t);
	AWAIT(future, &x);
	CHECK(x == 9);
	END;
}

TEST(semantics_1_17_done_then_cancel_is_cancelled_and_the_value_stays_readable)
{
	PLAY_SIM(set_then_cancel);
}
