/* uring_submit.c: whole operations in the ring: reads, writes, connections, files.
 * Completes: each operation when the kernel says so, also one that was cancelled: until then its memory is the kernel's.  Owns:
 * nothing but the number of what is under way.  Loop's thread.  Timers are no operations: the wait's deadline does for all of them. */
#include "uring.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

static uint64_t key_of(const async_completion *completion)
{
	return (uint64_t)(uintptr_t)completion | (completion->opens ? FOR_DESCRIPTOR : 0);
}

static async_completion *completion_of(uint64_t key)
{
	return (async_completion *)(uintptr_t)(key & ~FOR_DESCRIPTOR);
}

/* ---- Beginning ---- */

/* A socket that was emptied is waited for; trying would be in vain.  What is none would be waited for as well, so the first one tries. */
static void receive(async_loop *loop, struct io_uring_sqe *sqe, const struct async_operation *o)
{
	io_uring_prep_recv(sqe, o->fd, o->buffer, o->size, o->flags);
	if (loop->fds[o->fd].received && !loop->fds[o->fd].more)
		sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
	loop->fds[o->fd].received = true;
}

/* The size of a transfer is 32 bits; more is moved by the next one. */
static unsigned portion(size_t size)
{
	return size < INT_MAX ? (unsigned)size : INT_MAX & ~4095u;
}

static void prepare(async_loop *loop, struct io_uring_sqe *sqe, const struct async_operation *o)
{
	switch (o->kind) {
	case ASYNC_OPERATION_READ:
		io_uring_prep_read(sqe, o->fd, o->buffer, portion(o->size), (uint64_t)o->offset);
		break;
	case ASYNC_OPERATION_WRITE:
		io_uring_prep_write(sqe, o->fd, o->data, portion(o->size), (uint64_t)o->offset);
		break;
	case ASYNC_OPERATION_RECV:
		receive(loop, sqe, o);
		sqe->len = portion(o->size);
		break;
	case ASYNC_OPERATION_SEND:
		io_uring_prep_send(sqe, o->fd, o->data, portion(o->size), o->flags);
		break;
	case ASYNC_OPERATION_ACCEPT:
		io_uring_prep_accept(sqe, o->fd, o->address, o->length, o->flags);
		break;
	case ASYNC_OPERATION_CONNECT:
		io_uring_prep_connect(sqe, o->fd, o->address, (socklen_t)o->size);
		break;
	case ASYNC_OPERATION_OPEN:
		io_uring_prep_openat(sqe, o->fd, o->path, o->flags, o->mode);
		sqe->flags |= IOSQE_ASYNC; /* else it is tried without blocking first, which is not the same to a FIFO */
		break;
	case ASYNC_OPERATION_FSYNC:
		io_uring_prep_fsync(sqe, o->fd, 0);
		break;
	case ASYNC_OPERATION_CLOSE:
		io_uring_prep_close(sqe, o->fd);
		break;
	}
}

/* A write to where the file stands. */
static void note_place(const struct async_operation *o, async_completion *completion)
{
	bool stands = o->kind == ASYNC_OPERATION_WRITE && o->offset < 0;

	completion->size = stands ? o->size : 0;
	completion->stood = stands ? lseek(o->fd, 0, SEEK_CUR) : -1;
}

int async__uring_submit(async_loop *loop, void *state, const struct async_operation *operation, async_completion *completion)
{
	struct uring_state *s = state;
	struct io_uring_sqe *sqe;

	if (!s->operates)
		return ENOSYS;
	if (operation->fd < 0 && operation->kind != ASYNC_OPERATION_OPEN)
		return EBADF;
	if (operation->kind == ASYNC_OPERATION_ACCEPT && async__uring_accept(loop, s, operation, completion))
		return 0;
	sqe = async__uring_request(s);
	if (!sqe)
		return ENOSYS;
	prepare(loop, sqe, operation);
	note_place(operation, completion);
	io_uring_sqe_set_data64(sqe, key_of(completion));
	s->n_operations++;
	return 0;
}

/* ---- Ending ---- */

/* Of a write that it could not finish, as the disk is full, the kernel (6.18) tells how much it has written, but leaves the file standing where it
 * began: what is written next would replace it. */
static void correct_place(const async_completion *completion, int result)
{
	int fd = completion->wait.fd;

	if (result <= 0 || (size_t)result >= completion->size || completion->stood < 0 || completion->closed)
		return;
	if (lseek(fd, 0, SEEK_CUR) == completion->stood)
		lseek(fd, result, SEEK_CUR);
}

void async__uring_ended(async_loop *loop, struct uring_state *s, uint64_t key, int result, unsigned flags)
{
	async_completion *completion = completion_of(key);
	int fd = completion->wait.fd;

	s->n_operations--;
	if (fd >= 0)
		loop->fds[fd].more = flags & IORING_CQE_F_SOCK_NONEMPTY;
	if (fd >= 0 && result == -ENOTSOCK)
		loop->fds[fd].received = false;
	if (fd >= 0 && fd < s->n_fds && completion->opens && result >= 0)
		s->fds[fd].lasting.accepted = s->sleeps + 1;
	correct_place(completion, result);
	async_loop_complete(loop, completion, result);
}

void async__uring_cancel_request(struct uring_state *s, uint64_t key, unsigned flags)
{
	struct io_uring_sqe *sqe;

	while (!(sqe = async__uring_request(s)))
		sched_yield();
	io_uring_prep_cancel64(sqe, key, (int)flags);
	io_uring_sqe_set_data64(sqe, FOR_NOBODY);
}

void async__uring_cancel(async_loop *loop, void *state, async_completion *completion)
{
	(void)loop;
	if (!async__uring_cancel_accept(state, completion))
		async__uring_cancel_request(state, key_of(completion), 0);
}

/* What was opened meanwhile is nobody's; what a connection has received is its receiver's. */
static void take_abandoned(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe)
{
	if (cqe->user_data == FOR_WAKE || cqe->user_data == FOR_NOBODY)
		return;
	if (cqe->user_data & FOR_FD && cqe->user_data & FOR_LASTING)
		async__uring_lasted(loop, s, cqe);
	if (cqe->user_data & FOR_FD)
		return;
	s->n_operations--;
	if (cqe->user_data & FOR_DESCRIPTOR && cqe->res >= 0)
		close(cqe->res);
}

void async__uring_abandon(async_loop *loop, void *state)
{
	struct uring_state *s = state;
	struct io_uring_cqe *cqe;

	if (s->n_operations)
		async__uring_cancel_request(s, 0, IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
	while (s->n_operations) {
		int n = async__uring.io_uring_submit_and_wait_timeout(&s->ring, &cqe, 1, NULL, NULL);

		if (n < 0 && n != -EINTR && n != -EBUSY && n != -EAGAIN)
			return;
		while (io_uring_cq_ready(&s->ring)) {
			take_abandoned(loop, s, &s->ring.cq.cqes[*s->ring.cq.khead & s->ring.cq.ring_mask]);
			io_uring_cq_advance(&s->ring, 1);
		}
	}
}
