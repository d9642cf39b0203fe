/* async/base.h: what the other headers share: linkage, handle types, and the markers asyncc looks for. */
#ifndef ASYNC_BASE_H
#define ASYNC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ASYNC_BEGIN_DECLS extern "C" {
#define ASYNC_END_DECLS }
#else
#define ASYNC_BEGIN_DECLS
#define ASYNC_END_DECLS
#endif

#ifndef ASYNC_H
#error "include <async.h>; the headers in async/ are parts of it"
#endif

/* A task, future or coroutine, of whatever type.  A value like a process id: copy it, store it, compare it.  It carries a
 * generation, so that a stale one is a defined error (ASYNC_STALE), never a use after free.  NULL is never valid.
 * Every typed handle converts to it by itself. */
typedef void ASYNC_AS *async_handle;

/* The types of handles.  `typeof` around the star makes `async_task(int) a, b;` declare two handles.
 *   async_task(T)    a running coroutine whose result is a T      (asyncio.Task)
 *   async_future(T)  a T that somebody will set                   (asyncio.Future)
 *   async_coro(T)    a coroutine that has not been started        (a coroutine object) */
#define async_task(T) __typeof__(__typeof__(T) ASYNC_AS *)
#define async_future(T) __typeof__(__typeof__(T) ASYNC_AS *)
#define async_coro(T) __typeof__(__typeof__(T) ASYNC_AS *)

/* The type of an awaitable's value; the comma takes off what belongs to a handle's pointee. */
#define ASYNC__TYPE(A) __typeof__(((void)0, (A)))
/* The type that handle h waits for. */
#define ASYNC__VALUE_TYPE(h) ASYNC__TYPE(*(h))

/* Time without end, for every parameter that is a timeout in seconds. */
#define ASYNC_FOREVER (__builtin_inf())

/* A marker is what asyncc recognises a construct by.  It has no definition: in code that asyncc did not lower, and where it does not
 * look, a call that is really compiled is an error that says so.  Editors, which do not generate code, stay quiet. */
#if !defined(ASYNC_PARSING) && defined(__has_attribute)
#if __has_attribute(error) && defined(ASYNC_LOWERED)
#define ASYNC__MARKER __attribute__((error("asyncc has not replaced this, in an ordinary function of a header or in a type: put it into a function of the source file")))
#elif __has_attribute(error)
#define ASYNC__MARKER __attribute__((error("this is async C: lower the file with asyncc first (asyncc cc ..., or asyncc FILE.c -o OUT.c)")))
#endif
#endif
#ifndef ASYNC__MARKER
#define ASYNC__MARKER
#endif

/* What an operation on a frame or an awaitable answers.  ASYNC_FAILED: the current task holds the error.
 * Our enums have the size of an int under -fshort-enums, too: the library was compiled without it. */
typedef enum async_status { ASYNC_DONE, ASYNC_SUSPENDED, ASYNC_FAILED } __attribute__((mode(SI))) async_status;

#endif
