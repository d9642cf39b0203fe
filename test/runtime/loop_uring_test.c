/* loop_uring_test.c: what is particular about io_uring: requests keep files open, are many, belong to a thread, and may be
 * refused by the kernel.  Where it is, the tests have nothing to say. */
#include "play.h"

#ifdef ASYNC_HAVE_LIBURING
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

extern const async_function async_wait_readable__async;

static async_loop *loop;

/* On a loop over io_uring; skipped where there is none. */
#define PLAY_URING(script)                                     \
	do {                                                   \
		loop = async_loop_new(&async_loop_io_uring);   \
		if (!loop) {                                   \
			fprintf(stderr, "no io_uring here\n"); \
			return;                                \
		}                                              \
		async__use_loop(loop);                         \
		PLAY(script);                                  \
		async_loop_close(loop);                        \
	} while (0)

static async_handle start_waiting(int fd)
{
	struct {
		async_frame base;
		int fd;
	} *f = async__new_task(&async_wait_readable__async);

	f->fd = fd;
	return async__start_task(f);
}

static int pair[2];

static void make_pair(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
}

SCRIPT(cancelled_wait)
{
	static async_handle reader;
	static char byte;

	BEGIN;
	make_pair();
	reader = start_waiting(pair[0]);
	SLEEP(0.005);
	async_cancel(reader);
	AWAIT_ERROR(reader, ASYNC_CANCELLED);
	close(pair[0]);
	CHECK(recv(pair[1], &byte, 1, 0) == 0);
	close(pair[1]);
	END;
}

TEST(after_a_cancelled_wait_the_peer_sees_the_close)
{
	PLAY_URING(cancelled_wait);
}

/* The number is another file's now, though a request for the old one is pending. */
SCRIPT(used_again)
{
	static async_handle old, new;
	static int number;

	BEGIN;
	make_pair();
	number = pair[0];
	old = start_waiting(pair[0]);
	SLEEP(0.005);
	close(pair[0]);
	close(pair[1]);
	make_pair();
	CHECK(pair[0] == number);
	new = start_waiting(pair[0]);
	SLEEP(0.005);
	CHECK(write(pair[1], "x", 1) == 1);
	AWAIT_VOID(new);
	AWAIT_VOID(old);
	close(pair[0]);
	close(pair[1]);
	END;
}

TEST(a_descriptor_number_used_again_is_another_file)
{
	PLAY_URING(used_again);
}

enum { MANY = 1500 };

SCRIPT(many)
{
	static int pairs[MANY][2], i;
	static async_handle readers[MANY];

	BEGIN;
	for (i = 0; i < MANY; i++) {
		CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]));
		readers[i] = start_waiting(pairs[i][0]);
	}
	SLEEP(0.005);
	for (i = 0; i < MANY; i++)
		CHECK(write(pairs[i][1], "x", 1) == 1);
	for (i = 0; i < MANY; i++)
		AWAIT_VOID(readers[i]);
	for (i = 0; i < MANY; i++)
		readers[i] = start_waiting(pairs[i][1]);
	YIELD;
	for (i = 0; i < MANY; i++)
		async_cancel(readers[i]);
	for (i = 0; i < MANY; i++) {
		AWAIT_ERROR(readers[i], ASYNC_CANCELLED);
		close(pairs[i][0]);
		close(pairs[i][1]);
	}
	END;
}

TEST(more_requests_than_the_ring_holds)
{
	struct rlimit limit = { 4096, 4096 };

	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	PLAY_URING(many);
}

/* ---- The loop moves to another thread, and the kernel cancels what the first had asked for ---- */

static void start_reader(void *arg)
{
	(void)arg;
	async_detach(start_waiting(pair[0]));
}

static void *run_one_turn(void *arg)
{
	CHECK(!async_call_soon_threadsafe(loop, start_reader, NULL));
	for (int i = 0; i < 3; i++)
		CHECK(!async_loop_run_once(loop, 0.001));
	return arg;
}

TEST(requests_outlive_the_thread_that_made_them)
{
	pthread_t thread;

	loop = async_loop_new(&async_loop_io_uring);
	if (!loop)
		return;
	make_pair();
	CHECK(!pthread_create(&thread, NULL, run_one_turn, NULL) && !pthread_join(thread, NULL));
	CHECK(!async_loop_run_once(loop, 0.01) && loop->fd_waits == 1);
	CHECK(write(pair[1], "x", 1) == 1);
	for (int i = 0; i < 5; i++)
		CHECK(!async_loop_run_once(loop, 0.01));
	CHECK(loop->fd_waits == 0);
	CHECK(async_loop_close(loop));
	close(pair[0]);
	close(pair[1]);
}

/* ---- Refused ---- */

static void refuse_io_uring(void)
{
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

TEST(a_kernel_that_refuses_is_an_error_of_async_loop_new)
{
	refuse_io_uring();
	CHECK(!async_loop_new(&async_loop_io_uring) && (errno == EPERM || errno == ELIBACC));
}

TEST_DIES(asked_for_by_the_environment_epoll_stands_in_and_stderr_is_told, "asyncc: ASYNC_LOOP=io_uring: Operation not permitted; epoll is used")
{
	refuse_io_uring();
	setenv("ASYNC_LOOP", "io_uring", 1);
	loop = async_loop_new(NULL);
	CHECK(loop && loop->backend == &async_loop_epoll && async_loop_close(loop));
	abort();
}

#else
TEST(the_library_was_built_without_liburing)
{
	CHECK(!async_loop_find("io_uring"));
}
#endif
