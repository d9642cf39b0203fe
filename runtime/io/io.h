/* io.h: how the functions of async/io.h wait for a descriptor.
 *
 * On a loop that does it by itself (async_loop_backend.submit), each leaves the operation to it and parks until that has ended.  On the
 * others it tries its system call first, and on EAGAIN parks until the descriptor is ready, then tries again: being ready is a
 * hint, as somebody else who waits for the same descriptor may have been faster. */
#ifndef ASYNC_IO_INTERNAL_H
#define ASYNC_IO_INTERNAL_H

#include "../runtime.h"

#include <errno.h>

/* Part of a waiting leaf's frame. */
struct async__io_wait {
	union {
		struct async__fd_wait fd_wait;
		struct async_completion completion;
	};
	struct async__task *task; /* to wake */
	const async_point *at;    /* where the leaf stands; its resume function sets it */
	bool closed;              /* by async_close, while we waited */
	bool cancelled;           /* an operation whose end is still to come */
};

/* A leaf's states. */
enum async__io_state {
	ASYNC__IO_BEGIN,
	ASYNC__IO_READY,     /* parked until the descriptor is ready */
	ASYNC__IO_OPERATING, /* until the loop has done it */
	ASYNC__IO_QUEUED     /* until the loop has done what others wanted before us */
};

static inline void async__io_stand(struct async__io_wait *wait, enum async__io_state state)
{
	wait->at = wait->at - wait->at->state + state;
}

/* The points of a leaf, NAME, for its descriptor. */
#define ASYNC__IO_POINTS(NAME, AWAITED)                                                       \
	{                                                                                     \
		ASYNC_POINT(NAME##__async, NAME##__resume, ASYNC__IO_BEGIN, NULL),            \
		ASYNC_POINT(NAME##__async, NAME##__resume, ASYNC__IO_READY, AWAITED),         \
		ASYNC_POINT(NAME##__async, NAME##__resume, ASYNC__IO_OPERATING, AWAITED),     \
		ASYNC_POINT(NAME##__async, NAME##__resume, ASYNC__IO_QUEUED, AWAITED),        \
	}

typedef enum async__abort async__io_abort(async_frame *leaf);

/* The end of a resume whose system call has failed: parks the leaf if it would have blocked, else raises errno as
 * "what: ...". */
async_status async__io_retry(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
			     async__io_abort *abort, const char *what);
/* The same without asking errno. */
async_status async__io_park(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
			    async__io_abort *abort, const char *what);
/* The ready function of such waits. */
void async__io_ready(struct async__fd_wait *fd_wait, unsigned events);
/* "what: strerror"; ASYNC_FAILED. */
async_status async__io_raise(int code, const char *what);
/* The beginning of a resume: ASYNC_DONE to go on and try, or ASYNC_FAILED. */
static inline async_status async__io_begin(const struct async__io_wait *wait, async_status status, const char *what)
{
	if (wait->at->state == ASYNC__IO_BEGIN)
		return ASYNC_DONE;
	if (status != ASYNC_DONE)
		return ASYNC_FAILED;
	return wait->closed ? async__io_raise(EBADF, what) : ASYNC_DONE;
}
/* The beginning of a resume that would have the loop do it all: ASYNC_DONE, *result being what the system call answered, ASYNC_FAILED or
 * ASYNC_SUSPENDED, which are to be returned; or ASYNC__IO_TRY: the system call is the leaf's to make.  What was sent although
 * the task was cancelled is done, and the cancellation comes at the next await; what else was done all the same has failed, and *result is not
 * negative. */
enum { ASYNC__IO_TRY = -1 };
int async__io_operate(async_frame *leaf, async_status status, struct async__io_wait *wait, const struct async_operation *operation,
		      async__io_abort *abort, const char *what, ssize_t *result);
/* operate.c: the same, awaited: what the system call answered; -ENOSYS: the loop does not do that. */
_Async async_by_hand ssize_t async__operate(const struct async_operation *operation, const char *what);
static inline bool async__io_operates(const struct async__io_wait *wait)
{
	return wait->at->state >= ASYNC__IO_OPERATING || (wait->at->state == ASYNC__IO_BEGIN && async__self.loop->backend->submit);
}
/* The same for reading and writing: of a connection that we made the kernel says when it can be read, once and for all, and to try is cheaper
 * than a request each time; and a receive that has taken nothing can be cancelled, whoever reads next. */
static inline bool async__io_tries(int fd)
{
	return !async__self.loop->backend->submit || async__fd_is_ours(async__self.loop, fd);
}
static inline bool async__io_transfers(const struct async__io_wait *wait, int fd)
{
	return async__io_operates(wait) && (wait->at->state != ASYNC__IO_BEGIN || !async__io_tries(fd));
}
/* A send that has been tried and would block: does the loop do it? */
static inline bool async__io_may_leave(const struct async__io_wait *wait)
{
	return wait->at->state == ASYNC__IO_BEGIN && (errno == EAGAIN || errno == EWOULDBLOCK) && async__self.loop->backend->submit;
}
/* What the leaf's abort hook does. */
enum async__abort async__io_stop(struct async__io_wait *wait);

/* left.c: what an operation has yielded although its task was cancelled, is there for the next async_accept, async_read or async_recv.
 * take_connection answers whether there was one; take_bytes how many, -1: none.  leave_connection takes fd over; leave_bytes is false
 * without memory. */
bool async__has_left(int fd);
void async__drop_left(int fd);
void async__leave_connection(int listener, int fd);
bool async__take_connection(int listener, struct sockaddr *address, socklen_t *length, int *fd);
bool async__leave_bytes(int fd, const void *bytes, size_t size);
ssize_t async__take_bytes(int fd, void *buffer, size_t size, bool keep);
static inline bool async__any_left(void)
{
	return async__self.loop->left.next && !async__list_empty(&async__self.loop->left);
}

/* socket.c: a socket that listens there; -1 with errno set. */
struct addrinfo;
int async__listen_address(const struct addrinfo *address, int backlog);
/* launch.c: starts argv[0]: 0 or an errno value; ours are then our ends of its pipes, -1 where there is none.  As async_spawn. */
struct async_spawn_options;
int async__launch(const char *const *argv, const struct async_spawn_options *options, pid_t *pid, int *ours);
/* Standard input and its like block, as other programs use them too: would they now?  (Other descriptors: false.) */
bool async__io_would_block(int fd, unsigned events);

/* The frame of async_connect_fd, which async_connect embeds. */
struct async_connect_fd__frame {
	async_frame base;
	int fd;
	const struct sockaddr *address;
	socklen_t length;
	struct async__io_wait wait;
};
extern const async_point async_connect_fd__points[];
extern const async_function async_connect_fd__async;

#endif
