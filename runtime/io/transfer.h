/* transfer.h: what async_read, async_recv, async_write and async_send have in common: their frame, and how they begin.  Each makes its system
 * call at once, if it may; what need not wait takes no frame. */
#ifndef ASYNC_IO_TRANSFER_H
#define ASYNC_IO_TRANSFER_H

#include "io.h"
#include "system.h"

struct async__transfer {
	async_frame base;
	union { /* the result is stored last */
		ssize_t result;
		struct {
			int fd;
			void *buffer; /* who writes only reads it */
			size_t size;
			int flags;    /* those of recv and send */
		};
	};
	struct async__io_wait wait;
};
ASYNC__RESULT_SHARES(struct async__transfer, fd);

/* What each NAME has behind its resume function: the constants that describe it, and NAME__in_frame, the way out of NAME__start when it has
 * not tried. */
#define ASYNC__TRANSFER(NAME, AWAITED)                                             \
	const async_function NAME##__async = {                                     \
		.abi = ASYNC_ABI_VERSION,                                          \
		.frame_size = sizeof(struct async__transfer),                      \
		.frame_align = _Alignof(struct async__transfer),                   \
		.result_offset = offsetof(struct async__transfer, result),         \
		.result_size = sizeof(ssize_t),                                    \
		.name = #NAME,                                                     \
		.file = __FILE__,                                                  \
		.points = (const async_point[])ASYNC__IO_POINTS(NAME, AWAITED),    \
	};                                                                         \
	struct NAME##__outcome {                                                   \
		ssize_t result;                                                    \
		async_status status;                                               \
	};                                                                         \
	static async_status NAME##__begin(struct async__transfer *f)               \
	{                                                                          \
		return NAME##__resume(&f->base, ASYNC_DONE, f->wait.at);           \
	}                                                                          \
	ASYNC__IN_FRAME(NAME, NAME##__in_frame, NAME##__begin)

/* system_call(arguments), unless a signal has interrupted it. */
#define ASYNC__UNINTERRUPTED(SYSTEM_CALL)                                          \
	__extension__({                                                            \
		ssize_t async__n;                                                  \
		do                                                                 \
			async__n = (SYSTEM_CALL);                                  \
		while (__builtin_expect(async__n < 0, 0) && errno == EINTR);       \
		async__n;                                                          \
	})

/* transfer.c: has the loop do it, as async__io_operate; offset: the file's own. */
int async__transfer_operate(struct async__transfer *f, async_status status, enum async_operation_kind kind, int flags, const char *what,
			    ssize_t *result);
/* The parameters are gone. */
static inline async_status async__transfer_end(struct async__transfer *f, ssize_t result)
{
	f->result = result;
	return ASYNC_DONE;
}
/* Until the descriptor is ready; anew: for a system call that has just failed, as async__io_retry. */
async_status async__transfer_park(struct async__transfer *f, unsigned events, const char *what);
async_status async__transfer_anew(struct async__transfer *f, unsigned events, const char *what);
/* The whole of it in ordinary C; self is the function. */
ssize_t async__transfer_blocking(const async_function *function, void (*self)(void), int fd, void *buffer, size_t size, int flags);

struct async__transferred {
	ssize_t result;
	async_status status;
};

/* In a frame: begin, with errno as it is, does what is left. */
__attribute__((always_inline)) static inline struct async__transferred async__transfer_in_frame(const async_function *function, int fd,
		const void *buffer, size_t size, int flags, async_status (*begin)(struct async__transfer *))
{
	int err = errno;
	struct async__transfer *f = async__push_frame(function);
	struct async__transferred outcome = { -1, ASYNC_FAILED };

	if (!f)
		return outcome;
	f->fd = fd;
	f->buffer = (void *)(uintptr_t)buffer;
	f->size = size;
	f->flags = flags;
	f->wait.at = function->points;
	errno = err;
	outcome.status = begin(f);
	if (outcome.status == ASYNC_SUSPENDED) {
		async__suspend(&f->base);
		return outcome;
	}
	outcome.result = f->result;
	async__pop_frame(f);
	return outcome;
}
/* HOW: NAME__start's way out to BEGIN, when it has to wait. */
#define ASYNC__IN_FRAME(NAME, HOW, BEGIN)                                                                                       \
	__attribute__((noinline)) static struct NAME##__outcome HOW(int fd, const void *buffer, size_t size, int flags)         \
	{                                                                                                                       \
		struct async__transferred done = async__transfer_in_frame(&NAME##__async, fd, buffer, size, flags, BEGIN);      \
                                                                                                                                \
		return (struct NAME##__outcome){ done.result, done.status };                                                    \
	}

#endif
