/* faults.c: the simulated loop's bad kernel: system calls of runtime/io that move less, are interrupted, would block, fail or
 * take time, and allocations that fail, each by the seed.  They are in place while the loop runs (loop->system), before the
 * network's (network/kernel.c).
 * Completes and owns nothing.  Loop's thread. */
#include "sim.h"
#include "../io/system.h"
#include "../network/network.h"

#include <errno.h>

bool async__sim_strikes(struct sim_state *s, enum async_sim_fault fault)
{
	if (s->rates[fault] <= 0 || (double)(async__sim_random(&s->mood) >> 11) * 0x1p-53 >= s->rates[fault])
		return false;
	s->counts[fault]++;
	async__sim_trace(s, 0xfa017 + (uint64_t)fault);
	return true;
}

static void maybe_delay(struct sim_state *s)
{
	enum { LONGEST = 10000000 };

	if (async__sim_strikes(s, ASYNC_SIM_DELAY))
		s->clock += (int64_t)(async__sim_random(&s->mood) % LONGEST);
}

/* The faults that every call on a connection can have: true, and errno set. */
static bool fails(struct sim_state *s, int fd)
{
	maybe_delay(s);
	errno = async__sim_strikes(s, ASYNC_SIM_INTERRUPTED) ? EINTR : async__sim_strikes(s, ASYNC_SIM_RESET) ? ECONNRESET : 0;
	if (errno == ECONNRESET)
		async__net_strike(fd);
	return errno != 0;
}

/* Those of a call that moves bytes. */
static bool fails_or_would_block(struct sim_state *s, int fd)
{
	if (fails(s, fd))
		return true;
	errno = async__sim_strikes(s, ASYNC_SIM_AGAIN) ? EAGAIN : 0;
	return errno != 0;
}

/* Those of an accept: a connection may break before. */
static bool fails_to_accept(struct sim_state *s, int fd)
{
	maybe_delay(s);
	errno = async__sim_strikes(s, ASYNC_SIM_INTERRUPTED)                            ? EINTR
		: async__sim_strikes(s, ASYNC_SIM_RESET) && async__net_lose_pending(fd) ? ECONNABORTED
		: async__sim_strikes(s, ASYNC_SIM_AGAIN)                                ? EAGAIN
		: async__sim_strikes(s, ASYNC_SIM_NO_DESCRIPTORS)                       ? EMFILE
											: 0;
	return errno != 0;
}

/* A stream of bytes may be cut anywhere; a message would be lost in part. */
static bool is_stream(int fd)
{
	int type;
	socklen_t size = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type == SOCK_STREAM;
}

static size_t shorter(struct sim_state *s, int fd, size_t size)
{
	if (size < 2 || s->rates[ASYNC_SIM_SHORT] <= 0 || !is_stream(fd) || !async__sim_strikes(s, ASYNC_SIM_SHORT))
		return size;
	return 1 + async__sim_random(&s->mood) % (size - 1);
}

/* Notes how the call ended, and answers that. */
static ssize_t ended(struct sim_state *s, ssize_t result)
{
	async__sim_trace(s, result < 0 ? (uint64_t)-errno : (uint64_t)result);
	return result;
}

static ssize_t sim_read(int fd, void *buffer, size_t size)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.read(fd, buffer, shorter(s, fd, size)));
}

static ssize_t sim_write(int fd, const void *buffer, size_t size)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.write(fd, buffer, shorter(s, fd, size)));
}

static ssize_t sim_recv(int fd, void *buffer, size_t size, int flags)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.recv(fd, buffer, shorter(s, fd, size), flags));
}

static ssize_t sim_send(int fd, const void *buffer, size_t size, int flags)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.send(fd, buffer, shorter(s, fd, size), flags));
}

/* Datagrams come and go whole. */
static ssize_t sim_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.recvfrom(fd, buffer, size, flags, address, length));
}

static ssize_t sim_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.sendto(fd, buffer, size, flags, address, length));
}

static ssize_t sim_sendfile(int fd, int file, off_t *offset, size_t size)
{
	struct sim_state *s = async__sim(async__self.loop);

	return ended(s, fails_or_would_block(s, fd) ? -1 : async__network_system.sendfile(fd, file, offset, shorter(s, fd, size)));
}

/* Whether it worked is traced, not the descriptor's number: that depends on what else the process has open. */
static int sim_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	struct sim_state *s = async__sim(async__self.loop);
	int result = fails_to_accept(s, fd) ? -1 : async__network_system.accept4(fd, address, length, flags);

	ended(s, result < 0 ? -1 : 0);
	return result;
}

/* Interrupted, a connect has begun all the same and goes on by itself. */
static int sim_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct sim_state *s = async__sim(async__self.loop);
	int err = fails(s, fd) ? errno : 0, result;

	if (err && err != EINTR)
		return (int)ended(s, -1);
	result = async__network_system.connect(fd, address, length);
	if (err && (result == 0 || errno == EINPROGRESS)) {
		errno = err;
		result = -1;
	}
	return (int)ended(s, result);
}

/* What is not here is the network's. */
void async__sim_fill_system(struct async__system *system)
{
	*system = async__network_system;
	system->read = sim_read;
	system->write = sim_write;
	system->recv = sim_recv;
	system->send = sim_send;
	system->recvfrom = sim_recvfrom;
	system->sendto = sim_sendto;
	system->sendfile = sim_sendfile;
	system->accept4 = sim_accept4;
	system->connect = sim_connect;
}

/* ---- Memory ---- */

/* The allocation that fails is one of the next few, if the step makes as many. */
void async__sim_spoil_memory(struct sim_state *s)
{
	enum { FEW = 4 };

	if (s->allocation) {
		if (async__allocs() >= s->allocation) {
			s->counts[ASYNC_SIM_NO_MEMORY]++;
			async__sim_trace(s, 0xfa017 + ASYNC_SIM_NO_MEMORY);
		}
		async__fail_alloc(0);
		s->allocation = 0;
	}
	if (s->rates[ASYNC_SIM_NO_MEMORY] <= 0 || (double)(async__sim_random(&s->mood) >> 11) * 0x1p-53 >= s->rates[ASYNC_SIM_NO_MEMORY])
		return;
	s->allocation = 1 + async__sim_random(&s->mood) % FEW;
	async__fail_alloc(s->allocation);
}

/* ---- Options ---- */

void async_sim_fault_rate(async_loop *loop, enum async_sim_fault fault, double rate)
{
	struct sim_state *s = async__sim(loop);
	double most = fault == ASYNC_SIM_INTERRUPTED || fault == ASYNC_SIM_AGAIN ? 0.9 : 1;

	if (!s || (unsigned)fault >= ASYNC_SIM_N_FAULTS || !(rate >= 0) || !async__loop_is_ours(loop, "async_sim_fault_rate"))
		return;
	s->rates[fault] = rate < most ? rate : most;
}

unsigned long async_sim_faults(async_loop *loop, enum async_sim_fault fault)
{
	struct sim_state *s = async__sim(loop);

	if (!s || (unsigned)fault >= ASYNC_SIM_N_FAULTS || !async__loop_is_ours(loop, "async_sim_faults"))
		return 0;
	return s->counts[fault];
}
