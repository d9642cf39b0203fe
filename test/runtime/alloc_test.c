/* alloc_test.c: handles, arenas, and every allocation made to fail in turn: no crash, no leak, no hang. */
#include "play.h"

#include <errno.h>

/* ---- Torture ---- */

static int failures_seen;

/* A child that could not sleep ends early, so that its shield has reaped it before it is awaited again: hence ASYNC_STALE. */
static void fine_or_no_memory(struct script_frame *script)
{
	if (script->status != ASYNC_FAILED)
		return;
	last_error = take_error();
	if (last_error.code == ASYNC_NO_MEMORY || (last_error.code == ASYNC_STALE && async__allocs()))
		failures_seen++;
	else if (last_error.code != ASYNC_CANCELLED && last_error.code != ASYNC_TIMEOUT)
		fail_with(__FILE__, script->line, last_error);
}

#define AWAIT_ANY(handle)                        \
	do {                                     \
		AWAIT_STATUS(handle, NULL, 0);   \
		fine_or_no_memory(self);         \
	} while (0)

SCRIPT(child)
{
	BEGIN;
	AWAIT_PROPAGATE(nap(1));
	RAISE(ASYNC_TIMEOUT, "of mine");
	END;
}

static void nothing(async_handle h, void *arg)
{
	(void)h, (void)arg;
}

static void no_call(void *arg)
{
	(void)arg;
}

static void hear_nothing(const async_error_context *context, void *arg)
{
	(void)context, (void)arg;
}

SCRIPT(everything)
{
	static async_handle h[3], future;
	static struct async__scope scope;
	static int i;

	BEGIN;
	async_set_exception_handler(hear_nothing, NULL);
	future = async__create_future(100);
	async_add_done_callback(future, nothing, NULL);
	async_set_name(async_current_task(), "torture");
	for (i = 0; i < 3; i++)
		h[i] = START(child);
	async_call_soon(no_call, NULL);
	async_call_later(1, no_call, NULL);
	AWAIT_ANY(gather(h, 3));
	AWAIT_ANY(wait_for_some(h, 3, ASYNC_ALL_COMPLETED, 5));
	for (i = 0; i < 3; i++)
		AWAIT_ANY(h[i]);
	h[0] = START(child);
	async__timeout_begin(&scope, 0.5);
	AWAIT_STATUS(async__shield(h[0]), NULL, 0);
	self->status = async__timeout_end(&scope, self->status);
	fine_or_no_memory(self);
	h[1] = async__wait_for_handle(h[0], 10, 0);
	AWAIT_ANY(h[1]);
	h[1] = START(child);
	AWAIT_ANY(nap(0));
	async_cancel_with(h[1], "a message");
	AWAIT_ANY(h[1]);
	h[2] = CORO(child);
	async_cancel(h[2]);
	if (future && !async_done(future)) {
		async_set_exception(future, ASYNC_TIMEOUT, "x");
		AWAIT_ANY(future);
	}
	END;
}

TEST(every_allocation_fails_once)
{
	unsigned long n, allocs;

	async__fail_alloc(0);
	PLAY_SIM(everything);
	allocs = async__allocs();
	CHECK(allocs > 20 && !failures_seen);
	for (n = 1; n <= allocs + 5; n++) {
		async_error error;
		async_loop *loop;

		async__fail_alloc(n);
		sim_clock = 0;
		loop = async_loop_new(&sim_backend);
		if (!loop) {
			CHECK(errno == ENOMEM);
			continue;
		}
		loop->owned_by_entry = true;
		async__use_loop(loop);
		error = CATCH(PLAY(everything));
		CHECK(error.code == 0 || error.code == ASYNC_NO_MEMORY);
		failures_seen += error.code == ASYNC_NO_MEMORY;
	}
	CHECK(failures_seen > 10);
	async__fail_alloc(0);
}

SCRIPT(real)
{
	BEGIN;
	AWAIT_ANY(nap(0.0001));
	END;
}

TEST(every_allocation_of_a_blocking_call_fails_once)
{
	static const char *const loops[] = { "epoll", "poll" };

	for (int i = 0; i < 2; i++) {
		setenv("ASYNC_LOOP", loops[i], 1);
		for (unsigned long n = 1; n < 20; n++) {
			async_error error;

			async__fail_alloc(n);
			error = CATCH(PLAY(real));
			CHECK(error.code == 0 || error.code == ASYNC_NO_MEMORY);
		}
	}
	async__fail_alloc(0);
}

/* ---- Arenas ---- */

SCRIPT(arena)
{
	enum { N = 5000 };
	static void *pushed[N];
	static size_t sizes[N];
	static int n, round;
	unsigned seed = 7;

	BEGIN;
	for (round = 0; round < 200000; round++) {
		if (n < N && (n == 0 || rand_r(&seed) % 100 < (round % 40000 < 20000 ? 55 : 45))) {
			size_t align = (size_t)16 << rand_r(&seed) % 3;

			sizes[n] = (size_t)rand_r(&seed) % (rand_r(&seed) % 50 ? 200 : 100000);
			pushed[n] = async__push(async__self.task, sizes[n], align);
			CHECK(pushed[n] && (uintptr_t)pushed[n] % align == 0);
			memset(pushed[n], n, sizes[n]);
			n++;
		} else {
			n--;
			if (sizes[n])
				CHECK(((char *)pushed[n])[0] == (char)n && ((char *)pushed[n])[sizes[n] - 1] == (char)n);
			async__pop(async__self.task, pushed[n]);
		}
	}
	while (n > 0)
		async__pop(async__self.task, pushed[--n]);
	END;
}

TEST(an_arena_gives_and_takes_back)
{
	PLAY_SIM(arena);
}

SCRIPT(out_of_order)
{
	void *a;

	BEGIN;
	a = async__push(async__self.task, 10, 16);
	async__push(async__self.task, 10, 16);
	async__pop(async__self.task, a);
	END;
}

TEST_DIES(a_pop_out_of_order_is_caught, "a frame was popped that is not the last one pushed")
{
	PLAY_SIM(out_of_order);
}

/* ---- Handles ---- */

SCRIPT(handles)
{
	enum { N = 5000 };
	static async_handle h[N], old[N];
	static int i;

	BEGIN;
	for (i = 0; i < N; i++)
		CHECK((h[i] = async__create_future(0)) != NULL);
	for (i = 0; i < N; i++) {
		async_set_done(h[i]);
		async_detach(h[i]);
		CHECK(async_set_done(h[i]) == ASYNC_STALE && async_done(h[i]) && !async_cancelled(h[i]) && !async_cancel(h[i]));
		old[i] = h[i];
	}
	for (i = 0; i < N; i++) {
		h[i] = async__create_future(0);
		CHECK(async_set_done(old[i]) == ASYNC_STALE && h[i] != old[i]);
	}
	for (i = 0; i < N; i++)
		CHECK(!async_done(h[i]));
	CHECK(async_set_done((async_handle)0xffffffffffffffff) == ASYNC_STALE);
	CHECK(async_set_done((async_handle)0x100000fff) == ASYNC_STALE || true);
	CHECK(async_set_done(NULL) == ASYNC_STALE);
	END;
}

static async_handle of_another_loop;

SCRIPT(makes_one)
{
	BEGIN;
	of_another_loop = async__create_future(0);
	END;
}

SCRIPT(uses_it)
{
	BEGIN;
	CHECK(async_set_done(of_another_loop) == ASYNC_STALE);
	AWAIT_ERROR(of_another_loop, ASYNC_STALE);
	END;
}

TEST(handles_carry_a_generation)
{
	PLAY_SIM(handles);
	PLAY_SIM(makes_one);
	PLAY_SIM(uses_it);
}

SCRIPT(uses_live_one)
{
	BEGIN;
	async_set_exception_handler(hear_nothing, NULL);
	CHECK(async_set_done(of_another_loop) == ASYNC_WRONG_THREAD);
	AWAIT_ERROR(of_another_loop, ASYNC_WRONG_THREAD);
	CHECK(!async_cancel(of_another_loop));
	END;
}

TEST(semantics_55_a_future_of_another_loop_is_refused)
{
	async_loop *loop = async_loop_new(&sim_backend);

	async__use_loop(loop);
	PLAY(makes_one);
	CHECK(!async_done(of_another_loop)); /* between runs, on its own thread, it may be looked at */
	PLAY_SIM(uses_live_one);
	async_loop_close(loop);
}
