/* busy_test.async.c: a loop that always has something to run: what it costs the kernel and the heap, and that nobody starves. */
#include "async_testing.h"

#include <errno.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { YIELDS = 1000 };

static int pair[2];

static void make_pair(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
}

static void close_pair(void)
{
	async_close(pair[0]);
	async_close(pair[1]);
}

static async void yield(int n)
{
	while (n--)
		await async_sleep(0);
}

static async ssize_t receive(void)
{
	char buffer[8];

	return await async_recv(pair[0], buffer, sizeof buffer, 0);
}

/* ---- Nobody starves ---- */

static int n_signals, n_posts;

static void count_up(void *counter)
{
	++*(int *)counter;
}

static void *post(void *loop)
{
	CHECK(async_call_soon_threadsafe(loop, count_up, &n_posts) == 0);
	return NULL;
}

/* Only spins: that it ends is the promise. */
static async void spin_until_all_is_heard(void)
{
	pthread_t thread;
	async_task(ssize_t) received;
	async_task(void) slept;

	make_pair();
	CHECK(async_add_signal_handler(SIGUSR1, count_up, &n_signals) == 0);
	received = async_create_task(receive());
	slept = async_create_task(async_sleep(0.003));
	await yield(YIELDS);
	CHECK(!async_done(received));
	CHECK(write(pair[1], "hello", 5) == 5);
	CHECK(pthread_create(&thread, NULL, post, async_get_running_loop()) == 0);
	raise(SIGUSR1);
	while (!async_done(received) || !async_done(slept) || !n_signals || !n_posts)
		await async_sleep(0);
	pthread_join(thread, NULL);
	CHECK(await *received == 5);
	await *slept;
	async_add_signal_handler(SIGUSR1, NULL, NULL);
	close_pair();
}
TEST(a_busy_loop_hears_descriptors_timers_signals_and_threads)
{
	async_run(spin_until_all_is_heard());
}

static ssize_t came;

static async void receive_it(void)
{
	came = await receive();
}

static void call_for_ever(void *arg)
{
	if (!came)
		async_call_soon(call_for_ever, arg);
}

static void begin_both(void *arg)
{
	async_detach(async_create_task(receive_it()));
	call_for_ever(arg);
}

/* As somebody does whose own poll tells of the loop's descriptor: a turn with no time to wait must take what is there. */
TEST(a_turn_of_an_embedded_busy_loop_looks)
{
	async_loop *loop = async_loop_new(NULL);

	make_pair();
	CHECK(async_call_soon_threadsafe(loop, begin_both, NULL) == 0);
	for (int i = 0; i < 100; i++)
		CHECK(async_loop_run_once(loop, 0) == 0);
	CHECK(write(pair[1], "x", 1) == 1);
	for (int i = 0; i < 3; i++)
		CHECK(async_loop_run_once(loop, 0) == 0);
	CHECK(came == 1);
	async_loop_close(loop);
	close(pair[0]);
	close(pair[1]);
}

/* ---- System calls ---- */

enum { MARK = -12345 }; /* closed at both ends of what is counted */

static bool is_call(const struct __ptrace_syscall_info *info, long number)
{
	return info->op == PTRACE_SYSCALL_INFO_ENTRY && (long)info->entry.nr == number;
}

/* Of a stop of the child: is it to be counted?  The clock is no system call where the kernel can help it. */
static int look_at_call(pid_t child, bool *counting)
{
	struct __ptrace_syscall_info info;

	CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info) > 0);
	if (is_call(&info, SYS_close) && (int)info.entry.args[0] == MARK) {
		*counting = !*counting;
		return 0;
	}
	return *counting && info.op == PTRACE_SYSCALL_INFO_ENTRY && !is_call(&info, SYS_clock_gettime);
}

/* How many system calls run(), in a process of its own, makes between its two marks; -1: nobody may look. */
static int count_calls(void (*run)(void))
{
	int status, n = 0;
	bool counting = false;
	pid_t child = fork();

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(77);
		raise(SIGSTOP);
		run();
		_exit(0); /* who looks for leaks wants to trace as well */
	}
	CHECK(waitpid(child, &status, 0) == child);
	if (!WIFSTOPPED(status))
		return -1;
	CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) == 0);
	for (int signal = 0; !ptrace(PTRACE_SYSCALL, child, NULL, (void *)(long)signal); signal = 0) {
		CHECK(waitpid(child, &status, 0) == child);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			n += look_at_call(child, &counting);
		else
			signal = WSTOPSIG(status);
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0 && !counting);
	return n;
}

static void mark(void)
{
	syscall(SYS_close, MARK);
}

#if defined(ASYNC__ASAN) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 }; /* which makes system calls of its own */
#else
enum { SANITIZED = 0 };
#endif

/* libuv and the simulated loop are asked for events in every turn. */
static bool is_of_interest(void)
{
	const char *loop = getenv("ASYNC_LOOP");

	if (SANITIZED)
		return false;
	return !loop || !strcmp(loop, "epoll") || !strcmp(loop, "poll") || !strcmp(loop, "io_uring");
}

static bool no_more_than(int n, int most)
{
	if (n < 0)
		printf("skipped: ptrace is not allowed\n");
	else if (n > most)
		fprintf(stderr, "%d system calls\n", n);
	return n <= most;
}

static async void hand_over(async_lock *lock, int n)
{
	while (n--) {
		await async_lock_acquire(lock);
		await async_sleep(0);
		async_lock_release(lock);
	}
}

static async void hand_over_and_yield(int n)
{
	async_lock lock;

	async_lock_init(&lock);
	await async_gather(yield(n), hand_over(&lock, n), hand_over(&lock, n));
	async_lock_finish(&lock);
}

static async void cancel_sleepers(int n)
{
	async_task(void) sleeper;

	while (n--) {
		sleeper = async_create_task(async_sleep(1000));
		await async_sleep(0);
		async_cancel(sleeper);
		CHECK((await async_catch(*sleeper)).code == ASYNC_CANCELLED);
	}
}

static async void work_marked(void)
{
	await hand_over_and_yield(1);
	await cancel_sleepers(1);
	mark();
	await hand_over_and_yield(YIELDS);
	await cancel_sleepers(YIELDS);
	mark();
}

static void run_work(void)
{
	async_run(work_marked());
}

TEST(no_system_call_while_tasks_are_ready)
{
	if (is_of_interest())
		CHECK(no_more_than(count_calls(run_work), 0));
}

static void run_marks_only(void)
{
	mark();
	for (int i = 0; i < 5; i++)
		syscall(SYS_getppid);
	mark();
}
TEST(and_the_counter_counts)
{
	int n = count_calls(run_marks_only);

	CHECK(n == 5 || n == -1);
}

static int64_t took;

/* Somebody waits for a descriptor: it is looked at each 50 us, and a few times at the beginning. */
static async void yield_beside_a_reader(void)
{
	async_loop *loop = async_get_running_loop();
	async_task(ssize_t) received;

	make_pair();
	received = async_create_task(receive());
	await yield(100);
	mark();
	took = -async__now(loop);
	await yield(20 * YIELDS);
	took += async__now(loop);
	mark();
	CHECK(write(pair[1], &took, sizeof took) == sizeof took);
	CHECK(await *received == sizeof took);
	close_pair();
}

static int told[2]; /* by the child, how long it took */

static void run_beside_a_reader(void)
{
	async_run(yield_beside_a_reader());
	CHECK(write(told[1], &took, sizeof took) == sizeof took);
}

TEST(a_busy_loop_looks_for_events_each_50_us_at_most)
{
	int n;

	if (!is_of_interest())
		return;
	CHECK(pipe(told) == 0);
	n = count_calls(run_beside_a_reader);
	CHECK(n < 0 || read(told[0], &took, sizeof took) == sizeof took);
	CHECK(no_more_than(n, (int)(took / 50000) + 2));
	close(told[0]);
	close(told[1]);
}

/* ---- Allocations ---- */

enum { SLEEPERS = 20 };

static async void sleep_often(async_lock *lock)
{
	for (int i = 0; i < YIELDS; i++) {
		await async_lock_acquire(lock);
		await async_sleep(i % 100 ? 0 : 1e-6);
		async_lock_release(lock);
	}
	await async_sleep(1000);
}

/* What a task needs it has when it has begun. */
static async void play(void)
{
	async_task(void) sleepers[SLEEPERS];
	async_lock lock;

	async_lock_init(&lock);
	for (int i = 0; i < SLEEPERS; i++)
		sleepers[i] = async_create_task(sleep_often(&lock));
	await yield(3);
	async__fail_alloc(0); /* counts from here */
	await yield(SLEEPERS * YIELDS * 2);
	while (async_lock_locked(&lock))
		await async_sleep(1e-5);
	CHECK(async__allocs() == 0);
	for (int i = 0; i < SLEEPERS; i++) {
		if (i == SLEEPERS / 2)
			async__fail_alloc(0); /* by now the loop has records for what is in flight and what async_catch keeps */
		async_cancel(sleepers[i]);
		CHECK((await async_catch(*sleepers[i])).code == ASYNC_CANCELLED);
	}
	CHECK(async__allocs() == 0);
	async_lock_finish(&lock);
}
TEST(wakes_sleeps_locks_and_cancels_allocate_nothing)
{
	async_run(play());
}
