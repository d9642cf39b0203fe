/* system.c: the real system calls. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* Addresses are unions in glibc's prototypes. */
static int real_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return connect(fd, address, length);
}

static ssize_t real_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	return recvfrom(fd, buffer, size, flags, address, length);
}

static ssize_t real_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
	return sendto(fd, buffer, size, flags, address, length);
}

static int real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	return accept4(fd, address, length, flags);
}

static int real_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	return bind(fd, address, length);
}

static int real_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	return getsockname(fd, address, length);
}

static int real_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	return getpeername(fd, address, length);
}

static int real_error(int fd)
{
	int err = 0;
	socklen_t size = sizeof err;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) < 0 ? errno : err;
}

static int real_pipe(int fds[2])
{
	return pipe2(fds, O_NONBLOCK | O_CLOEXEC);
}

static int real_socketpair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
}

/* The thread pool is. */
static bool real_look_up(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found, int *err)
{
	(void)host, (void)service, (void)hints, (void)found, (void)err;
	return false;
}

const struct async__system async__real_system = {
	.read = read,
	.write = write,
	.recv = recv,
	.send = send,
	.recvfrom = real_recvfrom,
	.sendto = real_sendto,
	.sendfile = sendfile,
	.accept4 = real_accept4,
	.connect = real_connect,
	.socket = socket,
	.bind = real_bind,
	.listen = listen,
	.shutdown = shutdown,
	.getsockname = real_getsockname,
	.getpeername = real_getpeername,
	.error = real_error,
	.close = close,
	.pipe = real_pipe,
	.socketpair = real_socketpair,
	.look_up = real_look_up,
};

__thread const struct async__system *async__system = &async__real_system;
