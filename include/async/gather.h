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
_Async void async_gather_n(const async_handle *handles, size_t n);

enum async_return_when { ASYNC_ALL_COMPLETED, ASYNC_FIRST_COMPLETED, ASYNC_FIRST_EXCEPTION };
/* Waits until the handles are done as return_when says, or until `timeout` seconds (ASYNC_FOREVER) have passed.  Moves
 * the done ones to the front, each group in its old order, and returns how many they are.  Cancels nothing, raises no
 * error of theirs; n of 0 is EINVAL.  (asyncio.wait) */
_Async size_t async_wait(async_handle *handles, size_t n, enum async_return_when return_when, double timeout);

ASYNC_END_DECLS

#endif
