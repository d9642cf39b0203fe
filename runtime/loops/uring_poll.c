/* uring_poll.c: waits for descriptors: poll requests in the ring.
 * Completes: a poll request, once or again and again (uring.h); it is made anew while somebody still waits.  A request keeps its file open,
 * so one that nobody waits for any more is cancelled at once (forget_at_once), or before we sleep.  Owns: nothing.  Loop's thread. */
#include "uring.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>

static uint64_t key_of(const struct uring_state *s, int fd)
{
	return FOR_FD | (uint64_t)s->fds[fd].polled.number << 32 | (uint32_t)fd;
}

/* ---- Requests ---- */

static bool is_tcp(int fd)
{
	int protocol = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &(socklen_t){ sizeof protocol }) && protocol == IPPROTO_TCP;
}

/* Other sockets may have more to read when one read took less than it might. */
static bool may_last(async_loop *loop, struct uring_state *s, int fd, unsigned events)
{
	if (!s->operates || events != ASYNC_READABLE || fd >= loop->n_fds || !loop->fds[fd].drained)
		return false;
	if (s->fds[fd].polled.once) {
		s->fds[fd].polled.once--;
		return false;
	}
	return is_tcp(fd);
}

/* changes_only: told of what changes, besides what is so now. */
static int poll_fd(async_loop *loop, struct uring_state *s, int fd, unsigned events, bool changes_only)
{
	struct io_uring_sqe *sqe = async__uring_request(s);
	unsigned mask = (events & ASYNC_READABLE ? POLLIN | POLLRDHUP : 0) | (events & ASYNC_WRITABLE ? POLLOUT : 0);

	if (!sqe)
		return EAGAIN;
	s->fds[fd].polled.number++;
	s->fds[fd].polled.pending = true;
	loop->fds[fd].lasting = !changes_only && may_last(loop, s, fd, events);
	if (loop->fds[fd].lasting || changes_only)
		io_uring_prep_poll_multishot(sqe, fd, mask);
	else
		io_uring_prep_poll_add(sqe, fd, mask);
	io_uring_sqe_set_data64(sqe, key_of(s, fd));
	return 0;
}

/* It takes effect when it is submitted. */
static int cancel_poll(async_loop *loop, struct uring_state *s, int fd)
{
	struct io_uring_sqe *sqe;

	if (!s->fds[fd].polled.pending)
		return 0;
	if (fd < loop->n_fds)
		loop->fds[fd].lasting = false;
	sqe = async__uring_request(s);
	if (!sqe)
		return EAGAIN;
	io_uring_prep_cancel64(sqe, key_of(s, fd), 0); /* IORING_OP_POLL_REMOVE spares one that has an event just now: a lasting one would stay */
	io_uring_sqe_set_data64(sqe, FOR_NOBODY);
	s->fds[fd].polled.number++;
	s->fds[fd].polled.pending = false;
	return 0;
}

void async__uring_end_poll(async_loop *loop, struct uring_state *s, int fd)
{
	if (fd >= loop->n_fds || !loop->fds[fd].lasting || async__fd_wanted(loop, fd) || cancel_poll(loop, s, fd))
		return;
	loop->fds[fd].interest = 0;
}

/* Submitted right away: fd is about to be closed, and its file must not stay open for us. */
static int forget(async_loop *loop, struct uring_state *s, int fd)
{
	int err = fd < s->n_fds ? cancel_poll(loop, s, fd) : 0;

	async__uring_flush(s);
	return err;
}

/* A request that is pending already may be for a file that was closed meanwhile, whose number another has now. */
int async__uring_watch(async_loop *loop, void *state, int fd, unsigned events)
{
	struct uring_state *s = state;
	int err;

	if (!events)
		return forget(loop, s, fd);
	if (fcntl(fd, F_GETFD) < 0) {
		err = errno;
		forget(loop, s, fd);
		return err;
	}
	err = async__uring_make_room(s, fd);
	if (!err)
		err = cancel_poll(loop, s, fd);
	return err ? err : poll_fd(loop, s, fd, events, false);
}

/* ---- Completions ---- */

static unsigned events_of(int result)
{
	unsigned mine = 0;

	if (result < 0)
		return ASYNC_READABLE | ASYNC_WRITABLE; /* the system call will say what is wrong */
	if (result & (POLLIN | POLLRDHUP | POLLPRI))
		mine |= ASYNC_READABLE;
	if (result & POLLOUT)
		mine |= ASYNC_WRITABLE;
	if (result & (POLLERR | POLLHUP | POLLNVAL))
		mine |= ASYNC_READABLE | ASYNC_WRITABLE;
	return mine;
}

void async__uring_note_told(struct uring_state *s, int fd)
{
	struct polled *polled = &s->fds[fd].polled;

	if (!polled->told)
		s->told[s->n_told++] = fd;
	polled->told = true;
	polled->stale = false;
}

/* A lasting poll has told something; more than that there is data ends it. */
static int told(async_loop *loop, struct uring_state *s, int fd, int result)
{
	async__uring_note_told(s, fd);
	return result == POLLIN ? 0 : cancel_poll(loop, s, fd);
}

/* The kernel tells of a peer that sends no more whether that was asked for or not. */
static bool is_in_vain(async_loop *loop, int fd, int result)
{
	unsigned wanted = async__fd_wanted(loop, fd);

	return wanted && result >= 0 && !(events_of(result) & wanted);
}

/* What is told in vain would be told anew by each request: who waits to write has to be told of changes. */
static int fd_completed(async_loop *loop, struct uring_state *s, int fd, int result, bool goes_on)
{
	bool lasting = loop->fds[fd].lasting;
	unsigned wanted;
	int err = 0;

	if (!lasting && is_in_vain(loop, fd, result))
		return goes_on ? 0 : poll_fd(loop, s, fd, async__fd_wanted(loop, fd), true);
	if (!lasting && goes_on) {
		err = cancel_poll(loop, s, fd);
		goes_on = false;
	}
	s->fds[fd].polled.pending = goes_on;
	loop->fds[fd].lasting = lasting && goes_on;
	if (lasting)
		err = told(loop, s, fd, result);
	if (!err && result != -ECANCELED)
		async_loop_report(loop, fd, events_of(result));
	wanted = async__fd_wanted(loop, fd);
	return !err && wanted && !s->fds[fd].polled.pending ? poll_fd(loop, s, fd, wanted, false) : err;
}

int async__uring_polled(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe)
{
	int fd = (int)(uint32_t)cqe->user_data;

	if (!s->fds[fd].polled.pending || cqe->user_data != key_of(s, fd))
		return 0; /* cancelled */
	if (!loop->fds[fd].lasting || cqe->res != POLLIN || !(cqe->flags & IORING_CQE_F_MORE))
		return fd_completed(loop, s, fd, cqe->res, cqe->flags & IORING_CQE_F_MORE);
	async__uring_note_told(s, fd);
	async_loop_report(loop, fd, ASYNC_READABLE);
	return 0;
}

int async__uring_end_unwanted(async_loop *loop, struct uring_state *s, bool sleeps)
{
	enum { FOR_A_WHILE = 16 };
	int n = s->n_told, err = 0;

	s->n_told = 0;
	for (int i = 0; i < n; i++) {
		int fd = s->told[i];
		struct polled *polled = &s->fds[fd].polled;
		bool wanted, idle;

		if (loop->fds[fd].trusted) { /* its reader waits again */
			polled->told = polled->stale = false;
			continue;
		}
		wanted = err || !loop->fds[fd].lasting || async__fd_wanted(loop, fd);
		idle = async__uring_accepts_idly(s, fd);
		if (idle && sleeps)
			async__uring_stop_accepting(s, fd);
		polled->told = !sleeps && (idle || (!wanted && !polled->stale));
		polled->stale = polled->told;
		if (polled->told)
			s->told[s->n_told++] = fd;
		if (wanted || polled->told)
			continue;
		err = cancel_poll(loop, s, fd);
		loop->fds[fd].interest = 0;
		polled->once = FOR_A_WHILE;
	}
	return err;
}
