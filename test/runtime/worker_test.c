/* worker_test.c: the life of worker processes: initialisers, recycling, retirement, and death at every step of the protocol.
 * The workers are this very program, started anew.  Its own send and recv stand in for the C library's: in a worker they can
 * kill it before, within or after any of its calls, and in the pool they can move the data in small pieces. */
#include "worker_jobs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static async_executor *pool;

static long process_id(long n)
{
	(void)n;
	return getpid();
}
JOB_TYPE(process_id);

static long twice(long n)
{
	return 2 * n;
}
JOB_TYPE(twice);

/* ---- The wire, with a knife at it ---- */

static long crumbs; /* bytes that may pass at once; 0: any number */

static size_t bite(size_t size)
{
	return crumbs && size > (size_t)crumbs ? (size_t)crumbs : size;
}

/* In a worker whose environment says KILL=n: the nth moment has come.  Each call has three. */
static long doom;
static atomic_long moments;

__attribute__((constructor(101))) static void read_doom(void) /* before a worker begins to work */
{
	doom = getenv("KILL") ? atol(getenv("KILL")) : 0;
	crumbs = getenv("CRUMBS") ? atol(getenv("CRUMBS")) : 0;
}

static bool doomed(void)
{
	return doom && atomic_fetch_add(&moments, 1) + 1 == doom;
}

static void maybe_die(void)
{
	if (doomed())
		raise(SIGKILL);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
	ssize_t n;

	maybe_die();
	if (doomed()) {
		syscall(SYS_recvfrom, fd, data, size / 2, flags & ~MSG_WAITALL, NULL, NULL);
		raise(SIGKILL);
	}
	n = syscall(SYS_recvfrom, fd, data, bite(size), flags, NULL, NULL);
	maybe_die();
	return n;
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	ssize_t n;

	maybe_die();
	if (doomed()) {
		syscall(SYS_sendto, fd, data, size / 2, flags, NULL, 0);
		raise(SIGKILL);
	}
	n = syscall(SYS_sendto, fd, data, bite(size), flags, NULL, 0);
	maybe_die();
	return n;
}

static int begin_well(void)
{
	return 0;
}

struct big_job {
	char result[300000];
	char data[300000];
};

static void run_big(void *memory)
{
	struct big_job *job = memory;

	for (size_t i = 0; i < sizeof job->data; i++)
		job->result[i] = (char)(job->data[i] + 1);
}

static const async_job_type big_type = {
	.name = "big", .run = run_big, .size = sizeof(struct big_job), .result_offset = 0, .result_size = 300000};

static async_handle start_big(void)
{
	struct big_job *job = async__new_job(pool, &big_type);

	for (size_t i = 0; i < sizeof job->data; i++)
		job->data[i] = (char)(i % 101);
	return async__submit(job);
}

enum { JOBS = 6 };

static int broken;
static bool with_big_ones;

/* Each job ends well, or with ASYNC_BROKEN_EXECUTOR; once the pool is broken every later one does. */
SCRIPT(swept)
{
	static async_handle jobs[JOBS];
	static int i;
	static char result[300000];
	BEGIN;
	for (i = 0; i < JOBS; i++)
		jobs[i] = with_big_ones && i % 2 ? start_big() : start_call(pool, &twice_type, i);
	for (broken = i = 0; i < JOBS; i++) {
		AWAIT_STATUS(jobs[i], result, with_big_ones && i % 2 ? sizeof result : sizeof(long));
		if (self->status == ASYNC_DONE) {
			CHECK(with_big_ones && i % 2 ? result[100] == 101 : *(long *)(void *)result == 2 * i);
		} else {
			CHECK(take_error().code == ASYNC_BROKEN_EXECUTOR);
			broken++;
		}
	}
	if (broken)
		AWAIT_ERROR(start_call(pool, &twice_type, 1), ASYNC_BROKEN_EXECUTOR);
	END;
}

SCRIPT(goes_on)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, &twice_type, 21), &result);
	CHECK(result == 42);
	END;
}

static async_executor *new_pool(unsigned workers, const char *variable, long value)
{
	char text[24];

	snprintf(text, sizeof text, "%ld", value);
	setenv(variable, text, 1);
	pool = async_process_pool_new_with(&(async_pool_options){.max = workers, .initialise = begin_well});
	unsetenv(variable);
	return pool;
}

static void play_and_close(async_executor *with, void (*play)(void))
{
	pool = with;
	play();
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

static void play_swept(void)
{
	PLAY(swept);
}

static void play_goes_on(void)
{
	PLAY(goes_on);
}

/* The initialiser is two messages in and one out, a job two in and two out; each has three moments.  Whatever comes after
 * the last but one has no effect on the jobs. */
TEST(semantics_166_a_worker_killed_at_each_step_breaks_its_pool)
{
	enum { LAST = 3 * (3 + 4 * JOBS) };

	for (long moment = 1; moment <= LAST + 2; moment++) {
		play_and_close(new_pool(1, "KILL", moment), play_swept);
		CHECK((broken > 0) == (moment < LAST));
	}
	play_and_close(async_process_pool_new(1), play_goes_on);
}

TEST(semantics_166_several_workers_killed_at_each_step)
{
	for (long moment = 1; moment <= 34; moment += 3) {
		play_and_close(new_pool(3, "KILL", moment), play_swept);
		play_and_close(async_process_pool_new(1), play_goes_on);
	}
}

TEST(semantics_168_a_worker_killed_while_the_pipe_is_full)
{
	with_big_ones = true;
	for (long moment = 20; moment <= 34; moment++) {
		play_and_close(new_pool(2, "KILL", moment), play_swept);
		CHECK(broken > 0);
	}
}

TEST(semantics_168_data_in_small_pieces)
{
	with_big_ones = true;
	crumbs = 999;
	play_and_close(new_pool(2, "CRUMBS", 1001), play_swept);
	CHECK(broken == 0);
}

/* ---- Initialisers ---- */

static int prepared;

static int prepare(void)
{
	prepared = 42;
	return 0;
}

static long is_prepared(long n)
{
	return prepared + n;
}
JOB_TYPE(is_prepared);

SCRIPT(prepared_worker)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, &is_prepared_type, 0), &result);
	CHECK(result == 42 && prepared == 0); /* there, not here */
	END;
}
TEST(semantics_164_each_worker_begins_with_the_initialiser)
{
	pool = async_process_pool_new_with(&(async_pool_options){.max = 1, .initialise = prepare});
	PLAY(prepared_worker);
	async_executor_shutdown(pool, true);
}

static int fail(void)
{
	return EACCES;
}

static int fail_badly(void)
{
	_exit(3);
}

static const char *expected;

SCRIPT(unprepared)
{
	static async_handle jobs[4];
	static int i;
	BEGIN;
	for (i = 0; i < 4; i++)
		jobs[i] = start_call(pool, &twice_type, i);
	for (i = 0; i < 4; i++) {
		AWAIT_ERROR(jobs[i], ASYNC_BROKEN_EXECUTOR);
		CHECK(strstr(last_error.message, expected));
	}
	AWAIT_ERROR(start_call(pool, &twice_type, 1), ASYNC_BROKEN_EXECUTOR);
	END;
}
TEST(semantics_164_an_initialiser_that_fails_breaks_the_pool)
{
	pool = async_process_pool_new_with(&(async_pool_options){.max = 2, .initialise = fail});
	expected = "initialiser failed: Permission denied";
	PLAY(unprepared);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}
TEST(semantics_164_an_initialiser_that_ends_its_worker_breaks_the_pool)
{
	pool = async_process_pool_new_with(&(async_pool_options){.max = 2, .initialise = fail_badly});
	expected = "status 3";
	PLAY(unprepared);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

/* ---- Recycling and retirement ---- */

SCRIPT(recycled)
{
	static long ids[9];
	static async_handle jobs[9];
	static int i;
	BEGIN;
	for (i = 0; i < 9; i++)
		jobs[i] = start_call(pool, &process_id_type, 0);
	for (i = 0; i < 9; i++)
		AWAIT(jobs[i], &ids[i]);
	for (i = 0; i < 9; i++)
		CHECK(ids[i] == ids[i / 3 * 3] && (i < 3 || ids[i] != ids[i - 3]));
	END;
}
TEST(semantics_169_a_worker_is_replaced_after_so_many_jobs)
{
	pool = async_process_pool_new_with(&(async_pool_options){.max = 1, .jobs_per_worker = 3, .initialise = begin_well});
	PLAY(recycled);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

SCRIPT(retired)
{
	static long result;
	static int i;
	BEGIN;
	for (i = 0; i < 3; i++) {
		AWAIT(start_call(pool, &twice_type, i), &result);
		CHECK(result == 2 * i);
		while (!no_children())
			AWAIT_VOID(start_sleep(0.001));
	}
	END;
}
TEST(idle_workers_end_if_they_are_to)
{
	pool = async_process_pool_new_with(&(async_pool_options){.max = 2, .idle = 0.01});
	PLAY(retired);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

/* ---- Shutdown, shares, pools in workers ---- */

SCRIPT(after_shutdown)
{
	BEGIN;
	async_executor_shutdown(pool, true);
	AWAIT_ERROR(start_call(pool, &twice_type, 1), ASYNC_SHUT_DOWN);
	END;
}
TEST(semantics_161_submission_after_shutdown_is_refused)
{
	pool = async_process_pool_new(1);
	PLAY(after_shutdown);
}

static char lock_name[64];

static long is_alone(long owner)
{
	char name[64];
	int fd;

	snprintf(name, sizeof name, "/tmp/async-worker-test-%ld", owner);
	fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd < 0)
		return 0;
	pause_ms(3);
	close(fd);
	unlink(name);
	return 1;
}
JOB_TYPE(is_alone);

SCRIPT(one_by_one)
{
	static async_handle jobs[10], other;
	static async_executor *share;
	static long result;
	static int i;
	BEGIN;
	share = async_executor_share(pool, 1);
	for (i = 0; i < 10; i++)
		jobs[i] = start_call(share, &is_alone_type, getpid());
	other = start_call(pool, &twice_type, 4);
	AWAIT(other, &result);
	CHECK(result == 8 && !async_done(jobs[9]));
	for (i = 0; i < 10; i++) {
		AWAIT(jobs[i], &result);
		CHECK(result == 1);
	}
	async_executor_shutdown(share, true);
	END;
}
TEST(a_share_of_a_process_pool)
{
	snprintf(lock_name, sizeof lock_name, "/tmp/async-worker-test-%ld", (long)getpid());
	unlink(lock_name); /* a run that was killed may have left it */
	pool = async_process_pool_new(3);
	PLAY(one_by_one);
	async_executor_shutdown(pool, true);
}

static long use_pools(long n)
{
	async_executor *outer = pool;

	play_and_close(async_process_pool_new(1), play_goes_on);
	pool = outer;
	return n;
}
JOB_TYPE(use_pools);

SCRIPT(pool_in_worker)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, &use_pools_type, 5), &result);
	CHECK(result == 5);
	AWAIT(start_call(pool, &use_pools_type, 6), &result);
	END;
}
TEST(a_worker_may_have_a_pool_of_its_own)
{
	pool = async_process_pool_new(1);
	PLAY(pool_in_worker);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}
