/* sim.c: the deterministic back end: a clock that jumps, tasks in an order that a seed decides, and a trace of what happened.
 * Connections are network/'s, in memory; other descriptors are looked after by the poll back end inside.  Completes: what that one
 * reports.  Owner: the loop.
 * Loop's thread, but for wake. */
#include "sim.h"
#include "../network/network.h"

#include <stdlib.h>
#include <time.h>

static const async_loop_backend *const real = &async_loop_poll;

struct sim_state *async__sim(async_loop *loop)
{
	return loop->backend == &async_loop_sim ? loop->state : NULL;
}

/* splitmix64: any seed is good. */
uint64_t async__sim_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void async__sim_trace(struct sim_state *s, uint64_t word)
{
	s->hash = (s->hash ^ word) * 0x100000001b3;
	s->hash ^= s->hash >> 32;
}

/* ---- Order ---- */

enum { MOST = 64 }; /* tasks to choose from; the rest wait for a later choice */

static struct async__task *task_of(struct async__link *link)
{
	return async__stepping(async__container_of(link, struct async__entry, link));
}

/* Among the tasks at the front of the batch, that no callback stands before. */
static struct async__link *choose_among(struct sim_state *s, struct async__link *batch)
{
	struct async__link *link = batch->next;
	uint64_t n = 0;

	while (n < MOST && link != batch && task_of(link)) {
		link = link->next;
		n++;
	}
	link = batch->next;
	if (n > 1)
		for (n = async__sim_random(&s->order) % n; n; n--)
			link = link->next;
	return link;
}

static struct async__entry *choose(async_loop *loop)
{
	struct sim_state *s = loop->state;
	struct async__link *link = s->shuffle ? choose_among(s, loop->batch) : loop->batch->next;
	struct async__task *task = task_of(link);

	s->steps++;
	async__sim_trace(s, task ? async__number_of(task) : 0);
	async__sim_trace(s, (uint64_t)s->clock);
	async__sim_spoil_memory(s);
	return async__container_of(link, struct async__entry, link);
}

/* ---- Life ---- */

/* A number of the environment's; otherwise if it is not set. */
static double setting(const char *name, double otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtod(text, NULL) : otherwise;
}

/* Who asks for a seed wants to see what may happen. */
static void read_network(async_loop *loop, const char *seed)
{
	static const char *const modes[] = {"real", "open", "closed"};
	const char *mode = getenv("ASYNC_SIM_NETWORK");

	for (int i = 0; mode && i < 3; i++)
		if (!strcmp(mode, modes[i]))
			async_sim_network(loop, (enum async_sim_network_mode)i);
	if (seed)
		async_sim_segments(loop, 1460);
}

static void read_environment(async_loop *loop)
{
	const char *seed = getenv("ASYNC_SIM_SEED");
	double rate = setting("ASYNC_SIM_FAULTS", 0);

	async_sim_seed(loop, seed ? strtoull(seed, NULL, 0) : 0);
	async_sim_shuffle(loop, seed != NULL);
	async_sim_patience(loop, setting("ASYNC_SIM_PATIENCE", -1));
	read_network(loop, seed);
	for (int fault = ASYNC_SIM_SHORT; fault <= ASYNC_SIM_DELAY && rate > 0; fault++)
		async_sim_fault_rate(loop, (enum async_sim_fault)fault, rate);
}

static int open_sim(async_loop *loop, void *state)
{
	struct sim_state *s = state;
	int err;

	s->real = async__alloc_zeroed(real->state_size);
	if (!s->real)
		return ENOMEM;
	err = real->open(loop, s->real);
	if (!err && !(s->network = async__net_open(loop, s))) {
		real->close(loop, s->real);
		err = ENOMEM;
	}
	if (err) {
		async__free(s->real);
		return err;
	}
	async__sim_fill_system(&s->system);
	loop->choose = choose;
	loop->system = &s->system;
	loop->only_inside = async__net_only_inside;
	read_environment(loop);
	return 0;
}

static void close_sim(async_loop *loop, void *state)
{
	struct sim_state *s = state;

	async__net_close(s->network);
	real->close(loop, s->real);
	async__free(s->real);
	if (s->allocation)
		async__fail_alloc(0);
}

static int watch(async_loop *loop, void *state, int fd, unsigned events)
{
	struct sim_state *s = state;

	return async__net_watch(s->network, fd, events) ? 0 : real->watch(loop, s->real, fd, events);
}

static void wake(async_loop *loop, void *state)
{
	real->wake(loop, ((struct sim_state *)state)->real);
}

/* ---- Time ---- */

static int64_t now(async_loop *loop, void *state)
{
	(void)loop;
	return ((struct sim_state *)state)->clock;
}

static void move_clock(struct sim_state *s, int64_t by)
{
	if (__builtin_add_overflow(s->clock, by, &s->clock))
		s->clock = INT64_MAX;
	s->waited = 0;
	s->still = 0;
}

static bool something_came(async_loop *loop)
{
	return !async__list_empty(loop->ready) || loop->stopping || async__door_waiting(loop) || atomic_load(&loop->signals_arrived);
}

/* Who closes a descriptor by close(2) does not tell us.  True: somebody has, and what follows from it is to be looked at. */
static bool found_closed(async_loop *loop, struct sim_state *s, int64_t timeout)
{
	enum { OFTEN = 1000000 };

	if (timeout < 0 && (something_came(loop) || async__timer_next(loop) != INT64_MAX))
		return true; /* it was found by who asked whether we are idle for good */
	return (timeout < 0 || s->clock - s->network->swept >= OFTEN) && async__net_sweep(s->network);
}

/* A program that asks for the time between its turns would else ask for ever: time creeps. */
static void creep(struct sim_state *s)
{
	enum { TURNS = 10000, STEP = 1000000 };

	if (++s->still >= TURNS)
		move_clock(s, STEP);
}

static int64_t patience(async_loop *loop, const struct sim_state *s)
{
	if (s->patience >= 0)
		return s->patience;
	return loop->external || !async__alone() ? INT64_MAX : 0;
}

/* Waits for others, in real time: true when it was long enough. */
static bool wait_long_enough(async_loop *loop, struct sim_state *s, int64_t timeout, int *err)
{
	int64_t enough = patience(loop, s), before;

	if (enough > timeout)
		enough = timeout;
	if (s->waited >= enough)
		return true;
	before = real->now(loop, s->real);
	*err = real->wait(loop, s->real, enough - s->waited);
	s->waited += real->now(loop, s->real) - before;
	return !*err && !something_came(loop) && s->waited >= enough;
}

static int wait_for_events(async_loop *loop, void *state, int64_t timeout)
{
	struct sim_state *s = state;
	int err = loop->fd_waits ? real->wait(loop, s->real, 0) : 0;

	if (err)
		return err;
	if (timeout == 0 || something_came(loop)) {
		s->waited = 0;
		creep(s);
		return 0;
	}
	if (found_closed(loop, s, timeout))
		return 0;
	if (timeout < 0)
		return real->wait(loop, s->real, -1);
	if (wait_long_enough(loop, s, timeout, &err))
		move_clock(s, timeout);
	return err;
}

const async_loop_backend async_loop_sim = {
	.name = "sim",
	.state_size = sizeof(struct sim_state),
	.open = open_sim,
	.close = close_sim,
	.now = now,
	.watch = watch,
	.wait = wait_for_events,
	.wake = wake,
};

/* ---- Options ---- */

void async_sim_seed(async_loop *loop, uint64_t seed)
{
	struct sim_state *s = async__sim(loop);

	if (!s || !async__loop_is_ours(loop, "async_sim_seed"))
		return;
	s->order = seed;
	s->mood = ~seed;
	s->network->chance = seed * 0x9e3779b97f4a7c15 + 1;
	s->hash = 0xcbf29ce484222325;
}

void async_sim_shuffle(async_loop *loop, bool on)
{
	struct sim_state *s = async__sim(loop);

	if (s && async__loop_is_ours(loop, "async_sim_shuffle"))
		s->shuffle = on;
}

void async_sim_patience(async_loop *loop, double seconds)
{
	struct sim_state *s = async__sim(loop);

	if (s && async__loop_is_ours(loop, "async_sim_patience"))
		s->patience = seconds < 0 ? -1 : seconds >= 9e9 ? INT64_MAX : (int64_t)(seconds * 1e9);
}

unsigned long async_sim_steps(async_loop *loop)
{
	struct sim_state *s = async__sim(loop);

	return s && async__loop_is_ours(loop, "async_sim_steps") ? s->steps : 0;
}

uint64_t async_sim_trace_hash(async_loop *loop)
{
	struct sim_state *s = async__sim(loop);

	return s && async__loop_is_ours(loop, "async_sim_trace_hash") ? s->hash : 0;
}
