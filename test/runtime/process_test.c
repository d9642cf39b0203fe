/* process_test.c: the process pool.  Its workers are this very program, started anew: the jobs below run in them. */
#include "worker_jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static async_executor *pool;

/* ---- Values ---- */

static long process_id(long n)
{
	(void)n;
	return getpid();
}
JOB_TYPE(process_id);

static long parent_id(long n)
{
	(void)n;
	return getppid();
}
JOB_TYPE(parent_id);

static long add_to_global(long n)
{
	static long total = 100;

	return total += n;
}
JOB_TYPE(add_to_global);

SCRIPT(elsewhere)
{
	static long first, second, result;
	BEGIN;
	AWAIT(start_call(pool, &process_id_type, 0), &first);
	CHECK(first != getpid());
	AWAIT(start_call(pool, &parent_id_type, 0), &result);
	CHECK(result == getpid());
	AWAIT(start_call(pool, &process_id_type, 0), &second);
	CHECK(second == first); /* semantics 163: an idle worker is used again */
	AWAIT(start_call(pool, &add_to_global_type, 1), &result);
	CHECK(result == 101);
	AWAIT(start_call(pool, &add_to_global_type, 1), &result);
	CHECK(result == 102 && add_to_global(0) == 100);
	END;
}
TEST(a_job_runs_in_another_process)
{
	pool = async_process_pool_new(1);
	PLAY(elsewhere);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

struct text_job {
	size_t result;
	const char *first;
	int between;
	const char *second;
	const char *none;
};

static void run_text(void *memory)
{
	struct text_job *job = memory;

	job->result = strlen(job->first) * 1000 + strlen(job->second) * (size_t)job->between + (job->none ? 500000 : 0);
}

static const size_t text_strings[] = {offsetof(struct text_job, first), offsetof(struct text_job, second),
				      offsetof(struct text_job, none)};
static const async_job_type text_type = {.name = "text",
					 .run = run_text,
					 .size = sizeof(struct text_job),
					 .result_offset = offsetof(struct text_job, result),
					 .result_size = sizeof(size_t),
					 .strings = text_strings,
					 .n_strings = 3};

SCRIPT(strings)
{
	static size_t result;
	static char text[32];
	struct text_job *job;
	BEGIN;
	job = async__new_job(pool, &text_type);
	strcpy(text, "four");
	job->first = text;
	job->between = 2;
	job->second = "";
	job->none = NULL;
	self->awaited = async__submit(job);
	strcpy(text, "overwritten at once");
	AWAIT(self->awaited, &result);
	CHECK(result == 4000);
	END;
}
TEST(strings_are_copied_at_submission_and_NULL_stays_NULL)
{
	pool = async_process_pool_new(1);
	PLAY(strings);
	async_executor_shutdown(pool, true);
}

struct big_job {
	char result[3 << 20];
	char data[3 << 20];
	int crash;
};

static void run_big(void *memory)
{
	struct big_job *job = memory;

	if (job->crash)
		_exit(3);
	for (size_t i = 0; i < sizeof job->data; i++)
		job->result[i] = (char)(job->data[i] + 1);
}

static const async_job_type big_type = {.name = "big",
					.run = run_big,
					.size = sizeof(struct big_job),
					.result_offset = 0,
					.result_size = 3 << 20};

static async_handle start_big(int crash)
{
	struct big_job *job = async__new_job(pool, &big_type);

	for (size_t i = 0; i < sizeof job->data; i++)
		job->data[i] = (char)(i % 101);
	job->crash = crash;
	return async__submit(job);
}

SCRIPT(large)
{
	static char result[3 << 20];
	BEGIN;
	AWAIT(start_big(0), &result);
	for (size_t i = 0; i < sizeof result; i++)
		CHECK(result[i] == (char)(i % 101 + 1));
	AWAIT_ERROR(start_big(1), ASYNC_BROKEN_EXECUTOR); /* semantics 168 */
	END;
}
TEST(large_arguments_and_results_travel)
{
	pool = async_process_pool_new(1);
	PLAY(large);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

static long slowly(long ms)
{
	pause_ms(ms);
	return getpid();
}
JOB_TYPE(slowly);

SCRIPT(at_once)
{
	static async_handle jobs[6];
	static long pids[6];
	static int i;
	BEGIN;
	for (i = 0; i < 6; i++)
		jobs[i] = start_call(pool, &slowly_type, 30);
	for (i = 0; i < 6; i++)
		AWAIT(jobs[i], &pids[i]);
	for (i = 1; i < 6 && pids[i] == pids[0]; i++)
		;
	CHECK(i < 6);
	END;
}
TEST(jobs_run_in_several_workers)
{
	pool = async_process_pool_new(3);
	PLAY(at_once);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

/* ---- What is refused ---- */

static const async_job_type pointer_type = {.name = "chase", .run = run_process_id, .size = 16, .has_pointers = true};

SCRIPT(refused)
{
	static long result;
	static async_job_type *made;
	BEGIN;
	AWAIT_ERROR(start_call(pool, &pointer_type, 0), EINVAL);
	CHECK(strstr(last_error.message, "chase") && strstr(last_error.message, "pointers"));
	made = malloc(sizeof *made);
	*made = process_id_type;
	AWAIT_ERROR(start_call(pool, made, 0), EINVAL);
	free(made);
	AWAIT(start_call(pool, &process_id_type, 0), &result); /* only those failed */
	END;
}
TEST(semantics_167_a_job_with_pointers_fails_alone)
{
	pool = async_process_pool_new(1);
	PLAY(refused);
	async_executor_shutdown(pool, true);
}

/* ---- Workers that die ---- */

static long die(long how)
{
	if (how < 0)
		exit((int)-how);
	raise((int)how);
	pause_ms(10000);
	return 0;
}
JOB_TYPE(die);

SCRIPT(killed)
{
	static async_handle jobs[5];
	static int i;
	static long result;
	BEGIN;
	for (i = 0; i < 5; i++)
		jobs[i] = start_call(pool, &slowly_type, 20000);
	AWAIT_VOID(start_sleep(0.1));
	AWAIT_ERROR(start_call(pool, &die_type, SIGKILL), ASYNC_BROKEN_EXECUTOR);
	CHECK(strstr(last_error.message, "signal 9"));
	for (i = 0; i < 5; i++)
		AWAIT_ERROR(jobs[i], ASYNC_BROKEN_EXECUTOR);
	AWAIT_ERROR(start_call(pool, &process_id_type, 0), ASYNC_BROKEN_EXECUTOR);
	CHECK(strstr(last_error.message, "signal 9"));
	async_executor_shutdown(pool, true);
	CHECK(no_children());
	pool = async_process_pool_new(1);
	AWAIT(start_call(pool, &process_id_type, 0), &result);
	CHECK(result != getpid());
	END;
}
TEST(semantics_165_a_killed_worker_breaks_the_pool_and_a_new_one_works)
{
	pool = async_process_pool_new(6);
	PLAY(killed);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

SCRIPT(exits)
{
	static async_handle jobs[4];
	static int i;
	BEGIN;
	jobs[0] = start_call(pool, &die_type, -3);
	for (i = 1; i < 4; i++)
		jobs[i] = start_call(pool, &slowly_type, 1); /* behind it in the queue */
	for (i = 0; i < 4; i++) {
		AWAIT_ERROR(jobs[i], ASYNC_BROKEN_EXECUTOR);
		CHECK(strstr(last_error.message, "status 3"));
	}
	END;
}
TEST(semantics_166_a_job_that_exits_breaks_the_pool)
{
	pool = async_process_pool_new(1);
	PLAY(exits);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

SCRIPT(idle_death)
{
	static long process;
	BEGIN;
	AWAIT(start_call(pool, &process_id_type, 0), &process);
	kill((pid_t)process, SIGKILL);
	pause_ms(20);
	AWAIT_ERROR(start_call(pool, &process_id_type, 0), ASYNC_BROKEN_EXECUTOR);
	END;
}
TEST(a_worker_that_died_idle_breaks_the_pool_at_the_next_job)
{
	pool = async_process_pool_new(1);
	PLAY(idle_death);
	async_executor_shutdown(pool, true);
}

/* Its child keeps our end of the socket open. */
static long leave_a_child(long n)
{
	if (fork() == 0) {
		pause_ms(n);
		_exit(0);
	}
	raise(SIGKILL);
	return 0;
}
JOB_TYPE(leave_a_child);

SCRIPT(grandchild)
{
	static int64_t began;
	BEGIN;
	began = async_time();
	AWAIT_ERROR(start_call(pool, &leave_a_child_type, 4000), ASYNC_BROKEN_EXECUTOR);
	CHECK(async_time() - began < 2000000000);
	END;
}
TEST(a_dead_worker_is_noticed_though_its_children_live)
{
	pool = async_process_pool_new(1);
	PLAY(grandchild);
	async_executor_shutdown(pool, true);
}

SCRIPT(once)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, &process_id_type, 0), &result);
	END;
}
TEST(the_pool_shuts_down_though_SIGCHLD_is_ignored)
{
	signal(SIGCHLD, SIG_IGN);
	pool = async_process_pool_new(1);
	PLAY(once);
	async_executor_shutdown(pool, true);
}

/* ---- Cleanliness ---- */

static long open_descriptors(long n)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	long others = 0;

	(void)n;
	while ((entry = readdir(dir)))
		others += entry->d_name[0] != '.' && atoi(entry->d_name) > 3 && atoi(entry->d_name) != dirfd(dir);
	closedir(dir);
	return others;
}
JOB_TYPE(open_descriptors);

static long signals_as_usual(long n)
{
	struct sigaction action;
	sigset_t set;

	(void)n;
	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int signal = 1; signal < 32; signal++)
		if (sigismember(&set, signal))
			return signal;
	sigaction(SIGPIPE, NULL, &action);
	return action.sa_handler == SIG_DFL ? 0 : 100;
}
JOB_TYPE(signals_as_usual);

static long has_variable(long n)
{
	(void)n;
	return getenv("ASYNCC_WORKER") != NULL;
}
JOB_TYPE(has_variable);

static long reads_input(long n)
{
	char byte;

	(void)n;
	return read(0, &byte, 1);
}
JOB_TYPE(reads_input);

SCRIPT(clean)
{
	static long result;
	static int leak[2];
	BEGIN;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, leak) == 0); /* not close-on-exec */
	CHECK(fcntl(leak[0], F_DUPFD, 100) >= 100);
	AWAIT(start_call(pool, &open_descriptors_type, 0), &result);
	CHECK(result == 0);
	AWAIT(start_call(pool, &signals_as_usual_type, 0), &result);
	CHECK(result == 0);
	AWAIT(start_call(pool, &has_variable_type, 0), &result);
	CHECK(result == 0);
	AWAIT(start_call(pool, &reads_input_type, 0), &result);
	CHECK(result == 0);
	close(leak[0]);
	close(leak[1]);
	close(100);
	END;
}
TEST(a_worker_starts_clean)
{
	signal(SIGPIPE, SIG_IGN);
	pool = async_process_pool_new(1);
	PLAY(clean);
	async_executor_shutdown(pool, true);
}

static long interrupt_self(long n)
{
	raise(SIGINT);
	return n;
}
JOB_TYPE(interrupt_self);

static long print(long n)
{
	printf("printed by job %ld\n", n);
	return n;
}
JOB_TYPE(print);

SCRIPT(prints)
{
	static long result;
	BEGIN;
	AWAIT(start_call(pool, &print_type, 7), &result);
	AWAIT(start_call(pool, &interrupt_self_type, 5), &result);
	CHECK(result == 5); /* the terminal's interrupt is the pool's business */
	END;
}
TEST(what_a_job_prints_is_there_when_it_has_ended)
{
	char text[64] = "";
	FILE *file = tmpfile();
	int saved = dup(1);

	fflush(stdout);
	dup2(fileno(file), 1);
	pool = async_process_pool_new(1);
	PLAY(prints);
	async_executor_shutdown(pool, true);
	dup2(saved, 1);
	close(saved);
	rewind(file);
	CHECK(fgets(text, sizeof text, file) && strcmp(text, "printed by job 7\n") == 0);
	fclose(file);
}

/* ---- Cancelling ---- */

static long until_cancelled(long ms)
{
	for (; ms > 0; ms--) {
		if (async_job_cancelled())
			return -1;
		pause_ms(1);
	}
	return 0;
}
JOB_TYPE(until_cancelled);

SCRIPT(cancelled)
{
	static async_handle running, queued;
	static int64_t began;
	static long result;
	BEGIN;
	began = async_time();
	running = start_call(pool, &until_cancelled_type, 10000);
	queued = start_call(pool, &slowly_type, 1);
	AWAIT_VOID(start_sleep(0.1));
	CHECK(async_cancel(queued) && async_done(queued));
	AWAIT_ERROR(queued, ASYNC_CANCELLED);
	CHECK(async_cancel(running) && !async_done(running));
	AWAIT_ERROR(running, ASYNC_CANCELLED);
	CHECK(async_time() - began < 5000000000);
	AWAIT(start_call(pool, &until_cancelled_type, 20), &result);
	CHECK(result == 0); /* the note did not stay for the next job */
	END;
}
TEST(a_cancelled_job_in_a_worker_can_ask)
{
	pool = async_process_pool_new(1);
	PLAY(cancelled);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

SCRIPT(leaves_it)
{
	BEGIN;
	async_detach(start_call(pool, &slowly_type, 50));
	AWAIT_VOID(start_sleep(0.02));
	END;
}
TEST(a_loop_may_end_before_its_jobs)
{
	pool = async_process_pool_new(2);
	PLAY(leaves_it);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

TEST(an_unused_pool_is_cheap)
{
	pool = async_process_pool_new(0);
	CHECK(pool && no_children());
	async_executor_shutdown(pool, true);
}

SCRIPT(storm)
{
	static async_handle jobs[64];
	static int round, i;
	static unsigned seed = 1;
	static bool cancelled[64];
	BEGIN;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 64; i++)
			jobs[i] = start_call(pool, &add_to_global_type, 0);
		for (i = 0; i < 64; i++) {
			cancelled[i] = rand_r(&seed) % 4 == 0;
			if (cancelled[i])
				async_cancel(jobs[i]);
		}
		for (i = 0; i < 64; i++) {
			AWAIT_STATUS(jobs[i], NULL, 0);
			if (self->status == ASYNC_FAILED)
				CHECK(cancelled[i] && take_error().code == ASYNC_CANCELLED);
		}
	}
	END;
}
TEST(many_jobs_and_cancels)
{
	pool = async_process_pool_new(2);
	PLAY(storm);
	async_executor_shutdown(pool, true);
	CHECK(no_children());
}

/* ---- Killing at all moments ---- */

struct killing {
	pid_t process;
	unsigned after; /* microseconds */
};

static void *kill_later(void *arg)
{
	struct killing *killing = arg;
	struct timespec time = {0, (long)killing->after * 1000};

	nanosleep(&time, NULL);
	kill(killing->process, SIGKILL);
	return NULL;
}

SCRIPT(massacre)
{
	static async_handle jobs[10];
	static struct killing killing;
	static pthread_t killer;
	static int round, i, broken;
	static long process;
	static unsigned seed = 7;
	BEGIN;
	for (round = 0; round < 60; round++) {
		pool = async_process_pool_new(2);
		AWAIT(start_call(pool, &process_id_type, 0), &process);
		killing = (struct killing){(pid_t)process, (unsigned)rand_r(&seed) % 6000};
		CHECK(pthread_create(&killer, NULL, kill_later, &killing) == 0);
		for (i = 0; i < 10; i++)
			jobs[i] = i % 3 ? start_call(pool, &add_to_global_type, 0) : start_big(0);
		broken = 0;
		for (i = 0; i < 10; i++) {
			AWAIT_STATUS(jobs[i], NULL, 0);
			if (self->status == ASYNC_FAILED) {
				CHECK(take_error().code == ASYNC_BROKEN_EXECUTOR);
				broken++;
			}
		}
		pthread_join(killer, NULL);
		if (broken)
			AWAIT_ERROR(start_call(pool, &process_id_type, 0), ASYNC_BROKEN_EXECUTOR);
		async_executor_shutdown(pool, true);
		CHECK(no_children());
	}
	END;
}
TEST(semantics_166_a_worker_killed_at_any_moment_hangs_nothing)
{
	PLAY(massacre);
}

SCRIPT(short_lives)
{
	static async_handle jobs[6];
	static int round, i;
	BEGIN;
	for (round = 0; round < 40; round++) {
		pool = async_process_pool_new(2);
		for (i = 0; i < 6; i++)
			jobs[i] = start_call(pool, &process_id_type, 0);
		if (round % 4 == 0)
			AWAIT_VOID(start_sleep(0.002));
		if (round % 2)
			async_executor_shutdown(pool, round % 3 == 0);
		else
			async_executor_shutdown_cancel(pool, round % 3 == 0);
		for (i = 0; i < 6; i++) {
			AWAIT_STATUS(jobs[i], NULL, 0);
			if (self->status == ASYNC_FAILED)
				CHECK(take_error().code == ASYNC_CANCELLED && round % 2 == 0);
		}
	}
	END;
}
TEST(semantics_168_pools_shut_down_at_any_moment)
{
	PLAY(short_lives);
	while (atomic_load(&async__own_threads))
		pause_ms(1);
	CHECK(no_children());
}
