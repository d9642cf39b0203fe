/* watchdog_test.c: debug mode: who blocks the loop is told.  Numbers: README.md. */
#include "play.h"

#include <fcntl.h>
#include <time.h>

static char said_text[8192];
static int last_status[1];
static int stderr_pipe[2], real_stderr;

static void listen_to_stderr(void)
{
	fflush(stderr);
	real_stderr = dup(STDERR_FILENO);
	CHECK(!pipe(stderr_pipe) && dup2(stderr_pipe[1], STDERR_FILENO) >= 0);
}

static void stop_listening(void)
{
	ssize_t n;

	fflush(stderr);
	CHECK(dup2(real_stderr, STDERR_FILENO) >= 0);
	close(real_stderr);
	close(stderr_pipe[1]);
	n = read(stderr_pipe[0], said_text, sizeof said_text - 1);
	said_text[n > 0 ? n : 0] = '\0';
	close(stderr_pipe[0]);
}

static void block(double seconds)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += (long)(seconds * 1e9);
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

SCRIPT(hog)
{
	BEGIN;
	async_set_name(async_current_task(), "the hog");
	async_set_debug(async_get_running_loop(), true);
	CHECK(async_get_debug(async_get_running_loop()));
	SLEEP(0.01);
	block(0.12);
	SLEEP(0.01);
	async_set_debug(async_get_running_loop(), false);
	SLEEP(0.01);
	block(0.12);
	END;
}

TEST(semantics_31_a_step_that_takes_long_is_reported_with_the_tasks_name_time_and_chain)
{
	const char *line;

	listen_to_stderr();
	PLAY(hog);
	stop_listening();
	line = strstr(said_text, "asyncc: slow: the hog (hog) took 0.1");
	CHECK(line && !strstr(line + 20, "slow:"));
	CHECK(strstr(line, "s in one step\n  at async_sleep (") && strstr(line, "  at hog ("));
	CHECK(!strstr(said_text, "blocked"));
}

SCRIPT(hangs)
{
	BEGIN;
	async_set_debug(async_get_running_loop(), true);
	async_set_slow_callback_duration(async_get_running_loop(), 0.01);
	SLEEP(0.01);
	block(0.4);
	SLEEP(0.01);
	END;
}

TEST(a_loop_that_is_blocked_is_reported_while_it_is)
{
	const char *blocked, *slow;

	listen_to_stderr();
	PLAY(hangs);
	stop_listening();
	blocked = strstr(said_text, "asyncc: the loop is blocked: Task-1 (hangs) has been running for 0.");
	slow = strstr(said_text, "asyncc: slow: Task-1 (hangs) took 0.");
	CHECK(blocked && slow && blocked < slow && !strstr(blocked + 40, "is blocked"));
}

/* What is said counts when debug mode is on, and still when it is on again. */
SCRIPT(says_before)
{
	BEGIN;
	async_set_slow_callback_duration(async_get_running_loop(), 0.01);
	async_set_slow_callback_duration(async_get_running_loop(), -1); /* as nothing: it is no time */
	async_set_debug(async_get_running_loop(), true);
	SLEEP(0.001);
	block(0.05);
	SLEEP(0.001);
	async_set_debug(async_get_running_loop(), false);
	block(0.05);
	SLEEP(0.001);
	async_set_debug(async_get_running_loop(), true);
	SLEEP(0.001);
	block(0.05);
	SLEEP(0.001);
	END;
}

TEST(how_long_is_slow_may_be_said_before_debug_mode_is_switched_on)
{
	const char *first, *second;

	listen_to_stderr();
	PLAY(says_before);
	stop_listening();
	first = strstr(said_text, "asyncc: slow: Task-1 (says_before) took 0.");
	second = first ? strstr(first + 10, "asyncc: slow: Task-1 (says_before) took 0.") : NULL;
	CHECK(second && !strstr(second + 10, "asyncc: slow:"));
}

static void slow_callback(void *arg)
{
	(void)arg;
	block(0.03);
}

SCRIPT(calls_back)
{
	BEGIN;
	async_set_slow_callback_duration(async_get_running_loop(), 0.02);
	async_call_soon(slow_callback, NULL);
	SLEEP(0.01);
	END;
}

TEST(the_environment_switches_it_on_and_callbacks_count)
{
	setenv("ASYNC_DEBUG", "1", 1);
	listen_to_stderr();
	PLAY(calls_back);
	stop_listening();
	CHECK(strstr(said_text, "asyncc: slow: a callback took 0.0"));
}

SCRIPT(is_quick)
{
	BEGIN;
	async_set_debug(async_get_running_loop(), true);
	SLEEP(0.01);
	END;
}

TEST(who_is_quick_is_not_reported)
{
	listen_to_stderr();
	PLAY(is_quick);
	stop_listening();
	CHECK(said_text[0] == '\0');
}

SCRIPT(forks)
{
	static pid_t child;

	BEGIN;
	async_set_debug(async_get_running_loop(), true);
	SLEEP(0.001);
	child = fork();
	if (child == 0) {
		alarm(10);
		RAISE(ASYNC_ERROR, "the child goes its own way");
	}
	CHECK(waitpid(child, last_status, 0) == child);
	END;
}

/* Its thread is not in the child, which must neither wait for it nor for its lock. */
TEST(a_fork_in_debug_mode_ends)
{
	for (int i = 0; i < 20; i++) {
		async_error error;

		error = CATCH(PLAY(forks));
		if (error.code)
			_exit(3);
		CHECK(WIFEXITED(*last_status) && WEXITSTATUS(*last_status) == 3);
	}
}

SCRIPT(swallows)
{
	BEGIN;
	AWAIT_NOTE("nap", nap(10));
	END;
}

SCRIPT(takes_back)
{
	BEGIN;
	AWAIT_NOTE("nap", nap(10));
	async_uncancel(async_current_task());
	END;
}

SCRIPT(cancels_both)
{
	static async_handle a, b;
	static int debug;

	BEGIN;
	async_set_exception_handler(note_error, NULL);
	for (debug = 0; debug < 2; debug++) {
		async_set_debug(async_get_running_loop(), debug);
		a = START(swallows);
		b = START(takes_back);
		YIELD;
		async_cancel(a);
		async_cancel(b);
		AWAIT_VOID(a);
		AWAIT_VOID(b);
		CHECK_SEEN(debug ? "nap:cancelled [Cancellation was swallowed: swallows ended well, its cancellation not taken back] nap:cancelled" :
				   "nap:cancelled nap:cancelled");
	}
	END;
}

TEST(debug_mode_tells_of_a_cancellation_that_was_swallowed)
{
	PLAY_SIM(cancels_both);
}

TEST(without_memory_debug_mode_stays_off)
{
	async_loop *loop = async_loop_new(NULL);

	async_set_debug(loop, false);
	async__fail_alloc(1);
	async_set_debug(loop, true);
	CHECK(!async_get_debug(loop));
	async_set_slow_callback_duration(loop, 1);
	async_set_debug(loop, true);
	async_set_debug(loop, true);
	CHECK(async_get_debug(loop));
	async_loop_close(loop);
}
