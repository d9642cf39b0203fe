/* loop_sim_test.c: the simulated loop: time, order, faults, and that a seed repeats them. */
#include "play.h"
#include "executors/job.h"

#include <async/sim.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <time.h>

extern const async_function async_recv__async, async_send_all__async, async_accept__async, async_connect_fd__async;

static async_loop *sim;

/* Runs the script on a new simulated loop, which prepare may set up; leaves `sim` open. */
#define PLAY_ON_SIM(script, prepare)                      \
	do {                                              \
		sim = async_loop_new(&async_loop_sim);    \
		CHECK(sim);                               \
		prepare;                                  \
		async__use_loop(sim);                     \
		PLAY(script);                             \
	} while (0)

static double real_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Time ---- */

SCRIPT(long_sleep)
{
	static double began;
	static int64_t before;

	BEGIN;
	began = real_seconds();
	before = async_time();
	CHECK(before == 0);
	SLEEP(3600);
	CHECK(async_time() - before == 3600 * 1000000000ll);
	CHECK(real_seconds() - began < 1);
	SLEEP(1e9);
	END;
}

TEST(an_hour_takes_no_time)
{
	PLAY_ON_SIM(long_sleep, );
	async_loop_close(sim);
}

static void work(void *result)
{
	usleep(30000);
	*(int *)result = 7;
}

static const async_job_type work_type = { .name = "work", .run = work, .size = sizeof(int), .result_size = sizeof(int) };

SCRIPT(job)
{
	static int result;

	BEGIN;
	async_call_later(1, note_call, (void *)"late");
	AWAIT(async__submit(async__new_job(NULL, &work_type)), &result);
	CHECK(result == 7 && async_time() == 0);
	CHECK_SEEN("");
	SLEEP(2);
	CHECK_SEEN("late");
	END;
}

TEST(time_does_not_jump_over_a_job_that_runs)
{
	PLAY_ON_SIM(job, );
	async_loop_close(sim);
}

static int outside[2];

static void *write_later(void *arg)
{
	usleep(30000);
	CHECK(write(outside[1], "x", 1) == 1);
	return arg;
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

SCRIPT(hears_the_outside)
{
	static ssize_t n;
	static char byte;
	static async_handle late;

	BEGIN;
	late = start_sleep(1);
	AWAIT(start_recv(outside[0], &byte, 1), &n);
	CHECK(n == 1 && byte == 'x' && !async_done(late));
	AWAIT_VOID(late);
	END;
}

TEST(time_does_not_jump_while_another_thread_may_act)
{
	pthread_t thread;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, outside) && !pthread_create(&thread, NULL, write_later, NULL));
	PLAY_ON_SIM(hears_the_outside, );
	async_loop_close(sim);
	pthread_join(thread, NULL);
	close(outside[0]);
	close(outside[1]);
}

TEST(with_patience_time_does_not_jump_over_another_process)
{
	pid_t child;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, outside));
	child = fork();
	if (child == 0) {
		write_later(NULL);
		_exit(0);
	}
	PLAY_ON_SIM(hears_the_outside, async_sim_patience(sim, 10));
	async_loop_close(sim);
	waitpid(child, NULL, 0);
	close(outside[0]);
	close(outside[1]);
}

SCRIPT(asks_for_the_time)
{
	static int64_t end;

	BEGIN;
	end = async_time() + 3000000;
	while (async_time() < end)
		YIELD;
	END;
}

TEST(asking_for_the_time_in_every_turn_ends)
{
	PLAY_ON_SIM(asks_for_the_time, );
	async_loop_close(sim);
}

/* ---- Order ---- */

static char order[64];

static void add_letter(async_handle h, void *arg)
{
	(void)h;
	strcat(order, arg);
}

SCRIPT(naps)
{
	BEGIN;
	YIELD;
	YIELD;
	END;
}

SCRIPT(ten_tasks)
{
	static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
	static int i;

	BEGIN;
	for (i = 0; i < 10; i++) {
		async_handle task = START(naps);

		async_add_done_callback(task, add_letter, (void *)letters[i]);
		async_detach(task);
	}
	SLEEP(1);
	END;
}

static uint64_t play_ten(uint64_t seed, bool shuffle)
{
	uint64_t hash;

	order[0] = '\0';
	PLAY_ON_SIM(ten_tasks, (async_sim_seed(sim, seed), async_sim_shuffle(sim, shuffle)));
	hash = async_sim_trace_hash(sim);
	async_loop_close(sim);
	return hash;
}

TEST(without_a_shuffle_first_come_is_first_served)
{
	uint64_t hash = play_ten(1, false);

	CHECK(!strcmp(order, "abcdefghij"));
	CHECK(play_ten(2, false) == hash);
}

TEST(a_seed_repeats_an_order_and_another_makes_another)
{
	static uint64_t hashes[50];
	char first[sizeof order];
	int same = 0;

	for (uint64_t seed = 0; seed < 50; seed++) {
		hashes[seed] = play_ten(seed, true);
		strcpy(first, order);
		CHECK(strlen(first) == 10 && play_ten(seed, true) == hashes[seed] && !strcmp(first, order));
		for (uint64_t i = 0; i < seed; i++)
			same += hashes[i] == hashes[seed];
	}
	CHECK(same == 0);
}

SCRIPT(calls_in_order)
{
	static int i;

	BEGIN;
	for (i = 0; i < 5; i++) {
		async_detach(START(naps));
		async_call_soon(note_call, (void *)(const char *[]){ "a", "b", "c", "d", "e" }[i]);
	}
	SLEEP(1);
	CHECK_SEEN("a b c d e");
	END;
}

TEST(callbacks_keep_their_order_under_a_shuffle)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		PLAY_ON_SIM(calls_in_order, (async_sim_seed(sim, seed), async_sim_shuffle(sim, true)));
		async_loop_close(sim);
	}
}

/* ---- Faults ---- */

static async_handle start_send_all(int fd, const void *buffer, size_t size)
{
	struct {
		async_frame base;
		int fd;
		const void *buffer;
		size_t size;
	} *f = async__new_task(&async_send_all__async);

	if (f) {
		f->fd = fd;
		f->buffer = buffer;
		f->size = size;
	}
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

	if (f) {
		f->fd = fd;
		f->address = NULL;
		f->length = NULL;
	}
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

	if (f) {
		f->fd = fd;
		f->address = address;
		f->length = length;
	}
	return async__start_task(f);
}

enum { MUCH = 300000 };
static char sent[MUCH], received[MUCH];

static struct sockaddr_in address_of(int listener)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;

	CHECK(!getsockname(listener, (struct sockaddr *)&address, &length));
	return address;
}

/* A connection over TCP, and much sent through it. */
SCRIPT(transfer)
{
	static int listener, client, server;
	static struct sockaddr_in address;
	static async_handle accepting, sending;
	static ssize_t n;
	static size_t got;

	BEGIN;
	got = 0;
	listener = async_listen("127.0.0.1", 0, 4);
	client = async_socket(AF_INET, SOCK_STREAM, 0);
	CHECK(listener >= 0 && client >= 0);
	address = address_of(listener);
	accepting = start_accept(listener);
	AWAIT_VOID(start_connect_fd(client, &address, sizeof address));
	AWAIT(accepting, &server);
	sending = start_send_all(client, sent, sizeof sent);
	while (got < sizeof received) {
		AWAIT(start_recv(server, received + got, sizeof received - got), &n);
		CHECK(n > 0);
		got += (size_t)n;
	}
	AWAIT_VOID(sending);
	CHECK(!memcmp(sent, received, sizeof sent));
	async_close(client);
	async_close(server);
	async_close(listener);
	END;
}

static void set_moody(uint64_t seed, double rate)
{
	async_sim_seed(sim, seed);
	async_sim_shuffle(sim, true);
	for (int fault = ASYNC_SIM_SHORT; fault <= ASYNC_SIM_DELAY; fault++)
		async_sim_fault_rate(sim, (enum async_sim_fault)fault, rate);
}

TEST(a_moody_kernel_loses_nothing)
{
	unsigned long faults[ASYNC_SIM_N_FAULTS] = { 0 };

	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (char)(i * 31 + i / 251);
	for (uint64_t seed = 0; seed < 40; seed++) {
		PLAY_ON_SIM(transfer, set_moody(seed, 0.3));
		for (int fault = 0; fault < ASYNC_SIM_N_FAULTS; fault++)
			faults[fault] += async_sim_faults(sim, (enum async_sim_fault)fault);
		async_loop_close(sim);
	}
	for (int fault = ASYNC_SIM_SHORT; fault <= ASYNC_SIM_DELAY; fault++)
		CHECK(faults[fault] > 20);
	CHECK(faults[ASYNC_SIM_RESET] == 0);
}

/* Over a pair, as the order in which the kernel's network hands packets over is not ours to fix. */
SCRIPT(pair_transfer)
{
	static int pair[2];
	static async_handle sending;
	static ssize_t n;
	static size_t got;

	BEGIN;
	got = 0;
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
	sending = start_send_all(pair[0], sent, sizeof sent);
	while (got < sizeof received) {
		AWAIT(start_recv(pair[1], received + got, 5000), &n);
		got += (size_t)n;
	}
	AWAIT_VOID(sending);
	close(pair[0]);
	close(pair[1]);
	END;
}

TEST(a_seed_repeats_faults)
{
	uint64_t previous = 0;

	for (uint64_t seed = 0; seed < 20; seed++) {
		uint64_t hash;

		PLAY_ON_SIM(pair_transfer, set_moody(seed, 0.2));
		hash = async_sim_trace_hash(sim);
		async_loop_close(sim);
		PLAY_ON_SIM(pair_transfer, set_moody(seed, 0.2));
		CHECK(async_sim_trace_hash(sim) == hash && hash != previous);
		async_loop_close(sim);
		previous = hash;
	}
}

SCRIPT(reset)
{
	static int pair[2];
	static char byte;

	BEGIN;
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
	AWAIT_ERROR(start_recv(pair[0], &byte, 1), ECONNRESET);
	AWAIT_ERROR(start_send_all(pair[0], "x", 1), ECONNRESET);
	close(pair[0]);
	close(pair[1]);
	END;
}

TEST(a_reset_is_an_error_at_the_await)
{
	PLAY_ON_SIM(reset, async_sim_fault_rate(sim, ASYNC_SIM_RESET, 1));
	CHECK(async_sim_faults(sim, ASYNC_SIM_RESET) == 2);
	async_loop_close(sim);
}

SCRIPT(no_descriptors)
{
	static int listener;

	BEGIN;
	listener = async_listen("127.0.0.1", 0, 4);
	AWAIT_ERROR(start_accept(listener), EMFILE);
	async_close(listener);
	END;
}

TEST(descriptors_that_run_out_are_an_error_at_the_accept)
{
	PLAY_ON_SIM(no_descriptors, async_sim_fault_rate(sim, ASYNC_SIM_NO_DESCRIPTORS, 1));
	async_loop_close(sim);
}

/* Whatever fails, the rest goes on, and the sanitizer finds nothing. */
SCRIPT(without_memory)
{
	static int pair[2], round;
	static char byte;

	BEGIN;
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
	for (round = 0; round < 20; round++) {
		AWAIT_STATUS(start_send_all(pair[0], "x", 1), NULL, 0);
		if (self->status != ASYNC_DONE)
			CHECK(take_error().code == ASYNC_NO_MEMORY);
		AWAIT_STATUS(nap(1), NULL, 0);
		if (self->status != ASYNC_DONE)
			CHECK(take_error().code == ASYNC_NO_MEMORY);
		while (recv(pair[1], &byte, 1, 0) > 0)
			;
	}
	close(pair[0]);
	close(pair[1]);
	END;
}

TEST(memory_that_runs_out_is_an_error_at_the_await)
{
	unsigned long failed = 0;

	for (uint64_t seed = 0; seed < 100; seed++) {
		PLAY_ON_SIM(without_memory, (async_sim_seed(sim, seed), async_sim_fault_rate(sim, ASYNC_SIM_NO_MEMORY, 0.3)));
		failed += async_sim_faults(sim, ASYNC_SIM_NO_MEMORY);
		async_loop_close(sim);
	}
	CHECK(failed > 100);
}

/* ---- Elsewhere ---- */

SCRIPT(nothing_special)
{
	BEGIN;
	async_sim_seed(async_get_running_loop(), 1);
	async_sim_shuffle(async_get_running_loop(), true);
	async_sim_fault_rate(async_get_running_loop(), ASYNC_SIM_RESET, 1);
	CHECK(async_sim_trace_hash(async_get_running_loop()) == 0);
	CHECK(async_sim_faults(async_get_running_loop(), ASYNC_SIM_RESET) == 0);
	SLEEP(0.001);
	END;
}

TEST(on_other_loops_the_options_do_nothing)
{
	sim = async_loop_new(&async_loop_epoll);
	async__use_loop(sim);
	PLAY(nothing_special);
	async_loop_close(sim);
}

TEST(the_environment_chooses_and_sets_it)
{
	uint64_t hash = play_ten(7, true);

	setenv("ASYNC_LOOP", "sim", 1);
	setenv("ASYNC_SIM_SEED", "7", 1);
	sim = async_loop_new(NULL);
	CHECK(sim && !strcmp(async_loop_find("sim")->name, "sim") && !async_loop_find("none"));
	order[0] = '\0';
	async__use_loop(sim);
	PLAY(ten_tasks);
	CHECK(async_sim_trace_hash(sim) == hash);
	async_loop_close(sim);
}
