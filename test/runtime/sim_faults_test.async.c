/* sim_faults_test.async.c: datagrams, files sent from kernel to kernel, streams and servers in a kernel in a bad mood, the same for the
 * same seed. */
#include "async_testing.h"

#include <async/sim.h>
#include <errno.h>
#include <sys/socket.h>

enum { MESSAGES = 100, FILE_SIZE = 300000 };

static async_loop *loop;
static int pair[2];

static void make_pair(int type)
{
	CHECK(!socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
}

static void close_pair(void)
{
	async_close(pair[0]);
	async_close(pair[1]);
}

static void be_moody(uint64_t seed)
{
	async_sim_seed(loop, seed);
	async_sim_fault_rate(loop, ASYNC_SIM_SHORT, 0.5);
	async_sim_fault_rate(loop, ASYNC_SIM_INTERRUPTED, 0.2);
	async_sim_fault_rate(loop, ASYNC_SIM_AGAIN, 0.3);
	async_sim_fault_rate(loop, ASYNC_SIM_DELAY, 0.1);
}

/* Runs it in virtual time and in a bad mood; the trace's hash. */
#define RUN_MOODY(seed, call)                          \
	({                                             \
		uint64_t hash_;                        \
		loop = async_loop_new(&async_loop_sim); \
		be_moody(seed);                        \
		async_run_on(loop, call);              \
		hash_ = async_sim_trace_hash(loop);    \
		async_loop_close(loop);                \
		hash_;                                 \
	})

/* ---- Nothing is lost ---- */

static async void send_messages(void)
{
	for (int i = 0; i < MESSAGES; i++)
		CHECK(await async_sendto(pair[0], &i, sizeof i, 0, NULL, 0) == sizeof i);
}

static async void run_messages(void)
{
	int got;

	make_pair(SOCK_DGRAM);
	async_task(void) sender = async_create_task(send_messages());
	for (int i = 0; i < MESSAGES; i++)
		CHECK(await async_recvfrom(pair[1], &got, sizeof got, 0, NULL, NULL) == sizeof got && got == i);
	await *sender;
	close_pair();
}

static async void send_file(void)
{
	FILE *file = tmpfile();
	off_t offset = 0;

	for (int i = 0; i < FILE_SIZE; i++)
		putc(i * 7, file);
	fflush(file);
	CHECK(await async_sendfile(pair[0], fileno(file), &offset, FILE_SIZE + 1) == FILE_SIZE && offset == FILE_SIZE);
	async_close(pair[0]);
	fclose(file);
}

static async void run_file(void)
{
	async_stream *in;
	async_bytes all;

	make_pair(SOCK_STREAM);
	in = async_stream_new(pair[1]);
	async_task(void) sender = async_create_task(send_file());
	all = await async_stream_read_all(in);
	CHECK(all.size == FILE_SIZE);
	for (int i = 0; i < FILE_SIZE; i++)
		CHECK(all.data[i] == (char)(i * 7));
	await *sender;
	async_stream_free(in);
}

static async void run_both(void)
{
	await run_messages();
	await run_file();
}

TEST(datagrams_and_files_arrive_whole_in_a_bad_mood)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		RUN_MOODY(seed, run_both());
}

TEST(a_seed_repeats_the_faults_of_datagrams_and_files)
{
	uint64_t first = RUN_MOODY(7, run_both());

	CHECK(RUN_MOODY(7, run_both()) == first);
	CHECK(RUN_MOODY(8, run_both()) != first);
}

/* ---- Errors ---- */

static async void run_reset(void)
{
	FILE *file = tmpfile();
	char byte = 0;

	make_pair(SOCK_DGRAM);
	async_sim_fault_rate(loop, ASYNC_SIM_RESET, 1);
	CHECK((await async_catch(async_sendto(pair[0], &byte, 1, 0, NULL, 0))).code == ECONNRESET);
	CHECK((await async_catch(async_recvfrom(pair[1], &byte, 1, 0, NULL, NULL))).code == ECONNRESET);
	CHECK((await async_catch(async_sendfile(pair[0], fileno(file), NULL, 1))).code == ECONNRESET);
	async_sim_fault_rate(loop, ASYNC_SIM_RESET, 0);
	CHECK(await async_sendto(pair[0], &byte, 1, 0, NULL, 0) == 1 && await async_recvfrom(pair[1], &byte, 1, 0, NULL, NULL) == 1);
	fclose(file);
	close_pair();
}
TEST(a_reset_is_an_error_of_datagrams_and_files_too)
{
	RUN_MOODY(1, run_reset());
}

static async void greet(async_stream *client, void *arg)
{
	(void)arg;
	await async_stream_write(client, "hi", 2);
}

static void ignore(const async_error_context *context, void *arg)
{
	(void)context, (void)arg;
}

/* It pauses for a second each time: a minute without descriptors is 60 attempts, or fewer. */
static async void run_without_descriptors(void)
{
	async_server *server = await async_start_server(greet, NULL, "127.0.0.1", 0);
	async_stream *client;
	char hi[2];

	async_set_exception_handler(ignore, NULL);
	async_sim_fault_rate(loop, ASYNC_SIM_NO_DESCRIPTORS, 1);
	client = await async_open_connection("127.0.0.1", async_server_port(server));
	await async_sleep(60);
	CHECK(async_sim_faults(loop, ASYNC_SIM_NO_DESCRIPTORS) > 1 && async_sim_faults(loop, ASYNC_SIM_NO_DESCRIPTORS) <= 61);
	async_sim_fault_rate(loop, ASYNC_SIM_NO_DESCRIPTORS, 0);
	await async_stream_readexactly(client, hi, 2);
	async_stream_free(client);
	async_server_free(server);
}
TEST(a_server_without_descriptors_waits_and_then_serves)
{
	loop = async_loop_new(&async_loop_sim);
	async_sim_patience(loop, 0.001); /* the network hands over when it pleases */
	async_run_on(loop, run_without_descriptors());
	async_loop_close(loop);
}
