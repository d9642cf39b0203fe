/* async/io.h: descriptors and sockets.  Every call raises its errno value at the await when it fails; so none of them
 * answers -1.  Descriptors should not block, but for 0 to 2, which are asked before they are read or written: terminals are shared
 * with other programs.  They are made non-blocking by async_socket, async_listen, async_accept and async_connect; others
 * by async_set_nonblocking.  A descriptor closed while somebody waits on it raises EBADF there, if it was closed with
 * async_close.  SIGPIPE is the system's: who writes to a pipe that may be broken ignores it (signal(SIGPIPE, SIG_IGN)), and has EPIPE;
 * streams never raise it, async_send and async_send_all not on a socket. */
#ifndef ASYNC_IO_H
#define ASYNC_IO_H

#include <async/base.h>
#include <async/loop.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/types.h>

ASYNC_BEGIN_DECLS

/* Ends when fd can be read (written) without blocking. */
_Async async_by_hand void async_wait_readable(int fd);
_Async async_by_hand void async_wait_writable(int fd);

/* As their namesakes in POSIX; they try first and wait only if that would block, or have the loop do it (io_uring: sends that would
 * block, and what is no TCP connection that async_accept or async_connect made).  Cancelled, they have moved nothing; but a send that the loop did, and that had moved bytes by then, yields their number, and is cancelled at the next await. */
_Async ssize_t async_read(int fd, void *buffer, size_t size);
_Async ssize_t async_write(int fd, const void *buffer, size_t size);
_Async ssize_t async_recv(int fd, void *buffer, size_t size, int flags);
_Async ssize_t async_send(int fd, const void *buffer, size_t size, int flags);
/* Writes all of it, in as many steps as it takes; never raises SIGPIPE on a socket. */
_Async void async_send_all(int fd, const void *buffer, size_t size);
/* A new connection's descriptor.  address may be NULL.  When descriptors have run out (EMFILE, ENFILE) it raises that. */
_Async async_by_hand int async_accept(int fd, struct sockaddr *address, socklen_t *length);
_Async async_by_hand void async_connect_fd(int fd, const struct sockaddr *address, socklen_t length);
/* A connected TCP socket (TCP_NODELAY is set).  Names are looked up as by async_getaddrinfo; of several addresses, each next one is
 * tried 250 ms after the last, or when that has failed, IPv6 and IPv4 in turn, and the first to answer wins (RFC 8305).  When none
 * does it raises the last one's error; EHOSTUNREACH when there is none. */
_Async int async_connect(const char *host, int port);
/* A connected Unix socket; a path that begins with '@' is a name in the abstract namespace. */
_Async int async_connect_unix(const char *path);

/* Datagrams: one that does not fit is cut, and a size of 0 is no end.  address may be NULL. */
_Async ssize_t async_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length);
_Async ssize_t async_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *address, socklen_t length);

/* Sends size bytes of a file from *offset on, which is moved (NULL: from where the file stands); less only at its end.  How many. */
_Async size_t async_sendfile(int fd, int file, off_t *offset, size_t size);

/* As getaddrinfo, on the loop's thread pool unless host is a number; the caller frees the list with freeaddrinfo.  Raises EHOSTUNREACH
 * or the system's error.  Cancelled, it ends at once. */
_Async struct addrinfo *async_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints);

/* Calls fn(arg) from the loop, as a callback, whenever fd can be read (written), until removed; again for fd: in place of the one
 * before.  0, or an error code.  Removing tells whether there was one; async_close removes both.
 * (loop.add_reader, add_writer, remove_reader, remove_writer) */
int async_add_reader(int fd, async_callback *fn, void *arg);
int async_add_writer(int fd, async_callback *fn, void *arg);
bool async_remove_reader(int fd);
bool async_remove_writer(int fd);

/* Files, by the loop itself (io_uring) or on its thread pool, as disks make the caller wait whatever flags a descriptor has.  offset -1: where the file stands.
 * Cancelled, these end when the system call has. */
_Async int async_file_open(const char *path, int flags, mode_t mode);
_Async ssize_t async_file_read(int fd, void *buffer, size_t size, off_t offset);
/* All of it. */
_Async void async_file_write(int fd, const void *buffer, size_t size, off_t offset);
_Async void async_file_sync(int fd);
/* Raises what close has to say, such as ENOSPC of a remote disk. */
_Async void async_file_close(int fd);

/* As socket, non-blocking and closed on exec. */
int async_socket(int domain, int type, int protocol);
/* A listening TCP socket; host NULL: every address; port 0: one the system chooses, which async_local_port tells.
 * The descriptor, or -1 with errno set.  Does not wait. */
int async_listen(const char *host, int port, int backlog);
/* The same on a Unix socket.  A socket that lies at path already, as of a server that is no more, is replaced. */
int async_listen_unix(const char *path, int backlog);
int async_local_port(int fd);
/* As the system calls of that name, also for the simulated loop's sockets (async/sim_network.h), of which the system knows nothing; none
 * of them waits.  0 or an errno value. */
int async_shutdown(int fd, int how);
int async_getsockname(int fd, struct sockaddr *address, socklen_t *length);
int async_getpeername(int fd, struct sockaddr *address, socklen_t *length);
/* A pipe (the first is to read, the second to write), and two connected Unix sockets, between tasks of one loop: non-blocking, closed on
 * exec.  What another program or thread is to have an end of is made with pipe(2) and socketpair(2).  0 or an errno value. */
int async_pipe(int fds[2]);
int async_socketpair(int fds[2]);
int async_set_nonblocking(int fd);
/* Wakes who waits on fd with EBADF, then closes it.  0 or an errno value.  Connections are to be closed by it: of one that close(2)
 * ended and whose number another descriptor got, it may take a second until waiting for that one works. */
int async_close(int fd);

ASYNC_END_DECLS

#endif
