/* loop_embed_test.c: a loop that another one runs, turn by turn. */
#include "play.h"

#include <errno.h>
#include <poll.h>

static async_loop *loop;
static int turns;

static void start_script(void *arg)
{
	async_detach(async__start_task(async__new_task(arg)));
}

/* What a host does: waits for the descriptor and the deadline, and runs a turn; until what is wanted was seen, or for 5 seconds. */
static void host(const char *wanted)
{
	int64_t end = async__now(loop) + 5000000000;

	while (strcmp(seen, wanted) && async__now(loop) < end) {
		struct pollfd wait = { .fd = async_loop_fd(loop), .events = POLLIN };
		int64_t deadline = async_loop_next_deadline(loop), left = (deadline < end ? deadline : end) - async__now(loop);

		CHECK(poll(&wait, 1, left <= 0 ? 0 : (int)((left + 999999) / 1000000)) >= 0);
		CHECK(async_loop_run_once(loop, 0) == 0);
		turns++;
	}
}

static int sockets[2];

SCRIPT(guest)
{
	BEGIN;
	note("begins");
	SLEEP(0.02);
	note("slept");
	END;
}

SCRIPT(reader)
{
	extern const async_function async_wait_readable__async;
	static struct {
		async_frame base;
		int fd;
	} *f;
	static char byte;

	BEGIN;
	f = async__new_task(&async_wait_readable__async);
	f->fd = sockets[0];
	AWAIT_VOID(async__start_task(f));
	CHECK(read(sockets[0], &byte, 1) == 1);
	note("read %c", byte);
	END;
}

static void write_to_it(void *arg)
{
	CHECK(write(sockets[1], arg, 1) == 1);
}

TEST(semantics_27_another_loop_runs_tasks_timers_and_descriptors)
{
	const char *name = getenv("ASYNC_LOOP");

	loop = async_loop_new(name && !strcmp(name, "io_uring") ? NULL : &async_loop_epoll);
	CHECK(loop && async_loop_fd(loop) >= 0 && !socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	CHECK(async_loop_next_deadline(loop) == INT64_MAX);
	CHECK(!async_call_soon_threadsafe(loop, start_script, (void *)&guest__async));
	CHECK(!async_call_soon_threadsafe(loop, start_script, (void *)&reader__async));
	CHECK(async_loop_next_deadline(loop) <= async__now(loop));
	host("begins slept");
	CHECK_SEEN("begins slept");
	write_to_it("w");
	host("read w");
	CHECK_SEEN("read w");
	CHECK(turns < 30);
	async_loop_close(loop);
	close(sockets[0]);
	close(sockets[1]);
}

static void try_to_run(void *arg)
{
	*(int *)arg = async_loop_run_once(loop, 0);
}

TEST(a_running_loop_cannot_be_run)
{
	int err = 0;

	loop = async_loop_new(NULL);
	async_call_soon_threadsafe(loop, try_to_run, &err);
	CHECK(async_loop_run_once(loop, 0) == 0 && err == ASYNC_RUNNING_LOOP);
	async_loop_close(loop);
}

TEST(a_turn_waits_no_longer_than_it_may)
{
	int64_t began;

	loop = async_loop_new(&async_loop_epoll);
	began = async__now(loop);
	CHECK(async_loop_run_once(loop, 0.02) == 0);
	CHECK(async__now(loop) - began >= 20000000 && async__now(loop) - began < 500000000);
	async_loop_close(loop);
}

TEST(a_loop_without_a_descriptor_says_so)
{
	loop = async_loop_new(&async_loop_poll);
	CHECK(async_loop_fd(loop) == -1 && async_loop_run_once(loop, 0) == 0);
	async_loop_close(loop);
}
