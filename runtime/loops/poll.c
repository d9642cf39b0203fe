/* poll.c: the portable back end: poll, and a pipe that wakes it.  Only POSIX.  Loop's thread, but for wake. */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct poll_state {
	int pipe[2];        /* read end, write end */
	struct pollfd *fds; /* [0] is the pipe; a descriptor occurs once */
	nfds_t n, capacity;
	int *places; /* by descriptor: its place in fds, 0: none */
	int n_places;
};

static int prepare(int fd)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return errno;
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
}

static int open_poll(async_loop *loop, void *state)
{
	struct poll_state *s = state;
	int err = 0;

	(void)loop;
	s->capacity = 16;
	s->fds = async__alloc(s->capacity * sizeof *s->fds);
	if (!s->fds)
		return ENOMEM;
	if (pipe(s->pipe)) {
		err = errno;
		goto free_fds;
	}
	for (int i = 0; i < 2 && !err; i++)
		err = prepare(s->pipe[i]);
	s->fds[0] = (struct pollfd){ .fd = s->pipe[0], .events = POLLIN };
	s->n = 1;
	if (!err)
		return 0;
	close(s->pipe[0]);
	close(s->pipe[1]);
free_fds:
	async__free(s->fds);
	return err;
}

static void close_poll(async_loop *loop, void *state)
{
	struct poll_state *s = state;

	(void)loop;
	close(s->pipe[0]);
	close(s->pipe[1]);
	async__free(s->fds);
	async__free(s->places);
}

static int64_t now(async_loop *loop, void *state)
{
	struct timespec t;

	(void)loop, (void)state;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int make_place(struct poll_state *s, int fd)
{
	if (fd >= s->n_places) {
		int n = fd * 2 + 16;
		int *places = async__realloc(s->places, (size_t)n * sizeof *places);

		if (!places)
			return ENOMEM;
		memset(places + s->n_places, 0, (size_t)(n - s->n_places) * sizeof *places);
		s->places = places;
		s->n_places = n;
	}
	if (s->n == s->capacity) {
		struct pollfd *fds = async__realloc(s->fds, 2 * s->capacity * sizeof *fds);

		if (!fds)
			return ENOMEM;
		s->fds = fds;
		s->capacity *= 2;
	}
	s->places[fd] = (int)s->n;
	s->fds[s->n++] = (struct pollfd){ .fd = fd };
	return 0;
}

static void forget(struct poll_state *s, int fd)
{
	int place = fd < s->n_places ? s->places[fd] : 0;

	if (!place)
		return;
	s->fds[place] = s->fds[--s->n];
	s->places[s->fds[place].fd] = place;
	s->places[fd] = 0;
}

/* As epoll does it, and for the same reason: these never block. */
static bool always_ready(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static int watch(async_loop *loop, void *state, int fd, unsigned events)
{
	struct poll_state *s = state;
	struct stat st;
	int err;

	(void)loop;
	if (!events) {
		forget(s, fd);
		return 0;
	}
	if (fstat(fd, &st))
		return errno;
	if (always_ready(&st))
		return EPERM;
	if (fd >= s->n_places || !s->places[fd]) {
		err = make_place(s, fd);
		if (err)
			return err;
	}
	s->fds[s->places[fd]].events = (short)((events & ASYNC_READABLE ? POLLIN : 0) | (events & ASYNC_WRITABLE ? POLLOUT : 0));
	return 0;
}

static unsigned events_of(short events)
{
	unsigned mine = 0;

	if (events & (POLLIN | POLLPRI))
		mine |= ASYNC_READABLE;
	if (events & POLLOUT)
		mine |= ASYNC_WRITABLE;
	if (events & (POLLERR | POLLHUP | POLLNVAL))
		mine |= ASYNC_READABLE | ASYNC_WRITABLE;
	return mine;
}

static void empty_pipe(struct poll_state *s)
{
	char bytes[64];

	while (read(s->pipe[0], bytes, sizeof bytes) > 0)
		;
}

static int wait_for_events(async_loop *loop, void *state, int64_t timeout)
{
	struct poll_state *s = state;
	int ms = timeout < 0 ? -1 : timeout >= (int64_t)INT_MAX * 1000000 ? INT_MAX : (int)((timeout + 999999) / 1000000);
	int ready = poll(s->fds, s->n, ms);

	if (ready < 0)
		return errno == EINTR ? 0 : errno;
	if (s->fds[0].revents)
		empty_pipe(s);
	for (nfds_t i = 1; i < s->n;) {
		int fd = s->fds[i].fd;
		short events = s->fds[i].revents;

		s->fds[i].revents = 0;
		if (events)
			async_loop_report(loop, fd, events_of(events));
		if (i < s->n && s->fds[i].fd == fd)
			i++; /* otherwise it was forgotten, and the last one is in its place */
	}
	return 0;
}

static void wake(async_loop *loop, void *state)
{
	struct poll_state *s = state;
	ssize_t ignored = write(s->pipe[1], "", 1); /* full: it is awake already */

	(void)loop, (void)ignored;
}

const async_loop_backend async_loop_poll = {
	.name = "poll",
	.state_size = sizeof(struct poll_state),
	.open = open_poll,
	.close = close_poll,
	.now = now,
	.watch = watch,
	.wait = wait_for_events,
	.wake = wake,
};
