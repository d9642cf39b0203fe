/* gather_test.c: gather, wait, shield.  Numbers: README.md. */
#include "play.h"

#include <errno.h>

struct delayed_frame {
	async_frame base;
	int result;
	double seconds;
	int value;
	struct async_sleep__frame sleep;
};

/* value after so many seconds; a negative value is an error instead. */
static async_status delayed__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct delayed_frame *f = (struct delayed_frame *)frame;

	if (at->state == 0) {
		f->sleep.seconds = f->seconds;
		f->sleep.base.caller_at = &at[1];
		status = async__start(&f->sleep.base, async_sleep__points);
		if (status == ASYNC_SUSPENDED)
			return ASYNC_SUSPENDED;
	}
	if (status == ASYNC_FAILED)
		return ASYNC_FAILED;
	if (f->value < 0)
		return async__raise(ASYNC_ERROR, "failed %d", f->value);
	f->result = f->value;
	return ASYNC_DONE;
}

static const async_function delayed__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct delayed_frame), .frame_align = 8,
					       .result_offset = offsetof(struct delayed_frame, result), .result_size = sizeof(int),
					       .points = (const async_point[]) {
						       ASYNC_POINT(delayed__async, delayed__resume, 0, NULL),
						       ASYNC_POINT_OF(delayed__async, delayed__resume, 1, NULL, struct delayed_frame, sleep) },
					       .name = "delayed", .file = __FILE__ };

static async_handle delayed(double seconds, int value)
{
	struct delayed_frame *f = async__new_task(&delayed__async);

	f->seconds = seconds;
	f->value = value;
	return async__start_task(f);
}

static async_handle h[4];

SCRIPT(success)
{
	static int i, r[3];

	BEGIN;
	h[0] = delayed(3, 10);
	h[1] = delayed(1, 20);
	h[2] = delayed(2, 30);
	AWAIT_VOID(gather(h, 3));
	CHECK(sim_seconds() == 3);
	for (i = 0; i < 3; i++)
		async__gather_take(h[i], &r[i], sizeof r[i]);
	CHECK(r[0] == 10 && r[1] == 20 && r[2] == 30);
	CHECK(async_exception(h[0]).code == ASYNC_STALE);
	AWAIT_VOID(gather(NULL, 0));
	END;
}

TEST(semantics_90_91_gather_waits_for_all)
{
	PLAY_SIM(success);
}

SCRIPT(first_error)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	h[0] = delayed(3, 1);
	h[1] = delayed(1, -1);
	h[2] = delayed(2, -2);
	AWAIT_NOTE("gather", gather(h, 3));
	CHECK(sim_seconds() == 1 && !async_done(h[0]) && !async_done(h[2]));
	async__gather_abandon(h, 3);
	SLEEP(5);
	CHECK_SEEN("gather:failed -1"); /* the other error is nobody's */
	CHECK(async_exception(h[0]).code == ASYNC_STALE);
	END;
}

TEST(semantics_92_the_first_error_ends_gather_and_the_others_go_on)
{
	PLAY_SIM(first_error);
}

SCRIPT(gathers) { BEGIN; AWAIT_NOTE("gather", gather(h, 3)); END; }

SCRIPT(broadcast)
{
	static async_handle g;

	BEGIN;
	h[0] = delayed(1, 1);
	h[1] = delayed(5, 2);
	h[2] = delayed(6, 3);
	g = START(gathers);
	SLEEP(2);
	CHECK(async_cancel(g));
	AWAIT_VOID(g);
	CHECK(async_done(h[0]) && !async_cancelled(h[0]) && async_cancelled(h[1]) && async_cancelled(h[2]));
	CHECK_SEEN("gather:cancelled");
	CHECK(sim_seconds() == 2);
	END;
}

TEST(semantics_95_cancelling_gather_cancels_its_children)
{
	PLAY_SIM(broadcast);
}

static void cancel(void *h)
{
	async_cancel(h);
}

SCRIPT(one_cancelled)
{
	BEGIN;
	h[0] = delayed(1, 1);
	h[1] = delayed(5, 2);
	h[2] = h[0]; /* twice the same */
	async_call_later(0.5, cancel, h[1]);
	AWAIT_NOTE("gather", gather(h, 3));
	CHECK_SEEN("gather:cancelled");
	CHECK(!async_done(h[0]));
	AWAIT_VOID(gather(&h[2], 1));
	END;
}

TEST(semantics_94_98_a_cancelled_child_and_one_named_twice)
{
	PLAY_SIM(one_cancelled);
}

SCRIPT(of_coroutines)
{
	static int r;

	BEGIN;
	h[0] = nap(1);
	h[1] = nap(2);
	AWAIT_VOID(gather(h, 2));
	CHECK(sim_seconds() == 2);
	AWAIT_ERROR(gather(h + 3, 1), ASYNC_STALE);
	h[0] = async_current_task();
	AWAIT_ERROR(gather(h, 1), ASYNC_INVALID_STATE);
	h[0] = delayed(1, 5);
	h[1] = h[2] = NULL;
	AWAIT_VOID(START(gathers));
	CHECK_SEEN("gather:gather: stale handle");
	AWAIT(h[0], &r);
	CHECK(r == 5);
	END;
}

TEST(gather_starts_coroutines_and_refuses_what_it_cannot_await)
{
	PLAY_SIM(of_coroutines);
}

static int got;

SCRIPT(other_awaiter) { BEGIN; AWAIT(h[0], &got); END; }

SCRIPT(also_awaited)
{
	static async_handle t;
	static int r;

	BEGIN;
	h[0] = delayed(1, 7);
	t = START(other_awaiter);
	YIELD;
	AWAIT_VOID(gather(h, 1));
	async__gather_take(h[0], &r, sizeof r);
	CHECK(r == 7);
	AWAIT_VOID(t);
	CHECK(got == 7);
	END;
}

TEST(a_child_that_somebody_else_awaits_as_well)
{
	PLAY_SIM(also_awaited);
}

/* ---- wait ---- */

SCRIPT(all)
{
	static size_t n;
	static async_handle a, b, c;

	BEGIN;
	h[0] = a = delayed(3, 1);
	h[1] = b = delayed(1, -1);
	h[2] = c = delayed(2, 3);
	AWAIT(wait_for_some(h, 3, ASYNC_ALL_COMPLETED, 1.5), &n);
	CHECK(n == 1 && sim_seconds() == 1.5 && h[0] == b && h[1] == a && h[2] == c);
	AWAIT(wait_for_some(h, 3, ASYNC_ALL_COMPLETED, ASYNC_FOREVER), &n);
	CHECK(n == 3 && sim_seconds() == 3 && h[0] == b && h[1] == a);
	AWAIT(wait_for_some(h, 3, ASYNC_ALL_COMPLETED, ASYNC_FOREVER), &n);
	CHECK(n == 3);
	CHECK(async_exception(b).code == ASYNC_ERROR);
	END;
}

TEST(semantics_100_103_104_wait_for_all_or_until_the_timeout)
{
	PLAY_SIM(all);
}

SCRIPT(first)
{
	static size_t n;
	static async_handle a, b, c;

	BEGIN;
	a = h[0] = delayed(2, 1);
	b = h[1] = delayed(1, 2);
	c = h[2] = delayed(1, 3);
	AWAIT(wait_for_some(h, 3, ASYNC_FIRST_COMPLETED, ASYNC_FOREVER), &n);
	CHECK(n == 2 && h[0] == b && h[1] == c && h[2] == a); /* all done by then */
	h[0] = a;
	h[1] = delayed(5, 1);
	h[2] = delayed(3, -1);
	AWAIT(wait_for_some(h, 3, ASYNC_FIRST_EXCEPTION, ASYNC_FOREVER), &n);
	CHECK(n == 2 && sim_seconds() == 4);
	END;
}

TEST(semantics_101_102_wait_for_the_first)
{
	PLAY_SIM(first);
}

SCRIPT(waits)
{
	static size_t n;

	BEGIN;
	AWAIT_STATUS(wait_for_some(h, 2, ASYNC_ALL_COMPLETED, ASYNC_FOREVER), &n, sizeof n);
	note("%s", self->status == ASYNC_FAILED ? take_error().message : "ok");
	END;
}

SCRIPT(wait_cancelled)
{
	static async_handle w;

	BEGIN;
	h[0] = delayed(5, 1);
	h[1] = delayed(6, 1);
	w = START(waits);
	SLEEP(1);
	async_cancel(w);
	AWAIT_VOID(w);
	CHECK_SEEN("cancelled");
	CHECK(!async_done(h[0]) && !async_done(h[1]));
	AWAIT_ERROR(wait_for_some(h, 0, ASYNC_ALL_COMPLETED, 1), EINVAL);
	AWAIT_ERROR(wait_for_some(h, 2, (enum async_return_when)9, 1), EINVAL);
	h[1] = nap(1);
	AWAIT_ERROR(wait_for_some(h, 2, ASYNC_ALL_COMPLETED, 1), EINVAL);
	AWAIT_VOID(h[1]);
	AWAIT_VOID(wait_for_some(h + 1, 1, ASYNC_ALL_COMPLETED, 100)); /* a stale one counts as done */
	CHECK(sim_seconds() == 2);
	END;
}

TEST(semantics_105_106_wait_cancels_nobody_and_checks_its_arguments)
{
	PLAY_SIM(wait_cancelled);
}

/* ---- shield ---- */

SCRIPT(shields)
{
	static int r;

	BEGIN;
	AWAIT_STATUS(async__shield(h[0]), &r, sizeof r);
	if (self->status == ASYNC_DONE)
		note("%d", r);
	else
		note("%s", take_error().message);
	END;
}

SCRIPT(shielded)
{
	static async_handle s;

	BEGIN;
	async_set_exception_handler(note_error, NULL);
	h[0] = delayed(1, 5);
	AWAIT_VOID(START(shields));
	CHECK_SEEN("5");
	CHECK(async_exception(h[0]).code == ASYNC_STALE);
	h[0] = delayed(1, -5);
	AWAIT_VOID(START(shields));
	CHECK_SEEN("failed -5");
	h[0] = delayed(5, 6);
	s = START(shields);
	SLEEP(1);
	async_cancel(h[0]);
	AWAIT_VOID(s);
	CHECK_SEEN("cancelled");
	h[0] = delayed(5, 7);
	s = START(shields);
	SLEEP(1);
	async_cancel(s);
	AWAIT_VOID(s);
	CHECK_SEEN("cancelled");
	CHECK(!async_done(h[0]));
	SLEEP(10);
	CHECK(async_done(h[0]) && async_exception(h[0]).code == 0);
	CHECK(async__shield(h[0]) == h[0]);
	CHECK_SEEN("");
	END;
}

TEST(semantics_129_130_133_a_shield_takes_the_cancellation_on_itself)
{
	PLAY_SIM(shielded);
}

SCRIPT(late_error)
{
	static async_handle s, t;

	BEGIN;
	async_set_exception_handler(note_error, NULL);
	h[0] = delayed(5, -1);
	s = START(shields);
	t = START(shields);
	SLEEP(1);
	async_cancel(s);
	async_cancel(t);
	AWAIT_VOID(s);
	AWAIT_VOID(t);
	SLEEP(10);
	CHECK_SEEN("cancelled cancelled [Error in shielded future: failed -1]");
	END;
}

TEST(semantics_131_an_error_behind_a_cancelled_shield_is_reported_once)
{
	PLAY_SIM(late_error);
	CHECK_SEEN("");
}

SCRIPT(tried_again)
{
	static async_handle s, t;

	BEGIN;
	async_set_exception_handler(note_error, NULL);
	h[0] = delayed(5, -1);
	s = START(shields);
	SLEEP(1);
	async_cancel(s);
	AWAIT_VOID(s);
	t = START(shields);
	AWAIT_VOID(t);
	SLEEP(10);
	CHECK_SEEN("cancelled failed -1");
	END;
}

TEST(an_error_behind_a_cancelled_shield_is_not_reported_if_another_one_gets_it)
{
	PLAY_SIM(tried_again);
	CHECK_SEEN("");
}

SCRIPT(shield_of_gather)
{
	static async_handle g, s;

	BEGIN;
	h[0] = delayed(1, 1);
	h[1] = delayed(2, 2);
	g = async__start_handle(gather(h, 2));
	s = async__shield(g);
	async_cancel(s);
	AWAIT_ERROR(s, ASYNC_CANCELLED);
	AWAIT_VOID(g);
	CHECK(sim_seconds() == 2);
	END;
}

TEST(semantics_132_a_shielded_gather_keeps_its_children)
{
	PLAY_SIM(shield_of_gather);
}
