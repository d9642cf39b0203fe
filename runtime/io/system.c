/* system.c: the real system calls. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "system.h"

#include <unistd.h>

/* connect takes a union in glibc's prototype. */
static int real_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return connect(fd, address, length);
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
	.accept4 = real_accept4,
	.connect = real_connect,
};

__thread const struct async__system *async__system = &async__real_system;
