/* unclosed_test.async.c: what is open when the process ends is named, in debug mode. */
#include "async_testing.h"

#include <sys/socket.h>

static int pair[2];
static char text[4096];

/* What run says on stderr, in a process that ends by exit. */
static const char *said_by(void (*run)(void), const char *debug)
{
	int ends[2];
	pid_t child;

	CHECK(!pipe(ends));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		setenv("ASYNC_DEBUG", debug, 1);
		run();
		exit(0);
	}
	close(ends[1]);
	close(pair[0]);
	close(pair[1]);
	memset(text, 0, sizeof text);
	for (ssize_t n, at = 0; (n = read(ends[0], text + at, sizeof text - 1 - (size_t)at)) > 0; at += n)
		;
	close(ends[0]);
	CHECK(waitpid(child, NULL, 0) == child);
	return text;
}

static void leave_a_stream(void)
{
	CHECK(async_stream_new(pair[0]));
}

static void leave_a_loop(void)
{
	CHECK(async_loop_new(NULL));
}

static async void exchange(void)
{
	async_stream *a = async_stream_new(pair[0]), *b = async_stream_new(pair[1]);

	await async_stream_write(a, "x", 1);
	async_stream_free(a);
	CHECK((await async_stream_read_all(b)).size == 1);
	async_stream_free(b);
}

static void leave_nothing(void)
{
	async_loop *loop = async_loop_new(NULL);

	async_run_on(loop, exchange());
	CHECK(async_loop_close(loop));
}

static async void exit_inside(void)
{
	async_stream *a = async_stream_new(pair[0]);

	async_stream_abort(a);
	exit(0);
}

static void leave_in_the_midst(void)
{
	async_run(exit_inside());
}

/* The pool's process, a fork, has nothing to say about its parent's things. */
static void leave_to_a_child(void)
{
	async_stream *stream = async_stream_new(pair[0]);
	pid_t child = fork();

	if (child == 0)
		exit(0);
	waitpid(child, NULL, 0);
	async_stream_free(stream);
}

TEST(unclosed_200_streams_and_loops_are_named_when_the_process_ends)
{
	char expected[128];

	said_by(leave_a_stream, "1");
	snprintf(expected, sizeof expected, "asyncc: a stream on descriptor %d was never closed: async_stream_free is missing\n", pair[0]);
	CHECK(!strcmp(text, expected));
	CHECK(!strcmp(said_by(leave_a_loop, "1"), "asyncc: a loop was never closed: async_loop_close is missing\n"));
}

TEST(closed_200_ones_are_not)
{
	CHECK(!*said_by(leave_nothing, "1"));
	CHECK(!*said_by(leave_in_the_midst, "1"));
	CHECK(!*said_by(leave_to_a_child, "1"));
	CHECK(!*said_by(leave_a_stream, "0") && !*said_by(leave_a_loop, "0"));
}
