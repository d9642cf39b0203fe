/* system.c: the real system calls. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "system.h"

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
};

__thread const struct async__system *async__system = &async__real_system;
