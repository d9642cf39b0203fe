/* async/sim_network.h: the simulated loop's network: sockets and pipes in memory, so that a seed repeats what they do as well.
 *
 *	async_loop *loop = async_loop_new(&async_loop_sim);
 *	async_sim_network(loop, ASYNC_SIM_NETWORK_CLOSED);
 *	async_sim_seed(loop, 42);
 *	async_sim_latency(loop, 0.001, 0.05);
 *	async_sim_segments(loop, 100);
 *	async_sim_fault_rate(loop, ASYNC_SIM_RESET, 0.001);
 *	async_run_on(loop, server_and_many_clients());
 *
 * The program stays as it is.  TCP connections, Unix stream sockets and UDP sockets between its own tasks are simulated, if it makes them
 * with async_connect, async_connect_fd, async_listen, async_socket, async_start_server and their like, and so are the ends of
 * async_pipe and async_socketpair.  Their descriptors are real numbers, on which fcntl, fstat, setsockopt and close work; but it is
 * the functions of async/io.h and async/stream.h that move bytes: a read(2), poll(2) or dup(2) finds a socket that is connected to
 * nothing.  For shutdown, getsockname and getpeername there are async_shutdown, async_getsockname and async_getpeername.  What
 * socketpair(2) and pipe(2) made is real.  A simulated connection belongs to its loop, and breaks when that is closed.
 *
 * All calls: the loop's thread, or before it runs.  On a loop over another back end they do nothing. */
#ifndef ASYNC_SIM_NETWORK_H
#define ASYNC_SIM_NETWORK_H

#include <async/loop.h>
#include <stddef.h>

ASYNC_BEGIN_DECLS

enum async_sim_network_mode {
	/* Every descriptor is the kernel's. */
	ASYNC_SIM_NETWORK_REAL,
	/* The loop's tasks reach each other in memory; who else listens, or connects to them, is reached for real.  At first. */
	ASYNC_SIM_NETWORK_OPEN,
	/* There is nobody else.  What nobody listens at refuses (ECONNREFUSED), what nobody has named or bound is unreachable
	 * (EHOSTUNREACH), ports that the system chooses are the same each time, no port or path is taken from other programs, and
	 * tasks that wait for each other for good are told so (async_run ends with ASYNC_INVALID_STATE). */
	ASYNC_SIM_NETWORK_CLOSED
} __attribute__((mode(SI)));
/* For what is connected or bound from now on.  $ASYNC_SIM_NETWORK (real, open, closed) says it for programs whose loop is made for
 * them. */
void async_sim_network(async_loop *loop, enum async_sim_network_mode mode);

/* How long a segment or datagram takes from host to host: drawn for each, in seconds of the loop's time; 20 to 200 microseconds at
 * first.  Order is kept.  Unix sockets and pipes take none. */
void async_sim_latency(async_loop *loop, double least, double most);
/* What is written is cut into segments of 1 to most bytes, each with its own latency, so that it is read in pieces; 0, at first: each
 * write is one. */
void async_sim_segments(async_loop *loop, size_t most);
/* How much one direction of a connection or pipe holds before who writes has to wait; 65536 bytes at first.  (SO_SNDBUF and SO_RCVBUF) */
void async_sim_buffer(async_loop *loop, size_t size);
/* How many simulated descriptors there may be at once: then async_socket, async_accept and their like fail with EMFILE.  0, at first:
 * as many as the system gives. */
void async_sim_descriptors(async_loop *loop, size_t most);
/* How many there are now. */
size_t async_sim_open_descriptors(async_loop *loop);

/* A host of the simulated network: a name that async_getaddrinfo and async_connect find, and its numerical address, which async_listen can
 * then bind to, whether this machine has it or not.  Several addresses for a name: several calls.  localhost is there already.  0,
 * EINVAL (no such address) or ASYNC_NO_MEMORY. */
int async_sim_host(async_loop *loop, const char *name, const char *address);
/* Cuts the host with this numerical address off, or connects it again.  Meanwhile datagrams from and to it are lost, connections to it time
 * out (ETIMEDOUT after two minutes), and what is sent on those there are is sent again, at longer and longer intervals, until it
 * comes through or (after 15 minutes) the connection breaks with ETIMEDOUT.  127.0.0.2, 127.0.0.3, ... are hosts that can be bound to
 * without being declared.  0, EINVAL or ASYNC_NO_MEMORY. */
int async_sim_cut_off(async_loop *loop, const char *address, bool cut_off);
/* The connection breaks: what is under way is lost, and both sides read what has come, and then ECONNRESET.  0 or ENOTCONN.  For the
 * running loop. */
int async_sim_reset(int fd);

ASYNC_END_DECLS

#endif
