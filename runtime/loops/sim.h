/* sim.h: what sim.c (time, order, trace), faults.c (system calls and memory that fail) and network/ share. */
#ifndef ASYNC_SIM_INTERNAL_H
#define ASYNC_SIM_INTERNAL_H

#include "../io/system.h"
#include "../runtime.h"
#include <async/sim.h>

#include <errno.h>

struct sim_network;

struct sim_state {
	void *real;        /* state of the poll back end, which knows about descriptors */
	int64_t clock;
	int64_t waited;    /* real time that we have waited with the clock as it is and nothing coming */
	int64_t patience;  /* ns; negative: as long as somebody else may act */
	unsigned still;    /* turns since the clock moved */
	bool shuffle;
	uint64_t order;    /* state of the random numbers for the shuffle, */
	uint64_t mood;     /* and for faults */
	uint64_t hash;
	unsigned long steps;  /* entries that were chosen */
	double rates[ASYNC_SIM_N_FAULTS];
	unsigned long counts[ASYNC_SIM_N_FAULTS];
	struct sim_network *network; /* network/ */
	struct async__system system; /* what runtime/io calls */
	unsigned long allocation; /* the one that is to fail, counted from when that was decided; 0: none */
};

/* NULL if the loop is over another back end. */
struct sim_state *async__sim(async_loop *loop);
uint64_t async__sim_random(uint64_t *state);
/* Adds a word to the trace. */
void async__sim_trace(struct sim_state *s, uint64_t word);
/* Does this fault happen now?  Nothing is drawn for one that never does. */
bool async__sim_strikes(struct sim_state *s, enum async_sim_fault fault);
void async__sim_fill_system(struct async__system *system);
/* Before each step: decides whether an allocation in it fails. */
void async__sim_spoil_memory(struct sim_state *s);

#endif
