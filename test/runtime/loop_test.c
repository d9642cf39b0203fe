/* loop_test.c: callbacks, timers, turns, stopping, other threads, signals, back ends.  Numbers: README.md. */
#include "play.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static void schedules(void *arg)
{
	note("%s", (const char *)arg);
	async_call_soon(note_call, (void *)"nested");
}

SCRIPT(soon)
{
	BEGIN;
	async_call_soon(schedules, (void *)"a");
	async_call_soon(note_call, (void *)"b");
	CHECK_SEEN("");
	YIELD;
	CHECK_SEEN("a b");
	YIELD;
	CHECK_SEEN("nested");
	END;
}

TEST(semantics_11_12_callbacks_run_in_order_and_their_own_in_the_next_turn)
{
	PLAY_SIM(soon);
}

static async_call call;

static void cancels_itself(void *arg)
{
	(void)arg;
	CHECK(!async_cancel_call(call));
	note("ran");
}

SCRIPT(cancelled_calls)
{
	static async_call later;

	BEGIN;
	call = async_call_soon(note_call, (void *)"never");
	CHECK(call && async_cancel_call(call) && !async_cancel_call(call));
	later = async_call_later(1, note_call, (void *)"never");
	CHECK(async_cancel_call(later));
	call = async_call_soon(cancels_itself, NULL);
	SLEEP(2);
	CHECK_SEEN("ran");
	CHECK(!async_cancel_call(call) && !async_cancel_call(0) && !async_cancel_call(12345));
	END;
}

TEST(semantics_13_a_cancelled_call_never_runs)
{
	PLAY_SIM(cancelled_calls);
}

static async_call doomed[2];

static void cancels_those(void *arg)
{
	(void)arg;
	note("first");
	CHECK(async_cancel_call(doomed[0]) && async_cancel_call(doomed[1]));
}

SCRIPT(cancelled_in_the_batch)
{
	BEGIN;
	async_call_soon(cancels_those, NULL);
	doomed[0] = async_call_soon(note_call, (void *)"the next");
	async_call_soon(note_call, (void *)"second");
	doomed[1] = async_call_soon(note_call, (void *)"the last");
	YIELD;
	CHECK_SEEN("first second");
	async_call_soon(cancels_those, NULL);
	doomed[0] = async_call_soon(note_call, (void *)"the next");
	doomed[1] = async_call_soon(note_call, (void *)"the last");
	async_call_soon(note_call, (void *)"second");
	YIELD;
	CHECK_SEEN("first second");
	END;
}

TEST(a_call_is_cancelled_by_one_before_it_in_the_same_turn)
{
	PLAY_SIM(cancelled_in_the_batch);
	PLAY(cancelled_in_the_batch);
}

SCRIPT(deadlines)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	async_call_later(2, note_call, (void *)"2");
	async_call_later(1, note_call, (void *)"1");
	async_call_later(-1, note_call, (void *)"-1");
	async_call_later(-2, note_call, (void *)"-2");
	async_call_at(async_time() + 1500000000, note_call, (void *)"1.5");
	CHECK(async_call_later(__builtin_nan(""), note_call, (void *)"nan") == 0);
	CHECK(async_call_later(ASYNC_FOREVER, note_call, (void *)"inf") != 0);
	SLEEP(3);
	CHECK_SEEN("[async_call_later: the delay is not a number] -2 -1 1 1.5 2");
	END;
}

TEST(semantics_14_15_callbacks_run_in_the_order_of_their_deadlines)
{
	PLAY_SIM(deadlines);
}

static int order[1000], n_ran;

static void ran(void *arg)
{
	order[n_ran++] = (int)(long)arg;
}

SCRIPT(ties)
{
	static long i;
	static async_call calls[1000];

	BEGIN;
	for (i = 0; i < 1000; i++)
		calls[i] = async_call_at(1000000000, ran, (void *)i);
	for (i = 0; i < 1000; i += 3)
		CHECK(async_cancel_call(calls[i]));
	SLEEP(2);
	CHECK(n_ran == 666);
	for (i = 1; i < n_ran; i++)
		CHECK(order[i] > order[i - 1]);
	END;
}

TEST(semantics_1_17_equal_deadlines_are_first_come_first_served)
{
	PLAY_SIM(ties);
}

/* Due timers come in order, of one deadline in the order of their starts, each when it is due, and the earliest deadline is never told
 * too late: against a plain array, with random starts and stops and steps of time, near and far. */
TEST(timers_come_in_order_and_never_late)
{
	enum { N = 2000 };
	static struct async_timer timers[N];
	static bool started[N];
	static int start[N];
	async_loop *loop = async_loop_new(&sim_backend);
	unsigned seed = 1;
	int64_t now = 0;
	int n_ties = 0;

	for (int i = 0; i < N; i++)
		async__timer_init(&timers[i], NULL);
	for (int round = 0; round < 100000; round++) {
		int i = rand_r(&seed) % N;
		int64_t far = (int64_t)1 << rand_r(&seed) % 62, least = INT64_MAX, last = INT64_MIN, deadline;
		int last_start = 0;

		if (started[i]) {
			async__timer_stop(loop, &timers[i]);
		} else {
			deadline = now + rand_r(&seed) % far - rand_r(&seed) % 10;
			if (rand_r(&seed) % 2)
				deadline &= -((int64_t)1 << rand_r(&seed) % 30);
			start[i] = round;
			async__timer_start(loop, &timers[i], deadline);
		}
		started[i] = !started[i];
		if (round % 64)
			continue;
		for (int j = 0; j < N; j++)
			if (started[j] && timers[j].deadline < least)
				least = timers[j].deadline;
		CHECK(async__timer_next(loop) <= (least > now ? least : now));
		now += rand_r(&seed) % 2 ? rand_r(&seed) % 1000 : rand_r(&seed) % ((int64_t)1 << rand_r(&seed) % 40);
		async__timers_expire(loop, now);
		while (!async__list_empty(loop->ready)) {
			struct async_timer *timer = (struct async_timer *)(void *)loop->ready->next;

			CHECK(started[timer - timers] && timer->deadline <= now && timer->deadline >= last);
			CHECK(timer->deadline > last || start[timer - timers] > last_start);
			n_ties += timer->deadline == last;
			started[timer - timers] = false;
			last = timer->deadline;
			last_start = start[timer - timers];
			async__timer_stop(loop, timer);
		}
		for (int j = 0; j < N; j++)
			CHECK(!started[j] || timers[j].deadline > now);
	}
	for (int i = 0; i < N; i++)
		async__timer_stop(loop, &timers[i]);
	CHECK(n_ties > 1000);
	CHECK(async__timer_next(loop) == INT64_MAX && async__list_empty(loop->ready));
	async_loop_close(loop);
}

SCRIPT(short_sleeps)
{
	static int i;
	static int64_t before;

	BEGIN;
	for (i = 0; i < 20; i++) {
		before = async_time();
		SLEEP(i < 10 ? 1e-10 : 0.0003);
		CHECK(async_time() - before >= (i < 10 ? 1 : 300000));
	}
	END;
}

TEST(semantics_14_19_a_real_sleep_is_never_early)
{
	setenv("ASYNC_LOOP", "epoll", 1);
	PLAY(short_sleeps);
	setenv("ASYNC_LOOP", "poll", 1);
	PLAY(short_sleeps);
}

SCRIPT(tiny_sleep)
{
	static unsigned long turns;

	BEGIN;
	turns = sim_turns;
	SLEEP(1e-10);
	CHECK(sim_turns - turns < 20);
	AWAIT_ERROR(nap(__builtin_nan("")), EINVAL);
	END;
}

TEST(semantics_19_a_tiny_sleep_takes_few_turns)
{
	PLAY_SIM(tiny_sleep);
}

/* ---- Stopping ---- */

static void stop(void *arg)
{
	async_call_soon(note_call, (void *)"after");
	async_loop_stop(arg);
	note("stop");
}

SCRIPT(stopped)
{
	BEGIN;
	async_call_soon(stop, async_get_running_loop());
	async_call_soon(note_call, (void *)"same batch");
	SLEEP(1);
	note("slept");
	END;
}

SCRIPT(nothing)
{
	BEGIN;
	SLEEP(5);
	END;
}

TEST(semantics_20_22_25_stop_ends_the_run_after_the_batch_and_the_task_stays)
{
	async_loop *loop = async_loop_new(&sim_backend);
	async_error error;

	async__use_loop(loop);
	error = CATCH(PLAY(stopped));
	CHECK(error.code == ASYNC_INVALID_STATE);
	CHECK_SEEN("stop same batch");
	async__use_loop(loop);
	PLAY(nothing);
	CHECK_SEEN("after slept"); /* it went on */
	CHECK(async_loop_close(loop));
}

TEST(semantics_20_stop_before_the_run_makes_it_one_turn)
{
	async_loop *loop = async_loop_new(&sim_backend);

	async_loop_stop(loop);
	async_loop_run_forever(loop);
	CHECK(sim_turns == 1);
	async_loop_close(loop);
}

SCRIPT(closing)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	CHECK(!async_loop_close(async_get_running_loop()));
	CHECK_SEEN("[async_loop_close: a loop is already running on this thread]");
	async_loop_run_forever(async_get_running_loop());
	CHECK_SEEN("[async_loop_run_forever: a loop is already running on this thread]");
	END;
}

TEST(semantics_23_26_a_running_loop_is_neither_run_nor_closed)
{
	PLAY_SIM(closing);
	CHECK(async_loop_close(NULL));
}

SCRIPT(leaves_a_task)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	START(nothing);
	YIELD;
	END;
}

TEST(semantics_62_a_task_that_is_pending_when_its_loop_closes_is_reported)
{
	async_loop *loop = async_loop_new(&sim_backend);

	async__use_loop(loop);
	PLAY(leaves_a_task);
	CHECK_SEEN("");
	async_loop_close(loop);
	CHECK_SEEN("[Task was destroyed but it is pending: nothing]");
}

/* ---- Other threads ---- */

static async_handle future;
static async_loop *the_loop;

static void finish_future(void *arg)
{
	note("%s", (const char *)arg);
	async_set_done(future);
}

static void *poster(void *arg)
{
	usleep(20000);
	CHECK(async_call_soon_threadsafe(the_loop, note_call, (void *)"first") == 0);
	CHECK(async_call_soon_threadsafe(the_loop, finish_future, arg) == 0);
	return NULL;
}

SCRIPT(woken)
{
	static pthread_t thread;

	BEGIN;
	the_loop = async_get_running_loop();
	future = async__create_future(0);
	CHECK(!pthread_create(&thread, NULL, poster, (void *)"second"));
	AWAIT_VOID(future);
	pthread_join(thread, NULL);
	CHECK_SEEN("first second");
	async_call_soon(note_call, (void *)"a");
	CHECK(async_call_soon_threadsafe(the_loop, note_call, (void *)"b") == 0);
	async_call_soon(note_call, (void *)"c");
	YIELD;
	CHECK_SEEN("a b c");
	END;
}

TEST(semantics_28_a_call_from_another_thread_wakes_the_loop)
{
	setenv("ASYNC_LOOP", "epoll", 1);
	PLAY(woken);
	setenv("ASYNC_LOOP", "poll", 1);
	PLAY(woken);
}

enum { THREADS = 4, POSTS = 20000 };
static int next_of[THREADS], posts_seen;
static struct { int thread, number; } posts[THREADS][POSTS];

static void take_post(void *arg)
{
	int *post = arg;

	CHECK(next_of[post[0]] == post[1]);
	next_of[post[0]]++;
	if (++posts_seen == THREADS * POSTS)
		async_set_done(future);
}

static void *post_many(void *arg)
{
	int thread = (int)(long)arg;

	for (int i = 0; i < POSTS; i++) {
		posts[thread][i].thread = thread;
		posts[thread][i].number = i;
		CHECK(async_call_soon_threadsafe(the_loop, take_post, &posts[thread][i]) == 0);
	}
	return NULL;
}

SCRIPT(flooded)
{
	static pthread_t threads[THREADS];
	static long i;

	BEGIN;
	the_loop = async_get_running_loop();
	future = async__create_future(0);
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, post_many, (void *)i));
	AWAIT_VOID(future);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	END;
}

TEST(calls_from_many_threads_keep_their_order)
{
	PLAY(flooded);
}

static void *misuser(void *arg)
{
	async_handle h = arg;

	CHECK(!async_cancel(h));
	CHECK(async_set_done(h) == ASYNC_WRONG_THREAD);
	CHECK(async_exception(h).code == ASYNC_WRONG_THREAD);
	CHECK(async__create_future(0) == NULL);
	CHECK(async_call_soon(note_call, NULL) == 0);
	async_loop_stop(the_loop);
	return NULL;
}

SCRIPT(misused)
{
	static pthread_t thread;

	BEGIN;
	the_loop = async_get_running_loop();
	future = async__create_future(0);
	CHECK(!pthread_create(&thread, NULL, misuser, future));
	pthread_join(thread, NULL);
	CHECK(!async_done(future));
	async_set_done(future);
	AWAIT_VOID(future);
	END;
}

TEST(semantics_30_calls_on_the_wrong_thread_are_refused)
{
	CHECK(freopen("/dev/null", "w", stderr));
	PLAY(misused);
}

/* ---- Signals ---- */

static void on_signal(void *arg)
{
	note("%s", (const char *)arg);
	if (future)
		async_set_done(future);
}

SCRIPT(signals)
{
	BEGIN;
	CHECK(async_add_signal_handler(SIGKILL, on_signal, NULL) == EINVAL);
	CHECK(async_add_signal_handler(1000, on_signal, NULL) == EINVAL);
	CHECK(async_add_signal_handler(SIGUSR1, NULL, NULL) == EINVAL);
	CHECK(async_add_signal_handler(SIGUSR1, on_signal, (void *)"usr1") == 0);
	CHECK(async_add_signal_handler(SIGALRM, on_signal, (void *)"alarm") == 0);
	raise(SIGUSR1);
	CHECK_SEEN("");
	YIELD;
	YIELD;
	CHECK_SEEN("usr1");
	future = async__create_future(0);
	ualarm(20000, 0);
	AWAIT_VOID(future); /* while it polls */
	CHECK_SEEN("alarm");
	CHECK(async_add_signal_handler(SIGUSR1, NULL, NULL) == 0);
	CHECK(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
	END;
}

TEST(semantics_197_a_signal_is_a_callback_of_the_loop)
{
	struct sigaction after;

	PLAY(signals);
	sigaction(SIGALRM, NULL, &after);
	CHECK(after.sa_handler == SIG_DFL);
}

/* ---- Forks ---- */

SCRIPT(forks)
{
	static pid_t child;
	static int status;

	BEGIN;
	child = fork();
	YIELD;
	if (child == 0)
		_exit(1); /* not reached */
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	END;
}

TEST(the_child_of_a_fork_in_a_live_loop_gets_an_error)
{
	pid_t parent = getpid();
	async_error error;

	error = CATCH(PLAY(forks));
	if (getpid() != parent)
		_exit(error.code == ASYNC_FORKED ? 7 : 1);
	CHECK(error.code == 0);
}

/* ---- Idle for good ---- */

SCRIPT(stuck)
{
	BEGIN;
	AWAIT_PROPAGATE(async__create_future(0));
	END;
}

TEST(a_loop_that_nothing_can_wake_says_so_instead_of_hanging)
{
	async_error error;

	CHECK(freopen("/dev/null", "w", stderr));
	error = CATCH(PLAY(stuck));
	CHECK(error.code == ASYNC_INVALID_STATE && strstr(error.message, "idle"));
}

static async_error error_of_other_thread;

static void *run_stuck(void *arg)
{
	(void)arg;
	error_of_other_thread = async__make_error(0, NULL);
	PLAY(woken);
	return NULL;
}

TEST(loops_run_on_several_threads)
{
	pthread_t thread;

	for (int i = 0; i < 20; i++) {
		seen[0] = '\0';
		CHECK(!pthread_create(&thread, NULL, run_stuck, NULL));
		pthread_join(thread, NULL);
	}
}

TEST(an_unknown_back_end_is_refused)
{
	CHECK(freopen("/dev/null", "w", stderr));
	setenv("ASYNC_LOOP", "carrier pigeon", 1);
	CHECK(async_loop_new(NULL) == NULL && errno == EINVAL);
}
