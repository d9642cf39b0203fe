/* kernel.c: the system calls of runtime/io on the simulated loop: for an end of the network's in memory, for other descriptors real.
 * Completes: nothing; what would block is EAGAIN.  Owns: nothing.  Loop's thread. */
#include "network.h"

#include <signal.h>
#include <unistd.h>

static int fail(int err)
{
	errno = err;
	return -1;
}

/* ---- Bytes ---- */

/* NULL: the kernel's. */
static struct sim_end *connection(int fd)
{
	struct sim_end *end = async__net_find(async__network(), fd);

	return end && (end->kind == SIM_CONNECTED || end->kind == SIM_CONNECTING) ? end : NULL;
}

static struct sim_end *messages(int fd)
{
	struct sim_end *end = async__net_adopt(async__network(), fd);

	return end && end->kind == SIM_MESSAGES ? end : NULL;
}

/* From outside, what has come for a socket that is in here as well. */
static bool is_empty(ssize_t n, const struct sim_end *end)
{
	return n < 0 && errno == EAGAIN && async__net_is_open_to_outside(async__network(), end);
}

static ssize_t net_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	struct sim_end *end = connection(fd), *datagrams = end ? NULL : messages(fd);
	ssize_t n;

	if (end && flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC))
		return fail(EOPNOTSUPP);
	if (end && length)
		*length = 0;
	if (end)
		return async__lane_read(async__network(), end, buffer, size, flags & MSG_PEEK);
	n = datagrams ? async__net_recvfrom(datagrams, buffer, size, flags, address, length) : -1;
	if (!datagrams || is_empty(n, datagrams))
		return async__real_system.recvfrom(fd, buffer, size, flags, address, length);
	return n;
}

static ssize_t net_recv(int fd, void *buffer, size_t size, int flags)
{
	return net_recvfrom(fd, buffer, size, flags, NULL, NULL);
}

static ssize_t net_read(int fd, void *buffer, size_t size)
{
	struct sim_end *end = connection(fd);

	if (end)
		return end->family == AF_UNSPEC && end->in_shut ? fail(EBADF) : async__lane_read(async__network(), end, buffer, size, false);
	return messages(fd) ? net_recvfrom(fd, buffer, size, MSG_DONTWAIT, NULL, NULL) : async__real_system.read(fd, buffer, size);
}

static ssize_t net_sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
	struct sim_end *end = connection(fd), *datagrams = end ? NULL : messages(fd);
	ssize_t n;

	if (end && end->family == AF_UNSPEC)
		return fail(ENOTSOCK);
	if (end)
		return async__lane_write(async__network(), end, bytes, size);
	n = datagrams ? async__net_sendto(async__network(), datagrams, bytes, size, address, length) : -1;
	if (!datagrams || (n < 0 && errno == ENETUNREACH))
		return async__real_system.sendto(fd, bytes, size, flags, address, length);
	return n;
}

static ssize_t net_send(int fd, const void *bytes, size_t size, int flags)
{
	return net_sendto(fd, bytes, size, flags, NULL, 0);
}

/* Who does not ask otherwise hears of a reader that is gone by a signal. */
static ssize_t net_write(int fd, const void *bytes, size_t size)
{
	struct sim_end *end = connection(fd);
	ssize_t n;

	if (!end)
		return messages(fd) ? net_sendto(fd, bytes, size, MSG_DONTWAIT, NULL, 0) : async__real_system.write(fd, bytes, size);
	if (end->family == AF_UNSPEC && end->out_shut)
		return fail(EBADF);
	n = async__lane_write(async__network(), end, bytes, size);
	if (n < 0 && errno == EPIPE) {
		raise(SIGPIPE);
		errno = EPIPE;
	}
	return n;
}

static ssize_t net_sendfile(int fd, int file, off_t *offset, size_t size)
{
	enum { STEP = 16384 };
	struct sim_end *end = connection(fd);
	off_t from = offset ? *offset : lseek(file, 0, SEEK_CUR);
	char bytes[STEP];
	ssize_t n;

	if (!end)
		return async__real_system.sendfile(fd, file, offset, size);
	n = from < 0 ? -1 : pread(file, bytes, size < STEP ? size : STEP, from);
	if (n > 0)
		n = async__lane_write(async__network(), end, bytes, (size_t)n);
	if (n > 0 && offset)
		*offset += n;
	else if (n > 0)
		lseek(file, from + n, SEEK_SET);
	return n;
}

/* ---- Sockets ---- */

static int net_socket(int domain, int type, int protocol)
{
	struct sim_network *net = async__network();
	int fd, kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (async__net_is_full(net))
		return -1;
	fd = async__real_system.socket(domain, type, protocol);
	if (fd < 0 || net->mode == ASYNC_SIM_NETWORK_REAL || (kind == SOCK_DGRAM && domain == AF_UNIX))
		return fd;
	if ((kind == SOCK_STREAM || kind == SOCK_DGRAM) && (domain == AF_UNIX || domain == AF_INET || domain == AF_INET6) &&
	    !async__net_new(net, fd, domain, kind)) {
		close(fd);
		return fail(ENOBUFS);
	}
	return fd;
}

static int net_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct sim_end *end = async__net_adopt(async__network(), fd);
	int err = end ? async__net_bind(async__network(), end, address, length) : 0;

	return end ? err ? fail(err) : 0 : async__real_system.bind(fd, address, length);
}

static int net_listen(int fd, int backlog)
{
	struct sim_end *end = async__net_adopt(async__network(), fd);

	if (!end || (end->kind != SIM_FRESH && end->kind != SIM_LISTENING))
		return async__real_system.listen(fd, backlog);
	return async__net_listen(async__network(), end, backlog);
}

static int net_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct sim_end *end = async__net_adopt(async__network(), fd);

	if (!end)
		return async__real_system.connect(fd, address, length);
	if (end->kind == SIM_MESSAGES)
		return async__net_connect_messages(async__network(), end, address, length);
	return async__net_connect(async__network(), end, address, length);
}

static int net_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	struct sim_network *net = async__network();
	struct sim_end *end = async__net_adopt(net, fd);

	if (end)
		async__net_notice_listening(net, end);
	if (end && end->n_pending)
		return async__net_accept(net, end, address, length, flags);
	if (end && end->kind == SIM_LISTENING && !async__net_is_open_to_outside(net, end))
		return fail(EAGAIN);
	return async__real_system.accept4(fd, address, length, flags);
}

static int net_shutdown(int fd, int how)
{
	struct sim_end *end = connection(fd);

	if (!end)
		return async__real_system.shutdown(fd, how);
	if (end->kind == SIM_CONNECTING || end->broken)
		return fail(ENOTCONN);
	if (how != SHUT_RD && !end->out_shut) {
		end->out_shut = true;
		if (end->peer)
			async__lane_send(async__network(), end->peer, SIM_FIN);
	}
	if (how != SHUT_WR)
		end->in_shut = true;
	async__net_touch(async__network(), end);
	return 0;
}

static int net_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	struct sim_end *end = async__net_find(async__network(), fd);

	if (!end || !end->local.length || end->kind == SIM_OUTSIDE)
		return async__real_system.getsockname(fd, address, length);
	async__net_get_address(&end->local, address, length);
	return 0;
}

/* A Unix socket that is not bound has an address without a path. */
static int net_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	struct sim_end *end = connection(fd);
	struct sim_address nameless = {.length = sizeof(sa_family_t), .any.sa_family = AF_UNIX};

	if (!end)
		return async__real_system.getpeername(fd, address, length);
	if (end->kind == SIM_CONNECTING || end->broken)
		return fail(ENOTCONN);
	async__net_get_address(end->remote.length ? &end->remote : &nameless, address, length);
	return 0;
}

static int net_error(int fd)
{
	struct sim_end *end = connection(fd);
	int err = end ? end->error : 0;

	if (!end)
		return async__real_system.error(fd);
	end->error = 0;
	return err;
}

static int net_close(int fd)
{
	struct sim_end *end = async__net_find(async__network(), fd);

	if (end)
		async__net_end(async__network(), end);
	return async__real_system.close(fd);
}

static int net_pipe(int fds[2])
{
	return async__net_pair(fds, true);
}

static int net_socketpair(int fds[2])
{
	return async__net_pair(fds, false);
}

const struct async__system async__network_system = {
	.read = net_read,
	.write = net_write,
	.recv = net_recv,
	.send = net_send,
	.recvfrom = net_recvfrom,
	.sendto = net_sendto,
	.sendfile = net_sendfile,
	.accept4 = net_accept4,
	.connect = net_connect,
	.socket = net_socket,
	.bind = net_bind,
	.listen = net_listen,
	.shutdown = net_shutdown,
	.getsockname = net_getsockname,
	.getpeername = net_getpeername,
	.error = net_error,
	.close = net_close,
	.pipe = net_pipe,
	.socketpair = net_socketpair,
	.look_up = async__net_look_up,
};

/* ---- Breaking connections ---- */

void async__net_strike(int fd)
{
	struct sim_end *end = connection(fd);

	if (!end || end->kind != SIM_CONNECTED || end->family == AF_UNSPEC)
		return;
	async__lane_reset(async__network(), end);
	end->lane.begin = end->lane.end = end->lane.arrived = 0; /* who is told of it now has not got that either */
}

int async_sim_reset(int fd)
{
	struct sim_network *net = async__network();
	struct sim_end *end = net ? connection(fd) : NULL, *peer = end ? end->peer : NULL;

	if (!end || end->kind != SIM_CONNECTED)
		return ENOTCONN;
	if (peer) {
		async__lane_reset(net, peer);
		async__lane_break(net, peer, 0);
		peer->error = ECONNRESET;
	}
	async__lane_reset(net, end);
	end->error = ECONNRESET;
	async__net_touch(net, end);
	return 0;
}
