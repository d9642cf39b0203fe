/* async/io.h: descriptors and sockets.  Every call raises its errno value at the await when it fails; so none of them
 * answers -1.  Descriptors are made non-blocking by async_socket, async_listen, async_accept and async_connect; others
 * by async_set_nonblocking.  A descriptor closed while somebody waits on it raises EBADF there, if it was closed with
 * async_close. */
#ifndef ASYNC_IO_H
#define ASYNC_IO_H

#include <async/base.h>
#include <sys/socket.h>
#include <sys/types.h>

ASYNC_BEGIN_DECLS

/* Ends when fd can be read (written) without blocking. */
_Async void async_wait_readable(int fd);
_Async void async_wait_writable(int fd);

/* As their namesakes in POSIX; they try first and wait only if that would block. */
_Async ssize_t async_read(int fd, void *buffer, size_t size);
_Async ssize_t async_write(int fd, const void *buffer, size_t size);
_Async ssize_t async_recv(int fd, void *buffer, size_t size, int flags);
_Async ssize_t async_send(int fd, const void *buffer, size_t size, int flags);
/* Writes all of it, in as many steps as it takes; never raises SIGPIPE on a socket. */
_Async void async_send_all(int fd, const void *buffer, size_t size);
/* A new connection's descriptor.  address may be NULL.  When descriptors have run out (EMFILE, ENFILE) it raises that. */
_Async int async_accept(int fd, struct sockaddr *address, socklen_t *length);
_Async void async_connect_fd(int fd, const struct sockaddr *address, socklen_t length);
/* A connected TCP socket (TCP_NODELAY is set); names are looked up on the loop's thread pool, and their addresses tried in
 * order.  When none answers it raises the last one's error; EHOSTUNREACH when there is none. */
_Async int async_connect(const char *host, int port);
/* As socket, non-blocking and closed on exec. */
int async_socket(int domain, int type, int protocol);
/* A listening TCP socket; host NULL: every address; port 0: one the system chooses, which async_local_port tells.
 * The descriptor, or -1 with errno set.  Does not wait. */
int async_listen(const char *host, int port, int backlog);
int async_local_port(int fd);
int async_set_nonblocking(int fd);
/* Wakes who waits on fd with EBADF, then closes it.  0 or an errno value. */
int async_close(int fd);

ASYNC_END_DECLS

#endif
