/* transfer.c: the common half of async_read, async_recv, async_write and async_send.
 * Completes: each operation when its system call has moved something, or failed.  Owns: nothing; buffers stay the caller's,
 * who is suspended meanwhile.  Thread: the loop's.  Cancel: at once; nothing has been moved by the call that waited. */
#include "transfer.h"

static enum async__abort stop(async_frame *leaf)
{
	return async__io_stop(&((struct async__transfer *)leaf)->wait);
}

int async__transfer_operate(struct async__transfer *f, async_status status, enum async_operation_kind kind, int flags, const char *what,
			    ssize_t *result)
{
	const struct async_operation operation = {
		.kind = kind, .fd = f->fd, .buffer = f->buffer, .size = f->size, .flags = flags, .offset = -1};

	return async__io_operate(&f->base, status, &f->wait, &operation, stop, what, result);
}

async_status async__transfer_park(struct async__transfer *f, unsigned events, const char *what)
{
	return async__io_park(&f->base, &f->wait, f->fd, events, stop, what);
}

async_status async__transfer_anew(struct async__transfer *f, unsigned events, const char *what)
{
	return async__io_retry(&f->base, &f->wait, f->fd, events, stop, what);
}

ssize_t async__transfer_blocking(const async_function *function, void (*self)(void), int fd, void *buffer, size_t size, int flags)
{
	struct async__transfer *f = async__entry(function, self);
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
