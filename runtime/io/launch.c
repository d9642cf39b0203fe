/* launch.c: starting another program.
 * Completes: at once.  Owns: the descriptors that it opens for the child, which are closed again; our ends of the pipes are the caller's.
 * Thread: any.  Cancel: nothing here can be. */
#include "io.h"

#include <async/process.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

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

int async__launch(const char *const *argv, const struct async_spawn_options *options, pid_t *pid, int *ours)
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
