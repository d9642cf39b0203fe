/* arrivals_test.async.c: connections and bytes that come whether somebody waits for them just now or not: what one loop takes from the kernel
 * before it is asked for (io_uring) is neither lost nor put in another order by cancelling, closing, changing the loop or running out of
 * anything.  What they promise is the same on every loop. */
#include "async_testing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* ---- Helpers ---- */

/* Its connections are nothing to the system's calls, and end with their loop. */
static bool is_simulated(void)
{
	return async__default_backend() == &async_loop_sim;
}

static unsigned random_state = 1;

static unsigned any(unsigned below)
{
	random_state = random_state * 1103515245 + 12345;
	return random_state / 65536 % below;
}

/* What the n-th byte of each connection is. */
static char nth(size_t n)
{
	return (char)(n * 2654435761u >> 13);
}

static async void connect_both(int *here, int *there)
{
	int listener = async_listen("127.0.0.1", 0, 1);

	*here = await async_connect("127.0.0.1", async_local_port(listener));
	*there = await async_accept(listener, NULL, NULL);
	async_close(listener);
}

static async void send_bytes(int fd, size_t from, size_t size)
{
	char bytes[1000];

	for (size_t n; size; from += n, size -= n) {
		n = size < sizeof bytes ? size : sizeof bytes;
		for (size_t i = 0; i < n; i++)
			bytes[i] = nth(from + i);
		await async_send_all(fd, bytes, n);
	}
}

static void check_bytes(const char *bytes, size_t n, size_t from)
{
	for (size_t i = 0; i < n; i++)
		CHECK(bytes[i] == nth(from + i));
}

/* ---- A reader that is cancelled again and again ---- */

enum reading { BY_STREAM, BY_RECV, BY_RECV_AND_PLAIN };

struct reader {
	enum reading how;
	async_stream *s;
	int fd;
	size_t seen; /* bytes that were handed over */
	char buffer[300];
};

static async size_t read_some(struct reader *r)
{
	size_t size = 1 + any(sizeof r->buffer);

	if (r->how == BY_STREAM)
		return await async_stream_read(r->s, r->buffer, size);
	return (size_t)await async_recv(r->fd, r->buffer, size, 0);
}

static void see(struct reader *r, size_t n)
{
	check_bytes(r->buffer, n, r->seen);
	r->seen += n;
}

/* What asyncc knows nothing of. */
static void read_plainly(struct reader *r)
{
	ssize_t n = recv(r->fd, r->buffer, sizeof r->buffer, MSG_DONTWAIT);

	if (n > 0)
		see(r, (size_t)n);
}

static async void read_and_cancel(struct reader *r, unsigned cancels)
{
	while (cancels--) {
		async_task(size_t) task = async_create_task(read_some(r));
		size_t n = 0;

		for (unsigned i = any(4); i; i--)
			await async_sleep(0);
		async_cancel(task);
		async_error err = await async_catch(n = *task);
		CHECK(err.code == 0 || err.code == ASYNC_CANCELLED);
		if (!err.code)
			see(r, n);
		else if (r->how == BY_RECV_AND_PLAIN)
			read_plainly(r);
	}
}

static async void trickle(int fd, const bool *done, size_t *sent)
{
	while (!*done) {
		size_t n = 1 + any(200);

		await send_bytes(fd, *sent, n);
		*sent += n;
		for (unsigned i = any(3); i; i--)
			await async_sleep(0);
	}
	CHECK(!async_shutdown(fd, SHUT_WR));
}

static async void run_cancels_on(int fd, int there, enum reading how, unsigned cancels)
{
	struct reader r = {.how = how, .fd = fd};
	size_t sent = 0;
	bool done = false;

	r.s = how == BY_STREAM ? async_stream_new(r.fd) : NULL;
	async_task(void) writer = async_create_task(trickle(there, &done, &sent));
	await read_and_cancel(&r, cancels);
	done = true;
	for (size_t n; (n = await read_some(&r)) > 0;)
		see(&r, n);
	await *writer;
	CHECK(r.seen == sent);
	async_close(there);
	if (r.s)
		async_stream_free(r.s);
	else
		async_close(r.fd);
}

static async void run_cancels(enum reading how, unsigned cancels)
{
	int here, there;

	await connect_both(&here, &there);
	await run_cancels_on(here, there, how, cancels);
}

enum { CANCELS = 100000 };

TEST(a_stream_whose_reader_is_cancelled_at_any_moment_loses_nothing)
{
	async_run(run_cancels(BY_STREAM, CANCELS));
}
TEST(a_descriptor_whose_reader_is_cancelled_at_any_moment_loses_nothing)
{
	async_run(run_cancels(BY_RECV, CANCELS));
}

/* What the loop read for the first one is there when it reads ahead. */
static async void run_first_reads(void)
{
	for (int i = 0; i < 1000; i++) {
		int pair[2];

		CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
		await run_cancels_on(pair[0], pair[1], BY_STREAM, 1 + any(4));
	}
}
TEST(a_streams_first_reads_are_cancelled_and_nothing_is_lost)
{
	async_run(run_first_reads());
}
TEST(who_reads_it_by_the_system_call_in_between_gets_each_byte_in_order)
{
	if (!is_simulated())
		async_run(run_cancels(BY_RECV_AND_PLAIN, CANCELS / 4));
}

/* ---- Ends ---- */

/* A stream that has been read again and again. */
static async async_stream *connect_and_read(int *here, int *there)
{
	async_stream *s;

	await connect_both(here, there);
	s = async_stream_new(*here);
	for (int i = 0; i < 3; i++) {
		await async_send_all(*there, "line\n", 5);
		CHECK(is(await async_stream_readline(s), "line\n"));
	}
	return s;
}

static async void run_half_closed(void)
{
	char byte;
	int here, there;

	async_stream *s = await connect_and_read(&here, &there);
	await async_send_all(there, "the end", 7);
	CHECK(!async_shutdown(there, SHUT_WR));
	await async_sleep(0.01); /* it comes while nobody reads */
	CHECK(!async_stream_at_eof(s));
	CHECK(is(await async_stream_readline(s), "the end") && async_stream_at_eof(s));
	CHECK(await async_stream_read(s, &byte, 1) == 0 && await async_stream_read(s, &byte, 1) == 0);
	await async_stream_write(s, "!", 1);
	CHECK(await async_recv(there, &byte, 1, 0) == 1 && byte == '!');
	async_stream_free(s);
	CHECK(await async_recv(there, &byte, 1, 0) == 0); /* nothing keeps it open */
	async_close(there);
}
TEST(what_came_before_the_end_is_read_before_it)
{
	async_run(run_half_closed());
}

static async void run_reset(void)
{
	struct linger at_once = {.l_onoff = 1};
	char byte;
	int here, there;

	async_stream *s = await connect_and_read(&here, &there);
	async_task(size_t) reader = async_create_task(async_stream_read(s, &byte, 1));
	await async_sleep(0.01);
	setsockopt(there, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	async_close(there);
	int code = (await async_catch(*reader)).code;
	CHECK(code == ECONNRESET || is_simulated());
	CHECK((await async_catch(async_stream_read(s, &byte, 1))).code == code);
	async_stream_free(s);
}
TEST(a_reset_reaches_who_reads_and_who_reads_later)
{
	async_run(run_reset());
}

/* The connection's reader is closed under it, and the peer hears so at once. */
static async void run_closed_under(void)
{
	char byte;
	int here, there;

	async_stream *s = await connect_and_read(&here, &there);
	async_task(size_t) reader = async_create_task(async_stream_read(s, &byte, 1));
	await async_sleep(0.01);
	CHECK(!async_done(reader));
	async_stream_close(s);
	if (!is_simulated())
		CHECK(recv(there, &byte, 1, 0) == 0);
	CHECK(await *reader == 0);
	async_stream_free(s);
	async_close(there);
}
TEST(a_stream_closed_under_its_reader_is_closed_at_once)
{
	async_run(run_closed_under());
}

/* ---- Slow readers ---- */

enum { MUCH = 24 << 20 };

static async void read_all_of(async_stream *s, size_t from, size_t size)
{
	char bytes[5000];

	for (size_t n, end = from + size; from < end; from += n) {
		n = await async_stream_read(s, bytes, end - from < sizeof bytes ? end - from : sizeof bytes);
		CHECK(n > 0);
		check_bytes(bytes, n, from);
	}
}

static async void run_slow(void)
{
	int small = 1 << 16, here, there;

	await connect_both(&here, &there);
	setsockopt(here, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	setsockopt(there, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	async_stream *s = async_stream_new(here);
	async_task(void) writer = async_create_task(send_bytes(there, 0, MUCH));
	await read_all_of(s, 0, 10000);
	await async_sleep(0.1);
	CHECK(!async_done(writer)); /* nobody takes what is not read */
	await read_all_of(s, 10000, MUCH - 10000);
	await *writer;
	async_close(there);
	async_stream_free(s);
}
TEST(a_slow_reader_makes_a_slow_writer)
{
	async_run(run_slow());
}

/* Less is taken for a stream than 16 KiB if that is its limit. */
static async void run_small_limit(void)
{
	int here, there, untouched;
	char byte;

	async_stream *s = await connect_and_read(&here, &there);
	async_stream_set_limit(s, 500);
	await send_bytes(there, 0, 1);
	CHECK(await async_stream_read(s, &byte, 1) == 1);
	for (size_t sent = 0; sent < 2000; sent += 100) {
		await send_bytes(there, sent, 100);
		await async_sleep(0.001);
	}
	if (!is_simulated())
		CHECK(!ioctl(here, FIONREAD, &untouched) && untouched > 0); /* some may still be with the sender */
	await read_all_of(s, 0, 2000);
	async_stream_free(s);
	async_close(there);
}
TEST(a_stream_takes_no_more_than_its_limit_ahead)
{
	async_run(run_small_limit());
}

/* More at once than there are buffers for. */
enum { MANY = 200, EACH = 60000 };

static async void read_it(async_stream *s)
{
	await read_all_of(s, 0, EACH);
}

static async void run_many(void)
{
	static async_stream *streams[MANY];
	static int peers[MANY];

	for (int i = 0; i < MANY; i++) {
		int here;

		await connect_both(&here, &peers[i]);
		streams[i] = async_stream_new(here);
	}
	async_task_group (group)
		for (int i = 0; i < MANY; i++) {
			async_create_task_in(group, read_it(streams[i]));
			async_create_task_in(group, send_bytes(peers[i], 0, EACH));
		}
	for (int i = 0; i < MANY; i++) {
		async_close(peers[i]);
		async_stream_free(streams[i]);
	}
}
TEST(many_connections_that_all_have_much_to_say_are_read)
{
	async_run(run_many());
}

/* ---- From loop to loop ---- */

static async_stream *kept;
static int kept_peer;

static async void run_first_loop(void)
{
	int here;

	await connect_both(&here, &kept_peer);
	kept = async_stream_new(here);
	await send_bytes(kept_peer, 0, 300);
	await read_all_of(kept, 0, 100);
	await read_all_of(kept, 100, 200);
	async_task(size_t) reader = async_create_task(async_stream_read(kept, (char[1]){0}, 1));
	await async_sleep(0.01);
	async_cancel(reader);
	await async_catch(*reader);
	await send_bytes(kept_peer, 300, 700);
	await async_sleep(0.01);
}

static async void run_second_loop(void)
{
	await send_bytes(kept_peer, 1000, 1000);
	await read_all_of(kept, 300, 1700);
	async_close(kept_peer);
	CHECK(await async_stream_read(kept, (char[1]){0}, 1) == 0);
	async_stream_free(kept);
}
TEST(what_came_on_one_loop_is_read_on_the_next)
{
	if (is_simulated())
		return; /* its connections end with it */
	async_run(run_first_loop());
	async_run(run_second_loop());
}

/* ---- Accepting ---- */

/* Connects n times; each connection says who it is. */
static async void connect_many(int port, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int fd = await async_connect("127.0.0.1", port);

		await async_send_all(fd, &i, sizeof i);
		async_close(fd);
		for (unsigned turns = any(3); turns; turns--)
			await async_sleep(0);
	}
}

static async void meet(int fd, unsigned *met)
{
	unsigned who;

	CHECK(await async_recv(fd, &who, sizeof who, 0) == sizeof who);
	met[who]++;
	async_close(fd);
}

enum { GUESTS = 600 };

static async void run_cancelled_accepts(void)
{
	static unsigned met[GUESTS];
	int listener = async_listen("127.0.0.1", 0, 128);
	unsigned n = 0;
	async_task(void) first = async_create_task(connect_many(async_local_port(listener), GUESTS));

	async_task_group (group)
		while (n < GUESTS) {
			async_task(int) acceptor = async_create_task(async_accept(listener, NULL, NULL));
			int fd;

			for (unsigned i = any(6); i; i--)
				await async_sleep(0);
			if (any(3))
				async_cancel(acceptor);
			async_error err = await async_catch(fd = *acceptor);
			CHECK(err.code == 0 || err.code == ASYNC_CANCELLED);
			if (!err.code) {
				async_create_task_in(group, meet(fd, met));
				n++;
			}
		}
	await *first;
	for (unsigned i = 0; i < GUESTS; i++)
		CHECK(met[i] == 1);
	async_close(listener);
}
TEST(a_cancelled_acceptor_loses_no_connection)
{
	async_run(run_cancelled_accepts());
}

static async void accept_two(int listener)
{
	struct sockaddr_in address;
	socklen_t length;

	for (int i = 0; i < 2; i++) {
		int mine = await async_connect("127.0.0.1", async_local_port(listener)), port = async_local_port(mine);

		length = sizeof address;
		int fd = await async_accept(listener, (struct sockaddr *)&address, &length);
		CHECK(length == sizeof address && ntohs(address.sin_port) == port);
		async_close(fd);
		async_close(mine);
	}
}

static async void run_closed_listener(void)
{
	int listener = async_listen("127.0.0.1", 0, 8), port = async_local_port(listener);

	await accept_two(listener);
	async_task(int) first = async_create_task(async_accept(listener, NULL, NULL));
	async_task(int) second = async_create_task(async_accept(listener, NULL, NULL));
	await async_sleep(0.01);
	async_close(listener);
	CHECK((await async_catch(async_connect("127.0.0.1", port))).code == ECONNREFUSED);
	CHECK((await async_catch(*first)).code == EBADF && (await async_catch(*second)).code == EBADF);
}
TEST(a_listener_closed_while_it_accepts_is_closed_at_once)
{
	async_run(run_closed_listener());
}

/* The descriptor's number is another listener's at once. */
static async void run_listener_again(void)
{
	for (int i = 0; i < 20; i++) {
		int listener = async_listen("127.0.0.1", 0, 8);
		async_task(int) acceptor;

		await accept_two(listener);
		acceptor = async_create_task(async_accept(listener, NULL, NULL));
		await async_sleep(0);
		await async_sleep(0);
		async_close(listener);
		if (i % 2)
			CHECK((await async_catch(*acceptor)).code == EBADF);
		else
			async_detach(acceptor);
	}
}

static void expect_EBADF(const async_error_context *context, void *arg)
{
	CHECK(context->error.code == EBADF);
	++*(int *)arg;
}

static async void run_listeners_again(void)
{
	int reported = 0;

	async_set_exception_handler(expect_EBADF, &reported);
	await run_listener_again();
	AWAIT_UNTIL(reported == 10);
}
TEST(a_listeners_number_is_used_again_at_once)
{
	async_run(run_listeners_again());
}

/* Another process, or loop, may accept there. */
static async void run_nobody_waits(void)
{
	int listener = async_listen("127.0.0.1", 0, 8), there, fd;

	await accept_two(listener);
	await async_sleep(0.01);
	fd = await async_connect("127.0.0.1", async_local_port(listener));
	await async_sleep(0.01);
	there = accept(listener, NULL, NULL);
	CHECK(there >= 0);
	close(there);
	async_close(fd);
	async_close(listener);
}
TEST(a_connection_that_nobody_waits_for_is_not_taken)
{
	if (!is_simulated())
		async_run(run_nobody_waits());
}

/* ---- Without descriptors ---- */

enum { CLIENTS = 60, AT_ONCE = 8 };
static unsigned echoed, complaints, others;

static async void echo(async_stream *client, void *arg)
{
	char byte;

	(void)arg;
	while (await async_stream_read(client, &byte, 1) > 0)
		await async_stream_write(client, &byte, 1);
	echoed++;
}

static void count_complaint(const async_error_context *context, void *arg)
{
	(void)arg;
	if (context->error.code == EMFILE)
		complaints++;
	else
		others++;
}

static async void talk(int fd)
{
	char byte = 0;

	await async_send_all(fd, "x", 1);
	CHECK(await async_recv(fd, &byte, 1, 0) == 1 && byte == 'x');
	await async_sleep(0.05); /* the server has it a while */
	async_close(fd);
}

static async void run_without_descriptors(void)
{
	static int fds[CLIENTS];
	int listener = async_listen("127.0.0.1", 0, CLIENTS), port = async_local_port(listener);
	struct rlimit before, few;

	async_set_exception_handler(count_complaint, NULL);
	for (int i = 0; i < CLIENTS; i++)
		fds[i] = await async_connect("127.0.0.1", port);
	CHECK(!getrlimit(RLIMIT_NOFILE, &before));
	few = before;
	few.rlim_cur = (rlim_t)fds[CLIENTS - 1] + 1 + AT_ONCE;
	CHECK(!setrlimit(RLIMIT_NOFILE, &few));
	async_server *server = async_start_server_on(echo, NULL, listener);
	int64_t began = async_time();
	async_task_group (group)
		for (int i = 0; i < CLIENTS; i++)
			async_create_task_in(group, talk(fds[i]));
	AWAIT_UNTIL(echoed == CLIENTS);
	CHECK(complaints > 0 && !others); /* one for each pause of a second */
	CHECK(complaints <= (unsigned)((async_time() - began) / 1000000000) + 1);
	CHECK(!setrlimit(RLIMIT_NOFILE, &before));
	async_server_free(server);
}
TEST(a_storm_of_clients_without_descriptors_is_served_in_the_end)
{
	async_run(run_without_descriptors());
}

/* ---- The loop that brings it ---- */

static async_loop_backend counting;
static unsigned received;

static int count_and_receive(async_loop *loop, void *state, int fd, async_receiver *receiver)
{
	int err = async_loop_find("io_uring")->receive(loop, state, fd, receiver);

	received += !err;
	return err;
}

static async void run_lines(void)
{
	int here, there;

	await connect_both(&here, &there);
	async_stream *s = async_stream_new(here);
	for (int i = 0; i < 10; i++) {
		async_task(async_bytes) reader = async_create_task(async_stream_readline(s));

		await async_sleep(0);
		await async_send_all(there, "line\n", 5);
		CHECK(is(await *reader, "line\n"));
	}
	async_stream_free(s);
	async_close(there);
}

/* How often it was asked to bring a stream its input, for ten lines; -1: there is no io_uring. */
static int receivers_for_ten_lines(void)
{
	async_loop *loop;

	if (!async_loop_find("io_uring"))
		return -1;
	counting = *async_loop_find("io_uring");
	counting.receive = count_and_receive;
	loop = async_loop_new(&counting);
	if (!loop)
		return -1;
	async_run_on(loop, run_lines());
	CHECK(async_loop_close(loop));
	return (int)received;
}
TEST(io_uring_is_asked_once_to_bring_a_stream_its_input)
{
	int n = receivers_for_ten_lines();

	CHECK(n == 1 || n == -1);
}

/* As kernels before 5.19 do, and those that count the memory as locked. */
static void refuse_buffers(int err)
{
	enum { REGISTER_BUFFER_RING = 22 };
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_register, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REGISTER_BUFFER_RING, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}
TEST(where_the_kernel_refuses_buffers_streams_are_read_all_the_same)
{
	refuse_buffers(ENOMEM);
	CHECK(receivers_for_ten_lines() <= 0);
	async_run(run_cancels(BY_STREAM, 1000));
}

TEST(a_user_who_may_lock_no_memory_is_served_by_some_loop)
{
	enum { NOBODY = 65534 };

	CHECK(!setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){0, 0}));
	if (!getuid())
		CHECK(!setgid(NOBODY) && !setuid(NOBODY));
	async_run(run_lines());
	async_run(run_cancels(BY_STREAM, 1000));
}
