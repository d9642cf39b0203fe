/* async/error.h: errors as values, raising and catching them, and who hears of those that nobody caught. */
#ifndef ASYNC_ERROR_H
#define ASYNC_ERROR_H

#include <async/base.h>

ASYNC_BEGIN_DECLS

/* The library's own error codes, all negative; a positive code is an errno value, and 0 is no error. */
#define ASYNC_ERRORS(X)                                                      \
	X(CANCELLED, -1, "cancelled")                                       \
	X(TIMEOUT, -2, "timed out")                                         \
	X(INVALID_STATE, -3, "invalid state")                               \
	X(STALE, -4, "stale handle")                                        \
	X(BROKEN_EXECUTOR, -5, "the executor is broken")                    \
	X(NO_MEMORY, -6, "out of memory")                                   \
	X(WRONG_THREAD, -7, "called from a thread that does not own the loop") \
	X(RUNNING_LOOP, -8, "a loop is already running on this thread")     \
	X(CLOSED, -9, "closed")                                             \
	X(SHUT_DOWN, -10, "shut down")                                      \
	X(END_OF_FILE, -11, "end of file")                                  \
	X(LIMIT, -12, "limit exceeded")                                     \
	X(ERROR, -13, "error")                                              \
	X(GROUP, -14, "errors in a task group")                             \
	X(BROKEN_BARRIER, -15, "the barrier is broken")                     \
	X(QUEUE_EMPTY, -16, "the queue is empty")                           \
	X(QUEUE_FULL, -17, "the queue is full")                             \
	X(FORKED, -18, "the loop belongs to the parent process")

enum async_error_code {
#define ASYNC__ENUMERATOR(name, code, text) ASYNC_##name = (code),
	ASYNC_ERRORS(ASYNC__ENUMERATOR)
#undef ASYNC__ENUMERATOR
	ASYNC_OK = 0
} __attribute__((mode(SI)));

/* An error as a plain value: copy it, keep it, nothing to free.  code 0 means no error; message is always terminated. */
typedef struct async_error {
	int code;          /* an errno value, or one of ASYNC_ERRORS */
	char message[120]; /* for people; cut, never overrun */
	unsigned number;   /* which error it is, for the functions below, as long as that exists; 0: just a value */
} async_error;

/* What e was caused by: what was being handled when it was raised, or what a task group gathered first.  code 0 if nothing, or if e
 * does not exist any more: it does while an async_except handles it, while a task or future has it, and when an async_catch answered it,
 * until its task has caught four more that way, or ended.  (Exception.__cause__, __context__) */
async_error async_error_cause(async_error e);
/* Error i, from 0, of those that an ASYNC_GROUP error is made of; code 0 beyond the last.  (BaseExceptionGroup.exceptions) */
async_error async_group_error(async_error e, size_t i);

/* The fixed text of a code ("timed out", or what strerror says).  Any thread. */
const char *async_error_text(int code);

/* async_raise(code, format, ...) completes the coroutine with an error, or enters the async_except around it
 * (Python's raise).  Inside an async_except the error being handled becomes the new one's cause.
 * async_reraise() raises the error of the innermost async_except again, its return trace kept. */
#define async_raise(code, ...) async__mark_raise((code), __VA_ARGS__)
#define async_reraise() async__mark_reraise()
/* Raises an error value, with its causes and its return trace if they are still to be had.  (raise e) */
#define async_raise_error(e) async__mark_raise_error(e)

/* async_try { } async_except(err) { } async_finally { }: either of the last two may be left out, not both.
 * err is an async_error.  async_finally runs on every way out, and may await.  async_except takes a cancellation, too (Python's `except
 * BaseException`); async_except_error(err), in its place, lets it go on its way (`except Exception`). */
#define async_try if (async__mark_try())
#define async_except(e) else for (async_error e = async__mark_caught();;)
#define async_except_error(e) else for (async_error e = async__mark_caught_error();;)
#if defined(__clang_analyzer__) || defined(__cppcheck__) /* which shall know that it runs in any case */
#define async_finally if (1)
#else
#define async_finally if (async__mark_finally())
#endif

/* An awaitable whose error is a value: `async_error e = await async_catch(x = f());`  Cancellation of the awaiting task
 * itself is caught as well, as by Python's `except BaseException`.
 * In plain C, without await, it blocks like the call inside it.  After an error x is what it was before. */
#define async_catch(A) async__mark_catch(((void)(A), 0))

void async__mark_raise(int code, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3))) ASYNC__MARKER;
void async__mark_reraise(void) __attribute__((noreturn)) ASYNC__MARKER;
void async__mark_raise_error(async_error error) __attribute__((noreturn)) ASYNC__MARKER;
int async__mark_try(void) ASYNC__MARKER;
int async__mark_finally(void) ASYNC__MARKER;
async_error async__mark_caught(void) ASYNC__MARKER;
async_error async__mark_caught_error(void) ASYNC__MARKER;
async_error async__mark_catch(int) ASYNC__MARKER;

/* What the exception handler is told (asyncio's context dictionary). */
typedef struct async_error_context {
	const char *message; /* what happened: "Task exception was never retrieved", ... */
	async_error error;   /* the error itself */
	async_handle handle; /* the task or future it belongs to, NULL if none; may be stale already */
	const char *trace;   /* the error return trace, one line per frame passed; "" if none; valid during the call */
} async_error_context;

typedef void async_exception_handler(const async_error_context *context, void *arg);

/* Who hears of errors that nobody takes, on the running loop; NULL restores the default, which writes to stderr.
 * Loop's thread.  (loop.set_exception_handler) */
void async_set_exception_handler(async_exception_handler *handler, void *arg);
/* What the default handler does, for handlers that only want to add something.  (loop.default_exception_handler) */
void async_default_exception_handler(const async_error_context *context);
/* Calls the running loop's handler.  (loop.call_exception_handler) */
void async_call_exception_handler(const async_error_context *context);

ASYNC_END_DECLS

#endif
