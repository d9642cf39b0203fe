/* async/loop.h: event loops: callbacks, timers, threads, and writing a loop of one's own. */
#ifndef ASYNC_LOOP_H
#define ASYNC_LOOP_H

#include <async/base.h>
#include <sys/socket.h>
#include <sys/types.h>

ASYNC_BEGIN_DECLS

typedef struct async_loop async_loop;
typedef struct async_timer async_timer;
typedef struct async_loop_backend async_loop_backend;

/* A loop over the given back end (NULL: what $ASYNC_LOOP names, or epoll); NULL with errno set.  The caller owns it. */
async_loop *async_loop_new(const async_loop_backend *backend);
/* Reports what is still pending and frees the loop.  NULL is fine; a running loop is refused (false). */
bool async_loop_close(async_loop *loop);
/* The loop that runs on this thread, or NULL.  (asyncio.get_running_loop) */
async_loop *async_get_running_loop(void);
/* Runs A on the given loop until A is done and yields its result.  For ordinary C.  (loop.run_until_complete) */
#define async_run_on(loop, A) (async__mark_run_on(loop), (A))
void async__mark_run_on(async_loop *loop) ASYNC__MARKER;
/* Runs until async_loop_stop.  (loop.run_forever, loop.stop) */
void async_loop_run_forever(async_loop *loop);
void async_loop_stop(async_loop *loop);

/* In debug mode, each step of a task and each callback that blocks the loop for longer than `seconds` (0.1 at first) is reported
 * on stderr when it ends, with the task's name, the time, and the chain of awaits at which the step began; one that goes on
 * for ten times as long is reported while it does, from a thread.  A task that ends well though a request to cancel it was not taken
 * back is reported to the exception handler.  ASYNC_DEBUG=1 in the environment switches it on for every loop.  Loop's thread.  (loop.set_debug, loop.slow_callback_duration) */
void async_set_debug(async_loop *loop, bool on);
bool async_get_debug(async_loop *loop);
void async_set_slow_callback_duration(async_loop *loop, double seconds);

/* Tasks of an eager loop begin when they are created, and run up to their first suspension, as async_create_task_eager's do: one that
 * does not suspend has ended when async_create_task returns, and never was in the loop's queue.  ASYNC_EAGER=1 in the environment switches
 * it on for every loop.  Loop's thread: elsewhere it is reported and nothing changes.  (loop.set_task_factory, asyncio.eager_task_factory) */
void async_set_eager(async_loop *loop, bool on);
bool async_get_eager(async_loop *loop);

/* ---- A loop inside of another one ----
 * The other loop waits until async_loop_fd is readable or async_loop_next_deadline has come, and then calls async_loop_run_once.
 * Work comes in by async_call_soon_threadsafe.  For loops that are not running; loop's thread: elsewhere they are reported, and answer
 * an error code, -1 and INT64_MAX. */

/* One turn: waits for at most `seconds` (0: only looks), then runs what is ready.  0, or an error code: the loop cannot go on. */
int async_loop_run_once(async_loop *loop, double seconds);
/* A descriptor that is readable when there is something to look at; poll it, nothing else.  -1: this back end has none
 * (poll, sim, libuv). */
int async_loop_fd(async_loop *loop);
/* When the next turn is due, on async_time's clock (that of the loop): now or earlier if something is ready; INT64_MAX: only when
 * the descriptor says so. */
int64_t async_loop_next_deadline(async_loop *loop);

/* The back end's own state, the size its descriptor asks for. */
void *async_loop_backend_state(async_loop *loop);

/* A callback that is scheduled; 0 if it could not be.  Stays a harmless value after it ran.  (asyncio.Handle) */
typedef uint64_t async_call;
typedef void async_callback(void *arg);
/* Runs fn(arg) in the loop's next turn, in order; after `delay` seconds; at `when` on async_time's clock.
 * (loop.call_soon, call_later, call_at) */
async_call async_call_soon(async_callback *fn, void *arg);
async_call async_call_later(double delay, async_callback *fn, void *arg);
async_call async_call_at(int64_t when, async_callback *fn, void *arg);
/* True if the callback had not run yet, and now never will.  (Handle.cancel) */
bool async_cancel_call(async_call call);
/* The same as async_call_soon, from any thread and from signal handlers' threads; wakes the loop.  0, or an error code
 * (ASYNC_CLOSED, ASYNC_NO_MEMORY).  (loop.call_soon_threadsafe) */
int async_call_soon_threadsafe(async_loop *loop, async_callback *fn, void *arg);
/* The loop's clock: monotonic nanoseconds.  (loop.time) */
int64_t async_time(void);

/* Calls fn(arg) from the loop when the signal arrives; NULL removes the handler and restores the default.  0 or an errno
 * value.  (loop.add_signal_handler) */
int async_add_signal_handler(int signal, async_callback *fn, void *arg);

/* ---- Writing a back end ----
 * A back end waits for descriptors and time.  Everything else (tasks, ready queue, timers' order) is the loop's.
 * All functions are called on the loop's thread, but for wake. */
enum async_io_event { ASYNC_READABLE = 1, ASYNC_WRITABLE = 2 } __attribute__((mode(SI)));

/* What a back end may be able to do itself, instead of saying when it can be done: each as the system call of that name, but
 * without making anybody wait. */
enum async_operation_kind {
	ASYNC_OPERATION_READ,    /* fd, buffer, size, offset (-1: where the file stands) */
	ASYNC_OPERATION_WRITE,   /* the same */
	ASYNC_OPERATION_RECV,    /* fd, buffer, size, flags */
	ASYNC_OPERATION_SEND,    /* the same */
	ASYNC_OPERATION_ACCEPT,  /* fd, address and length (may be NULL), flags (those of accept4) */
	ASYNC_OPERATION_CONNECT, /* fd, address, size */
	ASYNC_OPERATION_OPEN,    /* path, flags, mode */
	ASYNC_OPERATION_FSYNC,   /* fd */
	ASYNC_OPERATION_CLOSE    /* fd */
} __attribute__((mode(SI)));

struct async_operation {
	enum async_operation_kind kind;
	int fd;
	int flags;
	mode_t mode;
	union {
		void *buffer;
		const void *data;
		const char *path;
		struct sockaddr *address;
	};
	size_t size;
	off_t offset;
	socklen_t *length;
};
/* Names an operation that was submitted. */
typedef struct async_completion async_completion;
/* Names who takes what comes on a connection: one of our streams. */
typedef struct async_receiver async_receiver;

struct async_loop_backend {
	const char *name;  /* "epoll", ... */
	size_t state_size; /* bytes of state, zeroed, that the loop allocates for open */
	/* Prepares the state; 0 or an errno value. */
	int (*open)(async_loop *loop, void *state);
	void (*close)(async_loop *loop, void *state);
	/* Monotonic nanoseconds. */
	int64_t (*now)(async_loop *loop, void *state);
	/* Wants to hear of these events on fd from now on (level-triggered), in place of what was asked for before; 0
	 * forgets fd.  Called anew for each wait, also because fd may have been closed and be another file's by now.
	 * 0 or an errno value; EPERM means that fd is always ready. */
	int (*watch)(async_loop *loop, void *state, int fd, unsigned events);
	/* Waits until something happens, at most timeout nanoseconds (-1: for ever, 0: only looks), and calls
	 * async_loop_report for each descriptor that is ready.  0 or an errno value. */
	int (*wait)(async_loop *loop, void *state, int64_t timeout);
	/* Makes a wait in progress return.  Any thread, async-signal-safe. */
	void (*wake)(async_loop *loop, void *state);
	/* Called when a timer is started or stopped.  NULL: the loop's own timer wheels, which are also what
	 * async_timer_start_default and async_timer_stop_default work on. */
	void (*timer_start)(async_loop *loop, void *state, async_timer *timer);
	void (*timer_stop)(async_loop *loop, void *state, async_timer *timer);
	/* For async_loop_fd; also called when a turn of async_loop_run_once ends: what is watched must have an effect on the
	 * descriptor from then on.  NULL: there is none. */
	int (*descriptor)(async_loop *loop, void *state);
	/* Begins an operation, at the latest in the next wait.  Memory that it points to stays where it is until async_loop_complete is called
	 * for it, from inside of wait, once; *operation itself does not.  0; or ENOSYS: not this one, and the loop waits for
	 * readiness instead; or another errno value.  NULL: none. */
	int (*submit)(async_loop *loop, void *state, const struct async_operation *operation, async_completion *completion);
	/* Asks for its end; that is told as every end, with ECANCELED if nothing was moved. */
	void (*cancel)(async_loop *loop, void *state, async_completion *completion);
	/* Ends what was submitted and waits until that is so; tells nobody.  The tasks are about to be freed. */
	void (*abandon)(async_loop *loop, void *state);
	/* Receives what comes on a connected stream socket, whether anybody reads or not, and calls async_loop_received with each piece, from
	 * inside of wait, until that has been told of the end.  One receiver for fd.  0; or ENOSYS: not this one, and the loop waits for
	 * readiness instead; or another errno value.  NULL: none. */
	int (*receive)(async_loop *loop, void *state, int fd, async_receiver *receiver);
	/* Asks for its end: more may come before that is told, with ECANCELED. */
	void (*stop_receiving)(async_loop *loop, void *state, int fd);
	/* fd, of which something was accepted or received, is about to be closed: what the back end goes on with by itself ends at once, a receiver is
	 * told ECANCELED from inside of this call.  NULL: there is nothing like that. */
	void (*release)(async_loop *loop, void *state, int fd);
	/* Watching keeps a descriptor's file open: one that nobody waits for any more is forgotten (watch, 0) at once, not
	 * when it is reported for the first time. */
	bool forget_at_once;
};
/* For wait: these events are there on fd (an error or hang-up counts as both). */
void async_loop_report(async_loop *loop, int fd, unsigned events);
/* For wait: what was submitted has ended, with the system call's result, or the negative errno value. */
void async_loop_complete(async_loop *loop, async_completion *completion, ssize_t result);
/* For receive: n bytes, which are copied; 0: the end of the input; or a negative errno value: it ended for that, ENOSYS meaning that the
 * system calls will do better. */
void async_loop_received(async_loop *loop, async_receiver *receiver, const void *bytes, ssize_t n);
void async_timer_start_default(async_loop *loop, async_timer *timer);
void async_timer_stop_default(async_loop *loop, async_timer *timer);
int64_t async_timer_deadline(const async_timer *timer);

/* The back end of that name ("epoll", "poll", "sim", "io_uring", "libuv"); NULL if this library was built without it. */
const async_loop_backend *async_loop_find(const char *name);
/* The last two are there if the library was built with liburing and libuv.  async_loop_new answers NULL where the kernel
 * refuses io_uring; with ASYNC_LOOP=io_uring, epoll is used then, and stderr told. */
extern const async_loop_backend async_loop_epoll;
extern const async_loop_backend async_loop_poll;
extern const async_loop_backend async_loop_sim;
extern const async_loop_backend async_loop_io_uring;
extern const async_loop_backend async_loop_libuv;

ASYNC_END_DECLS

#endif
