/* read.c: reading descriptors: async_read and async_recv. */
#include "transfer.h"

#include <unistd.h>

/* What a reader that was cancelled has left comes first. */
static bool take_left(struct async__transfer *f, async_status status, int flags)
{
	ssize_t n = -1;

	if (f->wait.at->state != ASYNC__IO_BEGIN && f->wait.at->state != ASYNC__IO_QUEUED)
		return false;
	if (status == ASYNC_DONE)
		n = async__take_bytes(f->fd, f->buffer, f->size, flags & MSG_PEEK);
	return n >= 0 && async__transfer_end(f, n) == ASYNC_DONE;
}

/* The loop does it.  A task that was cancelled may have bytes by then: without memory to keep them the cancellation has to wait. */
static int operate(struct async__transfer *f, async_status status, enum async_operation_kind kind, int flags, const char *what)
{
	ssize_t n;
	int how = async__transfer_operate(f, status, kind, flags, what, &n);

	if (how == ASYNC_FAILED && n > 0 && !async__leave_bytes(f->fd, f->buffer, (size_t)n)) {
		async__put_off_cancel(async__self.task);
		how = ASYNC_DONE;
	}
	return how == ASYNC_DONE ? (int)async__transfer_end(f, n) : how;
}

/* ---- async_read ---- */

__attribute__((always_inline)) static inline ssize_t try_read(int fd, void *buffer, size_t size)
{
	return ASYNC__UNINTERRUPTED(async__system->read(fd, buffer, size));
}

static async_status read_anew(struct async__transfer *f)
{
	return async__transfer_anew(f, ASYNC_READABLE, "read");
}

static async_status async_read__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__transfer *f = (struct async__transfer *)frame;
	ssize_t n;
	int how;

	f->wait.at = at;
	if (async__any_left() && take_left(f, status, 0))
		return ASYNC_DONE;
	how = async__io_transfers(&f->wait, f->fd) && f->fd > STDERR_FILENO ? operate(f, status, ASYNC_OPERATION_READ, 0, "read") : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (async__io_begin(&f->wait, status, "read") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (async__io_would_block(f->fd, ASYNC_READABLE))
		return async__transfer_park(f, ASYNC_READABLE, "read");
	n = try_read(f->fd, f->buffer, f->size);
	return n >= 0 ? async__transfer_end(f, n) : read_anew(f);
}

ASYNC__TRANSFER(async_read, "async_wait_readable(fd)")
ASYNC__IN_FRAME(async_read, read_later, read_anew)

struct async_read__outcome async_read__start(int fd, void *buffer, size_t size)
{
	ssize_t n;

	if (fd <= STDERR_FILENO || !async__io_tries(fd) || async__any_left())
		return async_read__in_frame(fd, buffer, size, 0);
	n = try_read(fd, buffer, size);
	return n >= 0 ? (struct async_read__outcome){ n, ASYNC_DONE } : read_later(fd, buffer, size, 0);
}

ssize_t async_read(int fd, void *buffer, size_t size)
{
	return async__transfer_blocking(&async_read__async, (void (*)(void))async_read, fd, buffer, size, 0);
}

/* ---- async_recv ---- */

/* What is no plain taking of what has come is no operation for the loop: cancelled, it could not be undone. */
enum { UNUSUAL = MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE };

__attribute__((always_inline)) static inline ssize_t try_recv(int fd, void *buffer, size_t size, int flags)
{
	return ASYNC__UNINTERRUPTED(async__system->recv(fd, buffer, size, flags | MSG_DONTWAIT));
}

/* A socket that yielded less than it might has no more just now. */
static inline void note_recv(int fd, ssize_t n, size_t size, int flags)
{
	if (n > 0 && (size_t)n < size && !(flags & UNUSUAL))
		async__fd_drained(async__self.loop, fd);
}

static async_status wait_to_recv(struct async__transfer *f)
{
	return async__transfer_park(f, ASYNC_READABLE, "recv");
}

static async_status find_empty(struct async__transfer *f)
{
	async__fd_drained(async__self.loop, f->fd);
	return wait_to_recv(f);
}

static async_status go_on_recv(struct async__transfer *f, async_status status)
{
	ssize_t n;

	if (async__io_begin(&f->wait, status, "recv") != ASYNC_DONE)
		return ASYNC_FAILED;
	n = try_recv(f->fd, f->buffer, f->size, f->flags);
	if (__builtin_expect(n < 0, 0))
		return async__transfer_anew(f, ASYNC_READABLE, "recv");
	note_recv(f->fd, n, f->size, f->flags);
	return async__transfer_end(f, n);
}

/* Without having waited for fd to be readable. */
__attribute__((noinline)) static async_status begin_recv(struct async__transfer *f, async_status status)
{
	int how;

	if (async__any_left() && take_left(f, status, f->flags))
		return ASYNC_DONE;
	how = async__io_transfers(&f->wait, f->fd) && !(f->flags & UNUSUAL) ? operate(f, status, ASYNC_OPERATION_RECV, f->flags, "recv") : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (f->wait.at->state == ASYNC__IO_BEGIN && async__fd_is_drained(async__self.loop, f->fd))
		return wait_to_recv(f);
	return go_on_recv(f, status);
}

static async_status async_recv__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__transfer *f = (struct async__transfer *)frame;

	f->wait.at = at;
	return at->state == ASYNC__IO_READY ? go_on_recv(f, status) : begin_recv(f, status);
}

ASYNC__TRANSFER(async_recv, "async_wait_readable(fd)")
ASYNC__IN_FRAME(async_recv, recv_later, wait_to_recv)
ASYNC__IN_FRAME(async_recv, recv_anew, find_empty)

struct async_recv__outcome async_recv__start(int fd, void *buffer, size_t size, int flags)
{
	ssize_t n;

	if (async__any_left() || !async__io_tries(fd))
		return async_recv__in_frame(fd, buffer, size, flags);
	if (async__fd_is_drained(async__self.loop, fd))
		return recv_later(fd, buffer, size, flags);
	n = try_recv(fd, buffer, size, flags);
	if (__builtin_expect(n < 0, 0))
		return errno == EAGAIN || errno == EWOULDBLOCK ? recv_anew(fd, buffer, size, flags) :
								  (struct async_recv__outcome){ -1, async__io_raise(errno, "recv") };
	note_recv(fd, n, size, flags);
	return (struct async_recv__outcome){ n, ASYNC_DONE };
}

ssize_t async_recv(int fd, void *buffer, size_t size, int flags)
{
	return async__transfer_blocking(&async_recv__async, (void (*)(void))async_recv, fd, buffer, size, flags);
}
