/* process.async.c: child processes.
 * Completes: a wait, when the child has been reaped; its pidfd says when, and without those (before Linux 5.3) we look again and
 * again.  Owns: the process's number, until it is reaped: nobody else gets it before, so signals find the right one; our ends of its
 * pipes.  Thread: the loop's.  Cancel: of a wait, at once; the next one still gets the exit code. */
#include <async.h>

#include "io/io.h"
#include "runtime.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct async_process {
	async_handle home;       /* the loop that it was spawned on, or first used on since that was closed */
	pid_t pid;
	int pidfd;               /* -1: there is none */
	bool ended;
	int returncode;          /* when ended */
	async_stream *pipes[3];  /* our ends; NULL */
	unsigned users;          /* tasks that wait or communicate */
	bool given_up;           /* async_process_free */
};

/* May this thread use it?  If not, that is reported if there is a `what`. */
static bool is_ours(async_process *p, const char *what)
{
	bool orphaned;

	return async__home_enter(&p->home, what, &orphaned) != ASYNC_WRONG_THREAD;
}

/* For tests: as if the kernel had none. */
bool async__no_pidfds;

static int open_pidfd(pid_t pid)
{
	return async__no_pidfds ? -1 : (int)syscall(SYS_pidfd_open, pid, 0); /* closed on exec by itself */
}

/* ---- Children that nobody waits for any more ---- */

static pthread_mutex_t orphans_lock = PTHREAD_MUTEX_INITIALIZER;
static struct orphan {
	struct orphan *next;
	pid_t pid;
} *orphans;

/* False: none is left. */
static bool reap_orphans(void)
{
	bool left;

	pthread_mutex_lock(&orphans_lock);
	for (struct orphan **link = &orphans; *link;) {
		struct orphan *orphan = *link;

		if (waitpid(orphan->pid, NULL, WNOHANG) == 0) {
			link = &orphan->next;
			continue;
		}
		*link = orphan->next;
		async__free(orphan);
	}
	left = orphans != NULL;
	pthread_mutex_unlock(&orphans_lock);
	return left;
}

enum { LOOKS = 7 };

/* Killed, they end soon: looked at now, and after 10 ms, 20 ms, 40 ms...; by then, or without a loop, when somebody comes by here again. */
static void look_after_orphans(void *looks)
{
	uintptr_t n = (uintptr_t)looks;

	if (reap_orphans() && n < LOOKS && async_get_running_loop())
		async_call_later(0.01 * (double)(1u << n), look_after_orphans, (void *)(n + 1));
}

static void add_orphan(pid_t pid)
{
	struct orphan *orphan = async__alloc(sizeof *orphan);

	if (!orphan) {
		waitpid(pid, NULL, 0);
		return;
	}
	pthread_mutex_lock(&orphans_lock);
	*orphan = (struct orphan){orphans, pid};
	orphans = orphan;
	pthread_mutex_unlock(&orphans_lock);
	look_after_orphans(NULL);
}

/* ---- Ending ---- */

static void reaped(async_process *p, int returncode)
{
	p->ended = true;
	p->returncode = returncode;
	if (p->pidfd >= 0)
		async_close(p->pidfd); /* and the other tasks that wait look again */
	p->pidfd = -1;
}

/* Looks whether it has ended.  ECHILD: somebody else has reaped it, or nobody has to (SIGCHLD is ignored); asyncio says 255 then. */
static void look(async_process *p)
{
	int status;
	pid_t pid;

	if (p->ended)
		return;
	do
		pid = waitpid(p->pid, &status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == p->pid)
		reaped(p, WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
	else if (pid < 0)
		reaped(p, 255);
}

int async_process_returncode(async_process *p)
{
	if (!is_ours(p, "async_process_returncode"))
		return ASYNC_STILL_RUNNING;
	look(p);
	return p->ended ? p->returncode : ASYNC_STILL_RUNNING;
}

int async_process_send_signal(async_process *p, int signal)
{
	if (!is_ours(p, "async_process_send_signal"))
		return ASYNC_WRONG_THREAD;
	look(p);
	if (p->ended)
		return ESRCH;
	return kill(p->pid, signal) ? errno : 0;
}

int async_process_terminate(async_process *p)
{
	return async_process_send_signal(p, SIGTERM);
}

int async_process_kill(async_process *p)
{
	return async_process_send_signal(p, SIGKILL);
}

static void destroy(async_process *p)
{
	if (async_process_kill(p) == 0)
		add_orphan(p->pid);
	if (p->pidfd >= 0)
		async_close(p->pidfd);
	for (int i = 0; i < 3; i++)
		async_stream_free(p->pipes[i]);
	async__free(p);
}

void async_process_free(async_process *p)
{
	if (!p || !is_ours(p, "async_process_free"))
		return;
	p->given_up = true;
	if (!p->users) {
		destroy(p);
		return;
	}
	async_process_kill(p); /* those who wait let go of it soon */
	for (int i = 0; i < 3; i++)
		if (p->pipes[i])
			async_stream_abort(p->pipes[i]);
}

/* A simulated loop's time does not jump meanwhile. */
static void enter(async_process *p)
{
	p->users++;
	async__self.loop->external++;
}

static void leave(async_process *p)
{
	async__self.loop->external--;
	if (--p->users == 0 && p->given_up)
		destroy(p);
}

/* Without a pidfd: soon at first, then every now and then. */
static async void look_now_and_then(async_process *p)
{
	for (double pause = 0.001; look(p), !p->ended; pause = pause < 0.05 ? 2 * pause : 0.05)
		await async_sleep(pause);
}

static async void wait_for_end(async_process *p)
{
	while (look(p), !p->ended) {
		async_error err = {0};

		if (p->pidfd < 0) {
			await look_now_and_then(p);
			return;
		}
		async_try {
			await async_wait_readable(p->pidfd);
		} async_except (why) {
			err = why;
			if (err.code != EBADF || !p->ended) /* another task has reaped it */
				async_reraise();
		}
	}
}

async int async_process_wait(async_process *p)
{
	int returncode;

	if (!is_ours(p, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	enter(p);
	async_try {
		await wait_for_end(p);
		returncode = p->returncode;
	} async_finally {
		leave(p);
	}
	return returncode;
}

/* ---- The rest of starting ---- */

/* Our ends become streams; false without memory, and those that did not are closed. */
static bool adopt_pipes(async_process *p, const int *ours)
{
	bool all = true;

	for (int i = 0; i < 3; i++) {
		if (ours[i] < 0)
			continue;
		p->pipes[i] = async_stream_new(ours[i]);
		if (!p->pipes[i])
			close(ours[i]);
		all = all && p->pipes[i];
	}
	return all;
}

/* Whose fault it is that a program could not be started: its own, or that of the folder it was to start in. */
static const char *culprit(const char *program, const struct async_spawn_options *options, int err)
{
	return options && options->cwd && access(options->cwd, X_OK) && errno == err ? options->cwd : program;
}

async async_process *async_spawn(const char *const *argv, const struct async_spawn_options *options)
{
	struct async_spawn_options plain = {0};
	async_process *p;
	int ours[3], err;

	reap_orphans();
	if (!argv || !argv[0])
		async_raise(EINVAL, "spawn: no program");
	p = async__alloc_zeroed(sizeof *p);
	if (!p)
		async_raise(ASYNC_NO_MEMORY, "spawn: no memory for the process");
	is_ours(p, NULL);
	err = async__launch(argv, options ? options : &plain, &p->pid, ours);
	if (err) {
		async__free(p);
		async_raise(err == ENOMEM ? ASYNC_NO_MEMORY : err, "spawn: %s: %s", culprit(argv[0], options, err), async_error_text(err));
	}
	p->pidfd = open_pidfd(p->pid);
	if (!adopt_pipes(p, ours)) {
		destroy(p);
		async_raise(ASYNC_NO_MEMORY, "spawn: no memory for its pipes");
	}
	return p;
}

async async_process *async_spawn_shell(const char *command, const struct async_spawn_options *options)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	return await async_spawn(argv, options);
}

pid_t async_process_pid(const async_process *p)
{
	return p->pid;
}

async_stream *async_process_in(const async_process *p)
{
	return p->pipes[0];
}

async_stream *async_process_out(const async_process *p)
{
	return p->pipes[1];
}

async_stream *async_process_err(const async_process *p)
{
	return p->pipes[2];
}

/* ---- Communicating ---- */

/* Sent in the background, then closed.  A child that has closed its input does not want the rest. */
static int feed(async_stream *s, const void *input, size_t size)
{
	int err = 0;

	if (s && size && !async_stream_is_closing(s))
		err = async_stream_write_nowait(s, input, size);
	if (s)
		async_stream_close(s); /* whatever comes: else it might wait for more, and its readers for it */
	return err == EPIPE || err == ECONNRESET ? 0 : err;
}

static async async_bytes read_to_end(async_stream *s)
{
	async_bytes nothing = {(char *)"", 0};

	return s ? await async_stream_read_all(s) : nothing;
}

async struct async_output async_process_communicate(async_process *p, const void *input, size_t size)
{
	struct async_output output;
	async_task(async_bytes) errors;
	int err;

	if (!is_ours(p, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	err = feed(p->pipes[0], input, size);
	if (err)
		async_raise(err, "communicate: %s", async_error_text(err));
	enter(p);
	errors = async_create_task(read_to_end(p->pipes[2]));
	async_try {
		output.out = await read_to_end(p->pipes[1]);
		output.err = await *errors;
		await wait_for_end(p);
	} async_finally {
		async_cancel(errors);
		await async_catch(*errors); /* if that has not been taken: nobody else reads when we are gone */
		leave(p);
	}
	return output;
}
