/* async/future.h: results that somebody sets, and looking at any handle without awaiting it.
 * Every call belongs to the thread whose loop owns the future. */
#ifndef ASYNC_FUTURE_H
#define ASYNC_FUTURE_H

#include <async/base.h>
#include <async/error.h>

ASYNC_BEGIN_DECLS

/* A pending future for a T, on the running loop; NULL without memory.  (loop.create_future) */
#define async_create_future(T) ((async_future(T))async__create_future(ASYNC__SIZEOF(T)))
#define ASYNC__SIZEOF(T) (__builtin_types_compatible_p(__typeof__(T), void) ? 0 : sizeof(T))

/* Sets the result (a value of the future's type; async_set_done for async_future(void)) or the error and wakes who
 * waits.  0, or ASYNC_INVALID_STATE when it is already finished, or ASYNC_STALE.  (Future.set_result, set_exception) */
#define async_set_result(f, v)                                                            \
	(__extension__({                                                                  \
		ASYNC__VALUE_TYPE(f) async__value = (v);                                  \
		async__set_result((async_handle)(f), &async__value, sizeof async__value); \
	}))
int async_set_done(async_handle f);
int async_set_exception(async_handle f, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int async_set_error(async_handle f, async_error error);

/* (Future.done, cancelled).  A stale handle counts as done, and as not cancelled. */
bool async_done(async_handle h);
bool async_cancelled(async_handle h);
/* The result of a finished task or future, not reaped: an lvalue of its type, valid until the handle is reaped.  When
 * there is none (pending, failed, stale) the exception handler hears of it and the value is all zeroes.  (Future.result) */
#define async_result(h) (*(ASYNC__VALUE_TYPE(h) *)async__result((async_handle)(h), sizeof(ASYNC__VALUE_TYPE(h))))
/* The error of a finished task or future; code 0 if it ended well, ASYNC_INVALID_STATE if pending.  Counts as retrieved.
 * (Future.exception) */
async_error async_exception(async_handle h);

/* Calls fn(h, arg) soon after h finishes (soon, if it has), never from inside this call; callbacks run in the order of
 * registration.  0 or an error code.  async_remove_done_callback returns how many it removed.
 * (Future.add_done_callback, remove_done_callback) */
typedef void async_done_callback(async_handle h, void *arg);
int async_add_done_callback(async_handle h, async_done_callback *fn, void *arg);
size_t async_remove_done_callback(async_handle h, async_done_callback *fn, void *arg);
/* Called with a result that nobody will take (cancelled, timed out, ignored by gather), when h is reaped.  0 or an error code: for a
 * task it takes memory. */
int async_set_result_destructor(async_handle h, void (*destroy)(void *result));

async_handle async__create_future(size_t size);
int async__set_result(async_handle f, const void *value, size_t size);
void *async__result(async_handle h, size_t size);

ASYNC_END_DECLS

#endif
