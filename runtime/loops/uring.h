/* uring.h: what uring.c (the ring, readiness, waiting) and uring_submit.c (whole operations) share. */
#ifndef ASYNC_URING_INTERNAL_H
#define ASYNC_URING_INTERNAL_H

#include "../runtime.h"

#include <liburing.h>

/* ---- liburing's functions; the rest of it is inline ---- */

#define URING_FUNCTIONS(X) X(io_uring_queue_init_params) X(io_uring_queue_exit) X(io_uring_submit) X(io_uring_submit_and_wait_timeout) \
	X(io_uring_submit_and_get_events)

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

struct polled {
	uint32_t number : 31; /* of the latest request; what others yield is stale */
	bool pending : 1;     /* that request has not completed */
	bool more : 1;        /* there was more to receive than the latest operation took */
};

struct uring_state {
	struct io_uring ring;
	int wake;              /* eventfd */
	bool operates;         /* the kernel is new enough for whole operations (5.19) */
	struct polled *fds;    /* by descriptor */
	int n_fds;
	unsigned n_operations; /* submitted and not ended */
};

/* A place for a request; NULL: the kernel takes no more just now. */
struct io_uring_sqe *async__uring_request(struct uring_state *s);
/* Room in fds; 0 or ENOMEM. */
int async__uring_make_room(struct uring_state *s, int fd);

/* uring_submit.c: the back end's functions, and what wait does with a completion. */
int async__uring_submit(async_loop *loop, void *state, const struct async_operation *operation, async_completion *completion);
void async__uring_cancel(async_loop *loop, void *state, async_completion *completion);
void async__uring_abandon(async_loop *loop, void *state);
void async__uring_ended(async_loop *loop, struct uring_state *s, uint64_t key, int result, unsigned flags);

#endif
