/* soak_test.async.c: 10,000 connections, a thousand at a time, of clients that are served, give up, are cancelled, hang up, or do not
 * read; afterwards nothing is left of them.  ASYNC_SOAK=1000000 makes it that many. */
#include "async_testing.h"

#include <errno.h>
#include <malloc.h>
#include <sys/resource.h>

enum { AT_ONCE = 1000, SMALL = 64, LARGE = 200000 };

static int port;
static unsigned served, ended, reported;
static unsigned outcomes[6];

/* ---- The server ---- */

static async void echo(async_stream *client, void *arg)
{
	char buffer[4096];
	size_t n;

	(void)arg;
	served++;
	async_try {
		while ((n = await async_stream_read(client, buffer, sizeof buffer)) > 0)
			await async_stream_write(client, buffer, n);
	} async_except (err) {
		if (err.code != ECONNRESET && err.code != EPIPE)
			async_reraise(); /* the handler counts it */
	} async_finally {
		ended++;
	}
}

static void count_report(const async_error_context *context, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", context->message, context->error.message);
	reported++;
}

/* ---- The clients: each does what it says, and checks how that ends ---- */

static async void is_served(async_stream *s)
{
	char out[SMALL], in[SMALL];

	for (int round = 0; round < 3; round++) {
		memset(out, 'a' + round, sizeof out);
		await async_stream_write(s, out, sizeof out);
		await async_stream_readexactly(s, in, sizeof in);
		CHECK(!memcmp(in, out, sizeof in));
	}
}

static async void gives_up(async_stream *s)
{
	char byte;
	size_t n = 0;

	CHECK((await async_catch(n = async_wait_for(async_stream_read(s, &byte, 1), 0.005))).code == ASYNC_TIMEOUT && n == 0);
}

static async void read_for_ever(async_stream *s)
{
	char byte;

	while (await async_stream_read(s, &byte, 1) > 0)
		;
}

static async void is_cancelled(async_stream *s)
{
	async_task(void) reader = async_create_task(read_for_ever(s));

	await async_stream_write(s, "x", 1);
	await async_sleep(0.001);
	async_cancel(reader);
	CHECK((await async_catch(*reader)).code == ASYNC_CANCELLED);
}

static async void hangs_up(async_stream *s)
{
	await async_stream_write(s, "hello", 5);
	async_stream_abort(s);
}

static async void closes_half(async_stream *s)
{
	async_bytes all;

	await async_stream_write(s, "the end", 7);
	CHECK(!async_stream_write_eof(s));
	all = await async_stream_read_all(s);
	CHECK(is(all, "the end"));
}

static async void does_not_read(async_stream *s)
{
	static char large[LARGE];
	async_error err = await async_catch(async_wait_for(async_stream_write(s, large, sizeof large), 0.005));

	CHECK(err.code == 0 || err.code == ASYNC_TIMEOUT);
	async_stream_abort(s);
}

static async void run_client(unsigned i)
{
	static void (*const behaviours[])(async_stream *) = {is_served, gives_up, is_cancelled, hangs_up, closes_half, does_not_read};
	unsigned behaviour = i % (sizeof behaviours / sizeof *behaviours);
	async_stream *s = await async_open_connection("127.0.0.1", port);

	async_try {
		await behaviours[behaviour](s);
		outcomes[behaviour]++;
	} async_finally {
		async_stream_free(s);
	}
}

/* ---- Waves of them ---- */

static async void run_wave(unsigned first, unsigned n)
{
	async_task_group (group)
		for (unsigned i = 0; i < n; i++)
			async_create_task_in(group, run_client(first + i));
	AWAIT_UNTIL(ended == served && served == first + n);
}

static unsigned how_many(void)
{
	const char *wish = getenv("ASYNC_SOAK");

	return wish ? (unsigned)atoi(wish) : 10000;
}

/* Each connection has two descriptors here. */
static unsigned at_once(void)
{
	struct rlimit limit;

	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	return limit.rlim_cur > 2 * AT_ONCE + 100 ? AT_ONCE : (unsigned)(limit.rlim_cur - 100) / 2;
}

static async void run_soak(void)
{
	async_server *server = await async_start_server(echo, NULL, "127.0.0.1", 0);
	unsigned n = how_many(), wave = at_once(), waves = 0, more = 0, done = 0;
	int descriptors = count_descriptors();
	size_t memory = 0;

	port = async_server_port(server);
	async_set_exception_handler(count_report, NULL);
	for (; done < n; done += wave < n - done ? wave : n - done) {
		await run_wave(done, wave < n - done ? wave : n - done);
		AWAIT_UNTIL(count_descriptors() == descriptors);
		waves++;
		if (mallinfo2().uordblks > memory) {
			memory = mallinfo2().uordblks;
			more++;
		}
	}
	for (unsigned i = 0; i < 6; i++)
		CHECK(outcomes[i] == (n + 5 - i) / 6);
	CHECK(!reported && async_get_running_loop()->n_tasks == 2);
	/* What is kept for later is what the busiest wave needed, whichever that was: a leak would make every wave take more than those before. */
	CHECK(waves < 8 || more < waves);
	async_server_free(server);
}
TEST(connections_come_and_go_and_nothing_is_left)
{
	alarm(60 + how_many() / 100);
	async_run(run_soak());
}
