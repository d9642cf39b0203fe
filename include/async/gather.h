/* async/gather.h: waiting for several awaitables at once. */
#ifndef ASYNC_GATHER_H
#define ASYNC_GATHER_H

#include <async/base.h>

ASYNC_BEGIN_DECLS

/* await async_gather(e, ...): runs every e concurrently and ends after the last; e is an awaitable A, or `lvalue = A`.
 * The first error is raised at once, the others keep running; `err = async_catch(A)` makes an error a result.
 * Results are stored when all have ended, in the order of the arguments.  (asyncio.gather) */
#define async_gather(...) ((void)(async__mark_gather(), __VA_ARGS__))
void async__mark_gather(void) ASYNC__MARKER;

/* The same over n handles: looks without reaping.  n may be 0.  A handle may appear more than once. */
_Async async_by_hand void async_gather_n(const async_handle *handles, size_t n);

/* The same, but the first error cancels the others, and is raised when they have ended. */
_Async async_by_hand void async_gather_n_or_cancel(const async_handle *handles, size_t n);

/* Handles in the order in which they finish:
 *	async_completions *c = async_as_completed(handles, n, ASYNC_FOREVER);
 *	while ((h = await async_next_completed(c)))
 *		...
 *	async_completions_free(c);
 * c is NULL without memory, which async_next_completed raises.  next yields NULL when all have come; when none has finished and
 * `timeout` seconds have passed since c was made it raises ASYNC_TIMEOUT (EINVAL: that was not a number).  Nothing is cancelled or reaped; several tasks may call next;
 * after a timeout or a cancellation it may be called again.  (asyncio.as_completed) */
typedef struct async_completions async_completions;
async_completions *async_as_completed(const async_handle *handles, size_t n, double timeout);
_Async async_by_hand async_handle async_next_completed(async_completions *completions);
void async_completions_free(async_completions *completions);

enum async_return_when { ASYNC_ALL_COMPLETED, ASYNC_FIRST_COMPLETED, ASYNC_FIRST_EXCEPTION } __attribute__((mode(SI)));
/* Waits until the handles are done as return_when says, or until `timeout` seconds (ASYNC_FOREVER) have passed.  Moves
 * the done ones to the front, each group in its old order, and returns how many they are.  Cancels nothing, raises no
 * error of theirs; n of 0 is EINVAL.  (asyncio.wait) */
_Async async_by_hand size_t async_wait(async_handle *handles, size_t n, enum async_return_when return_when, double timeout);
/* The same, and those that are not done by then are cancelled and waited for; all of them, when it is cancelled itself. */
_Async size_t async_wait_or_cancel(async_handle *handles, size_t n, enum async_return_when return_when, double timeout);

ASYNC_END_DECLS

#endif
