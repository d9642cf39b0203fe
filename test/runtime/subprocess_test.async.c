/* subprocess_test.async.c: child processes, in async C.  Numbers: README.md. */
#include "async_testing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <time.h>

extern bool async__no_pidfds;

#define SPAWN(options, ...) async_spawn((const char *[]){__VA_ARGS__, NULL}, options)

static const struct async_spawn_options pipes = {.in = ASYNC_PIPE, .out = ASYNC_PIPE, .err = ASYNC_PIPE};

static async int run_shell(const char *command)
{
	async_process *p = await async_spawn_shell(command, NULL);
	int returncode = await async_process_wait(p);

	CHECK(async_process_returncode(p) == returncode);
	CHECK(async_process_send_signal(p, SIGTERM) == ESRCH);
	async_process_free(p);
	return returncode;
}

static async void run_exit_codes(void)
{
	CHECK(await run_shell("exit 0") == 0);
	CHECK(await run_shell("exit 42") == 42);
	CHECK(await run_shell("kill -9 $$") == -9);
	CHECK(await run_shell("kill -TERM $$") == -15);
}
TEST(exit_codes_198_are_asyncios)
{
	async_run(run_exit_codes());
}
TEST(exit_codes_198_without_pidfds)
{
	async__no_pidfds = true;
	async_run(run_exit_codes());
}

TEST(ordinary_c_waits_for_a_child)
{
	CHECK(run_shell("exit 3") == 3);
}

static async void run_no_program(void)
{
	const char *none[] = {NULL};

	CHECK((await async_catch(SPAWN(&pipes, "/no/such/program"))).code == ENOENT);
	CHECK((await async_catch(SPAWN(&pipes, "no-such-program-in-the-path"))).code == ENOENT);
	CHECK((await async_catch(SPAWN(&pipes, "/etc/passwd"))).code == EACCES);
	CHECK((await async_catch(async_spawn(none, NULL))).code == EINVAL);
	async_error no_folder = await async_catch(SPAWN(&((struct async_spawn_options){.cwd = "/no/such/folder"}), "true"));
	CHECK(no_folder.code == ENOENT && strcmp(no_folder.message, "spawn: /no/such/folder: No such file or directory") == 0);
	CHECK((await async_catch(SPAWN(&((struct async_spawn_options){.in = -77}), "true"))).code == EINVAL);
	CHECK((await async_catch(SPAWN(&((struct async_spawn_options){.out = 9999}), "true"))).code == EBADF);
}
TEST(a_program_that_cannot_be_started_says_why)
{
	async_run(run_no_program());
}

static async void run_communicate(void)
{
	async_process *p = await SPAWN(&pipes, "sh", "-c", "sort; echo problem >&2; exit 7");
	struct async_output o = await async_process_communicate(p, "b\na\n", 4);

	CHECK(is(o.out, "a\nb\n") && is(o.err, "problem\n"));
	CHECK(async_process_returncode(p) == 7);
	async_process_free(p);
}
TEST(communicate_writes_reads_and_waits)
{
	async_run(run_communicate());
}

static async void run_communicate_big(void)
{
	static char big[3 << 20];
	async_process *p;
	struct async_output o;

	memset(big, 'x', sizeof big);
	p = await SPAWN(&pipes, "cat");
	o = await async_process_communicate(p, big, sizeof big);
	CHECK(o.out.size == sizeof big && memcmp(o.out.data, big, sizeof big) == 0 && o.err.size == 0);
	async_process_free(p);
}
TEST(communicate_takes_more_than_pipes_hold_both_ways)
{
	async_run(run_communicate_big());
}

static async void run_broken_pipe(void)
{
	static char big[1 << 20];
	async_process *p = await SPAWN(&pipes, "sh", "-c", "exec <&-; echo did not read");
	struct async_output o = await async_process_communicate(p, big, sizeof big);

	CHECK(is(o.out, "did not read\n") && async_process_returncode(p) == 0);
	async_process_free(p);
}
TEST(stdin_broken_pipe_198_is_ignored_by_communicate)
{
	async_run(run_broken_pipe());
}

static async void run_no_pipes(void)
{
	async_process *p = await async_spawn_shell("exit 5", NULL);
	struct async_output o = await async_process_communicate(p, NULL, 0);

	CHECK(o.out.size == 0 && o.err.size == 0 && async_process_returncode(p) == 5 && !async_process_out(p));
	async_process_free(p);
}
TEST(communicate_without_pipes_only_waits)
{
	async_run(run_no_pipes());
}

static async void run_dialogue(void)
{
	async_process *p = await SPAWN(&pipes, "cat");

	for (int i = 0; i < 20; i++) {
		async_stream_printf_nowait(async_process_in(p), "line %d\n", i);
		async_bytes line = await async_stream_readline(async_process_out(p));
		CHECK(atoi(line.data + 5) == i);
	}
	async_stream_close(async_process_in(p));
	CHECK((await async_stream_readline(async_process_out(p))).size == 0);
	CHECK(await async_process_wait(p) == 0);
	async_process_free(p);
}
TEST(a_dialogue_line_by_line)
{
	async_run(run_dialogue());
}

static async void run_options(void)
{
	const char *env[] = {"COLOUR=green", "PATH=/usr/bin:/bin", NULL};
	struct async_spawn_options options = {.in = ASYNC_NULL, .out = ASYNC_PIPE, .err = ASYNC_STDOUT, .cwd = "/", .env = env};
	async_process *p = await async_spawn_shell("read x || echo end; echo $COLOUR; pwd >&2; echo $HOME", &options);
	struct async_output o = await async_process_communicate(p, NULL, 0);

	CHECK(is(o.out, "end\ngreen\n/\n\n") && !async_process_err(p));
	async_process_free(p);
	options = (struct async_spawn_options){.out = ASYNC_PIPE, .new_session = true};
	p = await async_spawn_shell("ps -o sid= -p $$ | tr -d ' '; echo $$", &options);
	o = await async_process_communicate(p, NULL, 0);
	CHECK(atoi(o.out.data) == async_process_pid(p) || o.out.data[0] != '0');
	async_process_free(p);
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	options = (struct async_spawn_options){.out = fd};
	p = await async_spawn_shell("echo into nothing", &options);
	CHECK(await async_process_wait(p) == 0);
	async_process_free(p);
	close(fd);
}
TEST(descriptors_folder_environment_and_session_are_as_asked)
{
	async_run(run_options());
}

/* Those that the test itself was started with. */
static int count_inherited(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	return n;
}

static async void run_inherited(void)
{
	async_process *other = await SPAWN(&pipes, "cat");
	async_process *p = await SPAWN(&pipes, "ls", "/proc/self/fd");
	struct async_output o = await async_process_communicate(p, NULL, 0);
	int n = 0;

	for (size_t i = 0; i < o.out.size; i++)
		n += o.out.data[i] == '\n';
	CHECK(n == count_inherited() + 1); /* and the folder */
	async_process_free(p);
	async_process_free(other);
}
TEST(a_child_has_none_of_our_descriptors)
{
	async_run(run_inherited());
}

static async void run_no_standard(void)
{
	struct async_spawn_options options = {.in = ASYNC_PIPE, .out = ASYNC_PIPE, .err = ASYNC_STDOUT};
	int saved[2] = {dup(0), dup(1)};
	async_process *p;

	close(0);
	close(1); /* the pipes get these numbers */
	p = await SPAWN(&options, "sh", "-c", "cat; echo error >&2");
	struct async_output o = await async_process_communicate(p, "text\n", 5);
	CHECK(is(o.out, "text\nerror\n"));
	async_process_free(p);
	dup2(saved[0], 0);
	dup2(saved[1], 1);
	close(saved[0]);
	close(saved[1]);
}
TEST(pipes_that_have_the_numbers_of_standard_descriptors)
{
	async_run(run_no_standard());
}

static async void run_cancel_wait(void)
{
	async_process *p = await SPAWN(NULL, "sleep", "30");
	async_task(int) waiter = async_create_task(async_process_wait(p));
	time_t before = time(NULL); /* the real one */

	CHECK((await async_catch(async_wait_for(async_process_wait(p), 0.02))).code == ASYNC_TIMEOUT);
	async_cancel(waiter);
	CHECK((await async_catch(*waiter)).code == ASYNC_CANCELLED);
	CHECK(async_process_returncode(p) == ASYNC_STILL_RUNNING);
	CHECK(async_process_kill(p) == 0);
	CHECK(await async_process_wait(p) == -9);
	CHECK(time(NULL) - before < 10);
	async_process_free(p);
}
TEST(cancel_process_wait_198_changes_nothing)
{
	async_run(run_cancel_wait());
}
TEST(cancel_process_wait_198_without_pidfds)
{
	async__no_pidfds = true;
	async_run(run_cancel_wait());
}

static async void run_concurrent_waits(void)
{
	async_process *p = await SPAWN(NULL, "sleep", "30");
	async_task(int) waiters[10];

	for (int i = 0; i < 10; i++)
		waiters[i] = async_create_task(async_process_wait(p));
	await async_sleep(0.01);
	async_cancel(waiters[3]);
	CHECK(async_process_terminate(p) == 0);
	for (int i = 0; i < 10; i++)
		if (i == 3)
			CHECK((await async_catch(*waiters[i])).code == ASYNC_CANCELLED);
		else
			CHECK(await *waiters[i] == -15);
	CHECK(await async_process_wait(p) == -15);
	async_process_free(p);
}
TEST(subprocess_concurrent_wait_198_tells_everybody)
{
	async_run(run_concurrent_waits());
}

static async void run_signal_race(void)
{
	for (int i = 0; i < 30; i++) {
		async_process *p = await SPAWN(NULL, "true");
		int err;

		if (i % 3 == 0)
			await async_sleep(0.003);
		err = async_process_send_signal(p, SIGTERM);
		CHECK(err == 0 || err == ESRCH);
		int returncode = await async_process_wait(p);
		CHECK(returncode == 0 || returncode == -15);
		CHECK(async_process_kill(p) == ESRCH);
		async_process_free(p);
	}
}
TEST(subprocess_send_signal_race_198_is_no_error_and_hits_nobody_else)
{
	async_run(run_signal_race());
}

static async void run_many(void)
{
	async_task(int) children[40];
	char commands[40][32];

	for (int i = 0; i < 40; i++) {
		snprintf(commands[i], sizeof commands[i], "exit %d", i);
		children[i] = async_create_task(run_shell(commands[i]));
	}
	for (int i = 0; i < 40; i++)
		CHECK(await *children[i] == i);
}
TEST(many_children_198_at_once_none_is_lost)
{
	async_run(run_many());
}
TEST(many_children_198_without_pidfds)
{
	async__no_pidfds = true;
	async_run(run_many());
}

static async void run_foreign(void)
{
	pid_t foreign = fork();
	int status;

	if (foreign == 0)
		_exit(17);
	CHECK(await run_shell("exit 1") == 1);
	await async_sleep(0.01);
	CHECK(waitpid(foreign, &status, 0) == foreign && WEXITSTATUS(status) == 17);
}
TEST(children_of_others_are_left_alone)
{
	async_run(run_foreign());
}

static async void run_reaped_elsewhere(void)
{
	signal(SIGCHLD, SIG_IGN);
	CHECK(await run_shell("exit 1") == 255);
	signal(SIGCHLD, SIG_DFL);
}
TEST(a_child_that_somebody_else_reaped_has_255)
{
	async_run(run_reaped_elsewhere());
}

static async void run_freed(void)
{
	async_process *p = await SPAWN(&pipes, "sleep", "30");
	pid_t pid = async_process_pid(p);

	async_process_free(p); /* kills it */
	for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
		await async_sleep(0.005);
		await run_shell("true"); /* and this reaps it */
	}
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
}
TEST(a_process_that_is_freed_while_it_runs_is_killed_and_reaped)
{
	async_run(run_freed());
}

static async void run_freed_last(void)
{
	async_process *p = await SPAWN(&pipes, "sleep", "30");
	pid_t pid = async_process_pid(p);

	async_process_free(p);
	for (int i = 0; i < 200 && kill(pid, 0) == 0; i++) {
		usleep(2000); /* a simulated loop's time may go on without the child */
		await async_sleep(0.01);
	}
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
}
TEST(a_process_that_is_freed_is_reaped_though_no_other_follows)
{
	async_run(run_freed_last());
}

static async void run_freed_under_waiter(void)
{
	async_process *p = await SPAWN(&pipes, "sleep", "30");
	async_task(int) waiter = async_create_task(async_process_wait(p));
	async_task(struct async_output) talker = async_create_task(async_process_communicate(p, "x", 1));

	await async_sleep(0.01);
	async_process_free(p);
	CHECK(await *waiter == -9);
	CHECK((await async_catch(*talker)).code >= ASYNC_CLOSED);
}
TEST(freeing_a_process_under_those_who_wait_is_safe)
{
	async_run(run_freed_under_waiter());
}

static async void run_cancel_communicate(void)
{
	async_process *p = await SPAWN(&pipes, "sleep", "30");

	CHECK((await async_catch(async_wait_for(async_process_communicate(p, NULL, 0), 0.02))).code == ASYNC_TIMEOUT);
	CHECK(async_process_kill(p) == 0 && await async_process_wait(p) == -9);
	async_process_free(p);
	CHECK(async_get_running_loop()->fd_waits == 0);
}
TEST(communicate_can_be_cancelled)
{
	async_run(run_cancel_communicate());
}

static async void run_blocked_signals(void)
{
	struct async_spawn_options options = {.out = ASYNC_PIPE};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGINT, SIG_IGN);
	async_process *p = await SPAWN(&options, "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status");
	struct async_output o = await async_process_communicate(p, NULL, 0);
	unsigned long blocked, ignored;
	CHECK(sscanf(o.out.data, "SigBlk: %lx SigIgn: %lx", &blocked, &ignored) == 2);
	CHECK(!blocked && !(ignored & 0x7fffffff)); /* the C library has two of its own behind these */
	async_process_free(p);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
TEST(a_child_begins_with_signals_as_they_are_by_default)
{
	async_run(run_blocked_signals());
}

static async void run_without_memory(void)
{
	static char big[200000];
	unsigned long n, made;

	for (n = 1; n < 1000; n++) {
		async_process *p = NULL;
		struct async_output o;

		async__fail_alloc(n);
		async_error err = await async_catch(p = SPAWN(&pipes, "cat"));
		if (!err.code)
			err = await async_catch(o = async_process_communicate(p, big, sizeof big));
		made = async__allocs();
		async__fail_alloc(0);
		CHECK(err.code == 0 ? o.out.size == sizeof big : err.code == ASYNC_NO_MEMORY);
		async_process_free(p);
		await async_sleep(0);
		if (made < n)
			break;
	}
	CHECK(n > 5 && n < 1000);
}
TEST(each_allocation_may_fail_and_no_process_is_left)
{
	async_run(run_without_memory());
	for (int i = 0; i < 5000 && waitpid(-1, NULL, WNOHANG) >= 0; i++) /* those that were killed */
		usleep(1000);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static async void run_on_virtual_time(void)
{
	async_process *p = await SPAWN(NULL, "sleep", "0.05");
	int64_t began = async_time();

	CHECK(await async_wait_for(async_process_wait(p), 10) == 0);
	CHECK(async_time() == began);
	async_process_free(p);
}
TEST(simulated_time_does_not_jump_over_a_child_that_somebody_waits_for)
{
	async_loop *loop = async_loop_new(&async_loop_sim);

	async_run_on(loop, run_on_virtual_time());
	CHECK(loop->external == 0);
	async_loop_close(loop);
}
