/* entry_test.c: async functions called from ordinary C, async main, await through a pointer, shutdown.  Numbers: README.md. */
#include "play.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct add_frame {
	async_frame base;
	int result;
	int a, b;
	struct async_sleep__frame sleep;
};

static async_status add__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct add_frame *f = (struct add_frame *)frame;

	if (at->state == 0) {
		f->sleep.seconds = 0.001;
		f->sleep.base.caller_at = &at[1];
		status = async__start(&f->sleep.base, async_sleep__points);
		if (status == ASYNC_SUSPENDED)
			return ASYNC_SUSPENDED;
	}
	if (status == ASYNC_FAILED)
		return ASYNC_FAILED;
	f->result = f->a + f->b;
	if (f->result < 0)
		return async__raise(ASYNC_ERROR, "negative");
	return ASYNC_DONE;
}

static const async_function add__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct add_frame), .frame_align = 8,
					   .result_offset = offsetof(struct add_frame, result), .result_size = sizeof(int),
					   .points = (const async_point[]) { { add__resume, &add__async, NULL, 1, 0, 0 },
									     { add__resume, &add__async, "async_sleep(1)", 3, 1, offsetof(struct add_frame, sleep) } },
					   .name = "add", .file = "add.c" };

static int add(int a, int b)
{
	struct add_frame *f = async__entry(&add__async, (void (*)(void))add);
	int result = -1000;

	if (f) {
		f->a = a;
		f->b = b;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}

static int plain_add(int a, int b)
{
	return a + b;
}

static int sneaky(int a, int b)
{
	return add(a, b); /* blocks: refused inside of a loop */
}

TEST(semantics_150_a_call_from_ordinary_c_blocks_and_returns_the_result)
{
	CHECK(add(1, 2) == 3);
	CHECK(add(3, 4) == 7);
	CHECK(async_get_running_loop() == NULL);
}

TEST(an_error_of_a_blocking_call_can_be_caught)
{
	async_error e;

	e = CATCH(add(-1, -2));
	CHECK(e.code == ASYNC_ERROR && !strcmp(e.message, "negative"));
	e = CATCH(CHECK(add(1, 1) == 2));
	CHECK(e.code == 0);
}

TEST_DIES(an_error_of_a_blocking_call_is_reported_and_aborts, "asyncc: Unhandled error in a blocking call of 'add': negative [ASYNC_ERROR]")
{
	add(-1, -2);
}

SCRIPT(nested_call)
{
	BEGIN;
	add(1, 2);
	END;
}

TEST_DIES(semantics_150_refused_inside_of_a_running_loop, "async function 'add' called from a running event loop; use 'await add(...)'")
{
	PLAY_SIM(nested_call);
}

TEST_DIES(refused_though_the_whole_run_is_caught, "async function 'add' called from a running event loop; use 'await add(...)'")
{
	async_error e = CATCH(PLAY_SIM(nested_call));

	CHECK(e.code == 0);
}

SCRIPT(caught_nested_call)
{
	async_error e;

	BEGIN;
	e = CATCH(add(1, 2));
	CHECK(e.code == ASYNC_RUNNING_LOOP);
	END;
}

TEST(refused_but_caught)
{
	async_error e = CATCH(PLAY_SIM(caught_nested_call));

	CHECK(e.code == 0);
	PLAY_SIM(caught_nested_call);
}

/* ---- Through a pointer ---- */

static int (*pointer)(int, int);
static int answer;

struct through_frame {
	async_frame base;
};

static async_status through__resume(async_frame *frame, async_status status, const async_point *at)
{
	if (at->state == 0) {
		async__request((void (*)(void))pointer, true);
		answer = pointer(20, 22);
		status = async__answered();
		if (status == ASYNC_SUSPENDED)
			async__await_suspended(frame, &at[1]);
		return status;
	}
	if (status == ASYNC_DONE)
		answer = ((struct add_frame *)async__pushed_frame())->result;
	async__pop_frame(async__pushed_frame());
	return status;
}

static const async_function through__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct through_frame), .frame_align = 8,
					       .points = ASYNC_POINTS(through__async, through__resume, NULL), .name = "through", .file = __FILE__ };

SCRIPT(pointers)
{
	static void *fill;

	BEGIN;
	pointer = add;
	AWAIT_VOID(CORO(through));
	CHECK(answer == 42);
	answer = 0;
	pointer = plain_add;
	AWAIT_VOID(CORO(through));
	CHECK(answer == 42);
	async__catch_begin();
	pointer = sneaky;
	AWAIT_VOID(CORO(through));
	CHECK(async__catch_end((async_error){ 0 }).code == ASYNC_RUNNING_LOOP);
	fill = async__push(async__self.task, 912, 16); /* the next push needs another chunk */
	pointer = add;
	async__fail_alloc(2); /* the coroutine itself, then the chunk */
	AWAIT_ERROR(CORO(through), ASYNC_NO_MEMORY);
	async__fail_alloc(0);
	async__pop(async__self.task, fill);
	END;
}

TEST(await_through_a_pointer_works_for_async_and_for_ordinary_functions)
{
	PLAY_SIM(pointers);
}

/* ---- The end of a run ---- */

SCRIPT(hangs)
{
	BEGIN;
	AWAIT_NOTE("hangs", nap(1000));
	return async__raise(ASYNC_CANCELLED, NULL);
	END;
}

SCRIPT(fails_at_the_end)
{
	BEGIN;
	AWAIT_STATUS(nap(1000), NULL, 0);
	take_error();
	SLEEP(1);
	RAISE(ASYNC_ERROR, "in cleanup");
	END;
}

SCRIPT(leaves_some)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	START(hangs);
	async_detach(START(hangs));
	START(fails_at_the_end);
	async_detach(START(fails_at_the_end));
	YIELD;
	note("done");
	END;
}

TEST(semantics_151_152_tasks_left_over_are_cancelled_and_awaited)
{
	PLAY_SIM(leaves_some);
	CHECK_SEEN("done hangs:cancelled hangs:cancelled [Unhandled error during shutdown: in cleanup] [Unhandled error during shutdown: in cleanup]");
	CHECK(sim_seconds() == 1);
}

SCRIPT(stubborn)
{
	BEGIN;
	AWAIT_STATUS(async__create_future(0), NULL, 0);
	take_error();
	AWAIT_STATUS(async__create_future(0), NULL, 0);
	END;
}

SCRIPT(leaves_stubborn)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	START(stubborn);
	YIELD;
	END;
}

TEST(a_task_that_swallows_its_cancellation_and_waits_for_good_does_not_hang_the_end)
{
	PLAY_SIM(leaves_stubborn);
	CHECK_SEEN("[Task was destroyed but it is pending: stubborn]");
}

/* ---- main ---- */

struct main_frame {
	async_frame base;
	int result;
	int how;
	struct async_sleep__frame sleep;
};

enum { RETURNS, FAILS, SLEEPS, IS_CANCELLED_AS_WELL, IGNORES_THE_FIRST };

static async_status main_sleeps(struct main_frame *f, const async_point *at, double seconds)
{
	f->sleep.seconds = seconds;
	f->sleep.base.caller_at = at + 1;
	return async__start(&f->sleep.base, async_sleep__points);
}

static void cancel_and_interrupt(void *main_task)
{
	async_cancel(main_task);
	raise(SIGINT);
}

static async_status main__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct main_frame *f = (struct main_frame *)frame;

	if (at->state == 0) {
		if (f->how == IS_CANCELLED_AS_WELL)
			async_call_later(0.01, cancel_and_interrupt, async_current_task());
		status = main_sleeps(f, at, f->how >= SLEEPS ? 1000 : 0.001);
		if (status == ASYNC_SUSPENDED)
			return ASYNC_SUSPENDED;
	}
	if (status == ASYNC_FAILED && f->how == IGNORES_THE_FIRST && at->state == 1) {
		take_error();
		return main_sleeps(f, at, 1000);
	}
	if (status == ASYNC_FAILED)
		return ASYNC_FAILED;
	if (f->how == FAILS)
		return async__raise(EIO, "no");
	f->result = 5;
	return ASYNC_DONE;
}

#define MAIN_SLEEPS(STATE) ASYNC_POINT_OF(main__async, main__resume, STATE, NULL, struct main_frame, sleep)
static const async_function main__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct main_frame), .frame_align = 8,
					    .result_offset = offsetof(struct main_frame, result), .result_size = sizeof(int),
					    .points = (const async_point[]) { ASYNC_POINT(main__async, main__resume, 0, NULL), MAIN_SLEEPS(1), MAIN_SLEEPS(2) },
					    .name = "main", .file = __FILE__ };

static int run_main(int how)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct main_frame *f;

		setenv("ASYNC_SIM_PATIENCE", "1000", 1); /* a simulated loop waits for the signal */
		f = async__entry_main(&main__async);
		f->how = how;
		CHECK(freopen("/dev/null", "w", stderr));
		exit(async__entry_main_run(f));
	}
	while ((how == SLEEPS || how == IGNORES_THE_FIRST) && !waitpid(child, &status, WNOHANG)) {
		usleep(100000);
		kill(child, SIGINT);
		if (how == SLEEPS)
			break;
	}
	if (how != IGNORES_THE_FIRST)
		waitpid(child, &status, 0);
	return status;
}

TEST(semantics_155_main_ends_the_process_with_its_status)
{
	int status = run_main(RETURNS);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	status = run_main(FAILS);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	status = run_main(SLEEPS);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

TEST(semantics_155_the_second_interrupt_is_not_ignored)
{
	int status = run_main(IGNORES_THE_FIRST);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

TEST(semantics_156_a_main_that_was_cancelled_otherwise_fails)
{
	int status = run_main(IS_CANCELLED_AS_WELL);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* ---- The dump ---- */

struct outer_frame {
	async_frame base;
	struct add_frame inner;
};

static async_status outer__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct outer_frame *f = (struct outer_frame *)frame;

	if (at->state)
		return status;
	f->inner.a = f->inner.b = 1;
	f->inner.base.caller_at = &at[1];
	return async__start(&f->inner.base, add__async.points);
}

static const async_function outer__async = { .abi = ASYNC_ABI_VERSION, .frame_size = sizeof(struct outer_frame), .frame_align = 8,
					     .points = (const async_point[]) { { outer__resume, &outer__async, NULL, 5, 0, 0 },
									       { outer__resume, &outer__async, "add()", 7, 1, offsetof(struct outer_frame, inner) } },
					     .name = "outer", .file = "a.c" };

SCRIPT(dumps)
{
	static async_handle t;

	BEGIN;
	t = START(outer);
	async_set_name(t, "worker");
	START(hangs);
	YIELD;
	async_print_tasks();
	abort();
	END;
}

TEST_DIES(semantics_64_a_dump_shows_each_tasks_chain_of_awaits,
	  "worker, outer: waiting\n  at async_sleep (runtime/sleep.c)\n  at add (add.c:3): await async_sleep(1)\n  at outer (a.c:7): await add()\n")
{
	PLAY_SIM(dumps);
}
