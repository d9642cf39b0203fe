/* epoll.c: the default back end: epoll, and an eventfd that wakes it.  Waits with nanoseconds where the kernel can
 * (epoll_pwait2, Linux 5.11), else rounded up to milliseconds: never early.  Loop's thread, but for wake. */
#include "runtime.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { N_EVENTS = 128 };

struct epoll_state {
	int epoll;
	int wake; /* eventfd, registered with the epoll */
	bool no_pwait2;
	struct epoll_event events[N_EVENTS];
};

static int open_epoll(async_loop *loop, void *state)
{
	struct epoll_state *s = state;
	struct epoll_event event = { .events = EPOLLIN };
	int err;

	(void)loop;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return errno;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake < 0) {
		err = errno;
		goto close_epoll;
	}
	event.data.fd = s->wake;
	if (!epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &event))
		return 0;
	err = errno;
	close(s->wake);
close_epoll:
	close(s->epoll);
	return err;
}

static void close_epoll(async_loop *loop, void *state)
{
	struct epoll_state *s = state;

	(void)loop;
	close(s->wake);
	close(s->epoll);
}

static int64_t now(async_loop *loop, void *state)
{
	struct timespec t;

	(void)loop, (void)state;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A connection of ours that has been read until there was no more is watched for changes: the kernel need not look at it once more in the
 * next wait (fds.c, trusts).  A change that is not data alone, after which a read may stop short with more to come, ends that. */
enum { CHANGES = EPOLLET | EPOLLIN | EPOLLRDHUP | EPOLLPRI };

static bool watches_changes(const async_loop *loop, int fd, unsigned events)
{
	return events == ASYNC_READABLE && fd < loop->n_fds && loop->fds[fd].drained;
}

static int watch(async_loop *loop, void *state, int fd, unsigned events)
{
	struct epoll_state *s = state;
	struct epoll_event event = { .data.fd = fd };
	bool changes = watches_changes(loop, fd, events);

	if (fd < loop->n_fds)
		loop->fds[fd].lasting = changes;
	if (changes)
		event.events = CHANGES;
	else if (events & ASYNC_READABLE)
		event.events |= EPOLLIN | EPOLLRDHUP;
	if (events & ASYNC_WRITABLE)
		event.events |= EPOLLOUT;
	if (!events) {
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, &event); /* it may have been closed already */
		return 0;
	}
	if (!epoll_ctl(s->epoll, EPOLL_CTL_MOD, fd, &event))
		return 0;
	if (errno == ENOENT && !epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event))
		return 0;
	return errno;
}

static int wait_some(struct epoll_state *s, int64_t timeout)
{
	int ms;

#ifdef SYS_epoll_pwait2
	if (!s->no_pwait2 && timeout > 0) {
		struct timespec t = { .tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000 };
		long n = syscall(SYS_epoll_pwait2, s->epoll, s->events, N_EVENTS, &t, NULL, 0);

		if (n >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)n;
		s->no_pwait2 = true;
	}
#endif
	if (timeout < 0)
		ms = -1;
	else
		ms = timeout >= (int64_t)INT_MAX * 1000000 ? INT_MAX : (int)((timeout + 999999) / 1000000);
	return epoll_wait(s->epoll, s->events, N_EVENTS, ms);
}

static unsigned events_of(uint32_t events)
{
	unsigned mine = 0;

	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLPRI))
		mine |= ASYNC_READABLE;
	if (events & EPOLLOUT)
		mine |= ASYNC_WRITABLE;
	if (events & (EPOLLERR | EPOLLHUP))
		mine |= ASYNC_READABLE | ASYNC_WRITABLE;
	return mine;
}

static void report(async_loop *loop, int fd, uint32_t events)
{
	if (events & ~(uint32_t)EPOLLIN && fd < loop->n_fds && loop->fds[fd].lasting)
		loop->fds[fd].ours = false; /* from now on the kernel is asked each time */
	async_loop_report(loop, fd, events_of(events));
}

static int wait_for_events(async_loop *loop, void *state, int64_t timeout)
{
	struct epoll_state *s = state;
	int n = wait_some(s, timeout);
	uint64_t count;

	if (n < 0)
		return errno == EINTR ? 0 : errno;
	for (int i = 0; i < n; i++) {
		if (s->events[i].data.fd != s->wake)
			report(loop, s->events[i].data.fd, s->events[i].events);
		else if (read(s->wake, &count, sizeof count) < 0 && errno != EAGAIN)
			return errno;
	}
	return 0;
}

static void wake(async_loop *loop, void *state)
{
	struct epoll_state *s = state;
	uint64_t one = 1;
	ssize_t ignored = write(s->wake, &one, sizeof one); /* full: it is awake already */

	(void)loop, (void)ignored;
}

static int descriptor(async_loop *loop, void *state)
{
	(void)loop;
	return ((struct epoll_state *)state)->epoll;
}

const async_loop_backend async_loop_epoll = {
	.name = "epoll",
	.state_size = sizeof(struct epoll_state),
	.open = open_epoll,
	.close = close_epoll,
	.now = now,
	.watch = watch,
	.wait = wait_for_events,
	.wake = wake,
	.descriptor = descriptor,
};
