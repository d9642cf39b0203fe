/* async/sim.h: the simulated loop: time that jumps, an order that a seed decides, a kernel in a bad mood.
 *
 *	async_loop *loop = async_loop_new(&async_loop_sim);      or ASYNC_LOOP=sim in the environment
 *	async_sim_seed(loop, 42);
 *	async_sim_shuffle(loop, true);
 *	async_sim_fault_rate(loop, ASYNC_SIM_SHORT, 0.1);
 *	async_run_on(loop, everything());
 *	printf("%016llx\n", (unsigned long long)async_sim_trace_hash(loop));    the same for the same seed
 *
 * When nothing is ready, the clock, which starts at 0, jumps to the next deadline: async_sleep(3600) takes no time.  Connections between
 * the loop's tasks are simulated (async/sim_network.h); other descriptors are the kernel's, and the loop looks at them before it lets time jump.  While a job runs on a pool, or a thread that the program
 * made is there, somebody may be about to do something: then the loop waits for it in real time, up to the deadline, before the
 * clock jumps; async_sim_patience is for what it cannot see, such as another program at the other end of a socket.
 *
 * All calls: the loop's thread, or before it runs.  On a loop over another back end they do nothing. */
#ifndef ASYNC_SIM_H
#define ASYNC_SIM_H

#include <async/loop.h>

ASYNC_BEGIN_DECLS

/* What the shuffle and the faults are drawn from, from now on; the trace begins anew.  $ASYNC_SIM_SEED sets it and switches the
 * shuffle on, for programs whose loop is made for them. */
void async_sim_seed(async_loop *loop, uint64_t seed);

/* Among tasks that are ready, the seed says which runs next; off, at first: first come, first served.  Callbacks keep their
 * order and their place, as async_call_soon promises it. */
void async_sim_shuffle(async_loop *loop, bool on);

/* What can go wrong in async_read, async_recv, async_recvfrom, async_write, async_send, async_send_all, async_sendto, async_sendfile,
 * async_accept, async_connect and streams. */
enum async_sim_fault {
	ASYNC_SIM_SHORT,          /* less is moved than could be */
	ASYNC_SIM_INTERRUPTED,    /* EINTR */
	ASYNC_SIM_AGAIN,          /* EAGAIN, although it is ready */
	ASYNC_SIM_DELAY,          /* the call takes up to 10 ms (of the loop's time) */
	ASYNC_SIM_RESET,          /* ECONNRESET; nothing is moved, and a simulated connection is broken from then on;
	                             at an accept, one that waits is lost before */
	ASYNC_SIM_NO_DESCRIPTORS, /* EMFILE at an accept */
	ASYNC_SIM_NO_MEMORY,      /* an allocation of the library, somewhere in a step, fails */
	ASYNC_SIM_LOST,           /* a datagram of the simulated network is lost, */
	ASYNC_SIM_TWICE,          /* comes twice, */
	ASYNC_SIM_OVERTAKEN,      /* or later than what is sent after it */
	ASYNC_SIM_N_FAULTS
} __attribute__((mode(SI)));
/* How often: a probability for each call (each step, for ASYNC_SIM_NO_MEMORY); 0 at first, at most 0.9 for the two that are
 * tried again at once.  $ASYNC_SIM_FAULTS sets it for the first four, which a correct program does not notice. */
void async_sim_fault_rate(async_loop *loop, enum async_sim_fault fault, double rate);
/* How many of them there have been. */
unsigned long async_sim_faults(async_loop *loop, enum async_sim_fault fault);

/* How many real seconds the loop waits, with nothing ready, before the clock jumps; negative, at first: as said above.
 * $ASYNC_SIM_PATIENCE sets it. */
void async_sim_patience(async_loop *loop, double seconds);

/* How many steps of tasks, and callbacks, there have been: a program that spins, or wakes tasks in vain, makes many. */
unsigned long async_sim_steps(async_loop *loop);
/* A hash of what has happened so far: which tasks ran, in which order, when, and how their system calls ended. */
uint64_t async_sim_trace_hash(async_loop *loop);

ASYNC_END_DECLS

#endif
