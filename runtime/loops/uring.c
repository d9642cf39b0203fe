/* uring.c: a loop over io_uring: what it begins is submitted together with the wait for completions, so that a turn is one system
 * call however much that is.  Waits for descriptors are poll requests; whole operations are in uring_submit.c.
 * Completes: a poll request, once; it is made anew while somebody still waits.  A request keeps its file open, so one that nobody
 * waits for any more is cancelled at once (forget_at_once).  Owner: the loop, of the ring and of the eventfd that wakes it.
 * Loop's thread, but for wake; the requests of a thread that ends are cancelled by the kernel, and made anew. */
#include "uring.h"
#include "library.h"

#include <errno.h>
#include <fcntl.h>
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
	return FOR_FD | (uint64_t)s->fds[fd].number << 32 | (uint32_t)fd;
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

static int poll_wake(struct uring_state *s)
{
	struct io_uring_sqe *sqe = async__uring_request(s);

	if (!sqe)
		return EAGAIN;
	io_uring_prep_poll_add(sqe, s->wake, POLLIN);
	io_uring_sqe_set_data64(sqe, FOR_WAKE);
	return 0;
}

static int poll_fd(struct uring_state *s, int fd, unsigned events)
{
	struct io_uring_sqe *sqe = async__uring_request(s);
	unsigned mask = (events & ASYNC_READABLE ? POLLIN | POLLRDHUP : 0) | (events & ASYNC_WRITABLE ? POLLOUT : 0);

	if (!sqe)
		return EAGAIN;
	s->fds[fd].number++;
	s->fds[fd].pending = true;
	io_uring_prep_poll_add(sqe, fd, mask);
	io_uring_sqe_set_data64(sqe, key_of(s, fd));
	return 0;
}

/* It takes effect when it is submitted. */
static int cancel_poll(struct uring_state *s, int fd)
{
	struct io_uring_sqe *sqe;

	if (!s->fds[fd].pending)
		return 0;
	sqe = async__uring_request(s);
	if (!sqe)
		return EAGAIN;
	io_uring_prep_poll_remove(sqe, key_of(s, fd));
	io_uring_sqe_set_data64(sqe, FOR_NOBODY);
	s->fds[fd].number++;
	s->fds[fd].pending = false;
	return 0;
}

/* ---- Life ---- */

/* Completions then come when we look, without an interrupt (5.19); the kernel is then new enough for the rest, too. */
static int init_ring(struct uring_state *s, struct io_uring_params *params)
{
	int err;

	*params = (struct io_uring_params){
		.cq_entries = N_COMPLETIONS,
		.flags = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG };
	err = -async__uring.io_uring_queue_init_params(N_REQUESTS, &s->ring, params);
	s->operates = !err;
	if (err != EINVAL)
		return err;
	*params = (struct io_uring_params){ .cq_entries = N_COMPLETIONS, .flags = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE };
	return -async__uring.io_uring_queue_init_params(N_REQUESTS, &s->ring, params);
}

/* Waiting with a timeout, and losing no completion, since Linux 5.11. */
static int open_ring(struct uring_state *s)
{
	enum { NEEDED = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP };
	struct io_uring_params params;
	int err = init_ring(s, &params);

	if (err)
		return err;
	if ((params.features & NEEDED) == NEEDED)
		return 0;
	async__uring.io_uring_queue_exit(&s->ring);
	return ENOSYS;
}

static int open_uring(async_loop *loop, void *state)
{
	struct uring_state *s = state;
	int err = load_uring();

	(void)loop;
	if (err)
		return err;
	err = open_ring(s);
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

	(void)loop;
	async__uring.io_uring_queue_exit(&s->ring);
	close(s->wake);
	async__free(s->fds);
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
	struct polled *fds;
	int n = fd * 2 + 16;

	if (fd < s->n_fds)
		return 0;
	fds = async__realloc(s->fds, (size_t)n * sizeof *fds);
	if (!fds)
		return ENOMEM;
	memset(fds + s->n_fds, 0, (size_t)(n - s->n_fds) * sizeof *fds);
	s->fds = fds;
	s->n_fds = n;
	return 0;
}

/* Submitted right away: fd is about to be closed, and its file must not stay open for us. */
static int forget(struct uring_state *s, int fd)
{
	int err = fd < s->n_fds ? cancel_poll(s, fd) : 0;

	if (io_uring_sq_ready(&s->ring))
		async__uring.io_uring_submit(&s->ring);
	return err;
}

/* A request that is pending already may be for a file that was closed meanwhile, whose number another has now. */
static int watch(async_loop *loop, void *state, int fd, unsigned events)
{
	struct uring_state *s = state;
	int err;

	(void)loop;
	if (!events)
		return forget(s, fd);
	if (fcntl(fd, F_GETFD) < 0)
		return errno;
	err = async__uring_make_room(s, fd);
	if (!err)
		err = cancel_poll(s, fd);
	return err ? err : poll_fd(s, fd, events);
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

static int fd_completed(async_loop *loop, struct uring_state *s, int fd, int result)
{
	unsigned wanted;

	s->fds[fd].pending = false;
	if (result != -ECANCELED)
		async_loop_report(loop, fd, events_of(result));
	wanted = async__fd_wanted(loop, fd);
	return wanted && !s->fds[fd].pending ? poll_fd(s, fd, wanted) : 0;
}

static int completed(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe)
{
	uint64_t key = cqe->user_data;
	int fd = (int)(uint32_t)key;

	if (key == FOR_NOBODY)
		return 0;
	if (key == FOR_WAKE)
		return empty_wake(s);
	if (!(key & FOR_FD)) {
		async__uring_ended(loop, s, key, cqe->res, cqe->flags);
		return 0;
	}
	if (!s->fds[fd].pending || key != key_of(s, fd))
		return 0; /* cancelled */
	return fd_completed(loop, s, fd, cqe->res);
}

/* Each is taken out before it is looked at: looking may submit. */
static int take_completions(async_loop *loop, struct uring_state *s)
{
	unsigned n = io_uring_cq_ready(&s->ring);
	int err = 0;

	while (n-- && !err) {
		struct io_uring_cqe cqe = s->ring.cq.cqes[*s->ring.cq.khead & s->ring.cq.ring_mask];

		io_uring_cq_advance(&s->ring, 1);
		err = completed(loop, s, &cqe);
	}
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
	int err = enter(s, timeout);

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
	.forget_at_once = true,
};
