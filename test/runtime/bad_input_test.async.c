/* bad_input_test.async.c: descriptors that are closed, or closed while somebody waits; peers that go, stay silent or send for ever; disks that
 * are full: each an error at the await that it concerns, at which nothing is lost, and nobody spins meanwhile. */
#include "async_testing.h"

#include <async/sim.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* ---- Descriptors that are closed ---- */

#define IS_EBADF(call) CHECK((await async_catch(call)).code == EBADF)

static void nothing(void *arg)
{
	(void)arg;
}

static void ignore_client(async_stream *client, void *arg)
{
	(void)client, (void)arg;
}

static async void wait_on(int fd)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};
	char byte = 0;

	IS_EBADF(async_wait_readable(fd));
	IS_EBADF(async_wait_writable(fd));
	IS_EBADF(async_read(fd, &byte, 1));
	IS_EBADF(async_write(fd, &byte, 1));
	IS_EBADF(async_recv(fd, &byte, 1, 0));
	IS_EBADF(async_send(fd, &byte, 1, 0));
	IS_EBADF(async_send_all(fd, &byte, 1));
	IS_EBADF(async_accept(fd, NULL, NULL));
	IS_EBADF(async_connect_fd(fd, (struct sockaddr *)&address, sizeof address));
	IS_EBADF(async_recvfrom(fd, &byte, 1, 0, NULL, NULL));
	IS_EBADF(async_sendto(fd, &byte, 1, 0, NULL, 0));
	IS_EBADF(async_sendfile(fd, STDIN_FILENO, NULL, 1));
	IS_EBADF(async_file_read(fd, &byte, 1, 0));
	IS_EBADF(async_file_write(fd, &byte, 1, 0));
	IS_EBADF(async_file_sync(fd));
	IS_EBADF(async_file_close(fd));
}

static void use(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;

	CHECK(async_add_reader(fd, nothing, NULL) == EBADF && async_add_writer(fd, nothing, NULL) == EBADF);
	CHECK(async_set_nonblocking(fd) == EBADF && async_shutdown(fd, SHUT_RD) == EBADF && async_close(fd) == EBADF);
	CHECK(async_getsockname(fd, (struct sockaddr *)&address, &length) == EBADF);
	CHECK(async_getpeername(fd, (struct sockaddr *)&address, &length) == EBADF);
	CHECK(async_local_port(fd) == -1 && errno == EBADF);
	CHECK(!async_stream_new(fd) && errno == EBADF);
	CHECK(!async_start_server_on(ignore_client, NULL, fd) && errno == EBADF);
}

static async void run_closed(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	close(fd);
	await wait_on(fd);
	use(fd);
	await wait_on(-1);
	use(-1);
}
TEST(every_call_on_a_closed_descriptor_raises_EBADF)
{
	async_run(run_closed());
}

/* ---- Closed while somebody waits ---- */

static int pair[2];

static void fill(int fd)
{
	static const char bytes[65536];

	while (send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL) > 0 || send(fd, bytes, 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
}

static void make_full_pair(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	fill(pair[0]);
}

static char buffer[1 << 24]; /* more than the kernel keeps for a connection */

static async void transfer(int kind, int file)
{
	switch (kind) {
	case 0: await async_read(pair[0], buffer, 1); break;
	case 1: await async_recv(pair[0], buffer, 1, 0); break;
	case 2: await async_recvfrom(pair[0], buffer, 1, 0, NULL, NULL); break;
	case 3: await async_wait_readable(pair[0]); break;
	case 4: await async_accept(pair[0], NULL, NULL); break;
	case 5: await async_write(pair[0], buffer, 1); break;
	case 6: await async_send(pair[0], buffer, 1, 0); break;
	case 7: await async_send_all(pair[0], buffer, 1); break;
	case 8: await async_sendto(pair[0], buffer, 1, 0, NULL, 0); break;
	case 9: await async_wait_writable(pair[0]); break;
	case 10: await async_sendfile(pair[0], file, NULL, 1); break;
	}
}

enum { ACCEPT = 4, KINDS = 11 };

static async void run_closed_under(void)
{
	FILE *file = tmpfile();

	CHECK(fwrite("x", 1, 1, file) == 1 && fflush(file) == 0 && lseek(fileno(file), 0, SEEK_SET) == 0);
	for (int kind = 0; kind < KINDS; kind++) {
		make_full_pair();
		if (kind == ACCEPT) {
			close(pair[0]);
			pair[0] = async_listen("127.0.0.1", 0, 1);
		}
		async_task(void) waiter = async_create_task(transfer(kind, fileno(file)));
		await async_sleep(0.002);
		CHECK(!async_done(waiter));
		async_close(pair[0]);
		IS_EBADF(*waiter);
		async_close(pair[1]);
	}
	fclose(file);
}
TEST(whoever_waits_on_a_descriptor_that_is_closed_hears_EBADF)
{
	async_run(run_closed_under());
}

/* ---- Full disks ---- */

static async void run_full(void)
{
	int full = await async_file_open("/dev/full", O_WRONLY | O_CLOEXEC, 0);
	async_stream *s;

	CHECK((await async_catch(async_file_write(full, "x", 1, 0))).code == ENOSPC);
	CHECK((await async_catch(async_write(full, "x", 1))).code == ENOSPC);
	CHECK((await async_catch(async_send_all(full, "x", 1))).code == ENOSPC);
	s = async_stream_new(full);
	CHECK((await async_catch(async_stream_write(s, "x", 1))).code == ENOSPC);
	CHECK((await async_catch(async_stream_drain(s))).code == ENOSPC); /* it stays broken, and says so */
	async_stream_free(s);
}
TEST(a_full_disk_is_an_error_of_every_way_to_write)
{
	async_run(run_full());
}

/* ---- Nobody spins ---- */

static async_loop_backend counting;
static unsigned long n_turns;

static int count_and_wait(async_loop *loop, void *state, int64_t timeout)
{
	n_turns++;
	return async__default_backend()->wait(loop, state, timeout);
}

static async_loop *new_counting_loop(void)
{
	const async_loop_backend *backend = async__default_backend();

	if (backend == &async_loop_sim)
		return async_loop_new(backend); /* it counts its steps by itself */
	counting = *backend;
	counting.wait = count_and_wait;
	return async_loop_new(&counting);
}

static unsigned long turns(void)
{
	return n_turns + async_sim_steps(async_get_running_loop());
}

/* A quarter of a second in which nothing happens. */
static async void nothing_happens(void)
{
	unsigned long before = turns();

	await async_sleep(0.25);
	CHECK(turns() - before < 20);
}

static async int connect_here(int *other)
{
	int listener = async_listen("127.0.0.1", 0, 1), fd = await async_connect("127.0.0.1", async_local_port(listener));

	*other = await async_accept(listener, NULL, NULL);
	async_close(listener);
	return fd;
}

static async void send_for_ever(int fd)
{
	for (;;)
		await async_send_all(fd, buffer, sizeof buffer);
}

static async void run_half_closed(void)
{
	int there, here = await connect_here(&there);
	async_task(void) writer = async_create_task(send_for_ever(here));

	await async_sleep(0.1); /* until there is no room */
	CHECK(async_shutdown(there, SHUT_WR) == 0);
	CHECK(await async_recv(here, buffer, 1, 0) == 0);
	await nothing_happens(); /* the end of the input is there to be read, and a writer waits */
	CHECK(!async_done(writer));
	async_close(there); /* with much that is not read */
	async_error err = await async_catch(*writer);
	CHECK(err.code == ECONNRESET || err.code == EPIPE);
	await nothing_happens();
	async_close(here);
}
TEST(a_half_closed_socket_and_a_slow_reader_do_not_make_the_loop_spin)
{
	async_loop *loop = new_counting_loop();

	async_run_on(loop, run_half_closed());
	async_loop_close(loop);
}

static async void run_half_closed_stream(void)
{
	int there, here = await connect_here(&there);
	async_stream *s = async_stream_new(here);

	async_stream_write_nowait(s, buffer, sizeof buffer);
	await async_sleep(0.1);
	CHECK(async_stream_unsent(s) > 0 && async_shutdown(there, SHUT_WR) == 0);
	CHECK(await async_stream_read(s, buffer, 1) == 0 && async_stream_at_eof(s));
	await nothing_happens(); /* a flush waits in the background */
	for (size_t n = 0; n < sizeof buffer;) {
		ssize_t more = await async_recv(there, buffer, sizeof buffer, 0);

		CHECK(more > 0);
		n += (size_t)more;
	}
	CHECK(async_stream_unsent(s) == 0);
	async_close(there);
	await nothing_happens();
	async_stream_free(s);
}
TEST(a_stream_goes_on_sending_to_a_peer_that_sends_no_more)
{
	async_loop *loop = new_counting_loop();

	async_run_on(loop, run_half_closed_stream());
	async_loop_close(loop);
}

/* A callback for a descriptor that is at its end is called in each turn, as asyncio's is: not once it is removed. */
static void count_call(void *arg)
{
	++*(int *)arg;
}

static async void run_removed(void)
{
	int calls = 0;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	async_add_reader(pair[0], count_call, &calls);
	close(pair[1]);
	AWAIT_UNTIL(calls > 0);
	CHECK(async_remove_reader(pair[0]));
	await nothing_happens();
	async_close(pair[0]);
}
TEST(a_hang_up_that_nobody_waits_for_does_not_make_the_loop_spin)
{
	async_loop *loop = new_counting_loop();

	async_run_on(loop, run_removed());
	async_loop_close(loop);
}

/* ---- A program that was started without its standard descriptors ---- */

static async void use_standard_descriptors(void)
{
	const char *child[] = {"sh", "-c", "cat && echo heard", NULL};
	char byte = 0;

	CHECK(await async_read(0, &byte, 1) == 0);
	CHECK(await async_write(1, "x", 1) == 1);
	CHECK(write(2, "x", 1) == 1);
	async_process *p = await async_spawn(child, &(struct async_spawn_options){.out = ASYNC_PIPE});
	struct async_output output = await async_process_communicate(p, NULL, 0);
	CHECK(strcmp(output.out.data, "heard\n") == 0);
	async_process_free(p);
}

TEST(a_loops_own_descriptors_never_stand_where_standard_ones_are_missing)
{
	int saved[3];
	async_error err;

	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	err = async_catch(use_standard_descriptors());
	for (int i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	CHECK(err.code == 0);
}

/* ---- Places that cannot be had ---- */

#define SAYS(call, expected, text)                                                       \
	do {                                                                             \
		async_error error_ = await async_catch(call);                            \
		CHECK(error_.code == (expected) && strcmp(error_.message, (text)) == 0); \
	} while (0)

static async void run_places(void)
{
	int taken = async_listen("127.0.0.1", 0, 0), gone = async_listen("127.0.0.1", 0, 0);
	int port = async_local_port(taken), free_port = async_local_port(gone);
	char text[80];

	async_close(gone);
	snprintf(text, sizeof text, "start_server: 127.0.0.1:%d: Address already in use", port);
	SAYS(async_start_server(ignore_client, NULL, "127.0.0.1", port), EADDRINUSE, text);
	snprintf(text, sizeof text, "start_server: *:%d: Address already in use", port);
	SAYS(async_start_server(ignore_client, NULL, NULL, port), EADDRINUSE, text);
	snprintf(text, sizeof text, "connect: 127.0.0.1:%d: Connection refused", free_port);
	SAYS(async_open_connection("127.0.0.1", free_port), ECONNREFUSED, text);
	async_close(taken);
	SAYS(async_start_server(ignore_client, NULL, "127.0.0.1", 70000), EINVAL, "start_server: 127.0.0.1:70000 is no address");
	SAYS(async_start_server(ignore_client, NULL, NULL, -1), EINVAL, "start_server: :-1 is no address");
	SAYS(async_open_connection("127.0.0.1", 65536), EINVAL, "connect: 127.0.0.1:65536 is no address");
	SAYS(async_start_unix_server(ignore_client, NULL, "/no/folder"), ENOENT, "start_server: /no/folder: No such file or directory");
	SAYS(async_open_unix_connection("/no/folder"), ENOENT, "connect: /no/folder: No such file or directory");
}
TEST(an_address_that_cannot_be_had_is_named_in_the_error)
{
	async_run(run_places());
}
