/* runtime.h: the map of the runtime.  Not installed; generated code sees async/abi.h only.
 *
 * Everything hangs from a loop, and all of it is touched on the loop's thread only, but for the door (door.c), through
 * which other threads post.  A loop runs entries: intrusive nodes that wait in a list (a future's waiters, or the ready
 * queue) until their run function is called.  Whoever completes something moves entries to the ready queue; nothing is
 * ever resumed from inside the call that completes it.
 *
 *   loop.c     life of a loop         future.c    results, reaping, done callbacks      handle.c  handle <-> object
 *   turn.c     its turns              task_new.c task.c step.c  new; start, end; steps   alloc.c   blocks, frame arenas
 *   call.c     callbacks              await.c     what a task waits for, waking         error.c   records, raising, the handler
 *   children.c left with a parent     rare.c locals.c  what few tasks have
 *   timer.c    deadlines              cancel.c    cancelling                            trace.c   return traces, the dump
 *   fds.c      who waits for what, or has the back end do it      awaitable.c users' own awaitables   entry.c   calls from ordinary C, main
 *   door.c     posts from threads     sleep.c gather.c wait.c shield.c timeout.c group.c loops/   back ends
 *   spin.c     looking before sleeping     home.c      whose a lock or stream is
 *   signals.c  signals as callbacks                                                     io/ executors/ sync/
 *
 * list.h, object.h, future.h, task.h and loop.h, included below, have the structs.
 *
 * ---- How a hand-written frame waits for something (a leaf) ----
 *
 *	async_status async_thing__resume(async_frame *frame, async_status status, const async_point *at)
 *	{
 *		struct async_thing__frame *f = (void *)frame;
 *
 *		if (at->state == 1)                        // woken
 *			return thing_end(f, status);
 *		f->task = async__self.task;                // whom to wake
 *		thing_begin(f);                            // register; later: async__wake(f->task)
 *		return async__park(frame, &async_thing__points[1], abort_thing); // the last thing done; ASYNC_SUSPENDED
 *	}
 *
 * async__wake(task) queues the task's wake-up; the leaf is then resumed in a later turn with ASYNC_DONE.  When
 * the task is cancelled while parked, abort_thing(frame) is called and answers (enum async__abort) whether it could let go;
 * if so the leaf is resumed with ASYNC_FAILED and ASYNC_CANCELLED in flight, and must return ASYNC_FAILED (or go on, if it
 * swallows the cancellation with async__hold and async__drop).  Even after async__wake the status may be ASYNC_FAILED: the
 * task was cancelled in between, and what the operation yielded is lost unless the leaf takes care of it. */
#ifndef ASYNC_RUNTIME_H
#define ASYNC_RUNTIME_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define ASYNC_LOWERED 1 /* handles are plain pointers here */
#include <async.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ASYNC__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASYNC__ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define ASYNC__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ASYNC__TSAN 1
#endif
#endif

/* What generated code makes of a prototype with a scalar result: it has the place of the parameters, of which this is the first. */
#define ASYNC__RESULT_SHARES(TYPE, FIRST)                                                           \
	_Static_assert(offsetof(TYPE, result) == sizeof(async_frame) && offsetof(TYPE, FIRST) == sizeof(async_frame), \
		       "result and parameters share a place")

#define async__container_of(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#include "list.h"
#include "object.h"
#include "future.h"
#include "task.h"

/* ---- Memory ---- */

/* As malloc and free; all of the runtime allocates here, so that tests can make the nth allocation from now on fail
 * (this thread's; 0: none). */
void *async__alloc(size_t size);
void *async__alloc_zeroed(size_t size);
void *async__alloc_aligned(size_t align, size_t size); /* align: a power of two */
void *async__realloc(void *memory, size_t size);
void async__free(void *memory);
void async__fail_alloc(unsigned long n);
/* Blocks for tasks and futures, from the loop's store of them; large ones are malloc's.  16-aligned. */
void *async__block_new(async_loop *loop, size_t size);
void async__block_free(void *block, bool large);
/* Of one size: a loop's blocks, and the tasks that are kept for the next ones, with their handles. */
enum { ASYNC__STORES = 64, ASYNC__STEP = 16 }; /* and by how many bytes their sizes differ */
struct async__store {
	struct async__slab *slabs;       /* that have room */
	struct async__task *spare;       /* by next_spare */
	uint32_t n_spare;
	bool has_slabs;                  /* with room or full */
};
/* Blocks of one size share one, aligned to its size; alloc.c. */
enum { ASYNC__SLAB = 64 * 1024 };
struct async__slab {
	struct async__slab *next, *prev; /* in its store's list, while it has room */
	struct async__store *store;
	void *free;                      /* blocks that were used before, linked by their first word */
	char *fresh;                     /* from here on none was */
	uint32_t size;                   /* of a block */
	uint32_t used;                   /* blocks in use */
	_Alignas(16) char blocks[];
};
/* Of a block that is not large, or of something in it. */
static inline struct async__slab *async__slab_of(const void *block)
{
	return (struct async__slab *)((uintptr_t)block & ~(uintptr_t)(ASYNC__SLAB - 1));
}
#ifdef ASYNC__ASAN
enum { ASYNC__LARGEST = 0 }; /* all is malloc's, so that each use after free shows */
#else
enum { ASYNC__LARGEST = 1024 };
#endif
static inline bool async__is_large(size_t size)
{
	return size > ASYNC__LARGEST;
}
void async__blocks_free(async_loop *loop);
/* Counts as an allocation; true: it is the one that is to fail. */
extern __thread struct async__allocs_made {
	unsigned long left, fail_at; /* which one, counted from the latest async__fail_alloc, and how many are left until it */
} async__allocs_made;
static inline bool async__alloc_fails(void)
{
	return !--async__allocs_made.left;
}
/* Allocations made by this thread since async__fail_alloc was called last. */
unsigned long async__allocs(void);

/* The current task's arena, last in first out.  16-aligned at least. */
void *async__push(struct async__task *task, size_t size, size_t align);
void async__pop(struct async__task *task, void *memory);
void async__arena_free(struct async__task *task);
/* The chunks a loop keeps for its tasks' arenas. */
void async__chunks_free(async_loop *loop);

#include "loop.h"

#endif
