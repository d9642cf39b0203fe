/* uring.h: what uring.c (the ring, waiting), uring_poll.c (readiness), uring_submit.c (whole operations) and uring_lasting.c (connections and input that
 * come one after the other) share. */
#ifndef ASYNC_URING_INTERNAL_H
#define ASYNC_URING_INTERNAL_H

#include "../runtime.h"

#include <liburing.h>

/* ---- liburing's functions; the rest of it is inline ---- */

#define URING_FUNCTIONS(X) X(io_uring_queue_init_params) X(io_uring_queue_exit) X(io_uring_submit) X(io_uring_submit_and_wait_timeout) \
	X(io_uring_submit_and_get_events) X(io_uring_register_ring_fd) X(io_uring_register_buf_ring)

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

/* What a completion says it is for: a descriptor and the number of its request, with the highest bit set, and the one below if it lasts
 * (uring_lasting.c), and one more if it yields connections; or one of these; or an operation's struct async_completion, its lowest bit set if the result will be a descriptor. */
#define FOR_FD (1ull << 63)
#define FOR_LASTING (1ull << 62)
#define FOR_CONNECTIONS (1ull << 61)
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
	uint32_t number : 29; /* of the latest request; what others yield is stale */
	bool pending : 1;     /* that request has not completed, or not for the last time */
	bool told : 1;        /* it is in the list of that name, */
	bool stale : 1;       /* and was already when a busy loop went through that */
	uint8_t once;         /* how many of the next requests are to be for one event */
};

/* A request that yields again and again: connections of a listening socket, or what comes on a connection. */
struct lasting {
	uint32_t number : 29;       /* of the latest request; what others yield is stale */
	bool accepts : 1;
	bool pending : 1;           /* that has not ended, */
	bool stopping : 1;          /* but been asked to */
	unsigned accepted;          /* when async_accept has been answered last: uring_state.sleeps then, and 1 */
	async_completion *acceptor; /* who waits in async_accept; NULL: nobody does just now, */
	struct sockaddr *address;   /* and where the peer's address is wanted */
	socklen_t *length;
	async_receiver *receiver;   /* NULL, if it accepts */
};

/* Of a descriptor. */
struct uring_fd {
	struct polled polled;
	struct lasting lasting;
};

/* Memory that the kernel chooses from for what comes; each is given back as soon as it is emptied. */
struct given_buffers {
	struct io_uring_buf_ring *ring; /* in front of the memory; NULL before the first receiver */
	char *memory;
	unsigned n;                     /* so many take part */
	bool refused;                   /* this kernel, or the memory that may be locked, does not allow it */
};

struct uring_state {
	struct io_uring ring;
	int wake;              /* eventfd */
	bool operates;         /* the kernel is new enough for whole operations (5.19) */
	bool looking;          /* completions are being worked off: what is begun meanwhile goes with the next wait */
	struct uring_fd *fds;  /* by descriptor */
	int n_fds;
	int *told;             /* descriptors whose lasting poll, or whose connections, have told something since we slept; room for n_fds */
	int n_told;
	unsigned looks;        /* how often a busy loop has looked without sleeping */
	unsigned n_operations; /* submitted and not ended */
	unsigned sleeps;       /* waits that might take time */
	struct async__link cancelled; /* operations of descriptors that were closed, to be told in the next wait */
	struct given_buffers given;
};

/* A place for a request; NULL: the kernel takes no more just now. */
struct io_uring_sqe *async__uring_request(struct uring_state *s);
/* Has what was requested take effect: files that are about to be closed must not stay open for us. */
void async__uring_flush(struct uring_state *s);
/* Room in fds and told; 0 or ENOMEM. */
int async__uring_make_room(struct uring_state *s, int fd);

/* uring_poll.c: the back end's function, and what wait does with a completion, and before it sleeps or, now and then, looks. */
int async__uring_watch(async_loop *loop, void *state, int fd, unsigned events);
int async__uring_polled(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe);
int async__uring_end_unwanted(async_loop *loop, struct uring_state *s, bool sleeps);
/* A completion has come for what lasts on fd. */
void async__uring_note_told(struct uring_state *s, int fd);
/* Nobody waits for fd to be ready any more: a poll request that is left over ends. */
void async__uring_end_poll(async_loop *loop, struct uring_state *s, int fd);

/* uring_submit.c: the back end's functions, and what wait does with a completion. */
int async__uring_submit(async_loop *loop, void *state, const struct async_operation *operation, async_completion *completion);
void async__uring_cancel(async_loop *loop, void *state, async_completion *completion);
void async__uring_abandon(async_loop *loop, void *state);
void async__uring_ended(async_loop *loop, struct uring_state *s, uint64_t key, int result, unsigned flags);
/* This request has to be made: it is refused for want of memory at most, and that passes. */
void async__uring_cancel_request(struct uring_state *s, uint64_t key, unsigned flags);

/* uring_lasting.c: the back end's functions. */
int async__uring_receive(async_loop *loop, void *state, int fd, async_receiver *receiver);
void async__uring_stop_receiving(async_loop *loop, void *state, int fd);
void async__uring_release(async_loop *loop, void *state, int fd);
/* Has async_accept's operation served by a request that lasts: false, it is to be one of its own. */
bool async__uring_accept(async_loop *loop, struct uring_state *s, const struct async_operation *operation, async_completion *completion);
/* Does completion wait for what lasts?  Then its cancellation has been begun. */
bool async__uring_cancel_accept(struct uring_state *s, async_completion *completion);
/* Does fd take connections that nobody waits for?  And the end of that. */
bool async__uring_accepts_idly(const struct uring_state *s, int fd);
void async__uring_stop_accepting(struct uring_state *s, int fd);
/* What wait does with a completion, and with what was closed; abandon's part. */
void async__uring_lasted(async_loop *loop, struct uring_state *s, const struct io_uring_cqe *cqe);
void async__uring_tell_cancelled(async_loop *loop, struct uring_state *s);
void async__uring_lasting_close(async_loop *loop, struct uring_state *s);

#endif
