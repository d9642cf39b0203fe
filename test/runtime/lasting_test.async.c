/* lasting_test.async.c: connections that are waited for once and for all, which tells of changes only (io_uring, epoll): cancelled, closed, numbers used
 * again, what comes while nobody waits, more events than the ring holds.  What they promise is the same on every loop. */
#include "async_testing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int listener, ours, peer; /* a connection: ours is the loop's, peer is used by plain system calls */

static int call(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof address));
	return fd;
}

static void listen_here(void)
{
	listener = async_listen("127.0.0.1", 0, 0);
	CHECK(listener >= 0);
}

static async void make_connection(void)
{
	peer = call(async_local_port(listener));
	ours = await async_accept(listener, NULL, NULL);
}

static void say(const char *text)
{
	CHECK(write(peer, text, strlen(text)) == (ssize_t)strlen(text));
}

static async void hear(const char *text)
{
	char buffer[64];

	for (size_t n = 0; n < strlen(text);) {
		ssize_t more = await async_recv(ours, buffer, sizeof buffer, 0);

		CHECK(more > 0 && !memcmp(buffer, text + n, (size_t)more));
		n += (size_t)more;
	}
}

static async void hear_later(const char *text)
{
	await hear(text);
}

/* Has been read until there was no more, by somebody who waited. */
static async void get_used_to_it(void)
{
	for (int i = 0; i < 3; i++) {
		async_task(void) reader = async_create_task(hear_later("used"));

		await async_sleep(0.001);
		say("used");
		await *reader;
	}
}

/* Does the peer see that our file is gone, while the loop sleeps? */
static async void peer_sees_the_end(int fd)
{
	char byte;
	ssize_t n = -1;

	AWAIT_UNTIL((n = recv(fd, &byte, 1, MSG_DONTWAIT)) >= 0 || errno == ECONNRESET);
	CHECK(n <= 0);
	close(fd);
}

/* ---- Cancelled, closed ---- */

static async void run_cancelled(void)
{
	listen_here();
	for (int i = 0; i < 100; i++) {
		async_task(void) reader;

		await make_connection();
		await get_used_to_it();
		reader = async_create_task(hear_later("never"));
		for (int turns = i % 4; turns > 0; turns--)
			await async_sleep(0);
		if (i % 3)
			say("x"); /* it comes just when nobody wants it any more */
		if (i % 5 == 0)
			usleep(100);
		async_cancel(reader);
		CHECK((await async_catch(*reader)).code == ASYNC_CANCELLED);
		async_close(ours);
		await peer_sees_the_end(peer);
	}
	async_close(listener);
}
TEST(a_reader_that_is_cancelled_as_data_comes_lets_the_file_go)
{
	async_run(run_cancelled());
}

static async void run_kept(void)
{
	listen_here();
	for (int i = 0; i < 20; i++) {
		async_task(void) reader;

		await make_connection();
		await get_used_to_it();
		reader = async_create_task(hear_later("never"));
		await async_sleep(0);
		say("hello");
		async_cancel(reader);
		CHECK((await async_catch(*reader)).code == ASYNC_CANCELLED);
		AWAIT_UNTIL(recv(ours, (char[8]){0}, 8, MSG_PEEK | MSG_DONTWAIT) == 5); /* it is the descriptor's, for whoever reads it, once it has come */
		await hear("hello");
		async_close(ours);
		close(peer);
	}
	async_close(listener);
}
TEST(what_a_cancelled_reader_of_a_connection_did_not_get_stays_in_it)
{
	async_run(run_kept());
}

static bool busy;

static async void never_sleep(void)
{
	while (busy)
		await async_sleep(0);
}

static async void run_closed_by_hand(bool sleeps)
{
	async_task(void) spinner;

	listen_here();
	for (int i = 0; i < 10; i++) {
		await make_connection();
		await get_used_to_it();
		busy = !sleeps;
		spinner = async_create_task(never_sleep());
		close(ours);
		await peer_sees_the_end(peer);
		busy = false;
		await *spinner;
	}
	async_close(listener);
}
TEST(a_connection_closed_behind_the_loops_back_is_let_go_when_it_sleeps)
{
	async_run(run_closed_by_hand(true));
}
TEST(a_connection_closed_behind_the_back_of_a_busy_loop_is_let_go_soon)
{
	async_run(run_closed_by_hand(false));
}

static async void run_closed_meanwhile(void)
{
	async_task(void) reader;

	listen_here();
	await make_connection();
	await get_used_to_it();
	reader = async_create_task(hear_later("never"));
	await async_sleep(0.001);
	async_close(ours);
	CHECK((await async_catch(*reader)).code == EBADF);
	await peer_sees_the_end(peer);
	async_close(listener);
}
TEST(a_reader_hears_that_its_connection_is_closed)
{
	async_run(run_closed_meanwhile());
}

static async void run_used_again(void)
{
	listen_here();
	for (int i = 0; i < 10; i++) {
		int number, old;

		await make_connection();
		await get_used_to_it();
		number = ours;
		old = peer;
		if (i % 2)
			close(ours);
		else
			async_close(ours);
		await make_connection();
		CHECK(ours == number || peer == number);
		await get_used_to_it();
		await peer_sees_the_end(old);
		async_close(ours);
		close(peer);
	}
	async_close(listener);
}
TEST(a_number_used_again_is_another_connection)
{
	async_run(run_used_again());
}

/* ---- What comes while nobody waits, and the end ---- */

static async void run_paused(void)
{
	listen_here();
	await make_connection();
	await get_used_to_it();
	for (int i = 0; i < 40; i++) { /* so often it is asked for each time, and once and for all again */
		say("one");
		await async_sleep(0.001);
		say("two");
		if (i % 2)
			await async_wait_readable(ours);
		await hear("onetwo");
		if (i % 3 == 0)
			await get_used_to_it();
	}
	async_close(ours);
	close(peer);
	async_close(listener);
}
TEST(what_comes_while_nobody_waits_is_there_for_the_next_reader)
{
	async_run(run_paused());
}

static async void run_ready(void)
{
	char byte;

	listen_here();
	await make_connection();
	await get_used_to_it();
	for (int i = 0; i < 20; i++) {
		say("ab");
		await async_wait_readable(ours);
		CHECK(read(ours, &byte, 1) == 1 && byte == 'a');
		await async_wait_readable(ours); /* there is still the b */
		CHECK(await async_recv(ours, &byte, 1, 0) == 1 && byte == 'b');
		if (i % 4 == 0)
			await get_used_to_it();
	}
	async_close(ours);
	close(peer);
	async_close(listener);
}
TEST(to_wait_for_readiness_tells_of_what_is_there_already)
{
	async_run(run_ready());
}

static async void run_pieces(void)
{
	char buffer[4];
	size_t n;

	listen_here();
	await make_connection();
	await get_used_to_it();
	for (int i = 0; i < 20; i++) {
		say("0123456789");
		if (i % 2)
			await async_sleep(0.001);
		for (n = 0; n < 10;) {
			ssize_t more = await async_recv(ours, buffer, i % 3 ? 4 : 2, i % 5 ? 0 : MSG_WAITALL * (n < 8));

			CHECK(more > 0);
			for (ssize_t k = 0; k < more; k++)
				CHECK(buffer[k] == (char)('0' + n++));
		}
	}
	async_close(ours);
	close(peer);
	async_close(listener);
}
TEST(a_read_that_is_full_leaves_the_rest)
{
	async_run(run_pieces());
}

static async void read_to_the_end(size_t size, size_t expected)
{
	char buffer[64];
	size_t n = 0;
	ssize_t more;

	while ((more = await async_recv(ours, buffer, size, 0)) > 0)
		n += (size_t)more;
	CHECK(more == 0 && n == expected);
}

static async void run_last_words(void)
{
	listen_here();
	for (int i = 0; i < 60; i++) {
		async_task(void) reader;

		await make_connection();
		if (i % 2)
			await get_used_to_it();
		reader = async_create_task(read_to_the_end(i % 3 == 0 ? 64 : 3, 10));
		for (int turns = i % 4; turns > 0; turns--)
			await async_sleep(0);
		say("last words");
		if (i % 5 == 0)
			await async_sleep(0.001);
		if (i % 4 == 0)
			shutdown(peer, SHUT_WR);
		else
			close(peer);
		await *reader;
		if (i % 4 == 0) { /* half-closed: the answer still goes */
			char answer[8];

			await async_send_all(ours, "answer", 6);
			CHECK(recv(peer, answer, sizeof answer, 0) == 6);
			close(peer);
		}
		async_close(ours);
	}
	async_close(listener);
}
TEST(the_end_that_comes_with_data_is_not_missed)
{
	async_run(run_last_words());
}

static async void run_reset(void)
{
	struct linger at_once = {.l_onoff = 1};
	async_task(void) reader;

	listen_here();
	await make_connection();
	await get_used_to_it();
	reader = async_create_task(hear_later("never"));
	await async_sleep(0.001);
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(peer);
	CHECK((await async_catch(*reader)).code == ECONNRESET);
	async_close(ours);
	async_close(listener);
}
TEST(a_reset_is_an_error_of_the_reader)
{
	async_run(run_reset());
}

/* What comes behind urgent data is found, if only when trust is doubted. */
static async void run_urgent(void)
{
	listen_here();
	await make_connection();
	await get_used_to_it();
	say("before");
	CHECK(send(peer, "!", 1, MSG_OOB) == 1);
	say("behind");
	await hear("before");
	await hear("behind");
	async_close(ours);
	close(peer);
	async_close(listener);
}
TEST(urgent_data_does_not_hide_what_follows)
{
	async_run(run_urgent());
}

/* ---- What epoll is asked for ---- */

/* Is our connection watched for changes, as the kernel has it? */
static bool changes_only(void)
{
	char path[64], line[256];
	unsigned fd, events, found = 0;
	FILE *info;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", async_loop_fd(async_get_running_loop()));
	info = fopen(path, "r");
	CHECK(info);
	while (fgets(line, sizeof line, info))
		if (sscanf(line, "tfd: %u events: %x", &fd, &events) == 2 && (int)fd == ours)
			found = events;
	fclose(info);
	CHECK(found);
	return found & EPOLLET;
}

static async void run_asked(void)
{
	listen_here();
	await make_connection();
	await get_used_to_it();
	CHECK(changes_only());
	CHECK(send(peer, "!", 1, MSG_OOB) == 1);
	say("urgent");
	await hear("urgent");
	await get_used_to_it();
	CHECK(!changes_only());
	close(peer);
	await async_wait_readable(ours);
	async_close(ours);
	async_close(listener);
}
TEST(epoll_is_asked_for_changes_of_a_connection_until_there_is_urgent_data)
{
	async_loop *loop = async_loop_new(&async_loop_epoll);

	CHECK(loop);
	async_run_on(loop, run_asked());
	CHECK(async_loop_close(loop));
}

/* ---- A loop that moves ---- */

static void start_hearing(void *arg)
{
	(void)arg;
	async_detach(async_create_task(hear_later("hello")));
}

static void *begin_there(void *loop)
{
	async_run_on(loop, make_connection());
	async_run_on(loop, get_used_to_it());
	async_call_soon_threadsafe(loop, start_hearing, NULL);
	for (int i = 0; i < 4; i++)
		CHECK(!async_loop_run_once(loop, 0.001));
	return NULL;
}

TEST(a_wait_outlives_the_thread_that_began_it)
{
	async_loop *loop = async_loop_new(NULL);
	pthread_t thread;

	listen_here();
	CHECK(!pthread_create(&thread, NULL, begin_there, loop) && !pthread_join(thread, NULL));
	for (int i = 0; i < 4; i++)
		CHECK(!async_loop_run_once(loop, 0.001));
	CHECK(loop->n_tasks == 1);
	say("hello");
	for (int i = 0; i < 1000 && loop->n_tasks; i++)
		CHECK(!async_loop_run_once(loop, 0.01));
	CHECK(loop->n_tasks == 0 && async_loop_close(loop));
	close(ours);
	close(peer);
	close(listener);
}

/* ---- io_uring: how often it is asked, and more events than it holds ---- */

static async_loop_backend counting;
static unsigned watched;

static int count_and_watch(async_loop *loop, void *state, int fd, unsigned events)
{
	watched++;
	return async_loop_find("io_uring")->watch(loop, state, fd, events);
}

static async void run_hundred(void)
{
	listen_here();
	await make_connection();
	await get_used_to_it();
	watched = 0;
	for (int i = 0; i < 100; i++) {
		async_task(void) reader = async_create_task(hear_later("again"));

		await async_sleep(0);
		say("again");
		await *reader;
	}
	CHECK(watched < 20); /* anew when it is doubted; of a hundred */
	async_close(ours);
	close(peer);
	async_close(listener);
}

/* A loop over a back end like io_uring, or NULL. */
static async_loop *counting_loop(void)
{
	async_loop *loop;

	if (!async_loop_find("io_uring"))
		return NULL;
	counting = *async_loop_find("io_uring");
	counting.watch = count_and_watch;
	loop = async_loop_new(&counting);
	if (!loop)
		fprintf(stderr, "no io_uring here\n");
	return loop;
}

TEST(io_uring_is_asked_once_for_a_connection_that_is_read_again_and_again)
{
	async_loop *loop = counting_loop();

	if (!loop)
		return;
	async_run_on(loop, run_hundred());
	CHECK(async_loop_close(loop));
}

enum { MANY = 4200 }; /* completions: 4,096 */

static unsigned heard;

static async void hear_twice(int fd)
{
	char byte;

	for (int i = 0; i < 2; i++) {
		CHECK(await async_recv(fd, &byte, 1, 0) == 1 && byte == 'a' + i);
		heard++;
	}
	async_close(fd);
}

static async void run_flood(void)
{
	static int peers[MANY];
	int port;

	listen_here();
	port = async_local_port(listener);
	async_task_group (group) {
		for (int i = 0; i < MANY; i++) {
			peers[i] = call(port);
			async_create_task_in(group, hear_twice(await async_accept(listener, NULL, NULL)));
		}
		await async_sleep(0.01);
		for (unsigned round = 0; round < 2; round++) {
			for (int i = 0; i < MANY; i++)
				CHECK(write(peers[i], round ? "b" : "a", 1) == 1);
			AWAIT_UNTIL(heard == (round + 1) * MANY);
		}
	}
	for (int i = 0; i < MANY; i++)
		close(peers[i]);
	async_close(listener);
}
TEST(io_uring_loses_no_event_when_there_are_more_than_its_ring_holds)
{
	struct rlimit limit = {2 * MANY + 100, 2 * MANY + 100};
	async_loop *loop = counting_loop();

	if (!loop)
		return;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		fprintf(stderr, "skipped: fewer than %d descriptors\n", (int)limit.rlim_max);
	else
		async_run_on(loop, run_flood());
	CHECK(async_loop_close(loop));
}
