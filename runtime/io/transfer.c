/* transfer.c: reading and writing descriptors.
 * Completes: each operation when its system call has moved something, or failed.  Owns: nothing; buffers stay the caller's,
 * who is suspended meanwhile.  Thread: the loop's.  Cancel: at once; nothing has been moved by the call that waited, but what
 * async_send_all had sent before stays sent. */
#include "io.h"
#include "system.h"

#include <limits.h>
#include <unistd.h>

/* What a reader that was cancelled has left comes first. */
static bool take_left(const async_frame *leaf, int fd, void *buffer, size_t size, int flags, ssize_t *result)
{
	if (leaf->state != ASYNC__IO_BEGIN && leaf->state != ASYNC__IO_QUEUED)
		return false;
	*result = leaf->status == ASYNC_DONE || leaf->state == ASYNC__IO_BEGIN ? async__take_bytes(fd, buffer, size, flags & MSG_PEEK) : -1;
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

static int operate_read(struct async_read__frame *f)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_READ, .fd = f->fd, .buffer = f->buffer, .size = f->size, .offset = -1};
	int status = async__io_operate(&f->base, &f->wait, &operation, stop_read, "read", &f->result);

	return status == ASYNC_FAILED && f->result > 0 ? leave(f->fd, f->buffer, f->result) : status;
}

static async_status async_read__resume(async_frame *frame)
{
	struct async_read__frame *f = (struct async_read__frame *)frame;
	int status;

	if (async__any_left() && take_left(frame, f->fd, f->buffer, f->size, 0, &f->result))
		return ASYNC_DONE;
	status = async__io_transfers(frame, f->fd) && f->fd > STDERR_FILENO ? operate_read(f) : ASYNC__IO_TRY;
	if (status != ASYNC__IO_TRY)
		return (async_status)status;
	if (async__io_begin(frame, &f->wait, "read") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (async__io_would_block(f->fd, ASYNC_READABLE))
		return async__io_park(frame, &f->wait, f->fd, ASYNC_READABLE, stop_read, "read");
	do
		f->result = async__system->read(f->fd, f->buffer, f->size);
	while (f->result < 0 && errno == EINTR);
	if (f->result >= 0)
		return ASYNC_DONE;
	return async__io_retry(frame, &f->wait, f->fd, ASYNC_READABLE, stop_read, "read");
}

static const async_await_point read_awaits[] = {{.line = __LINE__, .awaited = "async_wait_readable(fd)"}};

const async_function async_read__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_read__frame),
	.frame_align = _Alignof(struct async_read__frame),
	.result_offset = offsetof(struct async_read__frame, result),
	.result_size = sizeof(ssize_t),
	.n_awaits = 1,
	.resume = async_read__resume,
	.name = "async_read",
	.file = __FILE__,
	.awaits = read_awaits,
};

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

/* ---- async_write ---- */

struct async_write__frame {
	async_frame base;
	ssize_t result;
	int fd;
	const void *buffer;
	size_t size;
	struct async__io_wait wait;
};

static enum async__abort stop_write(async_frame *leaf)
{
	return async__io_stop(leaf, &((struct async_write__frame *)leaf)->wait);
}

static int operate_write(struct async_write__frame *f)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_WRITE, .fd = f->fd, .data = f->buffer, .size = f->size, .offset = -1};

	return async__io_operate(&f->base, &f->wait, &operation, stop_write, "write", &f->result);
}

static async_status async_write__resume(async_frame *frame)
{
	struct async_write__frame *f = (struct async_write__frame *)frame;
	int status = async__io_transfers(frame, f->fd) && f->fd > STDERR_FILENO ? operate_write(f) : ASYNC__IO_TRY;

	if (status != ASYNC__IO_TRY)
		return (async_status)status;
	if (async__io_begin(frame, &f->wait, "write") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (async__io_would_block(f->fd, ASYNC_WRITABLE))
		return async__io_park(frame, &f->wait, f->fd, ASYNC_WRITABLE, stop_write, "write");
	do
		f->result = async__system->write(f->fd, f->buffer, f->size <= PIPE_BUF || f->fd > STDERR_FILENO ? f->size : PIPE_BUF);
	while (f->result < 0 && errno == EINTR);
	if (f->result >= 0)
		return ASYNC_DONE;
	return async__io_retry(frame, &f->wait, f->fd, ASYNC_WRITABLE, stop_write, "write");
}

static const async_await_point write_awaits[] = {{.line = __LINE__, .awaited = "async_wait_writable(fd)"}};

const async_function async_write__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_write__frame),
	.frame_align = _Alignof(struct async_write__frame),
	.result_offset = offsetof(struct async_write__frame, result),
	.result_size = sizeof(ssize_t),
	.n_awaits = 1,
	.resume = async_write__resume,
	.name = "async_write",
	.file = __FILE__,
	.awaits = write_awaits,
};

ssize_t async_write(int fd, const void *buffer, size_t size)
{
	struct async_write__frame *f = async__entry(&async_write__async, (void (*)(void))async_write);
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

static int operate_recv(struct async_recv__frame *f)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_RECV, .fd = f->fd, .buffer = f->buffer, .size = f->size, .flags = f->flags};
	int status = async__io_operate(&f->base, &f->wait, &operation, stop_recv, "recv", &f->result);

	return status == ASYNC_FAILED && f->result > 0 ? leave(f->fd, f->buffer, f->result) : status;
}

static async_status async_recv__resume(async_frame *frame)
{
	struct async_recv__frame *f = (struct async_recv__frame *)frame;
	int status;

	if (async__any_left() && take_left(frame, f->fd, f->buffer, f->size, f->flags, &f->result))
		return ASYNC_DONE;
	status = async__io_transfers(frame, f->fd) && !(f->flags & UNUSUAL) ? operate_recv(f) : ASYNC__IO_TRY;
	if (status != ASYNC__IO_TRY)
		return (async_status)status;
	if (async__io_begin(frame, &f->wait, "recv") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (frame->state == 0 && async__fd_is_drained(async__self.loop, f->fd))
		return async__io_park(frame, &f->wait, f->fd, ASYNC_READABLE, stop_recv, "recv");
	do
		f->result = async__system->recv(f->fd, f->buffer, f->size, f->flags | MSG_DONTWAIT);
	while (f->result < 0 && errno == EINTR);
	if (f->result >= 0) {
		if (f->result && (size_t)f->result < f->size && !(f->flags & UNUSUAL))
			async__fd_drained(async__self.loop, f->fd);
		return ASYNC_DONE;
	}
	return async__io_retry(frame, &f->wait, f->fd, ASYNC_READABLE, stop_recv, "recv");
}

static const async_await_point recv_awaits[] = {{.line = __LINE__, .awaited = "async_wait_readable(fd)"}};

const async_function async_recv__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_recv__frame),
	.frame_align = _Alignof(struct async_recv__frame),
	.result_offset = offsetof(struct async_recv__frame, result),
	.result_size = sizeof(ssize_t),
	.n_awaits = 1,
	.resume = async_recv__resume,
	.name = "async_recv",
	.file = __FILE__,
	.awaits = recv_awaits,
};

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

/* ---- async_send ---- */

struct async_send__frame {
	async_frame base;
	ssize_t result;
	int fd;
	const void *buffer;
	size_t size;
	int flags;
	struct async__io_wait wait;
};

static enum async__abort stop_send(async_frame *leaf)
{
	return async__io_stop(leaf, &((struct async_send__frame *)leaf)->wait);
}

static int operate_send(struct async_send__frame *f)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_SEND, .fd = f->fd, .data = f->buffer, .size = f->size, .flags = f->flags | MSG_NOSIGNAL};

	return async__io_operate(&f->base, &f->wait, &operation, stop_send, "send", &f->result);
}

static async_status async_send__resume(async_frame *frame)
{
	struct async_send__frame *f = (struct async_send__frame *)frame;
	int status = async__io_transfers(frame, f->fd) ? operate_send(f) : ASYNC__IO_TRY;

	if (status != ASYNC__IO_TRY)
		return (async_status)status;
	if (async__io_begin(frame, &f->wait, "send") != ASYNC_DONE)
		return ASYNC_FAILED;
	do
		f->result = async__system->send(f->fd, f->buffer, f->size, f->flags | MSG_DONTWAIT | MSG_NOSIGNAL);
	while (f->result < 0 && errno == EINTR);
	if (f->result >= 0)
		return ASYNC_DONE;
	if (async__io_may_leave(frame)) {
		status = operate_send(f);
		if (status != ASYNC__IO_TRY)
			return (async_status)status;
		errno = EAGAIN;
	}
	return async__io_retry(frame, &f->wait, f->fd, ASYNC_WRITABLE, stop_send, "send");
}

static const async_await_point send_awaits[] = {{.line = __LINE__, .awaited = "async_wait_writable(fd)"}};

const async_function async_send__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_send__frame),
	.frame_align = _Alignof(struct async_send__frame),
	.result_offset = offsetof(struct async_send__frame, result),
	.result_size = sizeof(ssize_t),
	.n_awaits = 1,
	.resume = async_send__resume,
	.name = "async_send",
	.file = __FILE__,
	.awaits = send_awaits,
};

ssize_t async_send(int fd, const void *buffer, size_t size, int flags)
{
	struct async_send__frame *f = async__entry(&async_send__async, (void (*)(void))async_send);
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

/* ---- async_send_all ---- */

struct async_send_all__frame {
	async_frame base;
	int fd;
	const void *buffer;
	size_t size;
	size_t sent;
	bool is_file; /* not a socket: write must do */
	struct async__io_wait wait;
};

static enum async__abort stop_send_all(async_frame *leaf)
{
	return async__io_stop(leaf, &((struct async_send_all__frame *)leaf)->wait);
}

static ssize_t send_some(struct async_send_all__frame *f)
{
	const char *next = (const char *)f->buffer + f->sent;
	size_t left = f->size - f->sent;
	ssize_t n;

	if (!f->is_file) {
		n = async__system->send(f->fd, next, left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0 || errno != ENOTSOCK)
			return n;
		f->is_file = true;
	}
	return async__system->write(f->fd, next, left);
}

static int operate_on_rest(struct async_send_all__frame *f)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_SEND, .fd = f->fd, .data = (const char *)f->buffer + f->sent, .size = f->size - f->sent,
		.flags = MSG_NOSIGNAL | MSG_WAITALL};
	ssize_t n;
	int status = async__io_operate(&f->base, &f->wait, &operation, stop_send_all, "send_all", &n);

	if (status == ASYNC_DONE) {
		f->sent += (size_t)n;
		f->base.state = ASYNC__IO_BEGIN;
	}
	return status;
}

static async_status leave_rest(struct async_send_all__frame *f)
{
	if (!f->is_file && async__io_may_leave(&f->base)) {
		int status = operate_on_rest(f);

		if (status != ASYNC__IO_TRY)
			return (async_status)status;
		errno = EAGAIN;
	}
	return async__io_retry(&f->base, &f->wait, f->fd, ASYNC_WRITABLE, stop_send_all, "send_all");
}

static async_status async_send_all__resume(async_frame *frame)
{
	struct async_send_all__frame *f = (struct async_send_all__frame *)frame;
	int status = ASYNC_DONE;

	if (frame->state == ASYNC__IO_BEGIN) {
		f->sent = 0;
		f->is_file = false;
	}
	while (status == ASYNC_DONE && f->sent < f->size)
		status = async__io_transfers(frame, f->fd) ? operate_on_rest(f) : ASYNC__IO_TRY;
	if (status == ASYNC_FAILED || status == ASYNC_SUSPENDED)
		return (async_status)status;
	if (async__io_begin(frame, &f->wait, "send_all") != ASYNC_DONE)
		return ASYNC_FAILED;
	while (f->sent < f->size) {
		ssize_t n = send_some(f);

		if (n >= 0)
			f->sent += (size_t)n;
		else if (errno != EINTR)
			return leave_rest(f);
	}
	return ASYNC_DONE;
}

static const async_await_point send_all_awaits[] = {{.line = __LINE__, .awaited = "async_wait_writable(fd)"}};

const async_function async_send_all__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_send_all__frame),
	.frame_align = _Alignof(struct async_send_all__frame),
	.n_awaits = 1,
	.resume = async_send_all__resume,
	.name = "async_send_all",
	.file = __FILE__,
	.awaits = send_all_awaits,
};

void async_send_all(int fd, const void *buffer, size_t size)
{
	struct async_send_all__frame *f = async__entry(&async_send_all__async, (void (*)(void))async_send_all);

	if (f) {
		f->fd = fd;
		f->buffer = buffer;
		f->size = size;
	}
	async__entry_run(f, NULL, 0);
}
