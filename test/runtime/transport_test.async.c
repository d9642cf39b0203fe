/* transport_test.async.c: datagrams, Unix sockets, files, lookups, connecting to the first that answers, callbacks of descriptors, in
 * async C.  Numbers: README.md. */
#include "async_testing.h"

#include <async/sim_network.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static unsigned waits(void)
{
	return async_get_running_loop()->fd_waits;
}

/* ---- Datagrams ---- */

static int udp_socket(void)
{
	int fd = async_socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in address = loopback(0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

static async void answer_datagrams(int fd, int n)
{
	char buffer[64];
	struct sockaddr_in from;

	while (n-- > 0) {
		socklen_t length = sizeof from;
		ssize_t size = await async_recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
		CHECK(await async_sendto(fd, buffer, (size_t)size, 0, (struct sockaddr *)&from, length) == size);
	}
}

static async void run_datagrams(void)
{
	int server = udp_socket(), client = udp_socket();
	struct sockaddr_in address = loopback(async_local_port(server));
	async_task(void) answering = async_create_task(answer_datagrams(server, 3));
	char buffer[64];

	await async_sleep(0);
	CHECK(!async_done(answering) && waits() == 1);
	CHECK(await async_sendto(client, "hello", 5, 0, (struct sockaddr *)&address, sizeof address) == 5);
	CHECK(await async_recvfrom(client, buffer, sizeof buffer, 0, NULL, NULL) == 5 && !memcmp(buffer, "hello", 5));
	CHECK(await async_sendto(client, "", 0, 0, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(await async_recvfrom(client, buffer, sizeof buffer, 0, NULL, NULL) == 0);
	CHECK(await async_sendto(client, "longer", 6, 0, (struct sockaddr *)&address, sizeof address) == 6);
	CHECK(await async_recvfrom(client, buffer, 4, 0, NULL, NULL) == 4); /* cut */
	await *answering;
	CHECK((await async_catch(async_wait_for(async_recvfrom(client, buffer, 4, 0, NULL, NULL), 0.01))).code == ASYNC_TIMEOUT);
	CHECK((await async_catch(async_sendto(client, buffer, 64, 0, NULL, 0))).code == EDESTADDRREQ);
	CHECK(waits() == 0);
	async_close(server);
	async_close(client);
}
TEST(datagrams_go_there_and_back)
{
	async_run(run_datagrams());
}

static async void run_closed_under_recvfrom(void)
{
	int fd = udp_socket();
	char byte;
	async_task(ssize_t) reader = async_create_task(async_recvfrom(fd, &byte, 1, 0, NULL, NULL));

	await async_sleep(0.005);
	async_close(fd);
	CHECK((await async_catch(*reader)).code == EBADF);
	CHECK((await async_catch(async_recvfrom(-1, &byte, 1, 0, NULL, NULL))).code == EBADF);
}
TEST(a_socket_closed_under_recvfrom_is_an_error_there)
{
	async_run(run_closed_under_recvfrom());
}

/* ---- Unix sockets ---- */

static async void run_abstract(void)
{
	char name[64], buffer[2], too_long[200];
	int listener, client, server;

	snprintf(name, sizeof name, "@transport_test.%d", (int)getpid());
	listener = async_listen_unix(name, 0);
	client = await async_connect_unix(name);
	server = await async_accept(listener, NULL, NULL);
	await async_send_all(client, "hi", 2);
	CHECK(await async_recv(server, buffer, 2, 0) == 2);
	CHECK(async_listen_unix(name, 0) == -1 && errno == EADDRINUSE);
	async_close(client);
	async_close(server);
	async_close(listener);
	memset(too_long, 'x', sizeof too_long - 1);
	too_long[sizeof too_long - 1] = 0;
	CHECK((await async_catch(async_connect_unix(too_long))).code == ENAMETOOLONG);
	CHECK(async_listen_unix(too_long, 0) == -1 && errno == ENAMETOOLONG);
	CHECK((await async_catch(async_connect_unix(""))).code == EINVAL);
	CHECK(async_listen_unix("", 0) == -1 && errno == EINVAL);
	CHECK((await async_catch(async_connect_unix(name))).code == ECONNREFUSED);
}
TEST(unix_sockets_with_and_without_a_file)
{
	async_run(run_abstract());
}

static async void run_listen_over_a_file(void)
{
	char path[] = "/tmp/transport_testXXXXXX";
	int fd = mkstemp(path);

	CHECK(async_listen_unix(path, 0) == -1 && errno == EADDRINUSE);
	CHECK(access(path, F_OK) == 0); /* not a socket: left alone */
	close(fd);
	unlink(path);
}
TEST(listening_never_replaces_a_file_that_is_no_socket)
{
	async_run(run_listen_over_a_file());
}

/* ---- Files ---- */

static async size_t count_bytes(int fd)
{
	static char sink[1 << 16];
	size_t total = 0;
	ssize_t n;

	while ((n = await async_recv(fd, sink, sizeof sink, 0)) > 0)
		total += (size_t)n;
	return total;
}

static async void run_sendfile(void)
{
	int pair[2];
	FILE *file = tmpfile();
	off_t offset = 100;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	CHECK(ftruncate(fileno(file), 3000000) == 0);
	async_task(size_t) reader = async_create_task(count_bytes(pair[1]));
	CHECK(await async_sendfile(pair[0], fileno(file), &offset, 2000000) == 2000000 && offset == 2000100);
	CHECK(await async_sendfile(pair[0], fileno(file), &offset, 2000000) == 999900 && offset == 3000000);
	CHECK(await async_sendfile(pair[0], fileno(file), &offset, 1) == 0);
	async_close(pair[0]);
	CHECK(await *reader == 2999900);
	CHECK((await async_catch(async_sendfile(-1, fileno(file), NULL, 1))).code == EBADF);
	async_close(pair[1]);
	fclose(file);
}
TEST(sendfile_waits_for_the_socket_and_stops_at_the_files_end)
{
	async_run(run_sendfile());
}

static async void run_files(void)
{
	char path[] = "/tmp/transport_testXXXXXX", buffer[16];
	int fd;

	close(mkstemp(path));
	fd = await async_file_open(path, O_RDWR | O_TRUNC, 0600);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	await async_file_write(fd, "hello, ", 7, -1);
	await async_file_write(fd, "file", 4, -1);
	await async_file_write(fd, "H", 1, 0);
	await async_file_sync(fd);
	CHECK(await async_file_read(fd, buffer, sizeof buffer, 0) == 11 && !memcmp(buffer, "Hello, file", 11));
	CHECK(await async_file_read(fd, buffer, sizeof buffer, -1) == 0);
	CHECK(await async_file_read(fd, buffer, 4, 7) == 4 && !memcmp(buffer, "file", 4));
	await async_file_close(fd);
	unlink(path);
	CHECK((await async_catch(async_file_open(path, O_RDONLY, 0))).code == ENOENT);
	CHECK((await async_catch(async_file_read(fd, buffer, 1, -1))).code == EBADF);
	CHECK((await async_catch(async_file_close(fd))).code == EBADF);
	fd = await async_file_open("/dev/full", O_WRONLY, 0);
	CHECK((await async_catch(async_file_write(fd, "x", 1, -1))).code == ENOSPC); /* a full disk */
	await async_file_close(fd);
}
TEST(files_are_read_and_written_on_the_pool)
{
	async_run(run_files());
}

static async void run_cancelled_open(void)
{
	char path[64];

	snprintf(path, sizeof path, "/tmp/transport_test.%d.fifo", (int)getpid());
	CHECK(mkfifo(path, 0600) == 0);
	async_task(int) opening = async_create_task(async_file_open(path, O_WRONLY, 0)); /* blocks until somebody reads */
	await async_sleep(0.02);
	async_cancel(opening);
	int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CHECK((await async_catch(*opening)).code == ASYNC_CANCELLED); /* and the descriptor is closed */
	close(reader);
	unlink(path);
}
TEST(a_cancelled_open_leaks_no_descriptor)
{
	async_run(run_cancelled_open());
}

/* ---- Standard input ---- */

static async void run_standard_input(void)
{
	int ends[2], saved = dup(0), turns = 0;
	char buffer[8];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	dup2(ends[0], 0); /* a pipe that blocks */
	async_task(ssize_t) reader = async_create_task(async_read(0, buffer, sizeof buffer));
	for (; turns < 10; turns++)
		await async_sleep(0.001); /* it did not block the loop */
	CHECK(!async_done(reader));
	CHECK(write(ends[1], "typed", 5) == 5);
	CHECK(await *reader == 5 && !memcmp(buffer, "typed", 5));
	close(ends[1]);
	CHECK(await async_read(0, buffer, sizeof buffer) == 0);
	CHECK(!(fcntl(0, F_GETFL) & O_NONBLOCK));
	dup2(saved, 0);
	close(saved);
	close(ends[0]);
}
TEST(standard_input_that_blocks_does_not_block_the_loop)
{
	async_run(run_standard_input());
}

static async size_t drain_pipe(int fd)
{
	static char sink[4096];
	size_t total = 0;
	ssize_t n;

	await async_sleep(0.02);
	while ((n = await async_read(fd, sink, sizeof sink)) > 0)
		total += (size_t)n;
	return total;
}

static async void run_standard_output(void)
{
	static char text[200000];
	int ends[2], saved = dup(1);

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	async_set_nonblocking(ends[0]);
	fflush(stdout);
	dup2(ends[1], 1);
	async_task(size_t) reader = async_create_task(drain_pipe(ends[0]));
	for (size_t n = 0; n < sizeof text;)
		n += (size_t)await async_write(1, text + n, sizeof text - n);
	dup2(saved, 1);
	close(saved);
	close(ends[1]);
	CHECK(await *reader == sizeof text);
	async_close(ends[0]);
}
TEST(standard_output_that_blocks_does_not_block_the_loop)
{
	async_run(run_standard_output());
}

/* ---- Lookups and connecting: our own resolver ---- */

static struct addrinfo fakes[8];
static struct sockaddr_in fake_addresses[8];
static size_t n_fakes;
static unsigned lookups, freed;

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	(void)service;
	if (hints && hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	__atomic_add_fetch(&lookups, 1, __ATOMIC_RELAXED);
	if (!host || !strcmp(host, "slow"))
		usleep(2000000);
	if (!n_fakes)
		return EAI_AGAIN;
	for (size_t i = 0; i < n_fakes; i++) {
		fakes[i] = (struct addrinfo){.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_addrlen = sizeof *fake_addresses,
					     .ai_addr = (struct sockaddr *)&fake_addresses[i], .ai_next = i + 1 < n_fakes ? &fakes[i + 1] : NULL};
	}
	*found = fakes;
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	CHECK(list == fakes);
	__atomic_add_fetch(&freed, 1, __ATOMIC_RELAXED);
}

static int listen_here(int backlog)
{
	int fd = async_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = loopback(0);

	CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, backlog) == 0);
	return fd;
}

/* Where connecting never ends: nobody accepts, and the queue is full. */
static int black_hole, fillers[8];

static void dig_black_hole(void)
{
	struct sockaddr_in address;

	async_sim_network(async_get_running_loop(), ASYNC_SIM_NETWORK_REAL); /* it is the kernel's queue that is full */
	black_hole = listen_here(0);
	address = loopback(async_local_port(black_hole));
	for (int i = 0; i < 8; i++) {
		fillers[i] = async_socket(AF_INET, SOCK_STREAM, 0);
		connect(fillers[i], (struct sockaddr *)&address, sizeof address);
	}
}

static void fill_black_hole(void)
{
	for (int i = 0; i < 8; i++)
		close(fillers[i]);
	close(black_hole);
}

static async void run_happy_eyeballs(void)
{
	int good, fd;
	int64_t before, after;

	dig_black_hole();
	good = listen_here(5);
	fake_addresses[0] = fake_addresses[1] = loopback(async_local_port(black_hole));
	fake_addresses[2] = loopback(async_local_port(good));
	n_fakes = 3;
	before = async_time();
	fd = await async_connect("host", 1);
	after = async_time();
	CHECK(after - before >= 500000000 && after - before < 5000000000);
	AWAIT_UNTIL(waits() == 0);
	CHECK(lookups == 1 && freed == 1);
	async_close(fd);
	async_close(good);
	fill_black_hole();
}
TEST(connect_110_tries_the_next_address_after_a_quarter_of_a_second)
{
	async_run(run_happy_eyeballs());
}

static async void run_refused_first(void)
{
	int dead = listen_here(5), good = listen_here(5), fd;
	int64_t before = async_time();

	for (int i = 0; i < 4; i++)
		fake_addresses[i] = loopback(async_local_port(dead));
	fake_addresses[4] = loopback(async_local_port(good));
	async_close(dead);
	n_fakes = 5;
	fd = await async_connect("host", 1);
	CHECK(async_time() - before < 900000000);
	async_close(fd);
	n_fakes = 4;
	CHECK((await async_catch(async_connect("host", 1))).code == ECONNREFUSED);
	CHECK(freed == 2);
	async_close(good);
}
TEST(connect_110_goes_on_at_once_when_an_address_refuses)
{
	async_run(run_refused_first());
}

static async void run_cancelled_connect(void)
{
	dig_black_hole();
	for (int i = 0; i < 5; i++)
		fake_addresses[i] = loopback(async_local_port(black_hole));
	n_fakes = 5;
	CHECK((await async_catch(async_wait_for(async_connect("host", 1), 0.6))).code == ASYNC_TIMEOUT);
	AWAIT_UNTIL(waits() == 0);
	CHECK(freed == 1);
	fill_black_hole();
}
TEST(a_cancelled_connect_110_stops_all_its_attempts)
{
	async_run(run_cancelled_connect());
}

static async void run_late_lookup(void)
{
	int64_t before = async_time();

	n_fakes = 1;
	CHECK((await async_catch(async_wait_for(async_connect("slow", 1), 0.02))).code == ASYNC_TIMEOUT);
	CHECK(async_time() - before < 1500000000); /* at once */
}
TEST(a_lookup_that_is_cancelled_is_left_alone_and_its_answer_freed)
{
	async_run(run_late_lookup());
	CHECK(lookups == 1 && freed == 1);
}

static async void run_lookup_error(void)
{
	n_fakes = 0;
	CHECK((await async_catch(async_getaddrinfo("host", "80", NULL))).code == EHOSTUNREACH);
	CHECK((await async_catch(async_connect("host", 80))).code == EHOSTUNREACH);
	CHECK((await async_catch(async_connect("host", 65536))).code == EINVAL);
	n_fakes = 2;
	struct addrinfo *found = await async_getaddrinfo("host", "80", NULL);
	CHECK(found == fakes && found->ai_next);
	freeaddrinfo(found);
	char long_name[2000];
	memset(long_name, 'x', sizeof long_name);
	long_name[1999] = 0;
	CHECK((await async_catch(async_getaddrinfo(long_name, NULL, NULL))).code == EINVAL);
}
TEST(lookups_that_fail_say_so)
{
	async_run(run_lookup_error());
}

/* ---- Callbacks: 190 ---- */

static int pair[2], calls, other_calls;

static void on_readable(void *arg)
{
	char byte;

	CHECK(read(*(int *)arg, &byte, 1) == 1);
	calls++;
}

static void on_other(void *arg)
{
	(void)arg;
	other_calls++;
	async_remove_reader(pair[0]);
	CHECK(!async_remove_reader(pair[0]));
}

static void on_writable(void *arg)
{
	if (++*(int *)arg == 3)
		CHECK(async_remove_writer(pair[0]));
}

static async void run_callbacks(void)
{
	int writes = 0;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	CHECK(async_add_reader(pair[0], on_readable, &pair[0]) == 0);
	await async_sleep(0.005);
	CHECK(calls == 0);
	CHECK(write(pair[1], "abc", 3) == 3);
	AWAIT_UNTIL(calls == 3);
	CHECK(async_add_writer(pair[0], on_writable, &writes) == 0);
	AWAIT_UNTIL(writes == 3);
	CHECK(async_add_reader(pair[0], on_other, NULL) == 0); /* in place of the first */
	CHECK(write(pair[1], "d", 1) == 1);
	AWAIT_UNTIL(other_calls == 1);
	CHECK(calls == 3 && waits() == 0);
	CHECK(!async_remove_reader(pair[0]) && !async_remove_writer(pair[1]));
	CHECK(async_add_reader(-1, on_other, NULL) == EBADF);
	CHECK(async_add_reader(pair[0], on_readable, &pair[0]) == 0);
	async_close(pair[0]); /* ends it */
	AWAIT_UNTIL(!async_get_running_loop()->callbacks.next || async_get_running_loop()->callbacks.next == &async_get_running_loop()->callbacks);
	CHECK(!async_remove_reader(pair[0]) && calls == 3);
	CHECK(async_add_writer(pair[1], on_writable, &writes) == 0); /* left to the loop's end */
	async_remove_writer(pair[1]);
	CHECK(async_add_reader(pair[1], on_writable, &writes) == 0);
	async_close(pair[1]);
}
TEST(callbacks_190_fire_until_they_are_removed_which_is_idempotent)
{
	async_run(run_callbacks());
}

static async void run_left(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	CHECK(async_add_reader(pair[0], on_readable, &pair[0]) == 0);
	await async_sleep(0);
}
TEST(callbacks_left_behind_go_with_their_loop)
{
	async_run(run_left());
	close(pair[0]);
	close(pair[1]);
}

/* ---- Exhausted descriptors ---- */

static async void run_no_descriptors(void)
{
	struct rlimit limit, few;

	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = 3;
	n_fakes = 2;
	fake_addresses[0] = fake_addresses[1] = loopback(1);
	struct addrinfo *warm = await async_getaddrinfo("host", NULL, NULL); /* the pool has its thread */
	freeaddrinfo(warm);
	setrlimit(RLIMIT_NOFILE, &few);
	async_error connecting = await async_catch(async_connect("host", 1));
	async_error spawning = await async_catch(async_spawn_shell("true", &(struct async_spawn_options){.out = ASYNC_PIPE}));
	async_error opening = await async_catch(async_file_open("/dev/null", O_RDONLY, 0));
	setrlimit(RLIMIT_NOFILE, &limit);
	CHECK(connecting.code == EMFILE && spawning.code == EMFILE && opening.code == EMFILE);
}
TEST(without_descriptors_each_call_says_so)
{
	async_run(run_no_descriptors());
}
