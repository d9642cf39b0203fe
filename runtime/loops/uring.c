/* uring.c: a loop over io_uring: what it begins is submitted together with the wait for completions, so that a turn is one system
 * call however much that is.  Waits for descriptors are poll requests; whole operations are in uring_submit.c.
 * Completes: a poll request, once or again and again (uring.h); it is made anew while somebody still waits.  A request keeps its file open,
 * so one that nobody waits for any more is cancelled at once (forget_at_once), or before we sleep.  Owner: the loop, of the ring and of the eventfd that wakes it.
 * Loop's thread, but for wake; the requests of a thread that ends are cancelled by the kernel, and made anew. */
#include "uring.h"
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

union async__uring_functions async__uring;

static int load_uring(void)
{
#define NAME(name) #name,
	static const char *const names[] = { URING_FUNCTIONS(NAME) };

	return async__load("liburing.so.2", names, async__uring.words, sizeof names / sizeof *names);
}

/* ---- State ---- */

/* Of a thousand connections all may have something to say at once: one system call for them is cheaper than four, and completions that
 * find no room cost the kernel an allocation each. */
enum { N_REQUESTS = 1024, N_COMPLETIONS = 4096 };

static uint64_t key_of(const struct uring_state *s, int fd)
{
	return FOR_FD | (uint64_t)s->fds[fd].polled.number << 32 | (uint32_t)fd;
}

/* ---- Requests ---- */

struct io_uring_sqe *async__uring_request(struct uring_state *s)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);

	if (sqe)
		return sqe;
	async__uring.io_uring_submit(&s->ring);
	return io_uring_get_sqe(&s->ring);
}

/* What is cancelled lets go of its file when we fetch that. */
void async__uring_flush(struct uring_state *s)
{
	if (io_uring_sq_ready(&s->ring) && !s->looking)
		async__uring.io_uring_submit_and_get_events(&s->ring);
}

static int poll_wake(struct uring_state *s)
{
	struct io_uring_sqe *sqe = async__uring_request(s);

	if (!sqe)
		return EAGAIN;
	io_uring_prep_poll_add(sqe, s->wake, POLLIN);
	io_uring_sqe_set_data64(sqe, FOR_WAKE);
	return 0;
}

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

/* ---- Life ---- */

/* Completions are worked off when we enter the kernel for them, and by this thread alone (6.1), which is for a loop that stays on it; when we
 * enter it for whatever (5.19, with what our operations need); or by an interrupt. */
enum {
	OURS_ALONE = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
	WHEN_WE_LOOK = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG
};

static int init_ring(struct uring_state *s, struct io_uring_params *params, unsigned flags)
{
	*params = (struct io_uring_params){ .cq_entries = N_COMPLETIONS, .flags = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE | flags };
	s->operates = flags;
	async__list_init(&s->cancelled);
	return -async__uring.io_uring_queue_init_params(N_REQUESTS, &s->ring, params);
}

/* Waiting with a timeout, and losing no completion, since Linux 5.11. */
static int open_ring(struct uring_state *s, bool stays)
{
	enum { NEEDED = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP };
	struct io_uring_params params;
	int err = stays ? init_ring(s, &params, OURS_ALONE) : EINVAL;

	if (err == EINVAL)
		err = init_ring(s, &params, WHEN_WE_LOOK);
	if (err == EINVAL)
		err = init_ring(s, &params, 0);
	if (err == ENOMEM)
		err = EPERM; /* newer kernels count rings as memory that the user locks: he has no more of it */
	if (err)
		return err;
	if ((params.features & NEEDED) != NEEDED) {
		async__uring.io_uring_queue_exit(&s->ring);
		return ENOSYS;
	}
	if (stays)
		async__uring.io_uring_register_ring_fd(&s->ring); /* it is looked up faster; without memory it is not */
	return 0;
}

static int open_uring(async_loop *loop, void *state)
{
	struct uring_state *s = state;
	int err = load_uring();

	if (err)
		return err;
	err = open_ring(s, loop->owned_by_entry);
	if (err)
		return err;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = s->wake < 0 ? errno : poll_wake(s);
	if (!err)
		return 0;
	if (s->wake >= 0)
		close(s->wake);
	async__uring.io_uring_queue_exit(&s->ring);
	return err;
}

static void close_uring(async_loop *loop, void *state)
{
	struct uring_state *s = state;

	async__uring_lasting_close(loop, s);
	async__uring.io_uring_queue_exit(&s->ring);
	close(s->wake);
	async__free(s->fds);
	async__free(s->told);
}

static int64_t now(async_loop *loop, void *state)
{
	struct timespec t;

	(void)loop, (void)state;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- Watching ---- */

int async__uring_make_room(struct uring_state *s, int fd)
{
	struct uring_fd *fds;
	int *told, n = fd * 2 + 16;

	if (fd < s->n_fds)
		return 0;
	told = async__realloc(s->told, (size_t)n * sizeof *told);
	if (!told)
		return ENOMEM;
	s->told = told;
	fds = async__realloc(s->fds, (size_t)n * sizeof *fds);
	if (!fds)
		return ENOMEM;
	memset(fds + s->n_fds, 0, (size_t)(n - s->n_fds) * sizeof *fds);
	s->fds = fds;
	s->n_fds = n;
	return 0;
}

/* Submitted right away: fd is about to be closed, and its file must not stay open for us. */
static int forget(async_loop *loop, struct uring_state *s, int fd)
{
	int err = fd < s->n_fds ? cancel_poll(loop, s, fd) : 0;

	async__uring_flush(s);
	return err;
}

/* A request that is pending already may be for a file that was closed meanwhile, whose number another has now. */
static int watch(async_loop *loop, void *state, int fd, unsigned events)
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

/* ---- Waiting ---- */

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

static int empty_wake(struct uring_state *s)
{
	uint64_t n;

	if (read(s->wake, &n, sizeof n) < 0 && errno != EAGAIN)
		return errno;
	return poll_wake(s);
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

static int forget_unwanted(async_loop *loop, struct uring_state *s, bool sleeps)
{
	enum { FOR_A_WHILE = 16 };
	int n = s->n_told, err = 0;

	s->n_told = 0;
	for (int i = 0; i < n; i++) {
		int fd = s->told[i];
		struct polled *polled = &s->fds[fd].polled;
		bool wanted = err || !loop->fds[fd].lasting || async__fd_wanted(loop, fd), idle = async__uring_accepts_idly(s, fd);

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

static int completed(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe)
{
	uint64_t key = cqe->user_data;
	int fd = (int)(uint32_t)key;

	if (key == FOR_NOBODY)
		return 0;
	if (key == FOR_WAKE)
		return empty_wake(s);
	if (key & FOR_FD && key & FOR_LASTING) {
		async__uring_lasted(loop, s, cqe);
		return 0;
	}
	if (!(key & FOR_FD)) {
		async__uring_ended(loop, s, key, cqe->res, cqe->flags);
		return 0;
	}
	if (!s->fds[fd].polled.pending || key != key_of(s, fd))
		return 0; /* cancelled */
	return fd_completed(loop, s, fd, cqe->res, cqe->flags & IORING_CQE_F_MORE);
}

/* Each is taken out before it is looked at: looking may submit. */
static int take_completions(async_loop *loop, struct uring_state *s)
{
	unsigned n = io_uring_cq_ready(&s->ring);
	int err = 0;

	s->looking = true;
	async__uring_tell_cancelled(loop, s);
	while (n-- && !err) {
		struct io_uring_cqe cqe = s->ring.cq.cqes[*s->ring.cq.khead & s->ring.cq.ring_mask];

		io_uring_cq_advance(&s->ring, 1);
		err = completed(loop, s, &cqe);
	}
	s->looking = false;
	return err;
}

/* Is there something to submit, or to be fetched from the kernel? */
static bool must_enter(struct uring_state *s)
{
	return io_uring_sq_ready(&s->ring) || !s->operates || IO_URING_READ_ONCE(*s->ring.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
}

/* 0 also when time is up, a signal came, or the kernel wants its completions taken first. */
static int enter(struct uring_state *s, int64_t timeout)
{
	struct __kernel_timespec t = { .tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000 };
	struct io_uring_cqe *ignored;
	int n;

	if (timeout == 0 || io_uring_cq_ready(&s->ring))
		n = must_enter(s) ? async__uring.io_uring_submit_and_get_events(&s->ring) : 0;
	else
		n = async__uring.io_uring_submit_and_wait_timeout(&s->ring, &ignored, 1, timeout > 0 ? &t : NULL, NULL);
	return n >= 0 || n == -ETIME || n == -EINTR || n == -EBUSY || n == -EAGAIN ? 0 : -n;
}

static int wait_for_events(async_loop *loop, void *state, int64_t timeout)
{
	struct uring_state *s = state;
	enum { OFTEN = 64 };
	int err = 0;

	if (!async__list_empty(&s->cancelled))
		timeout = 0;
	s->sleeps += timeout != 0;
	if (s->n_told && (timeout || ++s->looks % OFTEN == 0))
		err = forget_unwanted(loop, s, timeout);
	if (!err)
		err = enter(s, timeout);
	return err ? err : take_completions(loop, s);
}

static void wake(async_loop *loop, void *state)
{
	struct uring_state *s = state;
	uint64_t one = 1;
	ssize_t ignored = write(s->wake, &one, sizeof one); /* full: it is awake already */

	(void)loop, (void)ignored;
}

static int descriptor(async_loop *loop, void *state)
{
	struct uring_state *s = state;

	(void)loop;
	async__uring.io_uring_submit(&s->ring);
	return s->ring.ring_fd;
}

const async_loop_backend async_loop_io_uring = {
	.name = "io_uring",
	.state_size = sizeof(struct uring_state),
	.open = open_uring,
	.close = close_uring,
	.now = now,
	.watch = watch,
	.wait = wait_for_events,
	.wake = wake,
	.descriptor = descriptor,
	.submit = async__uring_submit,
	.cancel = async__uring_cancel,
	.abandon = async__uring_abandon,
	.receive = async__uring_receive,
	.stop_receiving = async__uring_stop_receiving,
	.release = async__uring_release,
	.forget_at_once = true,
};
