/* sim_network_test.async.c: the simulated loop's network: what sockets and pipes promise, in memory and in virtual time. */
#include "closed_network.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* ---- A connection, both of whose ends are ours ---- */

static int listener, a, b;

static async void connect_both(void)
{
	struct sockaddr_in from;
	socklen_t length = sizeof from;

	listener = async_listen("127.0.0.1", 8080, 5);
	CHECK(listener >= 0);
	a = await async_connect("127.0.0.1", 8080);
	b = await async_accept(listener, (struct sockaddr *)&from, &length);
	CHECK(length == sizeof from && from.sin_family == AF_INET && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
}

static void close_both(void)
{
	async_close(a);
	async_close(b);
	async_close(listener);
}

static async void run_addresses(void)
{
	struct sockaddr_in here, there;
	socklen_t length = sizeof here;

	await connect_both();
	CHECK(async_local_port(listener) == 8080 && async_local_port(b) == 8080);
	CHECK(async_getsockname(a, (struct sockaddr *)&here, &length) == 0);
	CHECK(async_getpeername(b, (struct sockaddr *)&there, &length) == 0);
	CHECK(here.sin_port == there.sin_port && ntohs(here.sin_port) == 49152);
	CHECK(async_getpeername(listener, (struct sockaddr *)&there, &length) == ENOTCONN);
	close_both();
}
TEST(both_ends_of_a_simulated_connection_know_their_addresses)
{
	EXPECT_FINE(run_addresses());
}

static async void run_latency(void)
{
	char bytes[8];
	int64_t before;

	async_sim_latency(loop, 0.5, 0.5);
	before = async_time();
	await connect_both();
	CHECK(async_time() - before == 1000000000); /* there and back */
	await async_send_all(a, "hello", 5);
	before = async_time();
	CHECK(await async_recv(b, bytes, sizeof bytes, MSG_PEEK) == 5 && async_time() - before == 500000000);
	CHECK(await async_recv(b, bytes, 2, 0) == 2 && await async_read(b, bytes, sizeof bytes) == 3 && memcmp(bytes, "llo", 3) == 0);
	close_both();
}
TEST(bytes_take_as_long_as_the_network_is_told)
{
	EXPECT_FINE(run_latency());
}

/* ---- Ends ---- */

static async void run_half_close(void)
{
	char byte;

	await connect_both();
	CHECK(async_shutdown(a, SHUT_WR) == 0);
	CHECK(await async_recv(b, &byte, 1, 0) == 0);
	CHECK((await async_catch(async_send(a, "x", 1, 0))).code == EPIPE);
	await async_send_all(b, "y", 1); /* the other direction goes on */
	CHECK(await async_recv(a, &byte, 1, 0) == 1 && byte == 'y');
	async_close(b);
	CHECK(await async_recv(a, &byte, 1, 0) == 0);
	async_close(a);
	async_close(listener);
}
TEST(a_half_closed_connection_goes_on_in_the_other_direction)
{
	EXPECT_FINE(run_half_close());
}

static async void run_unread(void)
{
	char bytes[8];

	await connect_both();
	await async_send_all(b, "late", 4);
	await async_send_all(a, "never read", 10);
	await async_sleep(1);
	async_close(b);
	await async_sleep(1);
	CHECK(await async_recv(a, bytes, sizeof bytes, 0) == 4); /* what had come before is there */
	CHECK((await async_catch(async_recv(a, bytes, sizeof bytes, 0))).code == ECONNRESET);
	CHECK(await async_recv(a, bytes, sizeof bytes, 0) == 0); /* told once */
	CHECK((await async_catch(async_send(a, "x", 1, 0))).code == EPIPE);
	async_close(a);
	async_close(listener);
}
TEST(who_closes_without_reading_resets_the_other)
{
	EXPECT_FINE(run_unread());
}

static async void run_vanished(void)
{
	await connect_both();
	async_close(b);
	CHECK(await async_send(a, "x", 1, 0) == 1); /* nobody has told us yet */
	await async_sleep(1);
	CHECK((await async_catch(async_send(a, "x", 1, 0))).code == EPIPE);
	async_close(a);
	async_close(listener);
}
TEST(a_peer_that_is_gone_is_heard_of_after_a_round_trip)
{
	EXPECT_FINE(run_vanished());
}

static async void run_broken(void)
{
	char byte;

	await connect_both();
	await async_send_all(a, "under way", 9);
	async_task(ssize_t) reader = async_create_task(async_recv(b, &byte, 1, 0));
	await async_sleep(0);
	CHECK(async_sim_reset(a) == 0);
	CHECK((await async_catch(*reader)).code == ECONNRESET);
	CHECK((await async_catch(async_recv(a, &byte, 1, 0))).code == ECONNRESET);
	CHECK((await async_catch(async_send(b, "x", 1, 0))).code == EPIPE);
	CHECK(async_sim_reset(listener) == ENOTCONN);
	close_both();
}
TEST(a_connection_that_is_broken_on_purpose_is_an_error_on_both_sides)
{
	EXPECT_FINE(run_broken());
}

static async void run_plain_close(void)
{
	char byte;

	await connect_both();
	async_task(ssize_t) reader = async_create_task(async_recv(b, &byte, 1, 0));
	await async_sleep(0);
	close(a);
	CHECK(await *reader == 0);
	async_close(b);
	async_close(listener);
	CHECK(async_sim_open_descriptors(loop) == 0);
}
TEST(a_simulated_descriptor_may_be_closed_behind_our_back)
{
	EXPECT_FINE(run_plain_close());
}

static async void run_number_reused(void)
{
	int other[2];
	char byte;

	await connect_both();
	close(a);
	CHECK(pipe2(other, O_NONBLOCK | O_CLOEXEC) == 0 && other[0] == a);
	CHECK(write(other[1], "r", 1) == 1);
	CHECK(await async_read(a, &byte, 1) == 1 && byte == 'r'); /* the number is a pipe's by now */
	CHECK(await async_recv(b, &byte, 1, 0) == 0);
	async_close(other[0]);
	async_close(other[1]);
	async_close(b);
	async_close(listener);
}
TEST(a_number_that_is_another_files_by_now_is_that_files)
{
	EXPECT_FINE(run_number_reused());
}

static async void run_closed_while_waited_on(void)
{
	char byte;

	await connect_both();
	async_task(ssize_t) reader = async_create_task(async_recv(a, &byte, 1, 0));
	async_task(int) acceptor = async_create_task(async_accept(listener, NULL, NULL));
	await async_sleep(1);
	async_close(a);
	async_close(listener);
	CHECK((await async_catch(*reader)).code == EBADF && (await async_catch(*acceptor)).code == EBADF);
	CHECK((await async_catch(async_recv(a, &byte, 1, 0))).code == EBADF);
	CHECK(await async_recv(b, &byte, 1, 0) == 0);
	async_close(b);
}
TEST(a_simulated_descriptor_closed_while_waited_on_is_ebadf_there)
{
	EXPECT_FINE(run_closed_while_waited_on());
}

/* ---- Back-pressure ---- */

enum { MUCH = 1000000 };

static async void write_much(int fd)
{
	static char bytes[MUCH];

	for (int i = 0; i < MUCH; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	await async_send_all(fd, bytes, MUCH);
	async_close(fd);
}

static async size_t read_slowly(int fd)
{
	char bytes[5000];
	size_t all = 0;
	ssize_t n;

	while ((n = await async_read(fd, bytes, sizeof bytes)) > 0) {
		for (ssize_t i = 0; i < n; i++, all++)
			CHECK(bytes[i] == (char)(all * 7 + all / 251));
		await async_sleep(0.001);
	}
	return all;
}

static async void run_slow_reader(void)
{
	await connect_both();
	async_sim_buffer(loop, 1000);
	async_sim_segments(loop, 100);
	async_task(void) writer = async_create_task(write_much(a));
	await async_sleep(10);
	CHECK(!async_done(writer)); /* it waits for the reader */
	CHECK(await async_wait_for(read_slowly(b), 100000) == MUCH);
	await *writer;
	async_close(b);
	async_close(listener);
}
TEST(a_slow_reader_makes_the_writer_wait_and_loses_nothing)
{
	EXPECT_FINE(run_slow_reader());
}

static async void run_pipe(void)
{
	int fds[2];
	char byte;

	CHECK(async_pipe(fds) == 0);
	async_task(void) writer = async_create_task(write_much(fds[1]));
	CHECK(await read_slowly(fds[0]) == MUCH);
	await *writer;
	CHECK((await async_catch(async_write(fds[0], "x", 1))).code == EBADF);
	async_close(fds[0]);
	CHECK(async_pipe(fds) == 0);
	signal(SIGPIPE, SIG_IGN);
	async_task(void) waiter = async_create_task(async_wait_writable(fds[1]));
	await *waiter;
	async_close(fds[0]);
	CHECK((await async_catch(async_write(fds[1], "x", 1))).code == EPIPE);
	CHECK((await async_catch(async_read(fds[1], &byte, 1))).code == EBADF);
	async_close(fds[1]);
}
TEST(pipes_are_simulated_too)
{
	EXPECT_FINE(run_pipe());
}

static async void run_socketpair(void)
{
	int fds[2];
	async_stream *s;

	CHECK(async_socketpair(fds) == 0);
	s = async_stream_new(fds[0]);
	await async_stream_write(s, "one\ntwo", 7);
	CHECK(async_stream_write_eof(s) == 0);
	async_stream *t = async_stream_new(fds[1]);
	CHECK(is(await async_stream_readline(t), "one\n") && is(await async_stream_readline(t), "two"));
	CHECK(is(await async_stream_readline(t), ""));
	await async_stream_write(t, "back", 4);
	async_stream_free(t);
	CHECK(is(await async_stream_read_all(s), "back"));
	async_stream_free(s);
}
TEST(streams_go_over_pairs)
{
	EXPECT_FINE(run_socketpair());
}

/* ---- Connecting ---- */

static async void run_nobody(void)
{
	CHECK((await async_catch(async_connect("127.0.0.1", 1))).code == ECONNREFUSED);
	CHECK((await async_catch(async_connect("192.0.2.1", 80))).code == EHOSTUNREACH);
	CHECK((await async_catch(async_connect("no.such.host", 80))).code == EHOSTUNREACH);
	CHECK((await async_catch(async_connect_unix("/no/such/socket"))).code == ECONNREFUSED);
	CHECK(async_sim_host(loop, "db", "192.0.2.1") == 0 && async_sim_host(loop, "db", "garbage") == EINVAL);
	CHECK((await async_catch(async_connect("db", 80))).code == ECONNREFUSED);
	CHECK(async_sim_open_descriptors(loop) == 0);
}
TEST(where_nobody_is_a_connection_is_refused_or_unreachable)
{
	EXPECT_FINE(run_nobody());
}

static async void greet(async_stream *client, void *arg)
{
	await async_stream_write(client, arg, strlen(arg));
}

static async void run_hosts(void)
{
	async_server *db, *web, *local, *six;
	char *six_text = "six", *db_text = "db", *web_text = "web", *unix_text = "unix";

	async_sim_host(loop, "db.example", "192.0.2.1");
	async_sim_host(loop, "web.example", "2001:db8::1");
	db = await async_start_server(greet, db_text, "db.example", 80);
	web = await async_start_server(greet, web_text, "2001:db8::1", 80);
	local = await async_start_unix_server(greet, unix_text, "/simulated");
	six = await async_start_server(greet, six_text, NULL, 0);
	CHECK(access("/simulated", F_OK) != 0 && async_server_port(six) == 49152);
	for (int i = 0; i < 4; i++) {
		async_stream *s = i == 0   ? await async_open_connection("db.example", 80)
				  : i == 1 ? await async_open_connection("web.example", 80)
				  : i == 2 ? await async_open_unix_connection("/simulated")
					   : await async_open_connection("localhost", async_server_port(six));

		CHECK(is(await async_stream_read_all(s), i == 0 ? "db" : i == 1 ? "web" : i == 2 ? "unix" : "six"));
		async_stream_free(s);
	}
	CHECK((await async_catch(async_start_server(greet, db_text, "192.0.2.1", 80))).code == EADDRINUSE);
	async_server_free(db);
	async_server_free(web);
	async_server_free(local);
	async_server_free(six);
}
TEST(hosts_have_names_and_listen_at_their_own_addresses)
{
	EXPECT_FINE(run_hosts());
}

/* One connection more than the backlog says is let in, as the kernel has it. */
static async void run_backlog(void)
{
	int in[2], late;
	int64_t before = async_time();

	listener = async_listen("127.0.0.1", 80, 1);
	in[0] = await async_connect("127.0.0.1", 80);
	in[1] = await async_connect("127.0.0.1", 80);
	CHECK(async_time() - before < 1000000000);
	CHECK((await async_catch(async_connect("127.0.0.1", 80))).code == ETIMEDOUT && async_time() - before > 60 * 1000000000ll);
	async_task(int) third = async_create_task(async_connect("127.0.0.1", 80));
	await async_sleep(0.5);
	late = await async_accept(listener, NULL, NULL);
	a = await *third;
	for (int i = 0; i < 2; i++)
		async_close(in[i]);
	async_close(late);
	async_close(a);
	async_close(listener);
}
TEST(who_connects_waits_for_a_place_in_the_listeners_queue)
{
	EXPECT_FINE(run_backlog());
}

static async void run_listener_goes(void)
{
	char byte;

	listener = async_listen("127.0.0.1", 80, 5);
	a = await async_connect("127.0.0.1", 80);
	async_close(listener);
	CHECK((await async_catch(async_recv(a, &byte, 1, 0))).code == ECONNRESET);
	async_close(a);
}
TEST(a_connection_that_nobody_accepted_breaks_with_its_listener)
{
	EXPECT_FINE(run_listener_goes());
}

static async void run_cancelled(void)
{
	listener = async_listen("127.0.0.1", 80, 5);
	async_sim_latency(loop, 1, 1);
	for (double when = 0.25; when < 2; when += 0.5)
		CHECK((await async_catch(async_wait_for(async_connect("127.0.0.1", 80), when))).code == ASYNC_TIMEOUT);
	await async_sleep(10);
	CHECK(async_sim_open_descriptors(loop) == 1);
	async_close(listener);
}
TEST(a_connect_that_is_given_up_leaves_nothing)
{
	EXPECT_FINE(run_cancelled());
}

/* ---- Descriptors ---- */

static int complaints;

static void count_complaint(const async_error_context *context, void *arg)
{
	(void)arg;
	CHECK(context->error.code == EMFILE);
	complaints++;
}

static async void run_exhausted(void)
{
	char *hi = "hi";
	async_server *server = await async_start_server(greet, hi, "127.0.0.1", 80);
	async_stream *clients[3];
	int64_t before;

	async_set_exception_handler(count_complaint, NULL);
	async_sim_descriptors(loop, 4); /* the server's, two clients, one of their connections */
	clients[0] = await async_open_connection("127.0.0.1", 80);
	await async_sleep(0.1);
	clients[1] = await async_open_connection("127.0.0.1", 80);
	clients[2] = await async_open_connection("127.0.0.1", 80);
	CHECK((await async_catch(async_connect("127.0.0.1", 80))).code == EMFILE);
	CHECK(async_socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EMFILE);
	await async_sleep(10.5);
	CHECK(complaints >= 9 && complaints <= 12); /* once a second: it does not spin */
	before = async_time();
	CHECK(is(await async_stream_read_all(clients[0]), "hi"));
	async_stream_free(clients[0]);
	for (int i = 1; i < 3; i++) {
		CHECK(is(await async_stream_read_all(clients[i]), "hi"));
		async_stream_free(clients[i]);
	}
	CHECK(async_time() - before < 5000000000);
	async_server_free(server);
	CHECK(async_sim_open_descriptors(loop) == 0);
}
TEST(a_server_without_simulated_descriptors_waits_and_then_serves)
{
	EXPECT_FINE(run_exhausted());
}

/* ---- Hosts that are cut off ---- */

static async void run_cut_off(void)
{
	char byte;
	int64_t before;

	async_sim_host(loop, "far", "192.0.2.9");
	listener = async_listen("192.0.2.9", 80, 5);
	a = await async_connect("far", 80);
	b = await async_accept(listener, NULL, NULL);
	CHECK(async_sim_cut_off(loop, "192.0.2.9", true) == 0 && async_sim_cut_off(loop, "nonsense", true) == EINVAL);
	await async_send_all(a, "x", 1);
	CHECK((await async_catch(async_wait_for(async_recv(b, &byte, 1, 0), 5))).code == ASYNC_TIMEOUT);
	before = async_time();
	CHECK((await async_catch(async_connect("far", 80))).code == ETIMEDOUT && async_time() - before > 60 * 1000000000ll);
	async_sim_cut_off(loop, "192.0.2.9", false);
	CHECK(await async_recv(b, &byte, 1, 0) == 1 && byte == 'x'); /* it is sent again */
	async_sim_cut_off(loop, "192.0.2.9", true);
	await async_send_all(a, "y", 1);
	CHECK((await async_catch(async_recv(a, &byte, 1, 0))).code == ETIMEDOUT);
	close_both();
}
TEST(a_host_that_is_cut_off_is_silent_until_it_is_back)
{
	EXPECT_FINE(run_cut_off());
}

/* ---- Tasks that wait for each other ---- */

static async void run_deadlock(void)
{
	char byte;

	await connect_both();
	await async_recv(a, &byte, 1, 0);
}
TEST(a_closed_network_in_which_nothing_can_happen_any_more_is_said_to_be_idle)
{
	CHECK(RUN_CLOSED(1, run_deadlock()).code == ASYNC_INVALID_STATE);
	close_both();
}

/* ---- With the outside ---- */

static async void run_open(void)
{
	char *hi = "hi", bytes[2];
	async_server *server = await async_start_server(greet, hi, "127.0.0.1", 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int outside = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	async_stream *inside = await async_open_connection("127.0.0.1", async_server_port(server));

	address.sin_port = htons((in_port_t)async_server_port(server));
	CHECK(connect(outside, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(is(await async_stream_read_all(inside), "hi"));
	CHECK(recv(async_stream_fd(inside), bytes, 1, MSG_DONTWAIT) == -1 && errno == ENOTCONN); /* the kernel knows nothing of it */
	await async_sleep(1);
	CHECK(read(outside, bytes, 2) == 2 && memcmp(bytes, "hi", 2) == 0);
	close(outside);
	async_stream_free(inside);
	async_server_free(server);
}
TEST(an_open_network_serves_other_programs_as_well)
{
	loop = async_loop_new(&async_loop_sim);
	async_sim_patience(loop, 0.1);
	async_run_on(loop, run_open());
	async_loop_close(loop);
}

static async void run_left_alone(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int server = async_socket(AF_INET, SOCK_DGRAM, 0), client = async_socket(AF_INET, SOCK_DGRAM, 0);
	char byte = 0;

	CHECK(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(async_getsockname(server, (struct sockaddr *)&address, &length) == 0);
	await async_connect_fd(client, (struct sockaddr *)&address, length);
	CHECK(await async_send(client, "a", 1, 0) == 1);
	CHECK(await async_recv(server, &byte, 1, 0) == 1 && byte == 'a');
	async_close(server);
	for (int i = 0; i < 3; i++)
		CHECK(await async_send(client, "b", 1, 0) == 1);
	async_close(client);
}
TEST(datagrams_to_a_peer_of_ours_that_is_gone_are_lost_on_an_open_network_too)
{
	loop = async_loop_new(&async_loop_sim);
	async_run_on(loop, run_left_alone());
	async_loop_close(loop);
}

static async void leave_stream_open(async_stream **left)
{
	await connect_both();
	*left = async_stream_new(a);
	async_close(b);
	async_close(listener);
}
TEST(a_simulated_connection_breaks_with_its_loop)
{
	async_stream *left = NULL;

	loop = async_loop_new(&async_loop_sim);
	async_sim_network(loop, ASYNC_SIM_NETWORK_CLOSED);
	async_run_on(loop, leave_stream_open(&left));
	async_loop_close(loop);
	CHECK(async_stream_write_nowait(left, "x", 1) == EPIPE); /* and nothing calls into the loop that is gone */
	async_stream_free(left);
}
