/* operation_test.async.c: reads, writes and the like that the loop may do by itself (io_uring) while their task is cancelled, the descriptor
 * closed, the loop moved or closed.  What they promise is the same on every loop. */
#include "async_testing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

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

static async ssize_t receive(char *buffer, size_t size)
{
	return await async_recv(pair[0], buffer, size, 0);
}

/* Has a reader of pair[0] wait, sends text, and cancels the reader: what it took is not lost. */
static async void cancel_a_reader(const char *text, bool at_once)
{
	char buffer[64];
	async_task(ssize_t) reader = async_create_task(receive(buffer, sizeof buffer));

	for (int i = 0; i < 3; i++)
		await async_sleep(0);
	CHECK(write(pair[1], text, strlen(text)) == (ssize_t)strlen(text));
	if (!at_once)
		CHECK(async_get_running_loop()->backend->wait(async_get_running_loop(), async_get_running_loop()->state, 0) == 0);
	async_cancel(reader);
	CHECK((await async_catch(*reader)).code == ASYNC_CANCELLED);
}

/* ---- Cancelled ---- */

static async void run_cancelled(void)
{
	char buffer[64];

	for (int i = 0; i < 4; i++) {
		make_pair(SOCK_STREAM);
		await cancel_a_reader("hello", i % 2);
		CHECK(write(pair[1], ", world", 7) == 7);
		await async_wait_readable(pair[0]);
		CHECK(await async_recv(pair[0], buffer, 1, MSG_PEEK) == 1 && buffer[0] == 'h');
		for (size_t n = 0; n < 12;)
			n += (size_t)await async_recv(pair[0], buffer + n, 3, 0);
		CHECK(!memcmp(buffer, "hello, world", 12));
		await cancel_a_reader("again", i % 2);
		CHECK(await async_read(pair[0], buffer, sizeof buffer) == 5 && !memcmp(buffer, "again", 5));
		close_pair();
	}
}
TEST(what_a_cancelled_reader_had_taken_is_there_for_the_next)
{
	async_run(run_cancelled());
}

static async void run_messages(void)
{
	char buffer[64];

	make_pair(SOCK_DGRAM);
	await cancel_a_reader("one", false);
	CHECK(write(pair[1], "two", 3) == 3);
	CHECK(await async_recv(pair[0], buffer, 2, 0) == 2 && !memcmp(buffer, "on", 2)); /* the rest is cut off, as always */
	CHECK(await async_recv(pair[0], buffer, 64, 0) == 3 && !memcmp(buffer, "two", 3));
	close_pair();
}
TEST(a_cancelled_reader_of_messages_leaves_whole_ones)
{
	async_run(run_messages());
}

static async void run_used_again(void)
{
	char buffer[8];
	int number;

	make_pair(SOCK_STREAM);
	number = pair[0];
	await cancel_a_reader("old", false);
	close(pair[0]);
	close(pair[1]);
	make_pair(SOCK_STREAM);
	CHECK(pair[0] == number && write(pair[1], "new", 3) == 3);
	CHECK(await receive(buffer, sizeof buffer) == 3 && !memcmp(buffer, "new", 3));
	close_pair();
}
TEST(what_a_cancelled_reader_left_is_never_another_files)
{
	async_run(run_used_again());
}

static async void run_timed_out(void)
{
	char buffer[8];
	ssize_t n = 0;

	make_pair(SOCK_STREAM);
	for (int i = 0; i < 20; i++) {
		async_error err = await async_catch(n = async_wait_for(async_recv(pair[0], buffer, sizeof buffer, 0), 0.001));

		CHECK(err.code == ASYNC_TIMEOUT);
	}
	CHECK(write(pair[1], "late", 4) == 4);
	n = await async_wait_for(async_recv(pair[0], buffer, sizeof buffer, 0), 10);
	CHECK(n == 4 && !memcmp(buffer, "late", 4) && async_get_running_loop()->fd_waits == 0);
	close_pair();
}
TEST(a_read_that_timed_out_takes_nothing_later)
{
	async_run(run_timed_out());
}

enum { BIG = 1 << 20 };

/* The buffer is the sender's own again when it has heard of the end. */
static async void send_letters(char *buffer, bool *ended)
{
	async_try {
		await async_send_all(pair[0], buffer, BIG);
	} async_finally {
		memset(buffer, '!', BIG);
		*ended = true;
	}
}

static async void run_cancelled_send(void)
{
	static char letters[BIG], seen[BIG];
	bool ended = false;
	ssize_t n;

	make_pair(SOCK_STREAM);
	memset(letters, 'a', sizeof letters);
	async_task(void) sender = async_create_task(send_letters(letters, &ended));
	await async_sleep(0.001);
	async_cancel(sender);
	CHECK((await async_catch(*sender)).code == ASYNC_CANCELLED && ended);
	while ((n = read(pair[1], seen, sizeof seen)) > 0)
		for (ssize_t i = 0; i < n; i++)
			CHECK(seen[i] == 'a');
	CHECK(errno == EAGAIN);
	close_pair();
}
TEST(a_cancelled_send_has_let_go_of_its_buffer_when_its_task_hears_of_it)
{
	async_run(run_cancelled_send());
}

/* ---- Many at once on one descriptor ---- */

static async void send_one(char letter)
{
	await async_send_all(pair[0], &letter, 1);
}

static async void run_order(void)
{
	enum { SENDERS = 26 };
	char seen[SENDERS];

	make_pair(SOCK_STREAM);
	async_task_group (group)
		for (int i = 0; i < SENDERS; i++)
			async_create_task_in(group, send_one((char)('a' + i)));
	CHECK(read(pair[1], seen, sizeof seen) == SENDERS && !memcmp(seen, "abcdefghijklmnopqrstuvwxyz", SENDERS));
	close_pair();
}
TEST(those_who_send_at_once_send_in_their_order)
{
	async_run(run_order());
}

static async void read_part(int fd, int part, int *sum)
{
	char byte;

	CHECK(await async_file_read(fd, &byte, 1, part) == 1);
	*sum += byte;
}

static async void run_parts(void)
{
	enum { PARTS = 64 };
	FILE *file = tmpfile();
	int sum = 0;

	for (int i = 0; i < PARTS; i++)
		putc(i, file);
	fflush(file);
	async_task_group (group)
		for (int i = 0; i < PARTS; i++)
			async_create_task_in(group, read_part(fileno(file), i, &sum));
	CHECK(sum == PARTS * (PARTS - 1) / 2);
	fclose(file);
}
TEST(a_file_is_read_in_many_places_at_once)
{
	async_run(run_parts());
}

enum { PIECE = 40000, ROOM = 100000 };

/* What was written before there was no room, and nothing else, is there: the last piece stops in its middle. */
static void check_pieces(FILE *file)
{
	CHECK(lseek(fileno(file), 0, SEEK_CUR) == ROOM && lseek(fileno(file), 0, SEEK_END) == ROOM);
	rewind(file);
	for (int i = 0; i < ROOM; i++)
		CHECK(getc(file) == 'a' + i / PIECE);
}

static async void run_no_room(void)
{
	struct rlimit room = {.rlim_cur = ROOM, .rlim_max = RLIM_INFINITY};
	char piece[PIECE];
	FILE *file = tmpfile(), *other = tmpfile();

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &room);
	for (int i = 0; i < 4; i++) {
		memset(piece, 'a' + i, sizeof piece);
		async_error err = await async_catch(async_file_write(fileno(file), piece, sizeof piece, -1));
		CHECK(err.code == (i < 2 ? 0 : EFBIG));
	}
	check_pieces(file);
	for (int i = 0; i < 2; i++) {
		memset(piece, 'a' + i, sizeof piece);
		CHECK(await async_write(fileno(other), piece, sizeof piece) == PIECE);
	}
	memset(piece, 'c', sizeof piece);
	CHECK(await async_write(fileno(other), piece, sizeof piece) == ROOM - 2 * PIECE);
	CHECK((await async_catch(async_write(fileno(other), piece, sizeof piece))).code == EFBIG);
	check_pieces(other);
	fclose(file);
	fclose(other);
}
TEST(a_write_for_which_there_is_no_room_leaves_what_was_written)
{
	async_run(run_no_room());
}

/* ---- Closed ---- */

static async void run_closed(void)
{
	char buffer[8], end;

	make_pair(SOCK_STREAM);
	async_task(ssize_t) first = async_create_task(receive(buffer, 4)), second = async_create_task(receive(buffer + 4, 4));
	for (int i = 0; i < 3; i++)
		await async_sleep(0);
	async_close(pair[0]);
	CHECK((await async_catch(*first)).code == EBADF && (await async_catch(*second)).code == EBADF);
	CHECK(read(pair[1], &end, 1) == 0); /* nobody keeps it open */
	close(pair[1]);
}
TEST(a_descriptor_closed_under_its_readers_is_closed)
{
	async_run(run_closed());
}

/* ---- The loop is closed, or moves, with work under way ---- */

static char target[8];
static ssize_t received;

static async void receive_there(void)
{
	received = await receive(target, sizeof target);
}

static void start_receiving(void *arg)
{
	(void)arg;
	async_detach(async_create_task(receive_there()));
}

static void ignore(const async_error_context *context, void *arg)
{
	(void)context, (void)arg;
}

static void take_turns(async_loop *loop, int n)
{
	for (int i = 0; i < n; i++)
		CHECK(!async_loop_run_once(loop, 0.001));
}

TEST(a_loop_that_is_closed_leaves_no_buffer_with_the_kernel)
{
	async_loop *loop = async_loop_new(NULL);

	make_pair(SOCK_STREAM);
	loop->handler = ignore;
	async_call_soon_threadsafe(loop, start_receiving, NULL);
	take_turns(loop, 4);
	CHECK(async_loop_close(loop));
	CHECK(write(pair[1], "x", 1) == 1);
	usleep(1000);
	CHECK(!target[0] && read(pair[0], target, 1) == 1);
	close_pair();
}

static void *begin_there(void *arg)
{
	async_call_soon_threadsafe(arg, start_receiving, NULL);
	take_turns(arg, 4);
	return NULL;
}

TEST(work_outlives_the_thread_that_began_it)
{
	async_loop *loop = async_loop_new(NULL);
	pthread_t thread;

	make_pair(SOCK_STREAM);
	CHECK(!pthread_create(&thread, NULL, begin_there, loop) && !pthread_join(thread, NULL));
	take_turns(loop, 4);
	CHECK(!received && write(pair[1], "hello", 5) == 5);
	for (int i = 0; i < 1000 && !received; i++)
		take_turns(loop, 1);
	CHECK(received == 5 && !memcmp(target, "hello", 5));
	CHECK(async_loop_close(loop));
	close_pair();
}

/* ---- What is left to the loop ---- */

static async_loop_backend counting;
static unsigned submitted;

static int count_and_submit(async_loop *loop, void *state, const struct async_operation *operation, async_completion *completion)
{
	submitted++;
	return async_loop_find("io_uring")->submit(loop, state, operation, completion);
}

static async void run_everything(void)
{
	char buffer[8];
	int listener = async_listen("127.0.0.1", 0, 0), ends[2], file;
	async_task(int) client = async_create_task(async_connect("127.0.0.1", async_local_port(listener)));

	pair[1] = await async_accept(listener, NULL, NULL);
	pair[0] = await *client;
	CHECK(submitted == 2);
	CHECK(await async_send(pair[1], "1", 1, 0) == 1);
	await async_send_all(pair[1], "2", 1);
	CHECK(await async_recv(pair[0], buffer, 1, 0) == 1 && await async_read(pair[0], buffer, 1) == 1);
	CHECK(submitted == 2); /* connections that we made are tried, and waited for once and for all */
	CHECK(!pipe2(ends, O_CLOEXEC | O_NONBLOCK) && await async_write(ends[1], "3", 1) == 1);
	file = await async_file_open("/dev/zero", O_RDWR, 0);
	await async_file_write(file, buffer, 8, 0);
	CHECK(await async_file_read(file, buffer, 8, 0) == 8);
	CHECK((await async_catch(async_file_sync(file))).code == EINVAL);
	await async_file_close(file);
	CHECK(submitted == 8);
	close(ends[0]);
	close(ends[1]);
	close(listener);
	close_pair();
}
TEST(io_uring_does_everything_by_itself)
{
	async_loop *loop;

	if (!async_loop_find("io_uring"))
		return;
	counting = *async_loop_find("io_uring");
	counting.submit = count_and_submit;
	loop = async_loop_new(&counting);
	if (!loop) {
		fprintf(stderr, "no io_uring here\n");
		return;
	}
	async_run_on(loop, run_everything());
	CHECK(async_loop_close(loop));
}

/* ---- What need not wait ---- */

/* Frames in the first chunk of memory, whose bottom is none. */
static int pushed(void)
{
	int n = 0;

	for (struct async__pushed *frame = async__self.arena->pushed; frame && frame->below; frame = frame->below)
		n++;
	return n;
}

static async void move_what_can_be_moved(void)
{
	char bytes[16];
	int before;

	make_pair(SOCK_STREAM);
	before = pushed();
	CHECK(await async_send(pair[0], "abc", 3, 0) == 3);
	await async_send_all(pair[0], "", 0);
	await async_send_all(pair[0], "def", 3);
	CHECK(await async_write(pair[0], "gh", 2) == 2);
	CHECK(await async_recv(pair[1], bytes, 4, MSG_PEEK) == 4);
	CHECK(await async_recv(pair[1], bytes, 4, 0) == 4);
	CHECK(await async_read(pair[1], bytes + 4, 8) == 4 && !memcmp(bytes, "abcdefgh", 8));
	close(pair[1]);
	CHECK((await async_catch(async_send(pair[0], "a", 1, 0))).code == EPIPE);
	CHECK((await async_catch(async_send_all(pair[0], "a", 1))).code == EPIPE);
	CHECK(await async_recv(pair[0], bytes, 4, 0) == 0);
	CHECK(pushed() == before); /* whatever was pushed is gone again */
	close(pair[0]);
}
TEST(what_can_be_moved_at_once_is_and_leaves_no_frame)
{
	async_run(move_what_can_be_moved());
}

static async void move_through_pipes(void)
{
	char bytes[8];
	int ends[2], before;
	ssize_t (*volatile take)(int, void *, size_t, int) = async_recv, (*volatile get)(int, void *, size_t) = async_read;

	CHECK(!pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	before = pushed();
	await async_send_all(ends[1], "abcd", 4);
	CHECK(await (*get)(ends[0], bytes, sizeof bytes) == 4 && !memcmp(bytes, "abcd", 4));
	CHECK((await async_catch(async_recv(ends[0], bytes, 1, 0))).code == ENOTSOCK);
	CHECK((await async_catch((*take)(ends[0], bytes, 1, 0))).code == ENOTSOCK);
	CHECK((await async_catch(async_send(ends[1], bytes, 1, 0))).code == ENOTSOCK);
	CHECK((await async_catch(async_write(ends[0], bytes, 1))).code == EBADF);
	CHECK((await async_catch(async_read(-1, bytes, 1))).code == EBADF);
	CHECK((await async_catch(async_recv(-1, bytes, 1, 0))).code == EBADF);
	CHECK((await async_catch(async_send_all(1 << 20, bytes, 1))).code == EBADF);
	CHECK(pushed() == before);
	close(ends[0]);
	close(ends[1]);
}
TEST(what_is_no_socket_is_written_and_read_or_refused)
{
	async_run(move_through_pipes());
}

enum { LARGE = 1 << 20 };

static async size_t count_all(int fd)
{
	static char bytes[65536];
	size_t all = 0;

	for (ssize_t n; (n = await async_recv(fd, bytes, sizeof bytes, 0)) > 0; all += (size_t)n)
		for (ssize_t i = 0; i < n; i++)
			CHECK(bytes[i] == (char)((all + (size_t)i) % 251));
	return all;
}

static async void send_more_than_fits(void)
{
	static char bytes[LARGE];
	async_task(size_t) reader;

	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = (char)(i % 251);
	make_pair(SOCK_STREAM);
	reader = async_create_task(count_all(pair[1]));
	await async_send_all(pair[0], bytes, LARGE); /* a part goes at once */
	for (size_t sent = LARGE % 251; sent < LARGE;)
		sent += (size_t)await async_send(pair[0], bytes + sent, LARGE - sent, 0);
	shutdown(pair[0], SHUT_WR);
	CHECK(await *reader == 2 * LARGE - LARGE % 251);
	close_pair();
}
TEST(what_does_not_go_at_once_goes_in_order_later)
{
	async_run(send_more_than_fits());
}
