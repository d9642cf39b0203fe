/* worker.c: starts a worker process and talks to it.
 * Completes: nothing.  Owns: the process, until it is reaped, and our end of the socket.  Thread: the pool's thread that
 * drives the worker; worker_notify, any.  Cancel: does not reach here. */
#include "job.h"
#include "worker.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Starting ---- */

/* The worker's signals are as a program's that was just started, though the driving thread blocks them. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	err = posix_spawnattr_setsigmask(attributes, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(attributes, &all);
	if (!err)
		err = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return err;
}

/* Its end of the socket, no input, our output and errors, and nothing else: a worker that held the program's other
 * descriptors would keep connections and pipes open that the program closes. */
static int set_descriptors(posix_spawn_file_actions_t *actions, int end)
{
	int err = posix_spawn_file_actions_adddup2(actions, end, WIRE_DESCRIPTOR);

	if (!err)
		err = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions, WIRE_DESCRIPTOR + 1);
#endif
	return err;
}

/* What /proc/self/exe names: under valgrind and qemu only the name tells our program from theirs.  The link itself serves
 * when the name does not lead there any more. */
static const char *program(char *name, size_t size)
{
	static const char link[] = "/proc/self/exe";
	ssize_t n = readlink(link, name, size - 1);

	if (n <= 0 || (size_t)n == size - 1)
		return link;
	name[n] = '\0';
	return access(name, X_OK) == 0 ? name : link; /* of a file that was replaced it ends in " (deleted)" */
}

static int spawn(pid_t *process, int end, char *const *environment)
{
	char *arguments[] = {program_invocation_name, (char *)"[async worker]", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char name[4096];
	int err;

	err = posix_spawnattr_init(&attributes);
	if (err)
		return err;
	err = posix_spawn_file_actions_init(&actions);
	if (err)
		goto destroy_attributes;
	err = set_signals(&attributes);
	if (!err)
		err = set_descriptors(&actions, end);
	if (!err)
		err = posix_spawn(process, program(name, sizeof name), &actions, &attributes, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
destroy_attributes:
	posix_spawnattr_destroy(&attributes);
	return err;
}

static char **with_variable(char *const *environment, char *variable)
{
	size_t n = 0;
	char **copy;

	while (environment[n])
		n++;
	copy = async__alloc((n + 2) * sizeof *copy);
	if (!copy)
		return NULL;
	memcpy(copy, environment, n * sizeof *copy);
	copy[n] = variable;
	copy[n + 1] = NULL;
	return copy;
}

int worker_start(struct worker *worker, char *const *environment)
{
	char variable[64], **extended;
	int ends[2], err;

	snprintf(variable, sizeof variable, WIRE_ENVIRONMENT "=%d:%ld", WIRE_DESCRIPTOR, (long)getpid());
	extended = with_variable(environment, variable);
	if (!extended)
		return ASYNC_NO_MEMORY;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		err = errno;
		goto free_environment;
	}
	err = spawn(&worker->process, ends[1], extended);
	close(ends[1]);
	if (err) {
		close(ends[0]);
		worker->process = 0;
		goto free_environment;
	}
	worker->socket = ends[0];
#ifdef SYS_pidfd_open
	worker->pidfd = (int)syscall(SYS_pidfd_open, worker->process, 0);
#else
	worker->pidfd = -1;
#endif
free_environment:
	async__free(extended);
	return err;
}

/* ---- Talking ---- */

/* Waits until the socket is ready for the event.  False when it is not and never will be: the worker is dead. */
static bool wait_for(const struct worker *worker, short event)
{
	struct pollfd fds[2] = {{worker->socket, event, 0}, {worker->pidfd, POLLIN, 0}};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR && errno != EAGAIN)
			return false;
	return fds[0].revents != 0;
}

bool worker_send(const struct worker *worker, const void *data, size_t size)
{
	const char *left = data;

	while (size) {
		ssize_t n = send(worker->socket, left, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			left += n;
			size -= (size_t)n;
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
			return false;
		} else if (errno == EAGAIN && !wait_for(worker, POLLOUT)) {
			return false;
		}
	}
	return true;
}

bool worker_receive(const struct worker *worker, void *data, size_t size)
{
	char *left = data;

	while (size) {
		ssize_t n = recv(worker->socket, left, size, MSG_DONTWAIT);

		if (n > 0) {
			left += n;
			size -= (size_t)n;
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
			return false;
		} else if (errno == EAGAIN && !wait_for(worker, POLLIN)) {
			return false;
		}
	}
	return true;
}

void worker_notify(const struct worker *worker, const void *data, size_t size)
{
	/* A few bytes into a stream that the worker has just read empty: all of it or nothing. */
	if (send(worker->socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* ---- Parting ---- */

void worker_kill(const struct worker *worker)
{
#ifdef SYS_pidfd_send_signal
	/* If the program ignores SIGCHLD the number may be another's by now. */
	if (worker->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0);
		return;
	}
#endif
	kill(worker->process, SIGKILL);
}

enum { PATIENCE = 5000 }; /* ms for exit handlers */

void worker_dismiss(const struct worker *worker)
{
	/* The end of the socket counts as the process's, where there is no pidfd. */
	struct pollfd end = {worker->pidfd >= 0 ? worker->pidfd : worker->socket, POLLIN, 0};
	int n;

	shutdown(worker->socket, SHUT_WR);
	do
		n = poll(&end, 1, PATIENCE);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		worker_kill(worker);
}

int worker_reap(struct worker *worker)
{
	int status = -1;
	pid_t ended;

	do
		ended = waitpid(worker->process, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		status = -1; /* the program waits for any child, or ignores SIGCHLD */
	close(worker->socket);
	if (worker->pidfd >= 0)
		close(worker->pidfd);
	worker->process = 0;
	return status;
}
