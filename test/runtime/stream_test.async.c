/* stream_test.async.c: streams and servers, in async C.  Numbers: README.md. */
#include "async_testing.h"
#include <async/sim.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* ---- Support ---- */

static async_stream *a, *b; /* the two ends of a connection */

static void connect_pair(void)
{
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	a = async_stream_new(fds[0]);
	b = async_stream_new(fds[1]);
	CHECK(a && b);
}

static void free_pair(void)
{
	async_stream_free(a);
	async_stream_free(b);
}

static void put(async_stream *s, const char *text)
{
	CHECK(async_stream_write_nowait(s, text, strlen(text)) == 0);
}

static char heard[1024];

static void hear(const async_error_context *context, void *arg)
{
	(void)arg;
	snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "[%s: %s]", context->message, context->error.message);
}

static char big[4 << 20];

/* ---- Reading: 191, 192 ---- */

static async void run_lines(void)
{
	connect_pair();
	put(b, "one\ntwo\n\nlast");
	async_stream_free(b);
	CHECK(is(await async_stream_readline(a), "one\n"));
	CHECK(is(await async_stream_readline(a), "two\n"));
	CHECK(!async_stream_at_eof(a));
	CHECK(is(await async_stream_readline(a), "\n"));
	CHECK(is(await async_stream_readline(a), "last"));
	CHECK(is(await async_stream_readline(a), "") && async_stream_at_eof(a));
	CHECK(is(await async_stream_readline(a), ""));
	async_stream_free(a);
}
TEST(lines_191_come_one_by_one_and_the_last_without_its_end)
{
	async_run(run_lines());
}

static async void write_slowly(async_stream *s, const char *text, size_t step)
{
	for (size_t size = strlen(text); size; size -= step, text += step) {
		step = step < size ? step : size;
		await async_stream_write(s, text, step);
		await async_sleep(0.001);
	}
}

static async void run_slow_lines(void)
{
	connect_pair();
	async_task(void) writer = async_create_task(write_slowly(b, "a line\r\nthe second\r\n", 3));
	CHECK(is(await async_stream_readuntil(a, "\r\n", 2), "a line\r\n"));
	CHECK(is(await async_stream_readuntil(a, "\r\n", 2), "the second\r\n"));
	await *writer;
	free_pair();
}
TEST(a_separator_191_may_come_in_two_pieces)
{
	async_run(run_slow_lines());
}

/* Few letters, so much of what is searched looks like the beginning of a separator. */
static async void read_until(const char *text, size_t n, const char *separator, size_t size)
{
	connect_pair();
	CHECK(async_stream_write_nowait(b, text, n) == 0);
	async_stream_free(b);
	for (const char *end; (end = memmem(text, n, separator, size)); n -= (size_t)(end + size - text), text = end + size) {
		async_bytes part = await async_stream_readuntil(a, separator, size);

		CHECK(part.size == (size_t)(end + size - text) && !memcmp(part.data, text, part.size));
	}
	CHECK((await async_catch(async_stream_readuntil(a, separator, size))).code == ASYNC_END_OF_FILE);
	CHECK(async_stream_partial(a).size == n);
	async_stream_free(a);
}

static async void run_separators(void)
{
	char text[200], separator[12];
	unsigned seed = 1;

	for (size_t size = 1; size <= sizeof separator; size++)
		for (int times = 0; times < 20; times++) {
			for (size_t i = 0; i < sizeof text; i++)
				text[i] = "\0\n\n\n"[(seed = seed * 1103515245 + 12345) >> 16 & 3];
			memcpy(separator, text + sizeof text / 2, size);
			await read_until(text, sizeof text - (size_t)times, separator, size);
		}
}
TEST(separators_191_of_all_lengths_are_found_where_they_are)
{
	async_run(run_separators());
}

static async void run_exactly(void)
{
	char buffer[8];

	connect_pair();
	async_task(void) writer = async_create_task(write_slowly(b, "12345678abc", 3));
	await async_stream_readexactly(a, buffer, 8);
	CHECK(memcmp(buffer, "12345678", 8) == 0);
	await *writer;
	async_stream_close(b);
	async_error err = await async_catch(async_stream_readexactly(a, buffer, 8));
	CHECK(err.code == ASYNC_END_OF_FILE && is(async_stream_partial(a), "abc"));
	err = await async_catch(async_stream_readexactly(a, buffer, 1));
	CHECK(err.code == ASYNC_END_OF_FILE && is(async_stream_partial(a), ""));
	await async_stream_readexactly(a, buffer, 0);
	free_pair();
}
TEST(readexactly_191_tells_what_the_end_cut_short)
{
	async_run(run_exactly());
}

static async void run_until_end(void)
{
	connect_pair();
	put(b, "some;more");
	async_stream_close(b);
	CHECK(is(await async_stream_readuntil(a, ";", 1), "some;"));
	async_error err = await async_catch(async_stream_readuntil(a, ";", 1));
	CHECK(err.code == ASYNC_END_OF_FILE && is(async_stream_partial(a), "more"));
	err = await async_catch(async_stream_readuntil(a, "", 0));
	CHECK(err.code == EINVAL);
	free_pair();
}
TEST(readuntil_191_at_the_end_has_the_partial_bytes)
{
	async_run(run_until_end());
}

static async void run_limit(void)
{
	char buffer[32];
	async_error err;

	connect_pair();
	async_stream_set_limit(a, 4);
	put(b, "long line;ok;");
	err = await async_catch(async_stream_readuntil(a, ";", 1));
	CHECK(err.code == ASYNC_LIMIT && async_stream_partial(a).size == 9);
	await async_stream_readexactly(a, buffer, 10); /* nothing was lost */
	CHECK(memcmp(buffer, "long line;", 10) == 0);
	CHECK(is(await async_stream_readuntil(a, ";", 1), "ok;"));
	put(b, "no separator");
	err = await async_catch(async_stream_readuntil(a, "xyz", 3));
	CHECK(err.code == ASYNC_LIMIT && async_stream_partial(a).size == 10);
	await async_stream_readexactly(a, buffer, 12);
	CHECK(memcmp(buffer, "no separator", 12) == 0);
	put(b, "four;");
	CHECK(is(await async_stream_readuntil(a, ";", 1), "four;"));
	free_pair();
}
TEST(readuntil_191_over_the_limit_counts_and_loses_nothing)
{
	async_run(run_limit());
}

static async void run_line_limit(void)
{
	async_error err;

	connect_pair();
	async_stream_set_limit(a, 3);
	put(b, "longer\nok\n");
	err = await async_catch(async_stream_readline(a));
	CHECK(err.code == ASYNC_LIMIT);
	CHECK(is(await async_stream_readline(a), "ok\n"));
	put(b, "longer");
	err = await async_catch(async_stream_readline(a));
	CHECK(err.code == ASYNC_LIMIT);
	put(b, "ok\n");
	CHECK(is(await async_stream_readline(a), "ok\n"));
	free_pair();
}
TEST(readline_191_limit_drops_the_line_and_goes_on)
{
	async_run(run_line_limit());
}

static async void run_read(void)
{
	char buffer[16];

	connect_pair();
	put(b, "hello, world");
	CHECK(await async_stream_read(a, buffer, 5) == 5 && memcmp(buffer, "hello", 5) == 0);
	CHECK(is(await async_stream_readuntil(a, "w", 1), ", w"));
	CHECK(await async_stream_read(a, buffer, 16) == 4 && memcmp(buffer, "orld", 4) == 0);
	CHECK(await async_stream_read(a, buffer, 0) == 0 && !async_stream_at_eof(a));
	async_stream_close(b);
	CHECK(await async_stream_read(a, buffer, 16) == 0 && async_stream_at_eof(a));
	free_pair();
}
TEST(read_191_gives_what_there_is)
{
	async_run(run_read());
}

static async void write_big(async_stream *s, size_t size)
{
	await async_stream_write(s, big, size);
	CHECK(async_stream_write_eof(s) == 0);
	CHECK(async_stream_write_nowait(s, "x", 1) == ASYNC_CLOSED);
}

static async void run_read_all(void)
{
	async_bytes all;

	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * 7 + i / 4096);
	connect_pair();
	async_task(void) writer = async_create_task(write_big(b, sizeof big));
	all = await async_stream_read_all(a);
	await *writer;
	CHECK(all.size == sizeof big && memcmp(all.data, big, all.size) == 0 && all.data[all.size] == '\0');
	put(a, "back"); /* half closed: the other way is open */
	char buffer[4];
	await async_stream_readexactly(b, buffer, 4);
	CHECK(memcmp(buffer, "back", 4) == 0);
	free_pair();
}
TEST(read_all_takes_four_megabytes_through_a_socket_that_ends_one_way)
{
	async_run(run_read_all());
}

static async void read_line(async_stream *s, const char *expected)
{
	CHECK(is(await async_stream_readline(s), expected));
}

static async void run_cancelled_reader(void)
{
	connect_pair();
	put(b, "half a ");
	async_task(void) reader = async_create_task(read_line(a, "never"));
	await async_sleep(0.01);
	CHECK(!async_done(reader));
	async_cancel(reader);
	CHECK((await async_catch(*reader)).code == ASYNC_CANCELLED);
	put(b, "line\n");
	CHECK(is(await async_stream_readline(a), "half a line\n"));
	CHECK(async_get_running_loop()->fd_waits == 0);
	free_pair();
}
TEST(a_cancelled_reader_192_loses_no_byte)
{
	async_run(run_cancelled_reader());
}

static async void run_set_exception(void)
{
	connect_pair();
	put(a, "gone");
	async_task(async_bytes) reader = async_create_task(async_stream_readline(a));
	await async_sleep(0.01);
	async_stream_set_exception(a, EPROTO, "nonsense from %s", "the peer");
	async_error err = await async_catch(*reader);
	CHECK(err.code == EPROTO && !strcmp(err.message, "nonsense from the peer"));
	CHECK((await async_catch(async_stream_readline(a))).code == EPROTO);
	CHECK((await async_catch(async_stream_drain(a))).code == EPROTO);
	CHECK((await async_catch(async_stream_write(a, "x", 1))).code == EPROTO);
	free_pair();
}
TEST(set_exception_192_wakes_the_reader_and_stays)
{
	async_run(run_set_exception());
}

/* As everywhere, an error without a code is one, and one without a text has its code's. */
static async void run_set_nothing(void)
{
	const char *no_format = NULL;

	connect_pair();
	async_stream_set_exception(a, 0, "%s", "broken");
	async_error err = await async_catch(async_stream_readline(a));
	CHECK(err.code == ASYNC_ERROR && !strcmp(err.message, "broken"));
	free_pair();
	connect_pair();
	async_stream_set_exception(a, ASYNC_LIMIT, no_format, 0);
	err = await async_catch(async_stream_readline(a));
	CHECK(err.code == ASYNC_LIMIT && !strcmp(err.message, async_error_text(ASYNC_LIMIT)));
	free_pair();
}

/* What readline would go on from, were it its own. */
static async void run_set_own_codes(void)
{
	const int codes[] = {ASYNC_LIMIT, ASYNC_END_OF_FILE};

	for (int i = 0; i < 4; i++) {
		connect_pair();
		if (i < 2) {
			put(a, "some");
			await async_sleep(0.001);
		}
		async_stream_set_exception(a, codes[i % 2], "the user's");
		for (int again = 0; again < 2; again++) {
			async_error err = await async_catch(async_stream_readline(a));
			CHECK(err.code == codes[i % 2] && !strcmp(err.message, "the user's"));
		}
		free_pair();
	}
}
TEST(an_exception_that_has_a_code_of_readlines_own_is_raised_as_any_other)
{
	async_run(run_set_own_codes());
}
TEST(set_exception_without_a_code_or_a_text_breaks_the_connection_all_the_same)
{
	async_run(run_set_nothing());
}

static async void run_two_readers(void)
{
	connect_pair();
	async_task(void) reader = async_create_task(read_line(a, "mine\n"));
	await async_sleep(0);
	CHECK((await async_catch(async_stream_readline(a))).code == ASYNC_INVALID_STATE);
	put(b, "mine\n");
	await *reader;
	free_pair();
}
TEST(a_second_reader_is_refused_and_the_first_reads_on)
{
	async_run(run_two_readers());
}

/* ---- Writing: 193, 194 ---- */

static unsigned drained;

static async void drain(async_stream *s)
{
	await async_stream_drain(s);
	drained++;
}

static async size_t read_away(async_stream *s)
{
	static char sink[1 << 16];
	size_t n, total = 0;

	while ((n = await async_stream_read(s, sink, sizeof sink)) > 0)
		total += n;
	return total;
}

static async void run_drainers(void)
{
	async_task(void) drainers[100];

	connect_pair();
	CHECK(async_stream_write_nowait(a, big, sizeof big) == 0);
	for (int i = 0; i < 100; i++)
		drainers[i] = async_create_task(drain(a));
	await async_sleep(0.005);
	CHECK(drained == 0 && async_stream_unsent(a) > 65536);
	async_cancel(drainers[50]);
	async_task(size_t) reader = async_create_task(read_away(b));
	for (int i = 0; i < 100; i++)
		CHECK((await async_catch(*drainers[i])).code == (i == 50 ? ASYNC_CANCELLED : 0));
	CHECK(drained == 99 && async_stream_unsent(a) <= 16384);
	async_stream_close(a);
	CHECK(await *reader == sizeof big);
	free_pair();
}
TEST(all_drainers_193_resume_when_the_reader_has_caught_up)
{
	async_run(run_drainers());
}

static async void write_for_ever(async_stream *s)
{
	for (;;)
		await async_stream_write(s, big, 10000);
}

static async void run_slow_reader(void)
{
	connect_pair();
	async_task(void) writer = async_create_task(write_for_ever(a));
	await async_sleep(0.02);
	CHECK(!async_done(writer) && async_stream_unsent(a) <= 65536 + 10000);
	static char some[1 << 16];
	for (int i = 0; i < 100; i++) {
		await async_stream_readexactly(b, some, sizeof some);
		CHECK(async_stream_unsent(a) <= 65536 + 10000);
	}
	async_cancel(writer);
	CHECK((await async_catch(*writer)).code == ASYNC_CANCELLED);
	async_stream_abort(a);
	free_pair();
}
TEST(a_slow_reader_makes_a_slow_writer)
{
	async_run(run_slow_reader());
}

static async void run_dead_peer(void)
{
	connect_pair();
	async_task(void) writer = async_create_task(write_for_ever(a));
	async_task(void) drainer = async_create_task(drain(a));
	await async_sleep(0.01);
	async_stream_free(b);
	async_error err = await async_catch(*writer);
	CHECK(err.code == EPIPE || err.code == ECONNRESET);
	CHECK((await async_catch(*drainer)).code == err.code);
	for (int i = 0; i < 3; i++)
		CHECK((await async_catch(async_stream_drain(a))).code == err.code);
	CHECK(async_stream_unsent(a) == 0 && async_get_running_loop()->fd_waits == 0);
	CHECK((await async_catch(async_stream_wait_closed(a))).code == err.code);
	async_stream_free(a);
}
TEST(drain_193_on_a_dead_peer_raises_and_never_spins)
{
	async_run(run_dead_peer());
}

static async void run_write_after_close(void)
{
	connect_pair();
	put(a, "before");
	async_stream_close(a);
	CHECK(async_stream_is_closing(a));
	CHECK(async_stream_write_nowait(a, "x", 1) == ASYNC_CLOSED);
	CHECK((await async_catch(async_stream_drain(a))).code == ASYNC_CLOSED);
	await async_stream_wait_closed(a);
	CHECK(async_stream_fd(a) == -1);
	CHECK(is(await async_stream_read_all(b), "before"));
	free_pair();
}
TEST(write_after_close_194_is_an_error_at_drain)
{
	async_run(run_write_after_close());
}

static async void run_unread(void)
{
	connect_pair();
	put(b, "nobody reads this");
	await async_sleep(0.01);
	async_stream_close(a);
	await async_wait_for(async_stream_wait_closed(a), 10);
	free_pair();
}
TEST(wait_closed_194_completes_with_unread_data)
{
	async_run(run_unread());
}

static async void run_graceful(void)
{
	connect_pair();
	CHECK(async_stream_write_nowait(a, big, sizeof big) == 0);
	async_stream_close(a);
	CHECK(async_stream_fd(a) >= 0);
	async_task(void) closed = async_create_task(async_stream_wait_closed(a));
	await async_sleep(0.01);
	CHECK(!async_done(closed));
	async_stream_free(a); /* what is unsent goes on being sent */
	CHECK(await read_away(b) == sizeof big);
	CHECK((await async_catch(*closed)).code == ASYNC_CLOSED);
	async_stream_free(b);
}
TEST(a_stream_that_is_freed_sends_the_rest_first)
{
	async_run(run_graceful());
}

static async void run_abort(void)
{
	connect_pair();
	CHECK(async_stream_write_nowait(a, big, sizeof big) == 0);
	async_task(void) drainer = async_create_task(drain(a));
	await async_sleep(0);
	async_stream_abort(a);
	CHECK(async_stream_fd(a) == -1);
	await *drainer;
	await async_stream_wait_closed(a);
	CHECK(await read_away(b) < sizeof big);
	free_pair();
}
TEST(abort_drops_what_is_unsent)
{
	async_run(run_abort());
}

static async void run_close_under_reader(void)
{
	connect_pair();
	async_task(void) reader = async_create_task(read_line(a, ""));
	await async_sleep(0.01);
	async_stream_close(a);
	await *reader; /* the end */
	async_task(async_bytes) other = async_create_task(async_stream_readline(b));
	await async_sleep(0);
	async_stream_free(b);
	async_error err = await async_catch(*other);
	CHECK(err.code == ASYNC_CLOSED || err.code == 0);
	async_stream_free(a);
}
TEST(closing_under_a_reader_is_its_end_and_freeing_is_safe)
{
	async_run(run_close_under_reader());
}

static async void run_pipe(void)
{
	int fds[2];
	async_error err;

	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	a = async_stream_new(fds[0]);
	b = async_stream_new(fds[1]);
	put(b, "through a pipe\n");
	CHECK(is(await async_stream_readline(a), "through a pipe\n"));
	async_stream_free(a);
	err = await async_catch(write_for_ever(b)); /* SIGPIPE would end us */
	CHECK(err.code == EPIPE);
	async_stream_free(b);
}
TEST(a_pipe_that_nobody_reads_is_an_error_not_a_signal)
{
	async_run(run_pipe());
}

static async void run_standard(void)
{
	int in[2], out[2], saved[2] = {dup(0), dup(1)};

	fflush(stdout);
	CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	dup2(in[0], 0);
	dup2(out[1], 1);
	a = async_stream_new(0);
	b = async_stream_new(1);
	async_task(void) reader = async_create_task(read_line(a, "typed\n"));
	async_task(void) writer = async_create_task(async_stream_write(b, big, 300000));
	await async_sleep(0.01); /* neither blocks the loop */
	CHECK(!async_done(reader) && !async_done(writer));
	CHECK(!(fcntl(0, F_GETFL) & O_NONBLOCK) && !(fcntl(1, F_GETFL) & O_NONBLOCK));
	CHECK(write(in[1], "typed\n", 6) == 6);
	await *reader;
	async_stream *rest = async_stream_new(out[0]);
	static char sink[300000];
	await async_stream_readexactly(rest, sink, sizeof sink);
	await *writer;
	free_pair();
	async_stream_free(rest);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
}
TEST(standard_descriptors_stay_blocking_and_never_block_the_loop)
{
	async_run(run_standard());
}

static async void run_full_disk(void)
{
	async_stream *full = async_stream_new(open("/dev/full", O_WRONLY | O_CLOEXEC));
	async_error err = await async_catch(async_stream_write(full, "x", 1));

	CHECK(err.code == ENOSPC);
	async_stream_free(full);
}
TEST(a_full_disk_is_an_error_at_the_write)
{
	async_run(run_full_disk());
}

static async void run_reset(void)
{
	int fds[2], listener = async_listen("127.0.0.1", 0, 1);
	struct linger reset = {1, 0};

	fds[0] = await async_connect("127.0.0.1", async_local_port(listener));
	fds[1] = await async_accept(listener, NULL, NULL);
	a = async_stream_new(fds[0]);
	setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	async_task(async_bytes) reader = async_create_task(async_stream_readline(a));
	await async_sleep(0.01);
	async_close(fds[1]); /* the peer vanishes */
	CHECK((await async_catch(*reader)).code == ECONNRESET);
	CHECK((await async_catch(async_stream_drain(a))).code == ECONNRESET);
	async_stream_free(a);
	async_close(listener);
}
TEST(a_peer_that_vanishes_is_an_error_at_the_read_and_at_drain)
{
	async_run(run_reset());
}

TEST(ordinary_c_reads_and_writes_streams)
{
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = 'x';
	big[99999] = '\n';
	connect_pair();
	async_stream_write(a, big, 100000);
	async_stream_set_limit(b, 200000);
	async_stream_write(b, "back\n", 5);
	CHECK(is(async_stream_readline(a), "back\n"));
	CHECK(async_stream_readline(b).size == 100000);
	CHECK(async_stream_write_nowait(a, "end\n", 4) == 0);
	async_stream_free(a);
	CHECK(is(async_stream_readline(b), "end\n"));
	CHECK(is(async_stream_readline(b), ""));
	async_stream_free(b);
}

/* ---- Servers: 149, 195, 196 ---- */

static async void echo(async_stream *s, void *arg)
{
	async_bytes line;
	unsigned *served = arg;

	while ((line = await async_stream_readline(s)).size > 0)
		await async_stream_write(s, line.data, line.size);
	++*served;
}

static async void say(int port, const char *text)
{
	async_stream *s = await async_open_connection("127.0.0.1", port);

	for (int i = 0; i < 10; i++) {
		await async_stream_write(s, text, strlen(text));
		CHECK(is(await async_stream_readline(s), text));
	}
	async_stream_free(s);
}

static async void run_echo(void)
{
	async_task(void) clients[50];
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);

	for (int i = 0; i < 50; i++)
		clients[i] = async_create_task(say(async_server_port(server), "hello, server\n"));
	for (int i = 0; i < 50; i++)
		await *clients[i];
	async_server_close(server);
	await async_server_wait_closed(server);
	CHECK(served == 50);
	async_server_free(server);
}
TEST(a_server_echoes_to_fifty_clients)
{
	async_run(run_echo());
}

static async void run_localhost(void)
{
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, NULL, 0);

	await say(async_server_port(server), "to whatever address\n");
	async_server_free(server);
	AWAIT_UNTIL(served == 1);
}
TEST(a_server_that_is_freed_ends_with_its_last_client)
{
	async_run(run_localhost());
}

static async void run_unix(void)
{
	char path[64];
	unsigned served = 0;

	snprintf(path, sizeof path, "/tmp/stream_test.%d", (int)getpid());
	for (int i = 0; i < 2; i++) { /* the second finds the socket of the first */
		async_server *server = await async_start_unix_server(echo, &served, path);
		async_stream *s = await async_open_unix_connection(path);

		CHECK((await async_catch(async_start_unix_server(echo, &served, path))).code == EADDRINUSE);
		await async_stream_write(s, "local\n", 6);
		CHECK(is(await async_stream_readline(s), "local\n"));
		async_stream_free(s);
		async_server_close(server);
		await async_server_wait_closed(server);
		async_server_free(server);
	}
	CHECK((await async_catch(async_open_unix_connection(path))).code == ECONNREFUSED);
	unlink(path);
	CHECK((await async_catch(async_open_unix_connection(path))).code == ENOENT);
	CHECK(served == 2 + 0 || served == 4);
}
TEST(a_unix_server_replaces_a_socket_that_nobody_serves)
{
	async_run(run_unix());
}

static async void fail(async_stream *s, void *arg)
{
	(void)arg;
	await async_stream_readline(s);
	async_raise(EPROTO, "no such command");
}

static async void run_failing_client(void)
{
	async_server *server = await async_start_server(fail, NULL, "127.0.0.1", 0);
	async_stream *s = await async_open_connection("127.0.0.1", async_server_port(server));

	async_set_exception_handler(hear, NULL);
	put(s, "x\n");
	CHECK(is(await async_stream_readline(s), "")); /* closed */
	AWAIT_UNTIL(*heard);
	CHECK(!strcmp(heard, "[Unhandled exception in client_connected_cb: no such command]"));
	async_stream_free(s);
	async_server_free(server);
}
TEST(an_error_of_a_client_149_goes_to_the_handler)
{
	async_run(run_failing_client());
}

static async_handle victim;

static async void wait_to_be_cancelled(async_stream *s, void *arg)
{
	(void)arg;
	victim = async_current_task();
	await async_stream_readline(s);
}

static async void run_cancelled_client(void)
{
	async_server *server = await async_start_server(wait_to_be_cancelled, NULL, "127.0.0.1", 0);
	async_stream *s = await async_open_connection("127.0.0.1", async_server_port(server));

	async_set_exception_handler(hear, NULL);
	while (!victim)
		await async_sleep(0.001);
	async_cancel(victim);
	CHECK(is(await async_stream_readline(s), ""));
	CHECK(!*heard);
	async_stream_free(s);
	async_server_free(server);
}
TEST(a_cancelled_client_149_is_silent_and_closed)
{
	async_run(run_cancelled_client());
}

static async void run_wait_closed(void)
{
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);
	int port = async_server_port(server);
	async_stream *s = await async_open_connection("127.0.0.1", port);

	put(s, "x\n");
	CHECK(is(await async_stream_readline(s), "x\n"));
	async_task(void) closed = async_create_task(async_server_wait_closed(server));
	await async_sleep(0);
	CHECK(!async_done(closed));
	async_server_close(server);
	async_server_close(server);
	await async_sleep(0.01);
	CHECK(!async_done(closed)); /* there is still a connection */
	CHECK((await async_catch(async_open_connection("127.0.0.1", port))).code == ECONNREFUSED);
	put(s, "y\n");
	CHECK(is(await async_stream_readline(s), "y\n"));
	async_stream_free(s);
	await *closed;
	CHECK(served == 1);
	await async_server_wait_closed(server);
	async_server_free(server);
}
TEST(wait_closed_195_waits_for_the_last_connection)
{
	async_run(run_wait_closed());
}

static async void run_close_clients(void)
{
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);
	async_stream *s = await async_open_connection("127.0.0.1", async_server_port(server));

	put(s, "x\n");
	CHECK(is(await async_stream_readline(s), "x\n"));
	async_server_close(server);
	async_server_close_clients(server);
	await async_wait_for(async_server_wait_closed(server), 10);
	CHECK(is(await async_stream_readline(s), ""));
	async_stream_free(s);
	async_server_free(server);
}
TEST(close_clients_195_ends_them)
{
	async_run(run_close_clients());
}

static async void serve_nobody(void)
{
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);

	await async_sleep(0.01);
	async_server_close(server);
	await async_server_wait_closed(server);
	CHECK(async_all_tasks(NULL, 0) == 1); /* we: who closes the loop now leaves nobody behind */
	async_server_free(server);
}
TEST(wait_closed_waits_for_those_who_accept)
{
	async_run(serve_nobody());
}

static async_stream *flooded;

enum { FLOOD = 16 << 20 }; /* more than the system has room for, however long it may take to say so */

static async void flood(async_stream *s, void *arg)
{
	(void)arg;
	flooded = s;
	async_stream_set_write_limits(s, 2 * FLOOD, 0);
	await write_for_ever(s);
}

static async void run_abort_clients(void)
{
	async_server *server = await async_start_server(flood, NULL, "127.0.0.1", 0);
	async_stream *s = await async_open_connection("127.0.0.1", async_server_port(server));

	async_set_exception_handler(hear, NULL);
	AWAIT_UNTIL(flooded && async_stream_unsent(flooded) > FLOOD); /* nobody reads: all buffers are full */
	async_server_close(server);
	async_server_close_clients(server);
	CHECK((await async_catch(async_wait_for(async_server_wait_closed(server), 0.05))).code == ASYNC_TIMEOUT);
	async_server_abort_clients(server);
	await async_wait_for(async_server_wait_closed(server), 10);
	async_server_free(server);
	AWAIT_UNTIL(strstr(heard, "closed"));
	async_stream_free(s);
}
TEST(abort_clients_195_ends_those_with_full_buffers)
{
	async_run(run_abort_clients());
}

static async void run_forever(async_server *server)
{
	await async_serve_forever(server);
}

static async void run_serve_forever(void)
{
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);
	async_task(void) forever = async_create_task(run_forever(server));

	await say(async_server_port(server), "hello\n");
	async_cancel(forever);
	CHECK((await async_catch(*forever)).code == ASYNC_CANCELLED);
	CHECK(async_server_port(server) == -1 && served == 1);
	async_server_free(server);
}
TEST(serve_forever_closes_when_it_is_cancelled)
{
	async_run(run_serve_forever());
}

static async void run_cancelled_twice(void)
{
	size_t kept = 0; /* memory in use */

	for (int i = 0; i < 400; i++) {
		unsigned served = 0;
		async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);
		async_stream *s = await async_open_connection("127.0.0.1", async_server_port(server));
		async_task(void) forever = async_create_task(run_forever(server));

		put(s, "x\n");
		CHECK(is(await async_stream_readline(s), "x\n"));
		async_cancel(forever);
		await async_sleep(0);
		CHECK(!async_done(forever)); /* there is still a connection */
		async_cancel(forever);
		CHECK((await async_catch(*forever)).code == ASYNC_CANCELLED);
		async_stream_free(s);
		async_server_free(server);
		await async_sleep(0);
		await async_sleep(0);
		if (i == 100)
			kept = mallinfo2().uordblks;
	}
	CHECK(mallinfo2().uordblks < kept + 40000);
}
TEST(serve_forever_that_is_cancelled_twice_lets_go_of_the_server)
{
	async_run(run_cancelled_twice());
}

static async void run_no_descriptors(void)
{
	struct rlimit limit, few;
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);
	int client = async_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)async_server_port(server)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int64_t before;

	async_set_exception_handler(hear, NULL);
	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &few);
	before = async_time();
	await async_connect_fd(client, (struct sockaddr *)&address, sizeof address);
	a = async_stream_new(client);
	put(a, "patience\n");
	AWAIT_UNTIL(*heard);
	setrlimit(RLIMIT_NOFILE, &limit);
	CHECK(!strcmp(heard, "[socket.accept() out of system resource: Too many open files]"));
	CHECK(is(await async_stream_readline(a), "patience\n"));
	CHECK(async_time() - before > 900000000);
	async_stream_free(a);
	async_server_free(server);
	await async_sleep(0.01);
}
TEST(accept_196_without_descriptors_pauses_for_a_second)
{
	async_run(run_no_descriptors());
}

static async void run_left_open(void)
{
	static unsigned served;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);
	async_stream *s = await async_open_connection("127.0.0.1", async_server_port(server));

	await async_sleep(0.01);
	async_stream_free(s);
}
TEST(a_server_ends_with_its_loop)
{
	async_run(run_left_open());
}

static async void run_bad_host(void)
{
	unsigned served = 0;

	CHECK((await async_catch(async_start_server(echo, &served, "192.0.2.1", 0))).code == EADDRNOTAVAIL);
	CHECK((await async_catch(async_start_server(echo, &served, "no.such.host.invalid", 0))).code != 0);
	CHECK((await async_catch(async_open_connection("127.0.0.1", 1))).code == ECONNREFUSED);
}
TEST(addresses_that_are_not_ours_are_errors)
{
	async_run(run_bad_host());
}

/* ---- Without memory ---- */

static void hear_nothing(const async_error_context *context, void *arg)
{
	(void)context, (void)arg;
}

static async void converse(int port)
{
	static char line[100000];
	async_stream *s = await async_open_connection("127.0.0.1", port);

	async_try {
		memset(line, 'x', sizeof line);
		line[sizeof line - 1] = '\n';
		async_stream_set_limit(s, sizeof line);
		await async_stream_write(s, line, sizeof line);
		async_bytes back = await async_stream_readline(s);
		CHECK(back.size == sizeof line || back.size == 0 || back.data[back.size - 1] != '\n');
	} async_finally {
		async_stream_free(s);
	}
}

static async void echo_long(async_stream *s, void *arg)
{
	(void)arg;
	async_stream_set_limit(s, 100000);
	async_bytes line = await async_stream_readline(s);
	await async_stream_write(s, line.data, line.size);
}

static async void serve_once(void)
{
	async_server *server = await async_start_server(echo_long, NULL, "127.0.0.1", 0);

	async_try {
		await converse(async_server_port(server));
		async_server_close(server);
		await async_server_wait_closed(server);
	} async_finally {
		async_server_free(server);
	}
}

static async void run_without_memory(void)
{
	unsigned long n, made;

	async_set_exception_handler(hear_nothing, NULL);
	for (n = 1; n < 1000; n++) {
		async__fail_alloc(n);
		async_error err = await async_catch(async_wait_for(serve_once(), 10));
		made = async__allocs();
		async__fail_alloc(0);
		CHECK(err.code != ASYNC_TIMEOUT);
		for (int i = 0; i < 3; i++)
			await async_sleep(0);
		if (made < n)
			break;
	}
	CHECK(n > 10 && n < 1000);
}
TEST(each_allocation_may_fail_and_nothing_hangs_or_leaks)
{
	async_run(run_without_memory());
}

/* ---- A bad kernel: the simulated loop's ---- */

static async void run_all_of_it(void)
{
	await run_echo();
	await run_read_all();
	drained = 0;
	await run_drainers();
	await run_slow_lines();
}
TEST(short_interrupted_and_blocked_transfers_lose_nothing)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		async_loop *loop = async_loop_new(&async_loop_sim);

		async_sim_seed(loop, seed);
		async_sim_shuffle(loop, true);
		async_sim_patience(loop, 0.002);
		async_sim_fault_rate(loop, ASYNC_SIM_SHORT, 0.5);
		async_sim_fault_rate(loop, ASYNC_SIM_INTERRUPTED, 0.2);
		async_sim_fault_rate(loop, ASYNC_SIM_AGAIN, 0.3);
		async_run_on(loop, run_all_of_it());
		CHECK(async_sim_faults(loop, ASYNC_SIM_SHORT) && async_sim_faults(loop, ASYNC_SIM_AGAIN));
		async_loop_close(loop);
	}
}

static async void try_to_say(int port)
{
	async_stream *s = await async_open_connection("127.0.0.1", port);
	async_error err;

	err = await async_catch(async_stream_write(s, "hello\n", 6));
	if (!err.code)
		err = await async_catch(async_stream_readline(s));
	CHECK(!err.code || err.code == ECONNRESET || err.code == EPIPE);
	async_stream_free(s);
}

static async void run_resets(void)
{
	unsigned served = 0;
	async_server *server = await async_start_server(echo, &served, "127.0.0.1", 0);

	async_set_exception_handler(hear_nothing, NULL);
	for (int i = 0; i < 100; i++)
		await async_catch(try_to_say(async_server_port(server)));
	async_server_close(server);
	await async_server_wait_closed(server);
	async_server_free(server);
}
TEST(connections_that_are_reset_end_and_leak_nothing)
{
	for (unsigned seed = 1; seed <= 10; seed++) {
		async_loop *loop = async_loop_new(&async_loop_sim);

		async_sim_seed(loop, seed);
		async_sim_patience(loop, 0.002);
		async_sim_fault_rate(loop, ASYNC_SIM_RESET, 0.1);
		async_run_on(loop, run_resets());
		CHECK(async_sim_faults(loop, ASYNC_SIM_RESET));
		async_loop_close(loop);
	}
}

/* ---- Many connections ---- */

static unsigned n_served, n_ended;

static async void serve_soaked(async_stream *s, void *arg)
{
	async_bytes line;

	(void)arg;
	n_served++;
	async_try {
		while ((line = await async_stream_readline(s)).size > 0) {
			if (line.data[0] != 'z') /* to which there is no answer */
				await async_stream_write(s, line.data, line.size);
		}
	} async_finally {
		n_ended++;
	}
}

/* One in four is cancelled, one in four times out, one in four vanishes. */
static async void soak_client(int port, unsigned number)
{
	async_stream *s = await async_open_connection("127.0.0.1", port);

	async_try {
		const char *line = number % 4 == 0 || number % 4 == 1 ? "zzz\n" : "hello\n";
		await async_stream_write(s, line, strlen(line));
		if (number % 4 == 2)
			async_stream_abort(s);
		else if (number % 4 == 1)
			await async_wait_for(async_stream_readline(s), 0.001);
		else
			CHECK(is(await async_stream_readline(s), "hello\n"));
	} async_finally {
		async_stream_free(s);
	}
}

static async unsigned soak(int port, unsigned first, unsigned n)
{
	unsigned failed = 0;

	for (unsigned i = first; i < first + n; i++) {
		async_task(void) client = async_create_task(soak_client(port, i));
		if (i % 4 == 0) {
			await async_sleep(0.0005);
			async_cancel(client);
		}
		failed += (await async_catch(*client)).code != 0;
	}
	return failed;
}

static async void run_soak(void)
{
	enum { CLIENTS = 20, ROUNDS = 5, EACH = 100 };
	async_task(unsigned) clients[CLIENTS];
	async_server *server = await async_start_server(serve_soaked, NULL, "127.0.0.1", 0);
	size_t before = 0;
	int descriptors = count_descriptors();
	unsigned failed = 0;

	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < CLIENTS; i++)
			clients[i] = async_create_task(soak(async_server_port(server), i * EACH, EACH));
		for (unsigned i = 0; i < CLIENTS; i++)
			failed += await *clients[i];
		while (n_ended < n_served)
			await async_sleep(0.001);
		if (round == 1)
			before = mallinfo2().uordblks;
	}
	CHECK(failed == CLIENTS * ROUNDS * EACH / 2); /* the cancelled ones, and those out of time: no error is lost */
	async_server_close(server);
	await async_server_wait_closed(server);
	CHECK(mallinfo2().uordblks <= before + 65536); /* nothing, under a sanitizer */
	async_server_free(server);
	CHECK(count_descriptors() <= descriptors);
}
TEST(ten_thousand_connections_come_and_go)
{
	async_run(run_soak());
}
