/* system.h: the system calls of runtime/io, which a test or a simulated loop can put its own in place of: ones that are
 * interrupted, move less than they could, or fail. */
#ifndef ASYNC_SYSTEM_H
#define ASYNC_SYSTEM_H

#include <netdb.h>
#include <stdbool.h>
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
	int (*socket)(int domain, int type, int protocol);
	int (*bind)(int fd, const struct sockaddr *address, socklen_t length);
	int (*listen)(int fd, int backlog);
	int (*shutdown)(int fd, int how);
	int (*getsockname)(int fd, struct sockaddr *address, socklen_t *length);
	int (*getpeername)(int fd, struct sockaddr *address, socklen_t *length);
	int (*error)(int fd); /* SO_ERROR: what there is is taken; an errno value */
	int (*close)(int fd);
	int (*pipe)(int fds[2]);       /* these two: non-blocking, closed on exec */
	int (*socketpair)(int fds[2]); /* AF_UNIX, SOCK_STREAM */
	/* getaddrinfo, without anybody else being asked: true, and *err is its result, or false: somebody else has to be. */
	bool (*look_up)(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found, int *err);
};

/* The C library's. */
extern const struct async__system async__real_system;
/* What this thread's loop uses; set and reset by who replaces it. */
extern __thread const struct async__system *async__system;

#endif
