/* stream.h: a stream's inside.  stream.c has its life and its output, stream_input.c its input's buffer, stream_arrivals.c the input that the
 * loop brings by itself, stream.async.c what waits, by way of stream_wait.c for the output; server.async.c has servers.
 *
 * Input: bytes in[in_begin, in_end); only a read moves them.  Output: bytes out[out_begin, out_end), which flush sends when the
 * descriptor can take them; the flush is bound to the loop that it waits on. */
#ifndef ASYNC_STREAM_INTERNAL_H
#define ASYNC_STREAM_INTERNAL_H

#include <async.h>

#include "runtime.h"
#include <async/stream.h>

#define ASYNC__STREAM_LIMIT 65536
#define ASYNC__STREAM_HIGH 65536
#define ASYNC__STREAM_LOW 16384

/* bytes[begin, end) are in it.  One byte more than size is there for a terminating zero. */
struct async__buffer {
	char *bytes; /* NULL: none yet */
	size_t size, begin, end;
};
static inline size_t async__held(const struct async__buffer *buffer)
{
	return buffer->end - buffer->begin;
}
/* Room for `more` bytes behind end; what is in it may move.  An empty one gets `least` at least.  False without memory. */
bool async__buffer_reserve(struct async__buffer *buffer, size_t more, size_t least);

/* Input that the loop brings as it comes (io_uring), until a read takes it. */
struct async__arrivals {
	async_receiver receiver;
	async_loop *loop;             /* on which the stream was read last: it brings input to who reads again */
	struct async__fd_wait *reader; /* who waits for it; NULL */
	struct async__buffer kept;
	unsigned by_calls;            /* so many of the next reads are system calls: much came at once */
	int error;                    /* what comes behind them, when it has ended: 0 the end, or why */
	bool ended;
	bool coming;                  /* the loop goes on bringing, */
	bool stopping;                /* but was asked not to */
	bool refused;                 /* it does not do that for this descriptor */
};

struct async_stream {
	async_handle home;      /* the loop it belongs to: on which it was made, or first used */
	int fd;                 /* -1 when closed */
	unsigned owners;        /* async_stream_retain, and its maker; 0: given up */
	unsigned users;         /* tasks inside of a wait: it is freed after the last */
	bool is_connection;     /* a socket that carries a stream of bytes */
	bool is_socket;         /* else write must do, and SIGPIPE be kept away */
	bool eof;               /* the peer's end has been read */
	bool reading;           /* a task waits for input */
	bool closing;           /* to be closed when out is empty */
	bool ending;            /* async_stream_write_eof, when out is empty */
	bool ended;             /* that is done */
	bool paused;            /* writers wait */
	async_error error;      /* what broke the connection; code 0: nothing yet */
	struct async__buffer in;
	size_t limit;
	struct async__arrivals arrivals;
	char *zero;             /* where a zero follows what a read gave away; NULL: nowhere */
	char under_zero;        /* the byte that belongs there */
	async_bytes partial;    /* async_stream_partial */
	struct async__buffer out; /* what has to wait */
	size_t high, low;
	async_loop *loop;       /* on which flushing waits; NULL: it does not wait */
	struct async__fd_wait writable;
	struct async__entry flush;  /* queued when writable */
	struct async__closer closer; /* while loop is not NULL */
	struct async__link waiters; /* tasks in async__stream_wait */
	struct async__note note;    /* that it is open */
	async_server *server;       /* whose client it is; NULL */
	struct async__link client;  /* in the server's list */
};

/* May this thread use the stream?  If not, that is reported if there is a `what`.  Without memory it goes on being nobody's. */
static inline bool async__stream_is_ours(async_stream *s, const char *what)
{
	bool orphaned;

	return async__home_enter(&s->home, what, &orphaned) != ASYNC_WRONG_THREAD;
}
/* Waits until something has changed on the writing side.  ASYNC_CLOSED: s is gone. */
_Async async_by_hand void async__stream_wait(async_stream *s);
void async__stream_wake(async_stream *s);
/* Goes on sending, on this loop, what was left when another one was closed. */
void async__stream_flush_slowly(async_stream *s);
static inline void async__stream_flush_here(async_stream *s)
{
	if (__builtin_expect(async__held(&s->out) > 0, 0) && !s->loop)
		async__stream_flush_slowly(s);
}
/* The connection is broken: what is unsent is lost, who waits is told.  The first reason stays. */
void async__stream_break(async_stream *s, int code, const char *message);
/* Room for `more` bytes behind in_end; false without memory.  Moves the input. */
bool async__stream_reserve(async_stream *s, size_t more);
/* The input's first n bytes become the reader's. */
async_bytes async__stream_take(async_stream *s, size_t n);
/* Puts the byte back that a zero covers; before anything is done with the input. */
static inline void async__stream_uncover(async_stream *s)
{
	if (s->zero)
		*s->zero = s->under_zero;
	s->zero = NULL;
}
/* stream_arrivals.c: is the next read one of what the loop brings?  And reading that: how much, 0 at the end; -1: the loop does not do that. */
bool async__stream_reads_ahead(async_stream *s);
_Async async_by_hand ssize_t async__stream_arrival(async_stream *s, void *buffer, size_t size);
/* Before the descriptor is closed. */
void async__stream_end_arrivals(async_stream *s);
/* Frees it if nobody owns and nobody uses it any more, and it is closed. */
void async__stream_maybe_free(async_stream *s);

/* server.async.c: the stream's connection is closed. */
void async__server_forget(async_stream *s);
/* Tells the stream that it is this server's. */
void async__server_adopt(async_server *server, async_stream *s);

#endif
