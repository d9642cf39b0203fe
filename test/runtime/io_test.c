/* io_test.c: descriptors and sockets.  Numbers: README.md. */
#include "io/system.h"
#include "script.h"

#include <async/sim_network.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

extern const async_function async_wait_readable__async, async_wait_writable__async, async_read__async, async_write__async,
	async_recv__async, async_send__async, async_send_all__async, async_accept__async, async_connect_fd__async,
	async_connect__async;

/* ---- Starting the operations as tasks: f's prefix is all that is known of its frame ---- */

static async_handle start_ready(const async_function *function, int fd)
{
	struct {
		async_frame base;
		int fd;
	} *f = async__new_task(function);

	f->fd = fd;
	return async__start_task(f);
}

static async_handle start_read(int fd, void *buffer, size_t size)
{
	struct {
		async_frame base;
		union {
			ssize_t result;
			struct {
				int fd;
				void *buffer;
				size_t size;
			};
		};
	} *f = async__new_task(&async_read__async);

	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	return async__start_task(f);
}

static async_handle start_write(int fd, const void *buffer, size_t size)
{
	struct {
		async_frame base;
		union {
			ssize_t result;
			struct {
				int fd;
				const void *buffer;
				size_t size;
			};
		};
	} *f = async__new_task(&async_write__async);

	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	return async__start_task(f);
}

static async_handle start_recv(int fd, void *buffer, size_t size)
{
	struct {
		async_frame base;
		union {
			ssize_t result;
			struct {
				int fd;
				void *buffer;
				size_t size;
				int flags;
			};
		};
	} *f = async__new_task(&async_recv__async);

	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	f->flags = 0;
	return async__start_task(f);
}

static async_handle start_send(int fd, const void *buffer, size_t size)
{
	struct {
		async_frame base;
		union {
			ssize_t result;
			struct {
				int fd;
				const void *buffer;
				size_t size;
				int flags;
			};
		};
	} *f = async__new_task(&async_send__async);

	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	f->flags = 0;
	return async__start_task(f);
}

static async_handle start_send_all(int fd, const void *buffer, size_t size)
{
	struct {
		async_frame base;
		int fd;
		const void *buffer;
		size_t size;
	} *f = async__new_task(&async_send_all__async);

	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	return async__start_task(f);
}

static async_handle start_accept(int fd)
{
	struct {
		async_frame base;
		union {
			int result;
			struct {
				int fd;
				struct sockaddr *address;
				socklen_t *length;
			};
		};
	} *f = async__new_task(&async_accept__async);

	f->fd = fd;
	f->address = NULL;
	f->length = NULL;
	return async__start_task(f);
}

static async_handle start_connect_fd(int fd, const void *address, socklen_t length)
{
	struct {
		async_frame base;
		int fd;
		const struct sockaddr *address;
		socklen_t length;
	} *f = async__new_task(&async_connect_fd__async);

	f->fd = fd;
	f->address = address;
	f->length = length;
	return async__start_task(f);
}

static async_handle start_connect(const char *host, int port)
{
	struct {
		async_frame base;
		union {
			int result;
			struct {
				const char *host;
				int port;
			};
		};
	} *f = async__new_task(&async_connect__async);

	f->host = host;
	f->port = port;
	return async__start_task(f);
}

static int pair[2];

static void make_pair(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
}

static void close_pair(void)
{
	close(pair[0]);
	close(pair[1]);
}

static unsigned waits(void)
{
	return async_get_running_loop()->fd_waits;
}

/* ---- Trying and waiting ---- */

SCRIPT(recv_waits)
{
	static async_handle reader;
	static char buffer[16];
	static ssize_t n;
	BEGIN;
	make_pair();
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0.01));
	CHECK(!async_done(reader) && waits() == 1);
	CHECK(write(pair[1], "hello", 5) == 5);
	AWAIT(reader, &n);
	CHECK(n == 5 && memcmp(buffer, "hello", 5) == 0 && waits() == 0);
	close_pair();
	END;
}
TEST(recv_waits_until_something_comes)
{
	PLAY(recv_waits);
}

SCRIPT(recv_does_not_wait)
{
	static async_handle reader;
	static char buffer[16];
	BEGIN;
	make_pair();
	CHECK(write(pair[1], "hello", 5) == 5);
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0));
	CHECK(async_done(reader) && async_result((async_task(ssize_t))reader) == 5);
	async_detach(reader);
	close_pair();
	END;
}
TEST(recv_of_what_is_there_takes_no_turn)
{
	PLAY(recv_does_not_wait);
}

SCRIPT(pipe_ends)
{
	static int ends[2];
	static char buffer[16];
	static ssize_t n;
	BEGIN;
	CHECK(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
	AWAIT(start_write(ends[1], "abc", 3), &n);
	CHECK(n == 3);
	AWAIT(start_read(ends[0], buffer, sizeof buffer), &n);
	CHECK(n == 3 && memcmp(buffer, "abc", 3) == 0);
	close(ends[1]);
	AWAIT(start_read(ends[0], buffer, sizeof buffer), &n);
	CHECK(n == 0);
	close(ends[0]);
	END;
}
TEST(a_pipe_is_read_to_its_end)
{
	PLAY(pipe_ends);
}

SCRIPT(blocking_socket)
{
	static async_handle reader;
	static char buffer[16];
	static ssize_t n;
	BEGIN;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT(start_send(pair[1], "x", 1), &n);
	AWAIT(reader, &n);
	CHECK(n == 1);
	close_pair();
	END;
}
TEST(a_blocking_socket_does_not_block_the_loop)
{
	PLAY(blocking_socket);
}

SCRIPT(two_of_each)
{
	static async_handle readers[2], writer;
	static char a, b, fill[1 << 16];
	static ssize_t n;
	BEGIN;
	make_pair();
	while (write(pair[0], fill, sizeof fill) > 0)
		;
	readers[0] = start_recv(pair[0], &a, 1);
	readers[1] = start_recv(pair[0], &b, 1);
	writer = start_ready(&async_wait_writable__async, pair[0]);
	AWAIT_VOID(start_sleep(0));
	AWAIT_VOID(start_sleep(0.005));
	CHECK(waits() == 3);
	while (read(pair[1], fill, sizeof fill) > 0)
		;
	AWAIT_VOID(writer);
	CHECK(!async_done(readers[0]) && !async_done(readers[1]));
	CHECK(write(pair[1], "1", 1) == 1);
	AWAIT(readers[0], &n);
	CHECK(n == 1 && a == '1' && !async_done(readers[1]));
	CHECK(write(pair[1], "2", 1) == 1);
	AWAIT(readers[1], &n);
	CHECK(n == 1 && b == '2' && waits() == 0);
	close_pair();
	END;
}
TEST(two_readers_and_a_writer_wait_on_one_descriptor)
{
	PLAY(two_of_each);
}

SCRIPT(regular_file)
{
	static FILE *file;
	static char buffer[8];
	static ssize_t n;
	BEGIN;
	file = tmpfile();
	CHECK(file && write(fileno(file), "12345678", 8) == 8 && lseek(fileno(file), 0, SEEK_SET) == 0);
	AWAIT_VOID(start_ready(&async_wait_readable__async, fileno(file)));
	AWAIT_VOID(start_ready(&async_wait_writable__async, fileno(file)));
	AWAIT(start_read(fileno(file), buffer, sizeof buffer), &n);
	CHECK(n == 8 && waits() == 0);
	AWAIT_VOID(start_send_all(fileno(file), "9", 1)); /* not a socket: it falls back on write */
	CHECK(lseek(fileno(file), 0, SEEK_END) == 9);
	fclose(file);
	END;
}
TEST(a_regular_file_is_always_ready)
{
	PLAY(regular_file);
}

static void on_alarm(int signal)
{
	(void)signal;
}

SCRIPT(interrupted)
{
	static async_handle reader;
	static char buffer[4];
	static ssize_t n;
	BEGIN;
	make_pair();
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0.05));
	CHECK(write(pair[1], "x", 1) == 1);
	AWAIT(reader, &n);
	CHECK(n == 1);
	close_pair();
	END;
}
TEST(signals_during_a_wait_do_no_harm)
{
	struct sigaction action = {.sa_handler = on_alarm}; /* without SA_RESTART */
	struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	PLAY(interrupted);
	setitimer(ITIMER_REAL, &never, NULL);
}

/* ---- Cancelling and closing ---- */

SCRIPT(cancelled_recv)
{
	static async_handle reader;
	static char buffer[4];
	static ssize_t n;
	BEGIN;
	make_pair();
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0));
	CHECK(waits() == 1);
	CHECK(async_cancel(reader));
	AWAIT_ERROR(reader, ASYNC_CANCELLED);
	CHECK(waits() == 0);
	CHECK(write(pair[1], "x", 1) == 1);
	AWAIT(start_recv(pair[0], buffer, sizeof buffer), &n);
	CHECK(n == 1 && buffer[0] == 'x');
	close_pair();
	END;
}
TEST(semantics_190_a_cancelled_recv_unregisters_and_loses_nothing)
{
	PLAY(cancelled_recv);
}

SCRIPT(cancelled_when_ready)
{
	static async_handle reader;
	static char buffer[4];
	static ssize_t n;
	BEGIN;
	make_pair();
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0));
	CHECK(write(pair[1], "x", 1) == 1);
	async_cancel(reader); /* before the loop has looked, or after: the byte stays */
	AWAIT_ERROR(reader, ASYNC_CANCELLED);
	AWAIT(start_recv(pair[0], buffer, sizeof buffer), &n);
	CHECK(n == 1);
	close_pair();
	END;
}
TEST(a_recv_cancelled_when_data_has_come_leaves_it_there)
{
	PLAY(cancelled_when_ready);
}

SCRIPT(closed)
{
	static async_handle reader, writer, watcher;
	static char buffer[4], fill[1 << 16];
	BEGIN;
	make_pair();
	while (write(pair[0], fill, sizeof fill) > 0)
		;
	reader = start_recv(pair[0], buffer, sizeof buffer);
	writer = start_send_all(pair[0], fill, sizeof fill);
	watcher = start_ready(&async_wait_readable__async, pair[0]);
	AWAIT_VOID(start_sleep(0.005));
	CHECK(waits() == 3);
	CHECK(async_close(pair[0]) == 0);
	AWAIT_ERROR(reader, EBADF);
	AWAIT_ERROR(writer, EBADF);
	AWAIT_ERROR(watcher, EBADF);
	CHECK(waits() == 0);
	CHECK(fcntl(pair[0], F_GETFD) < 0 && errno == EBADF);
	CHECK(async_close(pair[0]) == EBADF);
	close(pair[1]);
	END;
}
TEST(async_close_wakes_everybody_with_EBADF)
{
	PLAY(closed);
}

SCRIPT(reused)
{
	static async_handle reader;
	static char buffer[4];
	static int first;
	static ssize_t n;
	BEGIN;
	make_pair();
	first = pair[0];
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0.002));
	async_close(pair[0]);
	close(pair[1]);
	make_pair();
	CHECK(pair[0] == first);
	AWAIT_ERROR(reader, EBADF);
	reader = start_recv(pair[0], buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0.002));
	CHECK(write(pair[1], "y", 1) == 1);
	AWAIT(reader, &n);
	CHECK(n == 1 && buffer[0] == 'y');
	close_pair();
	END;
}
TEST(a_descriptor_number_used_again_is_waited_for_again)
{
	PLAY(reused);
}

SCRIPT(bad_descriptor)
{
	static char buffer[4];
	BEGIN;
	AWAIT_ERROR(start_recv(-1, buffer, sizeof buffer), EBADF);
	CHECK(strncmp(last_error.message, "recv: ", 6) == 0);
	AWAIT_ERROR(start_read(-1, buffer, sizeof buffer), EBADF);
	AWAIT_ERROR(start_ready(&async_wait_readable__async, 987), EBADF);
	AWAIT_ERROR(start_ready(&async_wait_readable__async, -1), EBADF);
	AWAIT_ERROR(start_accept(0x7fffffff), EBADF);
	AWAIT_ERROR(start_ready(&async_wait_readable__async, 0x7fffffff), EBADF);
	END;
}
TEST(a_bad_descriptor_is_an_error_not_a_hang)
{
	PLAY(bad_descriptor);
}

/* ---- send_all ---- */

enum { BIG = 4 << 20 };

SCRIPT(large)
{
	static async_handle writer;
	static char *data, *got;
	static size_t received;
	static ssize_t n;
	BEGIN;
	make_pair();
	data = malloc(BIG);
	got = malloc(BIG);
	for (size_t i = 0; i < BIG; i++)
		data[i] = (char)(i * 7 + i / 251);
	writer = start_send_all(pair[0], data, BIG);
	while (received < BIG) {
		AWAIT(start_recv(pair[1], got + received, BIG - received), &n);
		CHECK(n > 0);
		received += (size_t)n;
	}
	AWAIT_VOID(writer);
	CHECK(memcmp(data, got, BIG) == 0);
	free(data);
	free(got);
	close_pair();
	END;
}
TEST(send_all_sends_all_in_order)
{
	PLAY(large);
}

SCRIPT(peer_gone)
{
	static char buffer[4];
	BEGIN;
	make_pair();
	close(pair[1]);
	AWAIT_ERROR(start_send_all(pair[0], "x", 1), EPIPE);
	AWAIT_ERROR(start_send(pair[0], "x", 1), EPIPE);
	AWAIT_STATUS(start_recv(pair[0], buffer, 1), NULL, 0);
	CHECK(self->status == ASYNC_DONE);
	close(pair[0]);
	END;
}
TEST(sending_to_a_peer_that_is_gone_raises_EPIPE_and_no_signal)
{
	signal(SIGPIPE, SIG_DFL);
	PLAY(peer_gone);
}

SCRIPT(nothing_to_send)
{
	BEGIN;
	make_pair();
	AWAIT_VOID(start_send_all(pair[0], NULL, 0));
	close_pair();
	END;
}
TEST(send_all_of_nothing_is_done)
{
	PLAY(nothing_to_send);
}

/* ---- Connections ---- */

SCRIPT(echo)
{
	static async_handle acceptor, reader;
	static int listener, client, server, port;
	static char buffer[8];
	static ssize_t n;
	BEGIN;
	listener = async_listen("127.0.0.1", 0, 5);
	CHECK(listener >= 0);
	port = async_local_port(listener);
	CHECK(port > 0);
	acceptor = start_accept(listener);
	AWAIT(start_connect("127.0.0.1", port), &client);
	AWAIT(acceptor, &server);
	CHECK(client >= 0 && server >= 0);
	CHECK(fcntl(server, F_GETFL) & O_NONBLOCK && fcntl(client, F_GETFD) & FD_CLOEXEC);
	reader = start_recv(server, buffer, sizeof buffer);
	AWAIT_VOID(start_send_all(client, "ping", 4));
	AWAIT(reader, &n);
	CHECK(n == 4);
	reader = start_recv(client, buffer, sizeof buffer);
	async_close(server);
	AWAIT(reader, &n);
	CHECK(n == 0);
	async_close(client);
	async_close(listener);
	END;
}
TEST(connect_and_accept_make_a_connection)
{
	PLAY(echo);
}

SCRIPT(several_messages)
{
	static async_handle acceptor, reader;
	static int listener, client, server, i;
	static char buffer[8];
	static ssize_t n;
	BEGIN;
	async_sim_network(async_get_running_loop(), ASYNC_SIM_NETWORK_REAL); /* as what is written comes from outside */
	listener = async_listen("127.0.0.1", 0, 5);
	acceptor = start_accept(listener);
	AWAIT(start_connect("127.0.0.1", async_local_port(listener)), &client);
	AWAIT(acceptor, &server);
	for (i = 0; i < 20; i++) {
		CHECK(write(client, "0123456789", i % 10 + 1) == i % 10 + 1);
		if (i % 3 == 0)
			AWAIT_VOID(start_sleep(0.001));
		for (n = 0; n < i % 10 + 1;) {
			static ssize_t some;

			reader = start_recv(server, buffer, sizeof buffer);
			AWAIT(reader, &some);
			CHECK(some > 0);
			n += some;
		}
		CHECK(n == i % 10 + 1);
	}
	async_close(client);
	reader = start_recv(server, buffer, sizeof buffer);
	AWAIT(reader, &n);
	CHECK(n == 0);
	async_close(server);
	async_close(listener);
	END;
}
TEST(messages_on_a_connection_come_whether_one_waits_before_or_after)
{
	PLAY(several_messages);
}

SCRIPT(tick_for_ever)
{
	BEGIN;
	do
		AWAIT_STATUS(start_sleep(0.001), NULL, 0);
	while (self->status == ASYNC_DONE);
	END;
}

/* Nor does it depend on the loop's having nothing else to do. */
SCRIPT(closed_behind_our_back)
{
	static async_handle acceptor, reader, ticker;
	static int listener, client, server;
	static char buffer[8];
	static ssize_t n;
	BEGIN;
	listener = async_listen("127.0.0.1", 0, 5);
	acceptor = start_accept(listener);
	AWAIT(start_connect("127.0.0.1", async_local_port(listener)), &client);
	AWAIT(acceptor, &server);
	reader = start_recv(server, buffer, sizeof buffer);
	AWAIT_VOID(start_send_all(client, "ping", 4));
	AWAIT(reader, &n);
	make_pair();
	ticker = START(tick_for_ever);
	CHECK(dup2(pair[0], server) == server); /* not async_close: what is known of the number is wrong now */
	reader = start_recv(server, buffer, sizeof buffer);
	AWAIT_VOID(start_sleep(0.002));
	CHECK(write(pair[1], "pong", 4) == 4);
	AWAIT(reader, &n);
	CHECK(n == 4 && memcmp(buffer, "pong", 4) == 0);
	async_cancel(ticker);
	async_close(server);
	async_close(client);
	async_close(listener);
	close_pair();
	END;
}
TEST(a_connection_closed_behind_our_back_does_not_hang_who_waits_for_its_number)
{
	PLAY(closed_behind_our_back);
}

SCRIPT(by_name)
{
	static async_handle acceptor;
	static int listener, client, server;
	BEGIN;
	listener = async_listen(NULL, 0, 5);
	CHECK(listener >= 0);
	acceptor = start_accept(listener);
	AWAIT(start_connect("localhost", async_local_port(listener)), &client);
	AWAIT(acceptor, &server);
	async_close(server);
	async_close(client);
	async_close(listener);
	END;
}
TEST(connect_looks_names_up)
{
	PLAY(by_name);
}

SCRIPT(refused)
{
	static int listener, port;
	BEGIN;
	listener = async_listen("127.0.0.1", 0, 5);
	port = async_local_port(listener);
	async_close(listener);
	AWAIT_ERROR(start_connect("127.0.0.1", port), ECONNREFUSED);
	AWAIT_ERROR(start_connect("localhost", port), ECONNREFUSED);
	AWAIT_ERROR(start_connect("no-such-host.invalid", port), EHOSTUNREACH);
	CHECK(strstr(last_error.message, "no-such-host.invalid"));
	AWAIT_ERROR(start_connect("127.0.0.1", 70000), EINVAL);
	END;
}
TEST(a_connection_that_fails_says_why_and_leaks_no_socket)
{
	PLAY(refused);
}

SCRIPT(without_memory)
{
	static async_handle connecting, acceptor;
	static int listener, client, server, port;
	static unsigned long n;
	static bool failed;
	BEGIN;
	listener = async_listen("127.0.0.1", 0, 5);
	port = async_local_port(listener);
	for (n = 1, failed = true; failed; n++) {
		connecting = start_connect("localhost", port);
		async__fail_alloc(n);
		AWAIT_STATUS(connecting, &client, sizeof client);
		async__fail_alloc(0);
		failed = self->status == ASYNC_FAILED;
		if (failed)
			last_error = take_error();
		if (failed && last_error.code != ASYNC_NO_MEMORY)
			fail_with(__FILE__, __LINE__, last_error);
	}
	acceptor = start_accept(listener);
	AWAIT(acceptor, &server);
	async_close(server);
	async_close(client);
	async_close(listener);
	END;
}
TEST(connect_without_memory_raises_NO_MEMORY_and_leaks_nothing)
{
	PLAY(without_memory);
}

SCRIPT(lookup_cancelled)
{
	static async_handle connecting;
	BEGIN;
	connecting = start_connect("localhost", 1);
	AWAIT_VOID(start_sleep(0));
	async_cancel(connecting);
	AWAIT_ERROR(connecting, ASYNC_CANCELLED);
	connecting = start_connect("localhost", 1);
	async_cancel(connecting);
	AWAIT_ERROR(connecting, ASYNC_CANCELLED);
	END;
}
TEST(a_cancelled_lookup_ends_at_once_and_leaks_nothing)
{
	PLAY(lookup_cancelled);
}

SCRIPT(cancelled_accept)
{
	static async_handle acceptor;
	static int listener, client, server;
	BEGIN;
	listener = async_listen("127.0.0.1", 0, 5);
	acceptor = start_accept(listener);
	AWAIT_VOID(start_sleep(0.002));
	AWAIT(start_connect("127.0.0.1", async_local_port(listener)), &client);
	async_cancel(acceptor);
	AWAIT_STATUS(acceptor, &server, sizeof server);
	if (self->status == ASYNC_FAILED) {
		CHECK(take_error().code == ASYNC_CANCELLED);
		AWAIT(start_accept(listener), &server);
	}
	async_close(server);
	async_close(client);
	async_close(listener);
	END;
}
TEST(semantics_190_a_cancelled_accept_loses_no_connection)
{
	PLAY(cancelled_accept);
}

SCRIPT(out_of_descriptors)
{
	static struct rlimit limit, low;
	static int listener, client, server, spare;
	static async_handle acceptor;
	BEGIN;
	listener = async_listen("127.0.0.1", 0, 5);
	AWAIT(start_connect("127.0.0.1", async_local_port(listener)), &client);
	getrlimit(RLIMIT_NOFILE, &limit);
	spare = dup(client);
	close(spare);
	low = limit;
	low.rlim_cur = (rlim_t)spare;
	setrlimit(RLIMIT_NOFILE, &low);
	AWAIT_ERROR(start_accept(listener), EMFILE);
	setrlimit(RLIMIT_NOFILE, &limit);
	acceptor = start_accept(listener);
	AWAIT(acceptor, &server);
	async_close(server);
	async_close(client);
	async_close(listener);
	END;
}
TEST(semantics_196_accept_without_descriptors_raises_EMFILE_and_works_again_later)
{
	PLAY(out_of_descriptors);
}

SCRIPT(local_socket)
{
	static struct sockaddr_un address = {.sun_family = AF_UNIX};
	static int listener, client, server;
	BEGIN;
	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "asyncc-test-%ld", (long)getpid());
	listener = async_socket(AF_UNIX, SOCK_STREAM, 0);
	client = async_socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0);
	AWAIT_VOID(start_connect_fd(client, &address, sizeof address));
	AWAIT(start_accept(listener), &server);
	close(server);
	close(client);
	close(listener);
	END;
}
TEST(local_sockets_connect)
{
	PLAY(local_socket);
}

TEST(listen_twice_on_a_port_is_refused)
{
	int first = async_listen("127.0.0.1", 0, 1);
	int second = async_listen("127.0.0.1", async_local_port(first), 1);

	CHECK(first >= 0 && second == -1 && errno == EADDRINUSE);
	CHECK(async_listen("127.0.0.1", 65536, 1) == -1 && errno == EINVAL);
	CHECK(async_local_port(-1) == -1 && errno == EBADF);
	close(first);
}

/* ---- A kernel in a bad mood: every call may be interrupted, would block, or does less than it could ---- */

static unsigned mood;

static bool moody(void)
{
	unsigned n = (unsigned)rand_r(&mood) % 4;

	errno = n == 0 ? EINTR : EAGAIN;
	return n < 2;
}

static size_t less(size_t size)
{
	return size > 64 ? size / 2 : size;
}

static ssize_t moody_read(int fd, void *buffer, size_t size)
{
	return moody() ? -1 : read(fd, buffer, less(size));
}

static ssize_t moody_write(int fd, const void *buffer, size_t size)
{
	return moody() ? -1 : write(fd, buffer, less(size));
}

static ssize_t moody_recv(int fd, void *buffer, size_t size, int flags)
{
	return moody() ? -1 : recv(fd, buffer, less(size), flags);
}

static ssize_t moody_send(int fd, const void *buffer, size_t size, int flags)
{
	return moody() ? -1 : send(fd, buffer, less(size), flags);
}

static int moody_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	static const int of_that_connection[] = {ECONNABORTED, EPROTO, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ENOPROTOOPT};

	if (rand_r(&mood) % 2 == 0) {
		errno = of_that_connection[(unsigned)rand_r(&mood) % 8];
		return -1;
	}
	return moody() ? -1 : accept4(fd, address, length, flags);
}

static int moody_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int result = connect(fd, address, length);

	if (result < 0 && errno == EINPROGRESS)
		errno = EINTR;
	return result;
}

static struct async__system moody_system;

static void become_moody(void)
{
	moody_system = async__real_system;
	moody_system.read = moody_read;
	moody_system.write = moody_write;
	moody_system.recv = moody_recv;
	moody_system.send = moody_send;
	moody_system.accept4 = moody_accept4;
	moody_system.connect = moody_connect;
	async__system = &moody_system;
}

TEST(a_moody_kernel_changes_nothing)
{
	become_moody();
	mood = 1;
	PLAY(large);
	PLAY(pipe_ends);
	PLAY(blocking_socket);
	PLAY(echo);
	PLAY(cancelled_accept);
	PLAY(by_name);
}

/* ---- Many at once ---- */

enum { CLIENTS = 200, MESSAGES = 20 };

struct client_frame {
	async_frame base;
	int fd;
	int i;
	bool serves;
	char byte;
	async_handle pending;
};

/* Sends a byte and awaits its echo, MESSAGES times; or the other side of that. */
static const async_function client__async;

static async_status client_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct client_frame *f = (struct client_frame *)frame;
	ssize_t n;

	for (bool goes_on = at->state;; goes_on = false) {
		if (!goes_on) {
			if (f->i++ == 2 * MESSAGES)
				break;
			f->pending = (f->i + f->serves) % 2 ? start_send(f->fd, &f->byte, 1) : start_recv(f->fd, &f->byte, 1);
			status = async__await(frame, &client__async.points[1], f->pending);
			if (status == ASYNC_SUSPENDED)
				return ASYNC_SUSPENDED;
		}
		if (async__await_end(f->pending, status, &n, sizeof n) != ASYNC_DONE)
			return ASYNC_FAILED;
		CHECK(n == 1);
	}
	async_close(f->fd);
	return ASYNC_DONE;
}

static const async_function client__async = {.abi = ASYNC_ABI_VERSION,
					     .frame_size = sizeof(struct client_frame),
					     .frame_align = 16,
					     .points = ASYNC_POINTS(client__async, client_resume, NULL),
					     .name = "client",
					     .file = __FILE__};

static async_handle start_client(int fd, bool serves)
{
	struct client_frame *f = async__new_task(&client__async);

	f->fd = fd;
	f->i = 0;
	f->serves = serves;
	f->byte = 'x';
	return async__start_task(f);
}

SCRIPT(crowd)
{
	static async_handle clients[CLIENTS][2];
	static int i, j;
	BEGIN;
	for (i = 0; i < CLIENTS; i++) {
		make_pair();
		clients[i][0] = start_client(pair[0], false);
		clients[i][1] = start_client(pair[1], true);
	}
	for (i = 0; i < CLIENTS; i++)
		for (j = 0; j < 2; j++)
			AWAIT_VOID(clients[i][j]);
	CHECK(waits() == 0);
	END;
}
TEST(many_connections_at_once)
{
	PLAY(crowd);
}

/* ---- From plain C ---- */

TEST(the_blocking_entries_block)
{
	char buffer[8];
	int listener = async_listen("127.0.0.1", 0, 1), client, server;

	client = async_connect("127.0.0.1", async_local_port(listener));
	server = async_accept(listener, NULL, NULL);
	CHECK(client >= 0 && server >= 0);
	async_send_all(client, "hello", 5);
	async_wait_readable(server);
	CHECK(async_recv(server, buffer, sizeof buffer, 0) == 5);
	CHECK(async_write(server, "you", 3) == 3);
	CHECK(async_read(client, buffer, sizeof buffer) == 3);
	CHECK(async_send(server, "!", 1, 0) == 1);
	async_wait_writable(server);
	CHECK(async_recv(client, buffer, sizeof buffer, 0) == 1);
	CHECK(async_close(client) == 0 && async_close(server) == 0 && async_close(listener) == 0);
}

TEST(a_blocking_entry_that_fails_can_be_caught)
{
	char buffer[8];
	async_error error;

	error = CATCH(async_recv(-1, buffer, sizeof buffer, 0));
	CHECK(error.code == EBADF);
}
