/* socket.c: making, accepting, connecting and closing sockets.
 * Completes: accept and connect when the system call has succeeded or failed.  Owns: a descriptor only until it is
 * returned.  Thread: the loop's; the calls that do not wait, any.  Cancel: at once; no connection is lost by it, as one is
 * accepted only when it is handed over.  A cancelled async_connect_fd leaves its socket connecting: close it. */
#include "io.h"
#include "system.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

/* ---- async_accept ---- */

struct async_accept__frame {
	async_frame base;
	union { /* the result is stored last */
		int result;
		struct {
			int fd;
			struct sockaddr *address;
			socklen_t *length;
		};
	};
	struct async__io_wait wait;
};
ASYNC__RESULT_SHARES(struct async_accept__frame, fd);

static enum async__abort stop_accept(async_frame *leaf)
{
	return async__io_stop(&((struct async_accept__frame *)leaf)->wait);
}

/* A connection that was aborted before we got it, or whose network is down (Linux tells it here), says nothing about the next one. */
static bool only_that_connection(int err)
{
	static const int errors[] = {EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ENOPROTOOPT};

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (err == errors[i])
			return true;
	return false;
}

static int connected(int fd)
{
	async__fd_is_connection(async__self.loop, fd, 0);
	return ASYNC_DONE;
}

static int accepted(struct async_accept__frame *f, int fd)
{
	f->result = fd;
	return connected(fd);
}

/* The connection; -1 with errno set. */
static int try_accept(const struct async_accept__frame *f)
{
	int fd;

	do
		fd = async__system->accept4(f->fd, f->address, f->address ? f->length : NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (fd < 0 && only_that_connection(errno));
	return fd;
}

/* Has nothing been begun for it yet, and nothing happened to it meanwhile? */
static bool its_turn(const struct async_accept__frame *f, async_status status)
{
	return f->wait.at->state == ASYNC__IO_BEGIN || (f->wait.at->state == ASYNC__IO_QUEUED && status == ASYNC_DONE && !f->wait.closed);
}

static int operate_accept(struct async_accept__frame *f, async_status status)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_ACCEPT, .fd = f->fd, .address = f->address, .length = f->address ? f->length : NULL,
		.flags = SOCK_NONBLOCK | SOCK_CLOEXEC};
	ssize_t fd = -1;
	int how, taken;

	if (its_turn(f, status) && async__any_left() && async__take_connection(f->fd, f->address, f->length, &taken))
		return accepted(f, taken);
	if (f->wait.at->state == ASYNC__IO_BEGIN && async__fd_has_more(async__self.loop, f->fd) && (taken = try_accept(f)) >= 0)
		return accepted(f, taken);
	how = async__io_operate(&f->base, status, &f->wait, &operation, stop_accept, "accept", &fd);
	if (how == ASYNC_FAILED && fd >= 0)
		async__leave_connection(f->fd, (int)fd);
	return how == ASYNC_DONE ? accepted(f, (int)fd) : how;
}

static async_status async_accept__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_accept__frame *f = (struct async_accept__frame *)frame;
	int how, fd;

	f->wait.at = at;
	how = async__io_operates(&f->wait) ? operate_accept(f, status) : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (async__io_begin(&f->wait, status, "accept") != ASYNC_DONE)
		return ASYNC_FAILED;
	fd = try_accept(f);
	if (fd >= 0)
		return (async_status)accepted(f, fd);
	return async__io_retry(frame, &f->wait, f->fd, ASYNC_READABLE, stop_accept, "accept");
}

const async_function async_accept__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_accept__frame),
	.frame_align = _Alignof(struct async_accept__frame),
	.result_offset = offsetof(struct async_accept__frame, result),
	.result_size = sizeof(int),
	.name = "async_accept",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async_accept, "async_wait_readable(fd)"),
};

int async_accept(int fd, struct sockaddr *address, socklen_t *length)
{
	struct async_accept__frame *f = async__entry(&async_accept__async, (void (*)(void))async_accept);
	int result = -1;

	if (f) {
		f->fd = fd;
		f->address = address;
		f->length = length;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}

/* ---- async_connect_fd ---- */

static enum async__abort stop_connect(async_frame *leaf)
{
	return async__io_stop(&((struct async_connect_fd__frame *)leaf)->wait);
}

/* The socket became writable: 0 when connected, else why not. */
static int outcome_of_connect(int fd)
{
	return async__system->error(fd);
}

static int operate_connect(struct async_connect_fd__frame *f, async_status status)
{
	const struct async_operation operation = {
		.kind = ASYNC_OPERATION_CONNECT, .fd = f->fd, .address = (struct sockaddr *)f->address, .size = f->length};
	ssize_t ignored;
	int how = async__io_operate(&f->base, status, &f->wait, &operation, stop_connect, "connect", &ignored);

	return how == ASYNC_DONE ? connected(f->fd) : how;
}

static async_status async_connect_fd__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_connect_fd__frame *f = (struct async_connect_fd__frame *)frame;
	int err, how;

	f->wait.at = at;
	how = async__io_operates(&f->wait) ? operate_connect(f, status) : ASYNC__IO_TRY;
	if (how != ASYNC__IO_TRY)
		return (async_status)how;
	if (async__io_begin(&f->wait, status, "connect") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (at->state == ASYNC__IO_READY) {
		err = outcome_of_connect(f->fd);
		if (err)
			return async__io_raise(err, "connect");
		async__fd_is_connection(async__self.loop, f->fd, ASYNC_WRITABLE);
		return ASYNC_DONE;
	}
	if (async__system->connect(f->fd, f->address, f->length) == 0)
		return ASYNC_DONE;
	/* Interrupted, it goes on by itself all the same.  EAGAIN, from a local socket whose listener is busy, does not. */
	if (errno != EINPROGRESS && errno != EINTR)
		return async__io_raise(errno, "connect");
	return async__io_park(frame, &f->wait, f->fd, ASYNC_WRITABLE, stop_connect, "connect");
}

const async_point async_connect_fd__points[] = ASYNC__IO_POINTS(async_connect_fd, "async_wait_writable(fd)");

const async_function async_connect_fd__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_connect_fd__frame),
	.frame_align = _Alignof(struct async_connect_fd__frame),
	.name = "async_connect_fd",
	.file = __FILE__,
	.points = async_connect_fd__points,
};

void async_connect_fd(int fd, const struct sockaddr *address, socklen_t length)
{
	struct async_connect_fd__frame *f = async__entry(&async_connect_fd__async, (void (*)(void))async_connect_fd);

	if (f) {
		f->fd = fd;
		f->address = address;
		f->length = length;
	}
	async__entry_run(f, NULL, 0);
}

/* ---- Those that do not wait ---- */

int async_socket(int domain, int type, int protocol)
{
	int fd = async__system->socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	async__fd_is_new(async__self.loop, fd);
	return fd;
}

int async_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK))
		async__fd_is_new(async__self.loop, fd); /* it cannot be one of our connections */
	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? errno : 0;
}

int async__listen_address(const struct addrinfo *address, int backlog)
{
	int fd = async_socket(address->ai_family, address->ai_socktype, address->ai_protocol), on = 1, off = 0, err;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off); /* IPv4 comes in here as well */
	if (async__system->bind(fd, address->ai_addr, address->ai_addrlen) == 0 && async__system->listen(fd, backlog > 0 ? backlog : SOMAXCONN) == 0)
		return fd;
	err = errno;
	async_close(fd);
	errno = err;
	return -1;
}

/* Without a host, IPv6 is tried first: its wildcard takes connections of both kinds. */
static int listen_on_family(const char *host, const char *port, int family, int backlog)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found, *address;
	int fd = -1, err = getaddrinfo(host, port, &hints, &found);

	if (err) {
		errno = err == EAI_SYSTEM ? errno : err == EAI_MEMORY ? ENOMEM : EADDRNOTAVAIL;
		return -1;
	}
	for (address = found; address && fd < 0; address = address->ai_next)
		fd = async__listen_address(address, backlog);
	err = errno;
	freeaddrinfo(found);
	errno = err;
	return fd;
}

int async_listen(const char *host, int port, int backlog)
{
	char text[16];
	int fd;

	if (port < 0 || port > 65535) {
		errno = EINVAL;
		return -1;
	}
	snprintf(text, sizeof text, "%d", port);
	if (host)
		return listen_on_family(host, text, AF_UNSPEC, backlog);
	fd = listen_on_family(NULL, text, AF_INET6, backlog);
	if (fd < 0 && errno != EADDRINUSE && errno != EACCES)
		fd = listen_on_family(NULL, text, AF_INET, backlog);
	return fd;
}

int async_local_port(int fd)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t length = sizeof address;

	if (async__system->getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -1;
	if (address.any.ss_family == AF_INET)
		return ntohs(address.v4.sin_port);
	if (address.any.ss_family == AF_INET6)
		return ntohs(address.v6.sin6_port);
	errno = EAFNOSUPPORT;
	return -1;
}

int async_shutdown(int fd, int how)
{
	return async__system->shutdown(fd, how) < 0 ? errno : 0;
}

int async_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	return async__system->getsockname(fd, address, length) < 0 ? errno : 0;
}

int async_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	return async__system->getpeername(fd, address, length) < 0 ? errno : 0;
}

static int made_pair(int result, const int fds[2])
{
	for (int i = 0; i < 2 && !result; i++)
		async__fd_is_new(async__self.loop, fds[i]);
	return result < 0 ? errno : 0;
}

int async_pipe(int fds[2])
{
	return made_pair(async__system->pipe(fds), fds);
}

int async_socketpair(int fds[2])
{
	return made_pair(async__system->socketpair(fds), fds);
}

int async_close(int fd)
{
	if (async__self.loop) {
		async__close_fd(async__self.loop, fd);
		if (async__any_left())
			async__drop_left(fd);
	}
	/* On Linux the descriptor is gone even if close was interrupted. */
	return async__system->close(fd) < 0 && errno != EINTR ? errno : 0;
}
