/* uring.c: a loop over io_uring: waits for descriptors are poll requests, submitted together with the wait for their completions,
 * so that a turn is one system call however many waits it begins.
 * Completes: a poll request, once; it is made anew while somebody still waits.  A request keeps its file open, so one that nobody
 * waits for any more is cancelled at once (forget_at_once).  Owner: the loop, of the ring and of the eventfd that wakes it.
 * Loop's thread, but for wake; the requests of a thread that ends are cancelled by the kernel, and made anew. */
#include "../runtime.h"
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* ---- liburing's functions; the rest of it is inline ---- */

#define URING_FUNCTIONS(X) X(io_uring_queue_init_params) X(io_uring_queue_exit) X(io_uring_submit) X(io_uring_submit_and_wait_timeout)

static union {
#define POINTER(name) __typeof__(name) *name;
	struct {
		URING_FUNCTIONS(POINTER)
	};
#define WORD(name) void *name##_word;
	void *words[sizeof(struct { URING_FUNCTIONS(WORD) }) / sizeof(void *)];
} uring;

static int load_uring(void)
{
#define NAME(name) #name,
	static const char *const names[] = { URING_FUNCTIONS(NAME) };

	return async__load("liburing.so.2", names, uring.words, sizeof names / sizeof *names);
}

/* ---- State ---- */

enum { N_REQUESTS = 256 };

/* What a completion says it is for: a descriptor and the number of its request, or one of these. */
static const uint64_t for_wake = UINT64_MAX, for_nobody = UINT64_MAX - 1;

struct polled {
	uint32_t number; /* of the latest request; what others yield is stale */
	bool pending;    /* that request has not completed */
};

struct uring_state {
	struct io_uring ring;
	int wake;            /* eventfd */
	struct polled *fds;  /* by descriptor */
	int n_fds;
};

static uint64_t key_of(const struct uring_state *s, int fd)
{
	return (uint64_t)s->fds[fd].number << 32 | (uint32_t)fd;
}

/* ---- Requests ---- */

/* NULL: the kernel takes no more just now. */
static struct io_uring_sqe *new_request(struct uring_state *s)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);

	if (sqe)
		return sqe;
	uring.io_uring_submit(&s->ring);
	return io_uring_get_sqe(&s->ring);
}

static int poll_wake(struct uring_state *s)
{
	struct io_uring_sqe *sqe = new_request(s);

	if (!sqe)
		return EAGAIN;
	io_uring_prep_poll_add(sqe, s->wake, POLLIN);
	io_uring_sqe_set_data64(sqe, for_wake);
	return 0;
}

static int poll_fd(struct uring_state *s, int fd, unsigned events)
{
	struct io_uring_sqe *sqe = new_request(s);
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
	sqe = new_request(s);
	if (!sqe)
		return EAGAIN;
	io_uring_prep_poll_remove(sqe, key_of(s, fd));
	io_uring_sqe_set_data64(sqe, for_nobody);
	s->fds[fd].number++;
	s->fds[fd].pending = false;
	return 0;
}

/* ---- Life ---- */

/* Waiting with a timeout, and losing no completion, since Linux 5.11. */
static int open_ring(struct uring_state *s)
{
	enum { NEEDED = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP };
	struct io_uring_params params = { .flags = IORING_SETUP_CLAMP };
	int err = -uring.io_uring_queue_init_params(N_REQUESTS, &s->ring, &params);

	if (err)
		return err;
	if ((params.features & NEEDED) == NEEDED)
		return 0;
	uring.io_uring_queue_exit(&s->ring);
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
	uring.io_uring_queue_exit(&s->ring);
	return err;
}

static void close_uring(async_loop *loop, void *state)
{
	struct uring_state *s = state;

	(void)loop;
	uring.io_uring_queue_exit(&s->ring);
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

static int make_room(struct uring_state *s, int fd)
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
	int err;

	if (fd >= s->n_fds || !s->fds[fd].pending)
		return 0;
	err = cancel_poll(s, fd);
	uring.io_uring_submit(&s->ring);
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
	err = make_room(s, fd);
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

static int completed(async_loop *loop, struct uring_state *s, uint64_t key, int result)
{
	int fd = (int)(uint32_t)key;

	if (key == for_nobody)
		return 0;
	if (key == for_wake)
		return empty_wake(s);
	if (!s->fds[fd].pending || key != key_of(s, fd))
		return 0; /* cancelled */
	return fd_completed(loop, s, fd, result);
}

/* Each is taken out before it is looked at: looking may submit. */
static int take_completions(async_loop *loop, struct uring_state *s)
{
	unsigned n = io_uring_cq_ready(&s->ring);
	int err = 0;

	while (n-- && !err) {
		struct io_uring_cqe *cqe = &s->ring.cq.cqes[*s->ring.cq.khead & s->ring.cq.ring_mask];
		uint64_t key = cqe->user_data;
		int result = cqe->res;

		io_uring_cq_advance(&s->ring, 1);
		err = completed(loop, s, key, result);
	}
	return err;
}

/* 0 also when time is up, a signal came, or the kernel wants its completions taken first. */
static int enter(struct uring_state *s, int64_t timeout)
{
	struct __kernel_timespec t = { .tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000 };
	struct io_uring_cqe *ignored;
	int n;

	if (timeout == 0 || io_uring_cq_ready(&s->ring))
		n = uring.io_uring_submit(&s->ring);
	else
		n = uring.io_uring_submit_and_wait_timeout(&s->ring, &ignored, 1, timeout > 0 ? &t : NULL, NULL);
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
	uring.io_uring_submit(&s->ring);
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
	.forget_at_once = true,
};
