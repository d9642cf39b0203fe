/* uring.h: what uring.c (the ring, readiness, waiting) and uring_submit.c (whole operations) share. */
#ifndef ASYNC_URING_INTERNAL_H
#define ASYNC_URING_INTERNAL_H

#include "../runtime.h"

#include <liburing.h>

/* ---- liburing's functions; the rest of it is inline ---- */

#define URING_FUNCTIONS(X) X(io_uring_queue_init_params) X(io_uring_queue_exit) X(io_uring_submit) X(io_uring_submit_and_wait_timeout) \
	X(io_uring_submit_and_get_events) X(io_uring_register_ring_fd)

union async__uring_functions {
#define ASYNC__POINTER(name) __typeof__(name) *name;
	struct {
		URING_FUNCTIONS(ASYNC__POINTER)
	};
#define ASYNC__WORD(name) void *name##_word;
	void *words[sizeof(struct { URING_FUNCTIONS(ASYNC__WORD) }) / sizeof(void *)];
};
extern union async__uring_functions async__uring;

/* ---- State ---- */

/* What a completion says it is for: a descriptor and the number of its request, with the highest bit set; or one of these; or an
 * operation's struct async_completion, its lowest bit set if the result will be a descriptor. */
#define FOR_FD (1ull << 63)
#define FOR_WAKE UINT64_MAX
#define FOR_NOBODY (UINT64_MAX - 1)
#define FOR_DESCRIPTOR 1ull

/* A wait for a descriptor is a poll request: for one event, or (lasting, multishot) for one after the other.
 *
 * A lasting one tells of changes, not of states.  So it is made, and relied on (fds.c, trusts), only for a TCP connection of ours that has been
 * read until there was no more (async__fd.drained): whatever comes then is a change.  What comes while nobody waits ends that state, and the
 * next reader tries first.  The end of the input and errors may be told together with data: they end the request, and a new one looks at the
 * state first.  Urgent data, before which a read stops short, is told apart by nobody; what comes behind it is found when trust is doubted,
 * within a second.
 *
 * A request keeps its file open, so no lasting one stays that nobody wants: those that have told something are in `told` until we sleep, and
 * then the requests are cancelled that nobody waits for any more; in a loop that is too busy to sleep, those that nobody has waited for a
 * while.  Who lets that happen gets one-time requests for a while.
 *
 * loop->fds[fd].lasting: fds[fd].pending, and that request is a lasting one for ASYNC_READABLE. */
struct polled {
	uint32_t number : 31; /* of the latest request; what others yield is stale */
	bool pending : 1;     /* that request has not completed, or not for the last time */
	bool told : 1;        /* it is in the list of that name, */
	bool stale : 1;       /* and was already when a busy loop went through that */
	uint8_t once;         /* how many of the next requests are to be for one event */
};

struct uring_state {
	struct io_uring ring;
	int wake;              /* eventfd */
	bool operates;         /* the kernel is new enough for whole operations (5.19) */
	bool looking;          /* completions are being worked off: what is begun meanwhile goes with the next wait */
	struct polled *fds;    /* by descriptor */
	int n_fds;
	int *told;             /* descriptors whose lasting request has told something since we slept; room for n_fds */
	int n_told;
	unsigned looks;        /* how often a busy loop has looked without sleeping */
	unsigned n_operations; /* submitted and not ended */
};

/* A place for a request; NULL: the kernel takes no more just now. */
struct io_uring_sqe *async__uring_request(struct uring_state *s);

/* uring_submit.c: the back end's functions, and what wait does with a completion. */
int async__uring_submit(async_loop *loop, void *state, const struct async_operation *operation, async_completion *completion);
void async__uring_cancel(async_loop *loop, void *state, async_completion *completion);
void async__uring_abandon(async_loop *loop, void *state);
void async__uring_ended(async_loop *loop, struct uring_state *s, uint64_t key, int result, unsigned flags);

#endif
