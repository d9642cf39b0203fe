/* cancel_test.c: cancelling.  Numbers: README.md. */
#include "play.h"

SCRIPT(sleeper)
{
	BEGIN;
	note("begin");
	AWAIT_PROPAGATE(nap(10));
	note("end");
	END;
}

SCRIPT(swallower)
{
	BEGIN;
	AWAIT_NOTE("first", nap(10));
	AWAIT_NOTE("second", nap(10));
	END;
}

SCRIPT(never_starts)
{
	static async_handle t;

	BEGIN;
	t = START(sleeper);
	CHECK(async_cancel_with(t, "no need"));
	CHECK(async_cancel_with(t, "really"));
	CHECK(async_cancelling(t) == 2);
	AWAIT_NOTE("t", t);
	CHECK_SEEN(QUEUED_OR_EAGER("t:really", "begin t:really")); /* 72: after an eager step it is cancelled where it stands */
	CHECK(!async_cancel(t));
	END;
}

TEST(semantics_75_cancelled_before_its_first_step_the_body_never_runs)
{
	PLAY_SIM(never_starts);
}

SCRIPT(waiting)
{
	static async_handle t;

	BEGIN;
	t = START(sleeper);
	YIELD;
	CHECK(async_cancel(t) && !async_done(t));
	AWAIT_ERROR(t, ASYNC_CANCELLED);
	CHECK(sim_seconds() == 0);
	CHECK_SEEN("begin");
	END;
}

TEST(semantics_74_76_87_a_sleeping_task_is_cancelled_and_its_timer_gone)
{
	PLAY_SIM(waiting);
}

SCRIPT(swallowing)
{
	static async_handle t;

	BEGIN;
	t = START(swallower);
	async_retain(t);
	YIELD;
	CHECK(async_cancel(t));
	AWAIT_VOID(t);
	CHECK_SEEN("first:cancelled second:ok");
	CHECK(!async_cancelled(t) && sim_seconds() == 10);
	async_release(t);
	END;
}

TEST(semantics_80_81_a_task_may_swallow_its_cancellation)
{
	PLAY_SIM(swallowing);
}

static async_handle future;

SCRIPT(future_awaiter)
{
	BEGIN;
	AWAIT_PROPAGATE(future);
	END;
}

SCRIPT(cancels_future)
{
	static async_handle t;

	BEGIN;
	future = async__create_future(0);
	async_retain(future);
	t = START(future_awaiter);
	YIELD;
	CHECK(async_cancel(t));
	CHECK(async_cancelled(future)); /* at once */
	CHECK(!async_done(t));
	AWAIT_ERROR(t, ASYNC_CANCELLED);
	CHECK(async_set_done(future) == ASYNC_INVALID_STATE);
	async_release(future);
	CHECK(async_set_done(future) == ASYNC_STALE);
	END;
}

TEST(semantics_76_the_awaited_future_is_cancelled_at_once)
{
	PLAY_SIM(cancels_future);
}

SCRIPT(inner_first)
{
	static async_handle t;

	BEGIN;
	future = async__create_future(0);
	t = START(future_awaiter);
	YIELD;
	async_cancel(future);
	AWAIT_ERROR(t, ASYNC_CANCELLED);
	END;
}

TEST(semantics_79_a_cancelled_future_ends_its_awaiter_as_cancelled)
{
	PLAY_SIM(inner_first);
}

SCRIPT(self_then_return)
{
	BEGIN;
	async_cancel(async_current_task());
	END;
}

SCRIPT(self_then_raise)
{
	BEGIN;
	async_cancel(async_current_task());
	RAISE(ASYNC_ERROR, "mine");
	END;
}

SCRIPT(self_then_await)
{
	static async_handle done, inner;

	BEGIN;
	done = async__create_future(0);
	async_set_done(done);
	async_cancel(async_current_task());
	AWAIT_NOTE("done", done);
	inner = START(sleeper);
	AWAIT_NOTE("inner", inner);
	AWAIT_NOTE("after", nap(1));
	END;
}

SCRIPT(self_cancel)
{
	BEGIN;
	AWAIT_ERROR(START(self_then_return), ASYNC_CANCELLED);
	AWAIT_NOTE("raise", START(self_then_raise));
	AWAIT_NOTE("await", START(self_then_await));
	CHECK_SEEN(QUEUED_OR_EAGER("raise:mine done:ok inner:cancelled after:ok await:ok", "raise:mine done:ok begin inner:cancelled after:ok await:ok"));
	END;
}

TEST(semantics_77_78_a_task_that_cancels_itself)
{
	PLAY_SIM(self_cancel);
}

SCRIPT(outer)
{
	BEGIN;
	AWAIT_NOTE("inner", START(sleeper));
	return async__raise(ASYNC_CANCELLED, "passed on");
	END;
}

SCRIPT(passes_on)
{
	static async_handle t;

	BEGIN;
	t = START(outer);
	SLEEP(1);
	async_cancel(t);
	AWAIT_NOTE("outer", t);
	CHECK_SEEN("begin inner:cancelled outer:passed on");
	END;
}

TEST(semantics_82_cancellation_goes_from_the_outer_to_the_inner_task_and_back)
{
	PLAY_SIM(passes_on);
}

SCRIPT(counts)
{
	static async_handle t;

	BEGIN;
	t = START(swallower);
	YIELD;
	CHECK(async_cancel(t) && async_cancel(t));
	CHECK(async_cancelling(t) == 2);
	CHECK(async_uncancel(t) == 1 && async_uncancel(t) == 0 && async_uncancel(t) == 0);
	AWAIT_VOID(t);
	CHECK_SEEN("first:cancelled second:ok");
	CHECK(async_cancelling(t) == 0 && async_uncancel(t) == 0);
	END;
}

TEST(semantics_83_84_two_requests_are_delivered_once)
{
	PLAY_SIM(counts);
}

SCRIPT(taken_back)
{
	static async_handle t;

	BEGIN;
	t = START(sleeper);
	async_cancel(t);
	CHECK(async_uncancel(t) == 0);
	AWAIT_NOTE("t", t);
	CHECK_SEEN(QUEUED_OR_EAGER("begin end t:ok", "begin t:cancelled")); /* eager: its sleep was cancelled at once */
	END;
}

TEST(semantics_85_uncancel_clears_a_cancellation_not_delivered)
{
	PLAY_SIM(taken_back);
}

SCRIPT(yielding)
{
	BEGIN;
	AWAIT_NOTE("yield", nap(0));
	AWAIT_NOTE("sleep", nap(1));
	END;
}

SCRIPT(in_a_yield)
{
	static async_handle t;

	BEGIN;
	t = START(yielding);
	YIELD;
	async_cancel(t);
	AWAIT_VOID(t);
	CHECK_SEEN(QUEUED_OR_EAGER("yield:cancelled sleep:ok", "yield:ok sleep:cancelled")); /* eager: it yielded a turn ago */
	END;
}

TEST(a_bare_yield_is_cancelled_when_it_ends)
{
	PLAY_SIM(in_a_yield);
}

static async_handle circle[3];

SCRIPT(forever)
{
	BEGIN;
	AWAIT_PROPAGATE(nap(1e6));
	END;
}

SCRIPT(next_of_0)
{
	BEGIN;
	YIELD; /* until all of them exist */
	AWAIT_PROPAGATE(circle[1]);
	END;
}

SCRIPT(next_of_1)
{
	BEGIN;
	YIELD; /* until all of them exist */
	AWAIT_PROPAGATE(circle[2]);
	END;
}

SCRIPT(next_of_2)
{
	BEGIN;
	YIELD; /* until all of them exist */
	AWAIT_PROPAGATE(circle[0]);
	END;
}


SCRIPT(breaks_circle)
{
	BEGIN;
	circle[0] = START(next_of_0);
	circle[1] = START(next_of_1);
	circle[2] = START(next_of_2);
	SLEEP(1);
	async_cancel(circle[1]);
	AWAIT_ERROR(circle[0], ASYNC_CANCELLED);
	END;
}

TEST(tasks_that_wait_for_each_other_in_a_circle_can_be_cancelled)
{
	PLAY_SIM(breaks_circle);
}

SCRIPT(gatherer)
{
	BEGIN;
	YIELD;
	AWAIT_PROPAGATE(gather(&circle[1], 1));
	END;
}

SCRIPT(breaks_gather_circle)
{
	BEGIN;
	circle[0] = START(gatherer);
	circle[1] = START(next_of_2); /* awaits circle[0] */
	SLEEP(1);
	async_cancel(circle[0]);
	AWAIT_ERROR(circle[0], ASYNC_CANCELLED);
	END;
}

SCRIPT(gathers_0_and_1)
{
	static async_handle both[2];

	BEGIN;
	YIELD;
	both[0] = circle[0];
	both[1] = circle[1];
	AWAIT_PROPAGATE(gather(both, 2));
	END;
}

SCRIPT(gathers_2_twice)
{
	static async_handle both[2];

	BEGIN;
	YIELD;
	both[0] = both[1] = circle[2];
	AWAIT_PROPAGATE(gather(both, 2));
	END;
}

SCRIPT(breaks_circle_of_gathers)
{
	static int i;

	BEGIN;
	for (i = 0; i < 3; i++) {
		circle[0] = START(forever);
		circle[1] = START(gathers_2_twice);
		circle[2] = START(gathers_0_and_1);
		SLEEP(1);
		async_cancel(circle[i ? i : 1]);
		AWAIT_ERROR(circle[1], ASYNC_CANCELLED);
		AWAIT_ERROR(circle[2], ASYNC_CANCELLED);
		AWAIT_ERROR(circle[0], ASYNC_CANCELLED);
	}
	END;
}

TEST(a_circle_of_gathers_can_be_cancelled)
{
	PLAY_SIM(breaks_circle_of_gathers);
}

TEST(a_circle_through_a_gather_can_be_cancelled)
{
	PLAY_SIM(breaks_gather_circle);
}

/* A leaf that cannot let go, and one that will end cancelled by itself. */
struct leaf_frame {
	async_frame base;
	struct async__task *task;
	bool later;
};

static struct leaf_frame *the_leaf;

static enum async__abort abort_leaf(async_frame *frame)
{
	note("asked");
	return ((struct leaf_frame *)frame)->later ? ASYNC__LATER : ASYNC__REFUSED;
}

static async_status leaf__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct leaf_frame *f = (struct leaf_frame *)frame;

	if (at->state) {
		if (f->later)
			return async__raise(ASYNC_CANCELLED, "at last");
		return status;
	}
	f->task = async__self.task;
	the_leaf = f;
	return async__park(frame, &at[1], abort_leaf);
}

static const async_function leaf__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct leaf_frame), .frame_align = 8,
					    .points = ASYNC_POINTS(leaf__async, leaf__resume, NULL), .name = "leaf", .file = __FILE__ };

static async_handle leaf(bool later)
{
	struct leaf_frame *f = async__new_task(&leaf__async);

	f->later = later;
	return async__start_task(f);
}

SCRIPT(pinned)
{
	static async_handle t;
	static int later;

	BEGIN;
	for (later = 0; later < 2; later++) {
		t = leaf(later);
		YIELD;
		CHECK(async_cancel(t));
		SLEEP(1);
		CHECK(!async_done(t)); /* its frame is pinned */
		async__wake(the_leaf->task);
		AWAIT_NOTE("leaf", t);
	}
	CHECK_SEEN("asked leaf:cancelled asked leaf:at last");
	END;
}

TEST(an_operation_that_cannot_be_cancelled_pins_its_frame)
{
	PLAY_SIM(pinned);
}

SCRIPT(million)
{
	static int i;
	static async_handle t;

	BEGIN;
	future = async__create_future(0);
	async_retain(future);
	for (i = 0; i < 100000; i++) {
		t = START(future_awaiter);
		async_detach(t);
	}
	YIELD;
	CHECK(async_all_tasks(NULL, 0) == 100001);
	async_cancel(future);
	YIELD;
	CHECK(async_all_tasks(NULL, 0) == 1);
	async_release(future);
	END;
}

TEST(a_hundred_thousand_tasks_cancelled_at_once)
{
	PLAY_SIM(million);
}

static async_handle chain_next;

SCRIPT(link_of_chain)
{
	BEGIN;
	AWAIT_PROPAGATE(chain_next);
	END;
}

SCRIPT(chain)
{
	static int i;
	static async_handle t;

	BEGIN;
	chain_next = start_sleep(1e6);
	for (i = 0; i < 20000; i++) {
		t = START(link_of_chain);
		YIELD;
		chain_next = t;
	}
	async_cancel(chain_next);
	AWAIT_ERROR(chain_next, ASYNC_CANCELLED);
	END;
}

TEST(a_long_chain_of_tasks_is_cancelled_without_recursion)
{
	PLAY_SIM(chain);
}
