/* datagram.async.c: datagrams, and files sent from kernel to kernel.
 * Completes: each when its system call has moved something, or failed.  Owns: nothing.  Thread: the loop's.  Cancel: at once; the
 * call that waited has moved nothing. */
#include <async.h>

#include "io/system.h"

#include <errno.h>

/* Would the call have to wait?  Else it has failed for good. */
static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

async ssize_t async_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	for (;;) {
		ssize_t n = async__system->recvfrom(fd, buffer, size, flags | MSG_DONTWAIT, address, address ? length : NULL);

		if (n >= 0)
			return n;
		if (errno == EINTR)
			continue;
		if (!would_block())
			async_raise(errno, "recvfrom: %s", async_error_text(errno));
		await async_wait_readable(fd);
	}
}

async ssize_t async_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
	for (;;) {
		ssize_t n = async__system->sendto(fd, buffer, size, flags | MSG_DONTWAIT | MSG_NOSIGNAL, address, address ? length : 0);

		if (n >= 0)
			return n;
		if (errno == EINTR)
			continue;
		if (!would_block())
			async_raise(errno, "sendto: %s", async_error_text(errno));
		await async_wait_writable(fd);
	}
}

/* A step is not too long: reading a disk makes the whole loop wait. */
enum { STEP = 1 << 20 };

async size_t async_sendfile(int fd, int file, off_t *offset, size_t size)
{
	size_t sent = 0;

	while (sent < size) {
		ssize_t n = async__system->sendfile(fd, file, offset, size - sent < STEP ? size - sent : STEP);

		if (n == 0)
			break;
		if (n > 0)
			sent += (size_t)n;
		else if (errno != EINTR && !would_block())
			async_raise(errno, "sendfile: %s", async_error_text(errno));
		else if (errno != EINTR)
			await async_wait_writable(fd);
	}
	return sent;
}
