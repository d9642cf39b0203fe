/* file.async.c: files, whose system calls block whatever we do: by the loop itself if it can (io_uring), or on its thread pool.
 * Completes: with the system call.  Owns: nothing; async_file_open the descriptor until it is returned.  Thread: the loop's, and the
 * pool's.  Cancel: when the call has ended, as it works on the caller's buffer. */
#include <async.h>

#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* errno is a thread's own. */
struct outcome {
	ssize_t value;
	int err;
};

static struct outcome outcome(ssize_t value)
{
	return (struct outcome){value, value < 0 ? errno : 0};
}

static struct outcome open_file(const char *path, int flags, mode_t mode, int *fd)
{
	*fd = open(path, flags | O_CLOEXEC, mode);
	return outcome(*fd);
}

static struct outcome read_file(int fd, void *buffer, size_t size, off_t offset)
{
	ssize_t n;

	do
		n = offset < 0 ? read(fd, buffer, size) : pread(fd, buffer, size, offset);
	while (n < 0 && errno == EINTR);
	return outcome(n);
}

static struct outcome write_file(int fd, const void *buffer, size_t size, off_t offset)
{
	const char *next = buffer;

	while (size > 0) {
		ssize_t n = offset < 0 ? write(fd, next, size) : pwrite(fd, next, size, offset);

		if (n < 0 && errno != EINTR)
			return outcome(n);
		if (n < 0)
			continue;
		next += n;
		size -= (size_t)n;
		offset += offset < 0 ? 0 : n;
	}
	return outcome(0);
}

static struct outcome sync_file(int fd)
{
	return outcome(fsync(fd));
}

/* The descriptor is gone even if close was interrupted. */
static struct outcome close_file(int fd)
{
	return outcome(close(fd) < 0 && errno != EINTR ? -1 : 0);
}

async int async_file_open(const char *path, int flags, mode_t mode)
{
	const struct async_operation open = {.kind = ASYNC_OPERATION_OPEN, .fd = AT_FDCWD, .path = path, .flags = flags | O_CLOEXEC, .mode = mode};
	struct outcome done;
	int fd = (int)await async__operate(&open, path);

	if (fd >= 0)
		return fd;
	async_try {
		done = await async_run_in_executor(NULL, open_file(path, flags, mode, &fd));
	} async_except (err) {
		if (fd >= 0)
			close(fd); /* it was opened while we were cancelled */
		async_reraise();
	}
	if (done.err)
		async_raise(done.err, "%s: %s", path, async_error_text(done.err));
	return fd;
}

async ssize_t async_file_read(int fd, void *buffer, size_t size, off_t offset)
{
	const struct async_operation read = {.kind = ASYNC_OPERATION_READ, .fd = fd, .buffer = buffer, .size = size, .offset = offset};
	ssize_t n = await async__operate(&read, "read");
	struct outcome done;

	if (n >= 0)
		return n;
	done = await async_run_in_executor(NULL, read_file(fd, buffer, size, offset));
	if (done.err)
		async_raise(done.err, "read: %s", async_error_text(done.err));
	return done.value;
}

async void async_file_write(int fd, const void *buffer, size_t size, off_t offset)
{
	const char *next = buffer;
	struct outcome done;
	ssize_t n = 0;

	while (size > 0 && n >= 0) {
		const struct async_operation write = {.kind = ASYNC_OPERATION_WRITE, .fd = fd, .data = next, .size = size, .offset = offset};

		n = await async__operate(&write, "write");
		if (n < 0)
			break;
		next += n;
		size -= (size_t)n;
		offset += offset < 0 ? 0 : n;
	}
	if (size == 0)
		return;
	done = await async_run_in_executor(NULL, write_file(fd, next, size, offset));
	if (done.err)
		async_raise(done.err, "write: %s", async_error_text(done.err));
}

async void async_file_sync(int fd)
{
	const struct async_operation sync = {.kind = ASYNC_OPERATION_FSYNC, .fd = fd};
	struct outcome done;

	if (await async__operate(&sync, "fsync") >= 0)
		return;
	done = await async_run_in_executor(NULL, sync_file(fd));
	if (done.err)
		async_raise(done.err, "fsync: %s", async_error_text(done.err));
}

async void async_file_close(int fd)
{
	const struct async_operation close = {.kind = ASYNC_OPERATION_CLOSE, .fd = fd};
	struct outcome done;

	if (await async__operate(&close, "close") >= 0)
		return;
	done = await async_run_in_executor(NULL, close_file(fd));
	if (done.err)
		async_raise(done.err, "close: %s", async_error_text(done.err));
}
