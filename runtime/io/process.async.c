/* process.async.c: child processes.
 * Completes: a wait, when the child has been reaped; its pidfd says when, and without those (before Linux 5.3) we look again and
 * again.  Owns: the process's number, until it is reaped: nobody else gets it before, so signals find the right one; our ends of its
 * pipes.  Thread: the loop's.  Cancel: of a wait, at once; the next one still gets the exit code. */
#include <async.h>

#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct async_process {
	pid_t pid;
	int pidfd;               /* -1: there is none */
	bool ended;
	int returncode;          /* when ended */
	async_stream *pipes[3];  /* our ends; NULL */
	unsigned users;          /* tasks that wait or communicate */
	bool given_up;           /* async_process_free */
};

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

/* Killed, they end soon; reaped when somebody comes by here again. */
static void reap_orphans(void)
{
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
	pthread_mutex_unlock(&orphans_lock);
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
}

/* ---- Starting ---- */

/* What posix_spawn is told; the descriptors in child are ours to close. */
struct launch {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int child[3];  /* for its standard descriptors, -1: as they are */
	bool close[3]; /* child[i] was opened here */
	int ours[3];   /* the other ends of pipes, -1 */
	bool err_is_out;
};

static int open_pipe(struct launch *launch, int i)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return errno;
	launch->child[i] = ends[i == 0 ? 0 : 1];
	launch->ours[i] = ends[i == 0 ? 1 : 0];
	launch->close[i] = true;
	return 0;
}

static int open_null(struct launch *launch, int i)
{
	launch->child[i] = open("/dev/null", (i == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
	launch->close[i] = launch->child[i] >= 0;
	return launch->close[i] ? 0 : errno;
}

static int open_descriptor(struct launch *launch, int i, int wanted)
{
	switch (wanted) {
	case ASYNC_INHERIT:
		return 0;
	case ASYNC_PIPE:
		return open_pipe(launch, i);
	case ASYNC_NULL:
		return open_null(launch, i);
	case ASYNC_STDOUT:
		launch->err_is_out = true;
		return i == 2 ? 0 : EINVAL;
	}
	launch->child[i] = wanted;
	return wanted < 0 ? EINVAL : 0;
}

/* Descriptors 0 to 2 may be in each other's way: those that stand there are first moved up. */
static int lift(struct launch *launch, int i)
{
	int fd = launch->child[i], lifted;

	if (fd < 0 || fd > 2 || fd == i)
		return 0;
	lifted = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (lifted < 0)
		return errno;
	if (launch->close[i])
		close(fd);
	launch->child[i] = lifted;
	launch->close[i] = true;
	return 0;
}

/* dup2 onto itself makes posix_spawn clear the close-on-exec flag. */
static int place_descriptors(struct launch *launch)
{
	int err = 0;

	for (int i = 0; i < 3 && !err; i++)
		err = lift(launch, i);
	for (int i = 0; i < 3 && !err; i++)
		if (launch->child[i] >= 0)
			err = posix_spawn_file_actions_adddup2(&launch->actions, launch->child[i], i);
	return !err && launch->err_is_out ? posix_spawn_file_actions_adddup2(&launch->actions, 1, 2) : err;
}

static int set_attributes(struct launch *launch, bool new_session)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&launch->attributes, &none);
	posix_spawnattr_setsigdefault(&launch->attributes, &all);
	if (new_session)
		flags |= POSIX_SPAWN_SETSID;
	return posix_spawnattr_setflags(&launch->attributes, flags);
}

static void close_all(const int *fds)
{
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int run_launch(struct launch *launch, const char *const *argv, const struct async_spawn_options *options, pid_t *pid)
{
	const char *const *env = options->env ? options->env : (const char *const *)environ;
	int wanted[3] = {options->in, options->out, options->err}, err = 0;

	for (int i = 0; i < 3 && !err; i++)
		err = open_descriptor(launch, i, wanted[i]);
	if (!err)
		err = place_descriptors(launch);
	if (!err && options->cwd)
		err = posix_spawn_file_actions_addchdir_np(&launch->actions, options->cwd);
	if (!err)
		err = set_attributes(launch, options->new_session);
	if (!err)
		err = posix_spawnp(pid, argv[0], &launch->actions, &launch->attributes, (char *const *)argv, (char *const *)env);
	for (int i = 0; i < 3; i++)
		if (launch->close[i])
			close(launch->child[i]);
	return err;
}

/* 0 or an errno value; ours are then the ends of its pipes. */
static int launch(const char *const *argv, const struct async_spawn_options *options, pid_t *pid, int *ours)
{
	struct launch launch = {.child = {-1, -1, -1}, .ours = {-1, -1, -1}};
	int err = posix_spawn_file_actions_init(&launch.actions);

	if (err)
		return err;
	err = posix_spawnattr_init(&launch.attributes);
	if (!err) {
		err = run_launch(&launch, argv, options, pid);
		posix_spawnattr_destroy(&launch.attributes);
	}
	posix_spawn_file_actions_destroy(&launch.actions);
	if (err)
		close_all(launch.ours);
	else
		memcpy(ours, launch.ours, sizeof launch.ours);
	return err;
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
	look(p);
	return p->ended ? p->returncode : ASYNC_STILL_RUNNING;
}

int async_process_send_signal(async_process *p, int signal)
{
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
	if (!p)
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
	err = launch(argv, options ? options : &plain, &p->pid, ours);
	if (err) {
		async__free(p);
		async_raise(err == ENOMEM ? ASYNC_NO_MEMORY : err, "spawn: %s: %s", argv[0], async_error_text(err));
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
	int err = feed(p->pipes[0], input, size);

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
