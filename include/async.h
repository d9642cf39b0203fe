/* async.h: the keywords of async C, and everything else a program needs.
 *
 * With this header an async source is valid GNU C: `async` marks a function, `await` is a prefix operator that
 * leaves its operand's type alone, and a handle is a pointer to a value that is not there yet.  asyncc lowers the
 * marked functions; a compiler that reads the file directly sees the sequential program.
 *
 * ASYNC_NO_KEYWORDS leaves only the spellings _Async and _Await.
 * ASYNC_LOWERED is defined by asyncc in its output: handles are then plain pointers.
 * ASYNC_PARSING is defined by asyncc while it reads a source. */
#ifndef ASYNC_H
#define ASYNC_H

#if defined(__STRICT_ANSI__) && !defined(__STDC_VERSION__) && !defined(__cplusplus)
#error "async C is GNU C11, which -std=c89, -std=c90 and -ansi are not: use -std=gnu11, or another standard from C99 on"
#define inline __inline__ /* this is all there is to say */
#endif

#if defined(__clang__) && !defined(ASYNC_LOWERED) && !defined(__cplusplus)
#define _Async __attribute__((annotate("async")))
/* volatile: `await *t;` as a statement is not a value that nobody uses. */
#define ASYNC_AS volatile __attribute__((address_space(42)))
#pragma clang diagnostic ignored "-Wvoid-ptr-dereference" /* `await *t` on an async_task(void) */
#pragma clang diagnostic ignored "-Wunused-volatile-lvalue"
#else
#define _Async
#define ASYNC_AS
#endif

/* What an async function promises, or asks for; written beside `async`, on a declaration or the definition.
 *   async_no_malloc       error where a call of it may need memory from the heap, with the way there: for a callee's frame that is not
 *                         part of its caller's, a task, a job, memory of a run-time size.  Errors are another matter: see docs
 *   async_frame_max(N)    error when its frame takes more than N bytes (a number, written out)
 *   async_noinline_frame  its frame is never a part of its caller's: for what is large, and seldom awaited
 *   async_by_hand         on its first declaration: asyncc does not lower it, it is written as a frame, a resume function, a
 *                         descriptor and an entry (docs/abi.md)
 *   async_frameless       the same, and an await of it is a call of NAME__await: who awaits it waits in a frame of its own */
#if defined(__clang__) && !defined(ASYNC_LOWERED) && !defined(__cplusplus)
#define async_no_malloc __attribute__((annotate("async_no_malloc")))
#define async_frame_max(N) ASYNC__FRAME_MAX(N)
#define ASYNC__FRAME_MAX(N) __attribute__((annotate("async_frame_max " #N)))
#define async_noinline_frame __attribute__((annotate("async_noinline_frame")))
#define async_by_hand __attribute__((annotate("async_by_hand")))
#define async_frameless async_by_hand __attribute__((annotate("async_frameless")))
#else
#define async_no_malloc
#define async_frame_max(N)
#define async_noinline_frame
#define async_by_hand
#define async_frameless
#endif
#ifdef __cppcheck__ /* takes what it does not know for a type */
#define _Await
#else
#define _Await __extension__
#endif

#ifndef ASYNC_NO_KEYWORDS
#define async _Async
#define await _Await
#endif

#include <async/error.h>
#include <async/task.h>
#include <async/future.h>
#include <async/gather.h>
#include <async/loop.h>
#include <async/executor.h>
#include <async/io.h>
#include <async/stream.h>
#include <async/process.h>
#include <async/sync.h>
#include <async/thread.h>
#if defined(ASYNC_LOWERED) || defined(ASYNC_PARSING) || defined(__cplusplus)
#include <async/abi.h>
#endif

#endif
