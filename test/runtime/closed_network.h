/* closed_network.h: for tests of what happens on a closed simulated network, whatever $ASYNC_LOOP says. */
#ifndef CLOSED_NETWORK_H
#define CLOSED_NETWORK_H

#include "async_testing.h"

#include <async/sim.h>
#include <async/sim_network.h>

static async_loop *loop;

/* Runs it on a closed network; its error. */
#define RUN_CLOSED(seed, call)                                          \
	({                                                              \
		async_error error_;                                     \
		loop = async_loop_new(&async_loop_sim);                 \
		async_sim_seed(loop, seed);                             \
		async_sim_patience(loop, -1);                           \
		async_sim_network(loop, ASYNC_SIM_NETWORK_CLOSED);      \
		error_ = async_catch(async_run_on(loop, call));         \
		async_loop_close(loop);                                 \
		error_;                                                 \
	})
#define EXPECT_FINE(call) CHECK(RUN_CLOSED(1, call).code == 0)

#endif
