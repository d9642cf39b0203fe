/* file.async.c: files, whose system calls block whatever we do: on the loop's thread pool.
 * Completes: with the system call.  Owns: nothing; async_file_open the descriptor until it is returned.  Thread: the loop's, and the
 * pool's.  Cancel: when the call has ended, as it works on the caller's buffer. */
#include <async.h>

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
	struct outcome done;
	int fd = -1;

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
	struct outcome done = await async_run_in_executor(NULL, read_file(fd, buffer, size, offset));

	if (done.err)
		async_raise(done.err, "read: %s", async_error_text(done.err));
	return done.value;
}

async void async_file_write(int fd, const void *buffer, size_t size, off_t offset)
{
	struct outcome done = await async_run_in_executor(NULL, write_file(fd, buffer, size, offset));

	if (done.err)
		async_raise(done.err, "write: %s", async_error_text(done.err));
}

async void async_file_sync(int fd)
{
	struct outcome done = await async_run_in_executor(NULL, sync_file(fd));

	if (done.err)
		async_raise(done.err, "fsync: %s", async_error_text(done.err));
}

async void async_file_close(int fd)
{
	struct outcome done = await async_run_in_executor(NULL, close_file(fd));

	if (done.err)
		async_raise(done.err, "close: %s", async_error_text(done.err));
}
