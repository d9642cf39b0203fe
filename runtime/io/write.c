/* write.c: writing descriptors: async_write, async_send, and async_send_all, which completes when all is moved; cancelled, what it had
 * sent before stays sent. */
#include "transfer.h"

#include <limits.h>
#include <unistd.h>

/* ---- async_write ---- */

/* Who lends us standard output gets it back soon. */
__attribute__((always_inline)) static inline ssize_t try_write(int fd, const void *buffer, size_t size)
{
	return ASYNC__UNINTERRUPTED(async__system->write(fd, buffer, size <= PIPE_BUF || fd > STDERR_FILENO ? size : PIPE_BUF));
}

static async_status write_anew(struct async__transfer *f)
{
	return async__transfer_anew(f, ASYNC_WRITABLE, "write");
}

/* The loop does it. */
static int operate(struct async__transfer *f, async_status status, enum async_operation_kind kind, int flags, const char *what)
{
	ssize_t n;
	int how = async__transfer_operate(f, status, kind, flags, what, &n);

	return how == ASYNC_DONE ? (int)async__transfer_end(f, n) : how;
}

static async_status async_write__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__transfer *f = (struct async__transfer *)frame;
	int how = ASYNC__IO_TRY;
	ssize_t n;

	f->wait.at = at;
	if (async__io_transfers(&f->wait, f->fd) && f->fd > STDERR_FILENO)
		how = operate(f, status, ASYNC_OPERATION_WRITE, 0, "write");
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (async__io_begin(&f->wait, status, "write") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (async__io_would_block(f->fd, ASYNC_WRITABLE))
		return async__transfer_park(f, ASYNC_WRITABLE, "write");
	n = try_write(f->fd, f->buffer, f->size);
	return n >= 0 ? async__transfer_end(f, n) : write_anew(f);
}

ASYNC__TRANSFER(async_write, "async_wait_writable(fd)")
ASYNC__IN_FRAME(async_write, write_later, write_anew)

struct async_write__outcome async_write__start(int fd, const void *buffer, size_t size)
{
	ssize_t n;

	if (fd <= STDERR_FILENO || !async__io_tries(fd))
		return async_write__in_frame(fd, buffer, size, 0);
	n = try_write(fd, buffer, size);
	return n >= 0 ? (struct async_write__outcome){ n, ASYNC_DONE } : write_later(fd, buffer, size, 0);
}

ssize_t async_write(int fd, const void *buffer, size_t size)
{
	return async__transfer_blocking(&async_write__async, (void (*)(void))async_write, fd, (void *)(uintptr_t)buffer, size, 0);
}

/* ---- async_send ---- */

static int operate_send(struct async__transfer *f, async_status status)
{
	return operate(f, status, ASYNC_OPERATION_SEND, f->flags | MSG_NOSIGNAL, "send");
}

__attribute__((always_inline)) static inline ssize_t try_send(int fd, const void *buffer, size_t size, int flags)
{
	return ASYNC__UNINTERRUPTED(async__system->send(fd, buffer, size, flags | MSG_DONTWAIT | MSG_NOSIGNAL));
}

/* The loop may do what would block. */
static async_status send_anew(struct async__transfer *f)
{
	if (async__io_may_leave(&f->wait)) {
		int how = operate_send(f, ASYNC_DONE);

		if (how != ASYNC__IO_TRY)
			return (async_status)how;
		errno = EAGAIN;
	}
	return async__transfer_anew(f, ASYNC_WRITABLE, "send");
}

static async_status async_send__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__transfer *f = (struct async__transfer *)frame;
	ssize_t n;
	int how;

	f->wait.at = at;
	how = async__io_transfers(&f->wait, f->fd) ? operate_send(f, status) : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (async__io_begin(&f->wait, status, "send") != ASYNC_DONE)
		return ASYNC_FAILED;
	n = try_send(f->fd, f->buffer, f->size, f->flags);
	return n >= 0 ? async__transfer_end(f, n) : send_anew(f);
}

ASYNC__TRANSFER(async_send, "async_wait_writable(fd)")
ASYNC__IN_FRAME(async_send, send_later, send_anew)

struct async_send__outcome async_send__start(int fd, const void *buffer, size_t size, int flags)
{
	ssize_t n;

	if (!async__io_tries(fd))
		return async_send__in_frame(fd, buffer, size, flags);
	n = try_send(fd, buffer, size, flags);
	return n >= 0 ? (struct async_send__outcome){ n, ASYNC_DONE } : send_later(fd, buffer, size, flags);
}

ssize_t async_send(int fd, const void *buffer, size_t size, int flags)
{
	return async__transfer_blocking(&async_send__async, (void (*)(void))async_send, fd, (void *)(uintptr_t)buffer, size, flags);
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

static ssize_t send_some(const struct async_send_all__frame *f)
{
	const char *next = (const char *)f->buffer + f->sent;
	size_t left = f->size - f->sent;

	return f->is_file ? async__system->write(f->fd, next, left) : async__system->send(f->fd, next, left, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int operate_on_rest(struct async_send_all__frame *f, async_status status)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_SEND, .fd = f->fd, .data = (const char *)f->buffer + f->sent, .size = f->size - f->sent,
		.flags = MSG_NOSIGNAL | MSG_WAITALL};
	ssize_t n;
	int how = async__io_operate(&f->base, status, &f->wait, &operation, stop_send_all, "send_all", &n);

	if (how == ASYNC_DONE) {
		f->sent += (size_t)n;
		async__io_stand(&f->wait, ASYNC__IO_BEGIN);
	}
	return how;
}

static async_status leave_rest(struct async_send_all__frame *f)
{
	if (!f->is_file && async__io_may_leave(&f->wait)) {
		int how = operate_on_rest(f, ASYNC_DONE);

		if (how != ASYNC__IO_TRY)
			return (async_status)how;
		errno = EAGAIN;
	}
	return async__io_retry(&f->base, &f->wait, f->fd, ASYNC_WRITABLE, stop_send_all, "send_all");
}

/* n is what a first try has yielded. */
static async_status send_rest(struct async_send_all__frame *f, ssize_t n)
{
	for (;; n = send_some(f)) {
		if (n >= 0)
			f->sent += (size_t)n;
		else if (errno == ENOTSOCK && !f->is_file)
			f->is_file = true;
		else if (errno != EINTR)
			return leave_rest(f);
		if (f->sent == f->size)
			return ASYNC_DONE;
	}
}

static async_status async_send_all__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_send_all__frame *f = (struct async_send_all__frame *)frame;
	int how = ASYNC_DONE;

	f->wait.at = at;
	if (at->state == ASYNC__IO_BEGIN) {
		f->sent = 0;
		f->is_file = false;
	}
	while (how == ASYNC_DONE && f->sent < f->size)
		how = async__io_transfers(&f->wait, f->fd) ? operate_on_rest(f, status) : ASYNC__IO_TRY;
	if (how == ASYNC_FAILED || how == ASYNC_SUSPENDED)
		return (async_status)how;
	if (async__io_begin(&f->wait, status, "send_all") != ASYNC_DONE)
		return ASYNC_FAILED;
	return send_rest(f, 0);
}

const async_function async_send_all__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_send_all__frame),
	.frame_align = _Alignof(struct async_send_all__frame),
	.name = "async_send_all",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async_send_all, "async_wait_writable(fd)"),
};

struct async_send_all__outcome {
	async_status status;
};

/* n: what a first try has yielded. */
__attribute__((noinline)) static struct async_send_all__outcome send_all_in_frame(int fd, const void *buffer, size_t size, ssize_t n,
										  bool tried)
{
	int err = errno;
	struct async_send_all__frame *f = async__push_frame(&async_send_all__async);
	struct async_send_all__outcome outcome = { ASYNC_FAILED };

	if (!f)
		return outcome;
	f->fd = fd;
	f->buffer = buffer;
	f->size = size;
	f->sent = 0;
	f->is_file = false;
	f->wait.at = async_send_all__async.points;
	errno = err;
	outcome.status = tried ? send_rest(f, n) : async_send_all__resume(&f->base, ASYNC_DONE, f->wait.at);
	if (outcome.status == ASYNC_SUSPENDED)
		async__suspend(&f->base);
	else
		async__pop_frame(f);
	return outcome;
}

/* What need not wait takes no frame. */
struct async_send_all__outcome async_send_all__start(int fd, const void *buffer, size_t size)
{
	bool tries = async__io_tries(fd);
	ssize_t n = tries && size ? async__system->send(fd, buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n == (ssize_t)size)
		return (struct async_send_all__outcome){ ASYNC_DONE };
	return send_all_in_frame(fd, buffer, size, n, tries);
}

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
