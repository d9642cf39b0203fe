/* async/thread.h: asking a loop that runs on another thread. */
#ifndef ASYNC_THREAD_H
#define ASYNC_THREAD_H

#include <async/base.h>
#include <async/error.h>
#include <async/loop.h>

ASYNC_BEGIN_DECLS

/* Starts A, a call of an async function, as a task of `loop`, which runs or will run on another thread; the arguments are evaluated
 * here.  The loop must exist during the call.  Yields an async_thread_future(T), which is this thread's, and is released by it; without
 * memory NULL, which stands for an error of that name.  (asyncio.run_coroutine_threadsafe, concurrent.futures.Future) */
#define async_run_coroutine_threadsafe(loop, A) \
	(async__mark_threadsafe(loop), (void)(A), (async_thread_future(__typeof__(A)))0)
#define async_thread_future(T) __typeof__(__typeof__(T)(*)(struct async__remote *))

/* Waits at most `timeout` seconds (ASYNC_FOREVER) for the end, and answers its error: code 0 if it ended well, ASYNC_TIMEOUT if it has
 * not ended yet, ASYNC_CLOSED if the loop was closed before it did.  Blocks the thread: refused with ASYNC_RUNNING_LOOP where that
 * very loop runs. */
#define async_thread_wait(f, timeout) async__thread_wait(ASYNC__REMOTE(f), (timeout))
/* The result, after async_thread_wait answered code 0; an lvalue that is good until the release. */
#define async_thread_result(f) (*(__typeof__((f)(NULL)) *)async__thread_result(ASYNC__REMOTE(f)))
#define async_thread_done(f) async__thread_done(ASYNC__REMOTE(f))
/* Asks that the task be cancelled; false if it had ended. */
#define async_thread_cancel(f) async__thread_cancel(ASYNC__REMOTE(f))
/* The task goes on.  NULL is fine. */
#define async_thread_release(f) async__thread_release(ASYNC__REMOTE(f))

struct async__remote;
#define ASYNC__REMOTE(f) ((struct async__remote *)(uintptr_t)(f))
async_error async__thread_wait(struct async__remote *remote, double timeout);
void *async__thread_result(struct async__remote *remote);
bool async__thread_done(struct async__remote *remote);
bool async__thread_cancel(struct async__remote *remote);
void async__thread_release(struct async__remote *remote);
void async__mark_threadsafe(async_loop *loop) ASYNC__MARKER;

ASYNC_END_DECLS

#endif
