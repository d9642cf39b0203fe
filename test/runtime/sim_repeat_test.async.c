/* sim_repeat_test.async.c: the simulated network's datagrams, which get lost only if they are to, and a server with clients whose connections
 * time out, are cancelled and break: a seed repeats it all. */
#include "closed_network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/socket.h>

/* ---- Datagrams ---- */

static int open_at(const char *host, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	int fd = async_socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(inet_pton(AF_INET, host, &address.sin_addr) == 1);
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0); /* the program's own, and for real */
	return fd;
}

static struct sockaddr_in address_of(int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;

	CHECK(async_getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	return address;
}

enum { DATAGRAMS = 500 };
static int arrived[DATAGRAMS], n_arrived, out_of_order;

static async void count_datagrams(int fd)
{
	int last = -1;

	for (int i;;) {
		CHECK(await async_recvfrom(fd, &i, sizeof i, 0, NULL, NULL) == sizeof i && i >= 0 && i < DATAGRAMS);
		arrived[i]++;
		n_arrived++;
		out_of_order += i < last;
		last = i;
	}
}

static async void exchange_datagrams(void)
{
	int from = async_socket(AF_INET, SOCK_DGRAM, 0), to = open_at("127.0.0.1", 0);
	struct sockaddr_in there = address_of(to);

	memset(arrived, 0, sizeof arrived);
	n_arrived = out_of_order = 0;
	async_task(void) receiver = async_create_task(count_datagrams(to));
	for (int i = 0; i < DATAGRAMS; i++) {
		await async_sendto(from, &i, sizeof i, 0, (struct sockaddr *)&there, sizeof there);
		await async_sleep(0.00001);
	}
	await async_sleep(1);
	async_cancel(receiver);
	async_close(from);
	async_close(to);
}

static int missing(void)
{
	int n = 0;

	for (int i = 0; i < DATAGRAMS; i++)
		n += !arrived[i];
	return n;
}

static async void run_datagrams(void)
{
	await exchange_datagrams();
	CHECK(n_arrived == DATAGRAMS && missing() == 0 && out_of_order == 0);
	async_sim_fault_rate(loop, ASYNC_SIM_LOST, 0.1);
	await exchange_datagrams();
	CHECK(missing() > 0 && missing() == (int)async_sim_faults(loop, ASYNC_SIM_LOST) && out_of_order == 0);
	async_sim_fault_rate(loop, ASYNC_SIM_LOST, 0);
	async_sim_fault_rate(loop, ASYNC_SIM_TWICE, 0.1);
	await exchange_datagrams();
	CHECK(missing() == 0 && n_arrived == DATAGRAMS + (int)async_sim_faults(loop, ASYNC_SIM_TWICE) && n_arrived > DATAGRAMS);
	async_sim_fault_rate(loop, ASYNC_SIM_TWICE, 0);
	async_sim_fault_rate(loop, ASYNC_SIM_OVERTAKEN, 0.1);
	await exchange_datagrams();
	CHECK(missing() == 0 && n_arrived == DATAGRAMS && out_of_order > 0);
}
TEST(datagrams_are_lost_doubled_and_overtaken_only_if_that_is_asked_for)
{
	EXPECT_FINE(run_datagrams());
}

static async void run_answers(void)
{
	int client = async_socket(AF_INET, SOCK_DGRAM, 0), server = open_at("127.0.0.2", 0);
	struct sockaddr_in there = address_of(server), from, stranger = {.sin_family = AF_INET, .sin_port = 1};
	socklen_t length = sizeof from;
	char bytes[4];

	await async_connect_fd(client, (struct sockaddr *)&there, sizeof there);
	CHECK(await async_send(client, "question", 8, 0) == 8);
	CHECK(await async_recvfrom(server, bytes, sizeof bytes, MSG_PEEK | MSG_TRUNC, NULL, NULL) == 8);
	CHECK(await async_recvfrom(server, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length) == 4 && memcmp(bytes, "ques", 4) == 0);
	CHECK(length == sizeof from && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	CHECK(await async_sendto(server, "", 0, 0, (struct sockaddr *)&from, length) == 0);
	CHECK(await async_recv(client, bytes, sizeof bytes, 0) == 0); /* an empty one is no end */
	CHECK(await async_sendto(server, "x", 1, 0, (struct sockaddr *)&stranger, sizeof stranger) == 1); /* nobody is there */
	async_sim_cut_off(loop, "127.0.0.2", true);
	CHECK(await async_send(client, "lost", 4, 0) == 4);
	CHECK((await async_catch(async_wait_for(async_recv(server, bytes, 4, 0), 10))).code == ASYNC_TIMEOUT);
	async_close(client);
	async_close(server);
}
TEST(datagrams_are_answered_and_cut_and_may_be_empty)
{
	EXPECT_FINE(run_answers());
}

/* ---- A server, and clients to whom everything happens ---- */

enum { CLIENTS = 40, ROUNDS = 5, SAME = 20, OTHERS = 20 };

static char story[1 << 17];
static size_t told;
static int n_served, n_late, n_cancelled, n_broken;

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	told += (size_t)snprintf(story + told, sizeof story - told, "%lld ", (long long)async_time());
	told += (size_t)vsnprintf(story + told, sizeof story - told, format, arguments);
	va_end(arguments);
	CHECK(told < sizeof story);
}

static async void echo_slowly(async_stream *client, void *arg)
{
	async_bytes line;

	(void)arg;
	while ((line = await async_stream_readline(client)).size > 0) {
		await async_sleep(0.001 * (line.data[0] & 15));
		await async_stream_write(client, line.data, line.size);
	}
}

static async void converse(int number)
{
	async_stream *s = await async_open_connection("127.0.0.1", 7);
	char text[32];

	async_try {
		for (int i = 0; i < ROUNDS; i++) {
			size_t size = (size_t)snprintf(text, sizeof text, "%c%d %d\n", 'a' + (number + i) % 16, number, i);

			await async_stream_write(s, text, size);
			CHECK(is(await async_wait_for(async_stream_readline(s), 0.03), text));
			tell("%d: %d\n", number, i);
		}
	} async_finally {
		async_stream_free(s);
	}
}

static async void visit(int number)
{
	async_error err = await async_catch(converse(number));

	tell("%d: %s\n", number, async_error_text(err.code));
	n_served += err.code == 0;
	n_late += err.code == ASYNC_TIMEOUT;
	n_cancelled += err.code == ASYNC_CANCELLED;
	n_broken += err.code == ECONNRESET || err.code == EPIPE || err.code == ASYNC_LIMIT;
}

static void note_trouble(const async_error_context *context, void *arg)
{
	(void)arg;
	tell("server: %s\n", async_error_text(context->error.code));
}

static async void run_everything(void)
{
	async_server *server = await async_start_server(echo_slowly, NULL, "127.0.0.1", 7);
	async_task(void) clients[CLIENTS];

	async_set_exception_handler(note_trouble, NULL);
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = async_create_task(visit(i));
	for (int i = 0; i < CLIENTS; i += 5) {
		await async_sleep(0.004);
		async_cancel(clients[i]);
	}
	for (int i = 0; i < CLIENTS; i++)
		await async_catch(*clients[i]);
	async_server_close_clients(server);
	async_server_close(server);
	await async_server_wait_closed(server);
	async_server_free(server);
	await async_sleep(10); /* what is unsent goes, or breaks */
	CHECK(async_sim_open_descriptors(loop) == 0 && async_all_tasks(NULL, 0) == 1);
}

/* The trace's hash; the story is what was told. */
static uint64_t run_seed(uint64_t seed)
{
	uint64_t hash;

	told = 0;
	loop = async_loop_new(&async_loop_sim);
	async_sim_seed(loop, seed);
	async_sim_shuffle(loop, true);
	async_sim_network(loop, ASYNC_SIM_NETWORK_CLOSED);
	async_sim_latency(loop, 0, 0.01);
	async_sim_segments(loop, 5);
	async_sim_buffer(loop, 20);
	for (int fault = ASYNC_SIM_SHORT; fault <= ASYNC_SIM_AGAIN; fault++)
		async_sim_fault_rate(loop, (enum async_sim_fault)fault, 0.1);
	async_sim_fault_rate(loop, ASYNC_SIM_RESET, 0.005);
	async_sim_fault_rate(loop, ASYNC_SIM_NO_DESCRIPTORS, 0.05);
	async_run_on(loop, run_everything());
	hash = async_sim_trace_hash(loop);
	async_loop_close(loop);
	return hash;
}

TEST(a_seed_repeats_a_server_its_clients_and_all_that_happens_to_them)
{
	static char first[sizeof story];
	uint64_t hash = run_seed(1);

	memcpy(first, story, told + 1);
	for (int i = 1; i < SAME; i++)
		CHECK(run_seed(1) == hash && strcmp(story, first) == 0);
}

TEST(each_seed_tells_another_story_in_which_everything_happens)
{
	uint64_t hashes[OTHERS];

	for (int i = 0; i < OTHERS; i++) {
		hashes[i] = run_seed((uint64_t)i);
		for (int k = 0; k < i; k++)
			CHECK(hashes[i] != hashes[k]);
	}
	CHECK(n_served && n_late && n_cancelled && n_broken);
}
