/* transfer.c: reading and writing descriptors.
 * Completes: each operation when its system call has moved something, or failed.  Owns: nothing; buffers stay the caller's,
 * who is suspended meanwhile.  Thread: the loop's.  Cancel: at once; nothing has been moved by the call that waited, but what
 * async_send_all had sent before stays sent. */
#include "io.h"
#include "system.h"

#include <limits.h>
#include <unistd.h>

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
	return async__io_stop(&((struct async_read__frame *)leaf)->wait);
}

static async_status async_read__resume(async_frame *frame)
{
	struct async_read__frame *f = (struct async_read__frame *)frame;

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
	return async__io_stop(&((struct async_write__frame *)leaf)->wait);
}

static async_status async_write__resume(async_frame *frame)
{
	struct async_write__frame *f = (struct async_write__frame *)frame;

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
	return async__io_stop(&((struct async_recv__frame *)leaf)->wait);
}

static async_status async_recv__resume(async_frame *frame)
{
	struct async_recv__frame *f = (struct async_recv__frame *)frame;

	if (async__io_begin(frame, &f->wait, "recv") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (frame->state == 0 && async__fd_is_drained(async__self.loop, f->fd))
		return async__io_park(frame, &f->wait, f->fd, ASYNC_READABLE, stop_recv, "recv");
	do
		f->result = async__system->recv(f->fd, f->buffer, f->size, f->flags | MSG_DONTWAIT);
	while (f->result < 0 && errno == EINTR);
	if (f->result >= 0) {
		if (f->result && (size_t)f->result < f->size)
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
	return async__io_stop(&((struct async_send__frame *)leaf)->wait);
}

static async_status async_send__resume(async_frame *frame)
{
	struct async_send__frame *f = (struct async_send__frame *)frame;

	if (async__io_begin(frame, &f->wait, "send") != ASYNC_DONE)
		return ASYNC_FAILED;
	do
		f->result = async__system->send(f->fd, f->buffer, f->size, f->flags | MSG_DONTWAIT | MSG_NOSIGNAL);
	while (f->result < 0 && errno == EINTR);
	if (f->result >= 0)
		return ASYNC_DONE;
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
	return async__io_stop(&((struct async_send_all__frame *)leaf)->wait);
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

static async_status async_send_all__resume(async_frame *frame)
{
	struct async_send_all__frame *f = (struct async_send_all__frame *)frame;

	if (frame->state == 0) {
		f->sent = 0;
		f->is_file = false;
	}
	if (async__io_begin(frame, &f->wait, "send_all") != ASYNC_DONE)
		return ASYNC_FAILED;
	while (f->sent < f->size) {
		ssize_t n = send_some(f);

		if (n >= 0)
			f->sent += (size_t)n;
		else if (errno != EINTR)
			return async__io_retry(frame, &f->wait, f->fd, ASYNC_WRITABLE, stop_send_all, "send_all");
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
