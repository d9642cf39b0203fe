/* hunt.h: a server and its clients on the simulated network, for one seed after the other.
 *
 *	PROGRAM FIRST COUNT        says what is wrong with a seed, and how many were fine
 *
 * The seed decides the network (latency, segments, buffers), the order of tasks, what goes wrong (its mood) and, by draw(), what the
 * clients do.  Each runs in a process of its own, every tenth twice, which must be the same.  Whatever goes wrong: no descriptor
 * and no task is left, nobody spins, and the story's own promises hold. */
#ifndef HUNT_H
#define HUNT_H

#include <async.h>
#include <async/sim.h>
#include <async/sim_network.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing; what a correct program does not notice; connections that break; descriptors that run out; hosts that are cut off. */
enum mood { CALM, BAD, BREAKING, POOR, CUT_OFF, N_MOODS };
extern enum mood mood;
/* May a connection break that nobody meant to? */
bool may_break(void);
/* A number below n. */
uint64_t draw(uint64_t n);

#define PROMISE(condition)                                                                   \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			fprintf(stderr, "%s:%d: %s is not so\n", __FILE__, __LINE__, #condition); \
			_exit(9);                                                            \
		}                                                                            \
	} while (0)

/* What is run: the server and all its clients, up to their end. */
_Async void story(async_loop *loop);
/* Its end: the clients' tasks, with the mood's trouble meanwhile, then the server's, which is told to end. */
_Async void see_through(async_loop *loop, async_task(void) *clients, int n, async_task(int) server);
/* No more steps than this, whatever happens. */
extern const unsigned long most_steps;

#endif
