/* loop_uv_test.c: tasks and libuv's handles on one uv_loop_t. */
#include "play.h"

#ifdef ASYNC_HAVE_LIBUV
#include <async/uv.h>
#include <errno.h>

__attribute__((constructor)) static void choose_libuv(void)
{
	setenv("ASYNC_LOOP", "libuv", 1);
}

static uv_loop_t uv;
static async_loop *loop;

static void open_both(void)
{
	CHECK(!uv_loop_init(&uv));
	loop = async_loop_new_uv(&uv);
	CHECK(loop && async_loop_uv(loop) == &uv);
}

static void close_both(void)
{
	CHECK(async_loop_close(loop));
	CHECK(uv_run(&uv, UV_RUN_NOWAIT) == 0);
	CHECK(uv_loop_close(&uv) == 0);
}

/* ---- We run libuv ---- */

static async_handle future;
static uv_timer_t timer;

static void finish(uv_timer_t *which)
{
	uv_close((uv_handle_t *)which, NULL);
	async_set_done(future);
}

SCRIPT(waits_for_uv)
{
	BEGIN;
	future = async__create_future(0);
	CHECK(!uv_timer_init(&uv, &timer) && !uv_timer_start(&timer, finish, 20, 0));
	AWAIT_VOID(future);
	SLEEP(0.01);
	END;
}

TEST(a_callback_of_libuv_finishes_a_future)
{
	open_both();
	async__use_loop(loop);
	PLAY(waits_for_uv);
	close_both();
}

static void *misuse(void *arg)
{
	(void)arg;
	CHECK(!async_loop_uv(loop));
	CHECK(async_uv_attach(loop) == ASYNC_WRONG_THREAD);
	async_uv_detach(loop);
	return NULL;
}

TEST(another_thread_is_refused)
{
	pthread_t thread;

	open_both();
	CHECK(async_uv_attach(loop) == 0);
	CHECK(!pthread_create(&thread, NULL, misuse, NULL) && !pthread_join(thread, NULL));
	CHECK(uv_loop_alive(&uv)); /* still attached */
	async_uv_detach(loop);
	close_both();
}

static void set_done(uv_timer_t *which)
{
	(void)which;
	async_set_done(future);
}

/* libuv calls timers that are due before it waits: the wait has to be given up then. */
SCRIPT(waits_for_what_is_due)
{
	BEGIN;
	future = async__create_future(0);
	CHECK(!uv_timer_init(&uv, &timer) && !uv_timer_start(&timer, set_done, 0, 0));
	AWAIT_VOID(future);
	uv_close((uv_handle_t *)&timer, NULL);
	END;
}

TEST(a_timer_of_libuv_that_is_due_ends_the_wait)
{
	open_both();
	async__use_loop(loop);
	PLAY(waits_for_what_is_due);
	close_both();
}

static unsigned ticks;

static void tick(uv_timer_t *which)
{
	(void)which;
	ticks++;
}

SCRIPT(keeps_busy)
{
	static int64_t end;

	BEGIN;
	uv_timer_init(&uv, &timer);
	uv_timer_start(&timer, tick, 1, 1);
	end = async_time() + 10000000000; /* a busy machine may take its time */
	while (ticks < 5 && async_time() < end)
		YIELD;
	CHECK(ticks >= 5);
	uv_close((uv_handle_t *)&timer, NULL);
	END;
}

TEST(busy_tasks_leave_libuv_its_turn)
{
	open_both();
	async__use_loop(loop);
	PLAY(keeps_busy);
	close_both();
}

/* Whose loop it is closes what was left open on it. */
TEST(an_own_uv_loop_is_closed_with_its_handles)
{
	loop = async_loop_new(&async_loop_libuv);
	CHECK(loop && !uv_timer_init(async_loop_uv(loop), &timer) && !uv_timer_start(&timer, tick, 1000, 0));
	CHECK(async_loop_close(loop));
}

/* ---- Libuv runs us ---- */

static void start_script(void *arg)
{
	async_detach(async__start_task(async__new_task(arg)));
}

SCRIPT(guest)
{
	BEGIN;
	note("begins");
	SLEEP(0.02);
	note("slept");
	YIELD;
	note("ends");
	END;
}

TEST(attached_tasks_run_while_libuv_does)
{
	open_both();
	CHECK(!async_uv_attach(loop));
	CHECK(!async_call_soon_threadsafe(loop, start_script, (void *)&guest__async));
	CHECK(uv_run(&uv, UV_RUN_DEFAULT) == 0);
	CHECK_SEEN("begins slept ends");
	CHECK(uv_run(&uv, UV_RUN_DEFAULT) == 0);
	close_both();
}

static void post(uv_timer_t *which)
{
	uv_close((uv_handle_t *)which, NULL);
	CHECK(!async_call_soon_threadsafe(loop, start_script, (void *)&guest__async));
}

TEST(a_callback_of_libuv_posts_work)
{
	open_both();
	CHECK(!async_uv_attach(loop) && !uv_timer_init(&uv, &timer) && !uv_timer_start(&timer, post, 5, 0));
	CHECK(uv_run(&uv, UV_RUN_DEFAULT) == 0);
	CHECK_SEEN("begins slept ends");
	async_uv_detach(loop);
	async_uv_detach(loop);
	close_both();
}

TEST(attached_it_can_still_be_run_itself)
{
	open_both();
	CHECK(!async_uv_attach(loop));
	async__use_loop(loop);
	PLAY(waits_for_uv);
	close_both();
}

TEST(only_loops_over_libuv_can_be_attached)
{
	loop = async_loop_new(&async_loop_poll);
	CHECK(async_uv_attach(loop) == EINVAL && !async_loop_uv(loop));
	async_loop_close(loop);
}

#else
TEST(the_library_was_built_without_libuv)
{
	CHECK(!async_loop_find("libuv"));
}
#endif
