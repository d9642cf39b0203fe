/* async/uv.h: tasks and libuv's handles on one uv_loop_t.  Include it after <async.h>; needs libuv's headers.
 *
 * Either the async loop runs, and libuv's callbacks with it:
 *
 *	uv_loop_t uv;
 *	uv_loop_init(&uv);
 *	async_loop *loop = async_loop_new_uv(&uv);
 *	async_run_on(loop, everything());              callbacks of handles on uv are called meanwhile
 *
 * or libuv's loop does, and the tasks with it:
 *
 *	async_uv_attach(loop);
 *	async_call_soon_threadsafe(loop, begin, NULL); begin() may create tasks
 *	uv_run(&uv, UV_RUN_DEFAULT);                   ends when neither tasks nor handles are left
 *
 * A callback of libuv's may do what a callback of the loop's may: finish futures, cancel, create tasks.  In the second form
 * that holds only inside of callbacks of the loop's own. */
#ifndef ASYNC_UV_H
#define ASYNC_UV_H

#include <async/loop.h>
#include <uv.h>

ASYNC_BEGIN_DECLS

/* These functions are there if the library was built with libuv. */

/* A loop over the caller's uv, which stays his and must live longer; NULL with errno set.  After async_loop_close, one more
 * uv_run(uv, UV_RUN_NOWAIT) lets go of uv.  Uv's thread. */
async_loop *async_loop_new_uv(uv_loop_t *uv);
/* The uv_loop_t below a loop over async_loop_libuv; NULL over another.  Handles that are still open on it when such a loop that
 * has its own uv_loop_t is closed are closed too.  Loop's thread. */
uv_loop_t *async_loop_uv(async_loop *loop);

/* From now on uv_run runs the loop's tasks; and no longer.  0 or an errno value (EINVAL: not over libuv).  The loop must not
 * be running.  It is attached until it is closed or detached. */
int async_uv_attach(async_loop *loop);
void async_uv_detach(async_loop *loop);

ASYNC_END_DECLS

#endif
