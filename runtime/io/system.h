/* system.h: the system calls of runtime/io, which a test or a simulated loop can put its own in place of: ones that are
 * interrupted, move less than they could, or fail. */
#ifndef ASYNC_SYSTEM_H
#define ASYNC_SYSTEM_H

#include <sys/socket.h>
#include <sys/types.h>

struct async__system {
	ssize_t (*read)(int fd, void *buffer, size_t size);
	ssize_t (*write)(int fd, const void *buffer, size_t size);
	ssize_t (*recv)(int fd, void *buffer, size_t size, int flags);
	ssize_t (*send)(int fd, const void *buffer, size_t size, int flags);
	int (*accept4)(int fd, struct sockaddr *address, socklen_t *length, int flags);
	int (*connect)(int fd, const struct sockaddr *address, socklen_t length);
	ssize_t (*recvfrom)(int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length);
	ssize_t (*sendto)(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *address, socklen_t length);
	ssize_t (*sendfile)(int fd, int file, off_t *offset, size_t size);
};

/* The C library's. */
extern const struct async__system async__real_system;
/* What this thread's loop uses; set and reset by who replaces it. */
extern __thread const struct async__system *async__system;

#endif
