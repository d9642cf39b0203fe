/* uring.c: a loop over io_uring: what it begins is submitted together with the wait for completions, so that a turn is one system
 * call however much that is.  Waits for descriptors are in uring_poll.c, whole operations in uring_submit.c.
 * Completes: what has been requested there.  Owner: the loop, of the ring and of the eventfd that wakes it.
 * Loop's thread, but for wake; the requests of a thread that ends are cancelled by the kernel, and made anew. */
#include "uring.h"
#include "library.h"

#include <errno.h>
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

/* ---- Waiting ---- */

static int empty_wake(struct uring_state *s)
{
	uint64_t n;

	if (read(s->wake, &n, sizeof n) < 0 && errno != EAGAIN)
		return errno;
	return poll_wake(s);
}

static int completed(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe)
{
	uint64_t key = cqe->user_data;

	if ((key & (FOR_FD | FOR_LASTING)) == FOR_FD)
		return async__uring_polled(loop, s, cqe);
	if (key == FOR_NOBODY)
		return 0;
	if (key == FOR_WAKE)
		return empty_wake(s);
	if (key & FOR_FD)
		async__uring_lasted(loop, s, cqe);
	else
		async__uring_ended(loop, s, key, cqe->res, cqe->flags);
	return 0;
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
		err = async__uring_end_unwanted(loop, s, timeout);
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
	.watch = async__uring_watch,
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
