/* task_test.c: making, naming, finding and ending tasks and coroutine values.  Numbers: README.md. */
#include "play.h"

/* A task with an int result. */
struct value_frame {
	async_frame base;
	int result;
	int value;
};

static async_status value__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct value_frame *f = (struct value_frame *)frame;

	(void)at;
	f->result = f->value * 2;
	return status;
}

static const async_function value__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct value_frame), .frame_align = 8,
					     .result_offset = offsetof(struct value_frame, result), .result_size = sizeof(int),
					     .points = ASYNC_POINTS(value__async, value__resume, NULL), .name = "value", .file = __FILE__ };

static void *value(int v)
{
	struct value_frame *f = async__new_task(&value__async);

	f->value = v;
	return f;
}

SCRIPT(noting)
{
	BEGIN;
	note("body");
	YIELD;
	note("end");
	END;
}

SCRIPT(forever)
{
	BEGIN;
	AWAIT_PROPAGATE(nap(1e6));
	END;
}

SCRIPT(creating)
{
	static async_handle t;

	BEGIN;
	t = START(noting);
	note("created");
	YIELD;
	note("yielded");
	AWAIT_VOID(t);
	CHECK_SEEN(QUEUED_OR_EAGER("created body yielded end", "body created end yielded"));
	CHECK(async_done(t)); /* stale counts as done */
	END;
}

TEST(semantics_52_a_task_does_not_run_before_its_creator_yields)
{
	PLAY_SIM(creating);
}

SCRIPT(results)
{
	static int x;

	BEGIN;
	AWAIT(async__start_task(value(21)), &x);
	CHECK(x == 42);
	AWAIT(async__keep_coroutine(value(4)), &x);
	CHECK(x == 8);
	CHECK(async_all_tasks(NULL, 0) == 1);
	END;
}

TEST(semantics_1_an_await_of_a_coroutine_makes_no_task)
{
	PLAY_SIM(results);
}

SCRIPT(twice)
{
	static async_handle c, t;
	static int x;

	BEGIN;
	c = CORO(noting);
	t = async__start_handle(c);
	CHECK(t == c && async__start_handle(c) == c); /* it is a task now */
	AWAIT_VOID(c);
	AWAIT_ERROR(c, ASYNC_STALE);
	AWAIT_ERROR(NULL, ASYNC_STALE);
	c = async__keep_coroutine(value(1));
	AWAIT(c, &x);
	AWAIT_ERROR(c, ASYNC_STALE);
	END;
}

TEST(a_handle_is_stale_once_it_was_awaited)
{
	PLAY_SIM(twice);
}

static async_handle shared;

/* What a task has left behind in its block is no business of the next one's. */
SCRIPT(generations)
{
	enum { ROUNDS = 200, AT_ONCE = 50 };
	static async_handle old[ROUNDS], many[AT_ONCE];
	static int i, v;

	BEGIN;
	for (i = 0; i < ROUNDS; i++) {
		old[i] = async__start_task(value(i));
		async_set_name(old[i], "of the one before");
		if (i % 3 == 0)
			async_cancel(old[i]);
		AWAIT_STATUS(old[i], &v, sizeof v);
		if (self->status == ASYNC_FAILED)
			CHECK(i % 3 == 0 && take_error().code == ASYNC_CANCELLED);
		else
			CHECK(v == 2 * i);
	}
	for (i = 0; i < AT_ONCE; i++) {
		many[i] = async__start_task(value(i));
		CHECK(strcmp(async_get_name(many[i]), "of the one before") != 0 && async_cancelling(many[i]) == 0);
	}
	for (i = 0; i < ROUNDS; i++)
		CHECK(async_exception(old[i]).code == ASYNC_STALE && !async_cancel(old[i]));
	for (i = 0; i < AT_ONCE; i++) {
		AWAIT(many[i], &v);
		CHECK(v == 2 * i);
	}
	END;
}

TEST(a_block_that_is_used_again_makes_a_new_task)
{
	PLAY(generations);
}

SCRIPT(second_awaiter)
{
	BEGIN;
	YIELD;
	AWAIT_ERROR(shared, ASYNC_INVALID_STATE);
	END;
}

SCRIPT(slow)
{
	BEGIN;
	SLEEP(1);
	END;
}

SCRIPT(double_await)
{
	static async_handle other;

	BEGIN;
	shared = CORO(slow);
	other = START(second_awaiter);
	AWAIT_VOID(shared);
	AWAIT_VOID(other);
	END;
}

TEST(semantics_2_a_coroutine_is_awaited_once)
{
	PLAY_SIM(double_await);
}

SCRIPT(dropping)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	CORO(noting);
	END;
}

TEST(semantics_3_a_coroutine_never_awaited_is_reported)
{
	PLAY_SIM(dropping);
	CHECK_SEEN("[Coroutine was never awaited: noting]");
}

SCRIPT(of_a_done_task)
{
	static async_handle t;

	BEGIN;
	t = START(noting);
	async_retain(t);
	SLEEP(1);
	CHECK(async_done(t));
	async_call_soon(note_call, (void *)"turn");
	AWAIT_VOID(t);
	AWAIT_VOID(t);
	CHECK_SEEN("body end"); /* no turn in between */
	async_release(t);
	AWAIT_ERROR(t, ASYNC_STALE);
	END;
}

TEST(semantics_6_a_done_task_is_awaited_without_yielding)
{
	PLAY_SIM(of_a_done_task);
}

SCRIPT(itself)
{
	BEGIN;
	AWAIT_ERROR(async_current_task(), ASYNC_INVALID_STATE);
	END;
}

TEST(semantics_56_a_task_cannot_await_itself)
{
	PLAY_SIM(itself);
}

SCRIPT(names)
{
	static async_handle t;

	BEGIN;
	CHECK(!strcmp(async_get_name(async_current_task()), "Task-1"));
	t = START(noting);
	CHECK(!strcmp(async_get_name(t), "Task-2"));
	async_set_name(t, "a name that is much too long to be kept whole");
	CHECK(!strcmp(async_get_name(t), "a name that is much too long to"));
	AWAIT_VOID(t);
	CHECK(!strcmp(async_get_name(t), ""));
	END;
}

TEST(semantics_57_tasks_have_names)
{
	PLAY_SIM(names);
}

static async_handle outer_task;

SCRIPT(inner_task)
{
	BEGIN;
	CHECK(async_current_task() != outer_task);
	YIELD;
	CHECK(async_current_task() != outer_task);
	END;
}

SCRIPT(current)
{
	static async_handle t;

	BEGIN;
	outer_task = async_current_task();
	t = START(inner_task);
	YIELD;
	CHECK(async_current_task() == outer_task);
	AWAIT_VOID(t);
	CHECK(async_current_task() == outer_task);
	END;
}

TEST(semantics_59_the_current_task_is_right_across_interleaving)
{
	CHECK(async_current_task() == NULL);
	PLAY_SIM(current);
	CHECK(async_current_task() == NULL);
}

SCRIPT(listing)
{
	static async_handle tasks[4], t;

	BEGIN;
	t = START(noting);
	START(forever);
	CHECK(async_all_tasks(tasks, 4) == 3);
	CHECK(tasks[0] == async_current_task() && tasks[1] == t);
	AWAIT_VOID(t);
	CHECK(async_all_tasks(tasks, 1) == 2);
	END;
}

TEST(semantics_61_all_tasks_lists_the_pending_ones)
{
	PLAY_SIM(listing);
}

SCRIPT(failing)
{
	BEGIN;
	YIELD;
	RAISE(ASYNC_ERROR, "boom");
	END;
}

SCRIPT(detaching)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	async_detach(START(failing));
	SLEEP(1);
	CHECK_SEEN("[Task exception was never retrieved: boom]");
	END;
}

TEST(a_detached_task_that_fails_is_reported_when_it_ends)
{
	PLAY_SIM(detaching);
}

SCRIPT(short_lived)
{
	BEGIN;
	shared = START(failing);
	END;
}

SCRIPT(grandparent)
{
	static async_handle t;

	BEGIN;
	async_set_exception_handler(note_error, NULL);
	t = START(short_lived);
	AWAIT_VOID(t);
	CHECK(!async_done(shared));
	SLEEP(1);
	CHECK_SEEN("[Task exception was never retrieved: boom]");
	AWAIT_ERROR(shared, ASYNC_STALE);
	END;
}

TEST(children_are_detached_when_their_parent_ends)
{
	PLAY_SIM(grandparent);
}

static async_handle eager_frame(const async_function *function)
{
	return async__start_task_eager(async__new_task(function));
}

SCRIPT(eager_parent)
{
	static async_handle t;
	static int x;

	BEGIN;
	t = eager_frame(&noting__async);
	note("made");
	CHECK(async_all_tasks(NULL, 0) == 2);
	AWAIT_VOID(t);
	CHECK_SEEN("body made end");
	t = async__start_task_eager(value(3));
	CHECK(async_done(t) && async_all_tasks(NULL, 0) == 1);
	CHECK(!async_cancel(t));
	AWAIT(t, &x);
	CHECK(x == 6);
	END;
}

TEST(semantics_70_71_72_an_eager_task_runs_up_to_its_first_wait)
{
	PLAY_SIM(eager_parent);
}

SCRIPT(not_a_future)
{
	static async_handle t;

	BEGIN;
	t = START(forever);
	CHECK(async_set_done(t) == ASYNC_INVALID_STATE);
	CHECK(async_set_exception(t, ASYNC_ERROR, "x") == ASYNC_INVALID_STATE);
	END;
}

TEST(semantics_53_a_task_cannot_be_completed_by_hand)
{
	PLAY_SIM(not_a_future);
}

/* ---- Depth ---- */

struct deep_frame {
	async_frame base;
	int left;
	bool wait;
	void *callee;
};

static char *lowest_stack;
extern const async_function deep__async;

static async_status deep__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct deep_frame *f = (struct deep_frame *)frame, *g;

	if ((char *)__builtin_frame_address(0) < lowest_stack)
		lowest_stack = __builtin_frame_address(0);
	if (at->state == 0) {
		if (!f->left) {
			struct async_sleep__frame *s;

			if (!f->wait)
				return ASYNC_DONE;
			s = f->callee = async__push_frame(&async_sleep__async);
			s->seconds = 0;
			status = async__start(&s->base, async_sleep__points);
		} else {
			g = f->callee = async__push_frame(&deep__async);
			g->left = f->left - 1;
			g->wait = f->wait;
			status = async__start(&g->base, deep__async.points);
		}
		if (status == ASYNC_SUSPENDED) {
			async__return_to(f->callee, frame, &at[1]);
			return ASYNC_SUSPENDED;
		}
	}
	async__pop_frame(f->callee);
	return status;
}

const async_function deep__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct deep_frame), .frame_align = 8,
				     .points = ASYNC_POINTS(deep__async, deep__resume, NULL), .name = "deep", .file = __FILE__ };

static async_handle go_deep(int depth, bool wait)
{
	struct deep_frame *f = async__new_task(&deep__async);

	f->left = depth;
	f->wait = wait;
	return async__start_task(f);
}

SCRIPT(diving)
{
	static char *top;

	BEGIN;
	top = lowest_stack = __builtin_frame_address(0);
	AWAIT_VOID(go_deep(100000, true));
	AWAIT_VOID(go_deep(100000, false));
	CHECK(top - lowest_stack < 600 * 1024);
	END;
}

TEST(a_hundred_thousand_nested_awaits_run_in_a_bounded_stack)
{
	PLAY_SIM(diving);
}

SCRIPT(counting)
{
	static int i, x;
	static long sum;

	BEGIN;
	for (i = 0; i < 200000; i++) {
		AWAIT(async__keep_coroutine(value(i)), &x);
		sum += x;
	}
	CHECK(sum == 2l * 199999 * 200000 / 2);
	END;
}

TEST(many_awaits_that_never_suspend)
{
	PLAY_SIM(counting);
}

/* ---- Over-aligned frames ---- */

struct wide_frame {
	async_frame base;
	_Alignas(128) char block[128];
};

static async_status wide__resume(async_frame *frame, async_status status, const async_point *at)
{
	(void)at;
	CHECK((uintptr_t)frame % 128 == 0);
	return status;
}

static const async_function wide__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct wide_frame), .frame_align = 128,
					    .points = ASYNC_POINTS(wide__async, wide__resume, NULL), .name = "wide", .file = __FILE__ };

SCRIPT(aligning)
{
	static void *small, *wide;

	BEGIN;
	AWAIT_VOID(async__start_task(async__new_task(&wide__async)));
	small = async__push_frame(&value__async);
	wide = async__push_frame(&wide__async);
	CHECK(async__start(wide, wide__async.points) == ASYNC_DONE);
	async__pop_frame(wide);
	async__pop_frame(small);
	END;
}

TEST(frames_are_aligned_as_their_functions_ask)
{
	PLAY_SIM(aligning);
}

struct as_asked_frame {
	async_frame base;
	uint64_t result;
	size_t align;
};

static async_status as_asked__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct as_asked_frame *f = (struct as_asked_frame *)frame;

	(void)at;
	CHECK((uintptr_t)frame % f->align == 0);
	f->result = f->align;
	return status;
}

#define AS_ASKED(I, ALIGN) { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct as_asked_frame), .frame_align = (ALIGN), \
			  .result_offset = offsetof(struct as_asked_frame, result), .result_size = sizeof(uint64_t), \
			  .points = ASYNC_POINTS(as_asked[I], as_asked__resume, NULL), .name = "as_asked", .file = __FILE__ }
static const async_function as_asked[] = { AS_ASKED(0, 8), AS_ASKED(1, 16), AS_ASKED(2, 32), AS_ASKED(3, 64) };

SCRIPT(spawning_aligned)
{
	static async_handle tasks[64];
	static uint64_t result;
	static int i, round;

	BEGIN;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 64; i++) {
			struct as_asked_frame *f = async__new_task(&as_asked[i * 7 / 3 % 4]);

			f->align = as_asked[i * 7 / 3 % 4].frame_align;
			tasks[i] = async__start_task(f);
		}
		for (i = 0; i < 64; i++) {
			AWAIT(tasks[i], &result);
			CHECK(result == as_asked[i * 7 / 3 % 4].frame_align);
		}
	}
	END;
}

/* Blocks that begin before their task are not taken for others of their size. */
TEST(tasks_of_any_alignment_take_turns)
{
	PLAY_SIM(spawning_aligned);
}
