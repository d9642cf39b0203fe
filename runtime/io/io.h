/* io.h: how the functions of async/io.h wait for a descriptor.
 *
 * Each tries its system call first, and on EAGAIN parks until the descriptor is ready, then tries again: being ready is a
 * hint, as somebody else who waits for the same descriptor may have been faster. */
#ifndef ASYNC_IO_INTERNAL_H
#define ASYNC_IO_INTERNAL_H

#include "../runtime.h"

#include <errno.h>

/* Part of a waiting leaf's frame. */
struct async__io_wait {
	struct async__fd_wait fd_wait;
	struct async__task *task; /* to wake */
	bool closed;              /* by async_close, while we waited */
};

typedef enum async__abort async__io_abort(async_frame *leaf);

/* The end of a resume whose system call has failed: parks the leaf if it would have blocked, else raises errno as
 * "what: ...". */
async_status async__io_retry(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
			     async__io_abort *abort, const char *what);
/* The same without asking errno. */
async_status async__io_park(async_frame *leaf, struct async__io_wait *wait, int fd, unsigned events,
			    async__io_abort *abort, const char *what);
/* The beginning of a resume: ASYNC_DONE to go on and try, or ASYNC_FAILED. */
async_status async__io_begin(async_frame *leaf, const struct async__io_wait *wait, const char *what);
/* What the leaf's abort hook does. */
enum async__abort async__io_stop(struct async__io_wait *wait);

/* socket.c: a socket that listens there; -1 with errno set. */
struct addrinfo;
int async__listen_address(const struct addrinfo *address, int backlog);
/* Standard input and its like block, as other programs use them too: would they now?  (Other descriptors: false.) */
bool async__io_would_block(int fd, unsigned events);

/* "what: strerror"; ASYNC_FAILED. */
async_status async__io_raise(int code, const char *what);

/* The frame of async_connect_fd, which async_connect embeds. */
struct async_connect_fd__frame {
	async_frame base;
	int fd;
	const struct sockaddr *address;
	socklen_t length;
	struct async__io_wait wait;
};
async_status async_connect_fd__resume(async_frame *frame);
extern const async_function async_connect_fd__async;

#endif
