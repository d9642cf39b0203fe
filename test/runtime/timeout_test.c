/* timeout_test.c: wait_for and timeout scopes.  Numbers: README.md. */
#include "play.h"

#include <errno.h>

/* What generated code makes of a scope: TIMEOUT_BEGIN ... TIMEOUT_END; status is in self->status. */
#define STATUS (self->status)
#define END_SCOPE(scope) (STATUS = async__timeout_end(&(scope), STATUS))
#define NOTE_STATUS(name) note("%s:%s", (name), STATUS == ASYNC_DONE ? "ok" : take_error().message)

static struct async__scope scope, inner, outer;
static async_handle future;

SCRIPT(no_limit)
{
	BEGIN;
	CHECK(async__timeout_begin(&scope, ASYNC_FOREVER));
	AWAIT_STATUS(nap(1000), NULL, 0);
	CHECK(END_SCOPE(scope) == ASYNC_DONE);
	CHECK(async__timeout_begin(&scope, 5));
	AWAIT_STATUS(nap(1), NULL, 0);
	CHECK(END_SCOPE(scope) == ASYNC_DONE && async__timer_next(async__self.loop) == INT64_MAX);
	CHECK(!async__timeout_begin(&scope, __builtin_nan("")));
	STATUS = ASYNC_FAILED;
	END_SCOPE(scope);
	CHECK(take_error().code == EINVAL);
	END;
}

TEST(semantics_111_117_what_ends_in_time_is_left_alone)
{
	PLAY_SIM(no_limit);
}

SCRIPT(slow_cleanup)
{
	BEGIN;
	AWAIT_NOTE("work", nap(100));
	AWAIT_PROPAGATE(nap(2));
	return async__raise(ASYNC_CANCELLED, NULL);
	END;
}

SCRIPT(swallows)
{
	BEGIN;
	AWAIT_NOTE("work", nap(100));
	END;
}

SCRIPT(raises)
{
	BEGIN;
	AWAIT_NOTE("work", nap(100));
	RAISE(ASYNC_ERROR, "other");
	END;
}

SCRIPT(expiry)
{
	static async_handle t;

	BEGIN;
	t = START(slow_cleanup);
	async__timeout_begin(&scope, 1);
	AWAIT_STATUS(t, NULL, 0);
	END_SCOPE(scope);
	CHECK(sim_seconds() == 3); /* its end was waited for */
	NOTE_STATUS("a");
	CHECK_SEEN("work:cancelled a:timed out");
	CHECK(async_cancelling(async_current_task()) == 0);
	async__timeout_begin(&scope, 1);
	AWAIT_STATUS(CORO(swallows), NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("b");
	async__timeout_begin(&scope, 1);
	AWAIT_STATUS(CORO(raises), NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("c");
	CHECK_SEEN("work:cancelled b:ok work:cancelled c:other");
	END;
}

TEST(semantics_112_114_115_expiry_cancels_and_waits)
{
	PLAY_SIM(expiry);
}

SCRIPT(no_time)
{
	static async_handle t;
	static int x;

	BEGIN;
	CHECK(!async__timeout_begin(&scope, 0));
	STATUS = ASYNC_FAILED;
	END_SCOPE(scope);
	NOTE_STATUS("coroutine");
	future = async__create_future(sizeof(int));
	x = 4;
	async__set_result(future, &x, sizeof x);
	async__timeout_begin_handle(&scope, 0, future);
	x = 0;
	AWAIT_STATUS(future, &x, sizeof x);
	END_SCOPE(scope);
	NOTE_STATUS("done");
	CHECK(x == 4);
	t = START(slow_cleanup);
	YIELD;
	async__timeout_begin_handle(&scope, -1, t);
	AWAIT_STATUS(t, NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("running");
	t = CORO(swallows);
	async__timeout_begin_handle(&scope, 0, t);
	AWAIT_STATUS(t, NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("value");
	CHECK_SEEN("coroutine:timed out done:ok work:cancelled running:timed out value:timed out");
	CHECK(async_cancelling(async_current_task()) == 0);
	END;
}

TEST(semantics_113_no_time_at_all)
{
	PLAY_SIM(no_time);
}

SCRIPT(limited)
{
	static struct async__scope mine;

	BEGIN;
	async__timeout_begin(&mine, 5);
	AWAIT_STATUS(START(slow_cleanup), NULL, 0);
	END_SCOPE(mine);
	NOTE_STATUS("limited");
	END;
}

SCRIPT(cancel_outside)
{
	static async_handle t;

	BEGIN;
	t = START(limited);
	SLEEP(1);
	async_cancel(t);
	AWAIT_VOID(t);
	CHECK(sim_seconds() == 3);
	CHECK_SEEN("work:cancelled limited:cancelled");
	t = START(limited);
	SLEEP(6);
	async_cancel(t); /* while it cleans up after the expiry */
	AWAIT_VOID(t);
	CHECK_SEEN("work:cancelled limited:cancelled");
	END;
}

TEST(semantics_116_126_a_foreign_cancellation_stays_one)
{
	PLAY_SIM(cancel_outside);
}

SCRIPT(nested)
{
	BEGIN;
	async__timeout_begin(&outer, 1);
	async__timeout_begin(&inner, 1);
	AWAIT_STATUS(nap(10), NULL, 0);
	END_SCOPE(inner);
	CHECK(self->status == ASYNC_FAILED && async__self.error->value.code == ASYNC_CANCELLED);
	END_SCOPE(outer);
	NOTE_STATUS("outer");
	async__timeout_begin(&outer, 2);
	async__timeout_begin(&inner, 1);
	AWAIT_STATUS(nap(10), NULL, 0);
	END_SCOPE(inner);
	NOTE_STATUS("inner");
	AWAIT_STATUS(nap(10), NULL, 0);
	END_SCOPE(outer);
	NOTE_STATUS("outer");
	CHECK_SEEN("outer:timed out inner:timed out outer:timed out");
	CHECK(sim_seconds() == 3);
	END;
}

TEST(semantics_122_123_nested_scopes)
{
	PLAY_SIM(nested);
}

SCRIPT(zero_block)
{
	BEGIN;
	async__timeout_block_begin(&scope, 0);
	STATUS = ASYNC_DONE;
	CHECK(END_SCOPE(scope) == ASYNC_DONE);
	YIELD;
	async__timeout_block_begin(&scope, -1);
	AWAIT_STATUS(nap(0), NULL, 0);
	if (STATUS == ASYNC_DONE)
		AWAIT_STATUS(nap(1), NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("block");
	CHECK_SEEN("block:timed out");
	CHECK(sim_seconds() == 0);
	END;
}

TEST(semantics_124_a_block_without_time_fires_at_its_first_suspension)
{
	PLAY_SIM(zero_block);
}

SCRIPT(foreign_error)
{
	BEGIN;
	async__timeout_block_begin(&scope, 1);
	STATUS = async__raise(ASYNC_ERROR, "mine");
	END_SCOPE(scope);
	NOTE_STATUS("before");
	async__timeout_block_begin(&scope, 1);
	AWAIT_STATUS(nap(2), NULL, 0);
	take_error();
	STATUS = async__raise(ASYNC_ERROR, "mine");
	END_SCOPE(scope);
	NOTE_STATUS("after");
	CHECK_SEEN("before:mine after:mine");
	CHECK(async_cancelling(async_current_task()) == 0);
	END;
}

TEST(semantics_125_an_error_of_the_body_wins)
{
	PLAY_SIM(foreign_error);
}

static void set_future(void *arg)
{
	async__set_result(future, &arg, sizeof arg);
}

SCRIPT(photo_finish)
{
	static long x;

	BEGIN;
	future = async__create_future(sizeof(long));
	async_call_later(1, set_future, (void *)5);
	async__timeout_begin(&scope, 1);
	AWAIT_STATUS(future, &x, sizeof x);
	END_SCOPE(scope);
	NOTE_STATUS("done first");
	CHECK(x == 5);
	future = async__create_future(sizeof(long));
	async__timeout_begin(&scope, 1);
	async_call_later(1, set_future, (void *)6);
	AWAIT_STATUS(future, &x, sizeof x);
	END_SCOPE(scope);
	NOTE_STATUS("expired first");
	future = async__create_future(sizeof(long));
	async_call_later(1, set_future, (void *)7);
	async__timeout_block_begin(&scope, 1);
	AWAIT_STATUS(future, &x, sizeof x);
	CHECK(STATUS == ASYNC_DONE);
	AWAIT_STATUS(nap(5), NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("what follows");
	CHECK_SEEN("done first:ok expired first:timed out what follows:timed out");
	CHECK(sim_seconds() == 3);
	END;
}

TEST(semantics_1_17_a_completion_that_precedes_the_expiry_wins)
{
	PLAY_SIM(photo_finish);
}

SCRIPT(shielded)
{
	static async_handle t;

	BEGIN;
	t = START(swallows);
	async__timeout_begin(&scope, 1);
	AWAIT_STATUS(async__shield(t), NULL, 0);
	END_SCOPE(scope);
	NOTE_STATUS("shield");
	CHECK_SEEN("shield:timed out");
	CHECK(!async_done(t));
	AWAIT_VOID(t);
	CHECK_SEEN("work:ok");
	END;
}

TEST(semantics_119_expiry_cancels_only_the_shield)
{
	PLAY_SIM(shielded);
}

SCRIPT(as_tasks)
{
	static async_handle h[2];
	static long x;

	BEGIN;
	future = async__create_future(sizeof(long));
	h[0] = async__wait_for_handle(future, 2, sizeof(long));
	async_call_later(1, set_future, (void *)9);
	AWAIT(h[0], &x);
	CHECK(x == 9);
	h[0] = async__wait_for_handle(START(swallows), 2, 0);
	AWAIT_VOID(h[0]);
	h[0] = async__wait_for_handle(async__create_future(0), 2, 0);
	h[1] = async__wait_for_handle(nap(1), 2, 0);
	AWAIT_NOTE("0", h[0]);
	AWAIT_NOTE("1", h[1]);
	CHECK_SEEN("work:cancelled 0:timed out 1:ok");
	END;
}

TEST(wait_for_as_a_task_of_its_own)
{
	PLAY_SIM(as_tasks);
}
