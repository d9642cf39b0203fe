/* ready.c: waiting until a descriptor is ready.
 * Completes: the leaf's wait, from the back end's report or async_close.  Owns: nothing; the wait lives in the leaf's frame.
 * Thread: the loop's.  Cancel: takes the wait out of the descriptor's list, and at once. */
#include "io.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

async_status async__io_raise(int code, const char *what)
{
	return async__raise(code, "%s: %s", what, async_error_text(code));
}

/* Also for errors of the descriptor: the system call tells which. */
void async__io_ready(struct async__fd_wait *fd_wait, unsigned events)
{
	struct async__io_wait *wait = async__container_of(fd_wait, struct async__io_wait, fd_wait);

	wait->closed = events == 0;
	async__wake(wait->task);
}

__attribute__((noinline)) static async_status park_anew(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
							 async__io_abort *abort, const char *what)
{
	int err = async__watch_fd(async__self.loop, fd, events, &wait->fd_wait);

	return err ? async__io_raise(err, what) : async__park(leaf, wait->at, abort);
}

async_status async__io_park(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
			    async__io_abort *abort, const char *what)
{
	wait->fd_wait.ready = async__io_ready;
	wait->task = async__self.task;
	wait->closed = false;
	async__io_stand(wait, ASYNC__IO_READY);
	if (async__watch_trusted(async__self.loop, fd, events, &wait->fd_wait))
		return async__park(leaf, wait->at, abort);
	return park_anew(leaf, wait, fd, events, abort, what);
}

async_status async__io_retry(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
			     async__io_abort *abort, const char *what)
{
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return async__io_raise(errno, what);
	if (events == ASYNC_READABLE)
		async__fd_drained(async__self.loop, fd);
	return async__io_park(leaf, wait, fd, events, abort, what);
}

enum async__abort async__io_stop(struct async__io_wait *wait)
{
	if (wait->at->state == ASYNC__IO_OPERATING) {
		wait->cancelled = true;
		async__stop_operation(&wait->completion);
		return ASYNC__LATER;
	}
	async__unwatch_fd(&wait->fd_wait);
	return ASYNC__ABORTED;
}

bool async__io_would_block(int fd, unsigned events)
{
	struct pollfd standard = {.fd = fd, .events = events == ASYNC_READABLE ? POLLIN : POLLOUT};

	return fd <= STDERR_FILENO && fd >= 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK) && poll(&standard, 1, 0) == 0;
}

/* ---- async_wait_readable, async_wait_writable ---- */

struct ready_frame {
	async_frame base;
	int fd;
	struct async__io_wait wait;
};

static enum async__abort stop_waiting(async_frame *leaf)
{
	return async__io_stop(&((struct ready_frame *)leaf)->wait);
}

static async_status wait_ready(async_frame *frame, async_status status, const async_point *at, unsigned events, const char *what)
{
	struct ready_frame *f = (struct ready_frame *)frame;

	f->wait.at = at;
	if (at->state)
		return async__io_begin(&f->wait, status, what);
	if (events == ASYNC_READABLE && async__any_left() && async__has_left(f->fd))
		return ASYNC_DONE;
	return async__io_park(frame, &f->wait, f->fd, events, stop_waiting, what);
}

static async_status async_wait_readable__resume(async_frame *frame, async_status status, const async_point *at)
{
	return wait_ready(frame, status, at, ASYNC_READABLE, "wait_readable");
}

static async_status async_wait_writable__resume(async_frame *frame, async_status status, const async_point *at)
{
	return wait_ready(frame, status, at, ASYNC_WRITABLE, "wait_writable");
}

const async_function async_wait_readable__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct ready_frame),
	.frame_align = _Alignof(struct ready_frame),
	.name = "async_wait_readable",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async_wait_readable, "the descriptor"),
};

const async_function async_wait_writable__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct ready_frame),
	.frame_align = _Alignof(struct ready_frame),
	.name = "async_wait_writable",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async_wait_writable, "the descriptor"),
};

void async_wait_readable(int fd)
{
	struct ready_frame *f = async__entry(&async_wait_readable__async, (void (*)(void))async_wait_readable);

	if (f)
		f->fd = fd;
	async__entry_run(f, NULL, 0);
}

void async_wait_writable(int fd)
{
	struct ready_frame *f = async__entry(&async_wait_writable__async, (void (*)(void))async_wait_writable);

	if (f)
		f->fd = fd;
	async__entry_run(f, NULL, 0);
}
