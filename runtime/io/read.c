/* read.c: reading descriptors.
 * Completes: each operation when its system call has moved something, or failed.  Owns: nothing; buffers stay the caller's,
 * who is suspended meanwhile.  Thread: the loop's.  Cancel: at once; nothing has been moved by the call that waited. */
#include "io.h"
#include "system.h"

#include <unistd.h>

/* What a reader that was cancelled has left comes first. */
static bool take_left(const async_frame *leaf, async_status status, int fd, void *buffer, size_t size, int flags, ssize_t *result)
{
	if (leaf->at->state != ASYNC__IO_BEGIN && leaf->at->state != ASYNC__IO_QUEUED)
		return false;
	*result = status == ASYNC_DONE ? async__take_bytes(fd, buffer, size, flags & MSG_PEEK) : -1;
	return *result >= 0;
}

/* The task was cancelled, but had them by then.  Without memory to keep them the cancellation has to wait. */
static int leave(int fd, const void *bytes, ssize_t n)
{
	if (async__leave_bytes(fd, bytes, (size_t)n))
		return ASYNC_FAILED;
	async__put_off_cancel(async__self.task);
	return ASYNC_DONE;
}

/* ---- async_read ---- */

struct async_read__frame {
	async_frame base;
	ssize_t result;
	int fd;
	void *buffer;
	size_t size;
	struct async__io_wait wait;
};

static enum async__abort stop_read(async_frame *leaf)
{
	return async__io_stop(leaf, &((struct async_read__frame *)leaf)->wait);
}

static int operate_read(struct async_read__frame *f, async_status status)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_READ, .fd = f->fd, .buffer = f->buffer, .size = f->size, .offset = -1};
	int how = async__io_operate(&f->base, status, &f->wait, &operation, stop_read, "read", &f->result);

	return how == ASYNC_FAILED && f->result > 0 ? leave(f->fd, f->buffer, f->result) : how;
}

__attribute__((always_inline)) static inline ssize_t try_read(int fd, void *buffer, size_t size)
{
	ssize_t n;

	do
		n = async__system->read(fd, buffer, size);
	while (__builtin_expect(n < 0, 0) && errno == EINTR);
	return n;
}

static async_status retry_read(struct async_read__frame *f)
{
	return async__io_retry(&f->base, &f->wait, f->fd, ASYNC_READABLE, stop_read, "read");
}

static async_status async_read__resume(async_frame *frame, async_status status)
{
	struct async_read__frame *f = (struct async_read__frame *)frame;
	int how;

	if (async__any_left() && take_left(frame, status, f->fd, f->buffer, f->size, 0, &f->result))
		return ASYNC_DONE;
	how = async__io_transfers(frame, f->fd) && f->fd > STDERR_FILENO ? operate_read(f, status) : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (async__io_begin(frame, status, &f->wait, "read") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (async__io_would_block(f->fd, ASYNC_READABLE))
		return async__io_park(frame, &f->wait, f->fd, ASYNC_READABLE, stop_read, "read");
	f->result = try_read(f->fd, f->buffer, f->size);
	return f->result >= 0 ? ASYNC_DONE : retry_read(f);
}

const async_function async_read__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_read__frame),
	.frame_align = _Alignof(struct async_read__frame),
	.result_offset = offsetof(struct async_read__frame, result),
	.result_size = sizeof(ssize_t),
	.name = "async_read",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async_read, "async_wait_readable(fd)"),
};

struct async_read__outcome {
	ssize_t result;
	async_status status;
};

/* tried: by a call that failed, just now. */
__attribute__((noinline)) static struct async_read__outcome read_in_frame(async_frame *caller, int fd, void *buffer, size_t size, bool tried)
{
	int err = tried ? errno : 0;
	struct async_read__frame *f = async__push_frame(&async_read__async, caller);
	struct async_read__outcome outcome = { -1, ASYNC_FAILED };

	if (!f)
		return outcome;
	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	errno = err;
	outcome.status = tried ? retry_read(f) : async_read__resume(&f->base, ASYNC_DONE);
	if (outcome.status == ASYNC_SUSPENDED)
		return outcome;
	outcome.result = f->result;
	async__pop_frame(f);
	return outcome;
}

/* What need not wait takes no frame. */
struct async_read__outcome async_read__start(async_frame *caller, int fd, void *buffer, size_t size)
{
	struct async_read__outcome outcome = { -1, ASYNC_DONE };
	bool tries = fd > STDERR_FILENO && async__io_tries(fd) && !async__any_left();

	if (tries)
		outcome.result = try_read(fd, buffer, size);
	return outcome.result >= 0 ? outcome : read_in_frame(caller, fd, buffer, size, tries);
}

ssize_t async_read(int fd, void *buffer, size_t size)
{
	struct async_read__frame *f = async__entry(&async_read__async, (void (*)(void))async_read);
	ssize_t result = -1;

	if (f) {
		f->fd = fd;
		f->buffer = buffer;
		f->size = size;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}

/* ---- async_recv ---- */

struct async_recv__frame {
	async_frame base;
	ssize_t result;
	int fd;
	void *buffer;
	size_t size;
	int flags;
	struct async__io_wait wait;
};

static enum async__abort stop_recv(async_frame *leaf)
{
	return async__io_stop(leaf, &((struct async_recv__frame *)leaf)->wait);
}

/* What is no plain taking of what has come is no operation for the loop: cancelled, it could not be undone. */
enum { UNUSUAL = MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE };

static int operate_recv(struct async_recv__frame *f, async_status status)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_RECV, .fd = f->fd, .buffer = f->buffer, .size = f->size, .flags = f->flags};
	int how = async__io_operate(&f->base, status, &f->wait, &operation, stop_recv, "recv", &f->result);

	return how == ASYNC_FAILED && f->result > 0 ? leave(f->fd, f->buffer, f->result) : how;
}

/* A socket that yielded less than it might has no more just now. */
static inline void note_recv(int fd, ssize_t n, size_t size, int flags)
{
	if (n > 0 && (size_t)n < size && !(flags & UNUSUAL))
		async__fd_drained(async__self.loop, fd);
}

static async_status wait_to_recv(struct async_recv__frame *f)
{
	return async__io_park(&f->base, &f->wait, f->fd, ASYNC_READABLE, stop_recv, "recv");
}

__attribute__((noinline)) static async_status retry_recv(struct async_recv__frame *f)
{
	return async__io_retry(&f->base, &f->wait, f->fd, ASYNC_READABLE, stop_recv, "recv");
}

static async_status find_empty(struct async_recv__frame *f)
{
	async__fd_drained(async__self.loop, f->fd);
	return wait_to_recv(f);
}

static async_status go_on_recv(struct async_recv__frame *f, async_status status)
{
	if (async__io_begin(&f->base, status, &f->wait, "recv") != ASYNC_DONE)
		return ASYNC_FAILED;
	do
		f->result = async__system->recv(f->fd, f->buffer, f->size, f->flags | MSG_DONTWAIT);
	while (__builtin_expect(f->result < 0, 0) && errno == EINTR);
	if (__builtin_expect(f->result < 0, 0))
		return retry_recv(f);
	note_recv(f->fd, f->result, f->size, f->flags);
	return ASYNC_DONE;
}

/* Without having waited for fd to be readable. */
__attribute__((noinline)) static async_status begin_recv(struct async_recv__frame *f, async_status status)
{
	int how;

	if (async__any_left() && take_left(&f->base, status, f->fd, f->buffer, f->size, f->flags, &f->result))
		return ASYNC_DONE;
	how = async__io_transfers(&f->base, f->fd) && !(f->flags & UNUSUAL) ? operate_recv(f, status) : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (f->base.at->state == ASYNC__IO_BEGIN && async__fd_is_drained(async__self.loop, f->fd))
		return wait_to_recv(f);
	return go_on_recv(f, status);
}

static async_status recv_from_start(struct async_recv__frame *f)
{
	return begin_recv(f, ASYNC_DONE);
}

static async_status async_recv__resume(async_frame *frame, async_status status)
{
	struct async_recv__frame *f = (struct async_recv__frame *)frame;

	return frame->at->state == ASYNC__IO_READY ? go_on_recv(f, status) : begin_recv(f, status);
}

const async_function async_recv__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_recv__frame),
	.frame_align = _Alignof(struct async_recv__frame),
	.result_offset = offsetof(struct async_recv__frame, result),
	.result_size = sizeof(ssize_t),
	.name = "async_recv",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async_recv, "async_wait_readable(fd)"),
};

struct async_recv__outcome {
	ssize_t result;
	async_status status;
};

/* begin is what is left to do. */
__attribute__((always_inline)) static inline struct async_recv__outcome recv_in_frame(async_frame *caller, int fd, void *buffer, size_t size, int flags,
											async_status (*begin)(struct async_recv__frame *))
{
	struct async_recv__frame *f = async__push_frame(&async_recv__async, caller);
	struct async_recv__outcome outcome = { -1, ASYNC_FAILED };

	if (!f)
		return outcome;
	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	f->flags = flags;
	outcome.status = begin(f);
	if (outcome.status == ASYNC_SUSPENDED)
		return outcome;
	outcome.result = f->result;
	async__pop_frame(f);
	return outcome;
}
#define IN_FRAME(name, begin) \
	__attribute__((noinline)) static struct async_recv__outcome name(async_frame *caller, int fd, void *buffer, size_t size, int flags) \
	{ \
		return recv_in_frame(caller, fd, buffer, size, flags, begin); \
	}
IN_FRAME(recv_at_leisure, recv_from_start)
IN_FRAME(recv_later, wait_to_recv)
IN_FRAME(recv_anew, find_empty)
#undef IN_FRAME

/* What need not wait takes no frame. */
struct async_recv__outcome async_recv__start(async_frame *caller, int fd, void *buffer, size_t size, int flags)
{
	ssize_t n;

	if (async__any_left() || !async__io_tries(fd))
		return recv_at_leisure(caller, fd, buffer, size, flags);
	if (async__fd_is_drained(async__self.loop, fd))
		return recv_later(caller, fd, buffer, size, flags);
	do
		n = async__system->recv(fd, buffer, size, flags | MSG_DONTWAIT);
	while (__builtin_expect(n < 0, 0) && errno == EINTR);
	if (__builtin_expect(n < 0, 0))
		return errno == EAGAIN || errno == EWOULDBLOCK ? recv_anew(caller, fd, buffer, size, flags) :
								  (struct async_recv__outcome){ -1, async__io_raise(errno, "recv") };
	note_recv(fd, n, size, flags);
	return (struct async_recv__outcome){ n, ASYNC_DONE };
}

ssize_t async_recv(int fd, void *buffer, size_t size, int flags)
{
	struct async_recv__frame *f = async__entry(&async_recv__async, (void (*)(void))async_recv);
	ssize_t result = -1;

	if (f) {
		f->fd = fd;
		f->buffer = buffer;
		f->size = size;
		f->flags = flags;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}
