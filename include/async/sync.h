/* async/sync.h: locks, events, conditions, semaphores, barriers and queues for the tasks of one loop.
 *
 * All but the queue are the caller's structs.  Zeroed memory is a valid one (a semaphore of 0); finish ends it, and who still waits
 * then gets ASYNC_CLOSED.  Waiting allocates nothing.  Each belongs to the first loop that uses it, until that loop is closed: use
 * from another one's thread is refused with ASYNC_WRONG_THREAD; a look (async_lock_locked, async_queue_size, ...) is reported to the
 * exception handler and answers false or 0.  What is not awaited answers 0 or an error code, and never waits.
 * A wait that is cancelled leaves no trace; first come, first served, and nobody overtakes. */
#ifndef ASYNC_SYNC_H
#define ASYNC_SYNC_H

#include <async/base.h>

ASYNC_BEGIN_DECLS

/* ---- What they are made of ---- */

struct async__waiter; /* in the frame of who waits */
struct async__waiters {
	struct async__waiter *first, *last;
	struct async__waiter *next; /* the first that has not been woken; NULL: none */
	size_t n_live;              /* how many have not been cancelled */
};

/* ---- asyncio.Lock ---- */

typedef struct async_lock {
	async_handle loop; /* whose it is; NULL: nobody's yet.  So in all that follow. */
	struct async__waiters waiters;
	bool locked;
} async_lock;

void async_lock_init(async_lock *lock);
void async_lock_finish(async_lock *lock);
_Async async_by_hand void async_lock_acquire(async_lock *lock);
/* ASYNC_INVALID_STATE if nobody holds it.  (Lock.release) */
int async_lock_release(async_lock *lock);
bool async_lock_locked(const async_lock *lock);

/* ---- asyncio.Event ---- */

typedef struct async_event {
	async_handle loop;
	struct async__waiters waiters;
	bool is_set;
} async_event;

void async_event_init(async_event *event);
void async_event_finish(async_event *event);
/* Ends when the event is set; at once if it is. */
_Async async_by_hand void async_event_wait(async_event *event);
/* Wakes all who wait, also if it is cleared before they run. */
int async_event_set(async_event *event);
int async_event_clear(async_event *event);
bool async_event_is_set(const async_event *event);

/* ---- asyncio.Condition: wait in a loop, `while (!ready) await async_condition_wait(&c);`, or with a predicate ---- */

typedef struct async_condition {
	async_handle loop;
	struct async__waiters waiters;
	async_lock *lock; /* NULL: its own */
	async_lock own;
} async_condition;

/* lock NULL: a lock of its own.  A given one must outlive the condition. */
void async_condition_init(async_condition *condition, async_lock *lock);
void async_condition_finish(async_condition *condition);
/* The lock, for async_lock_acquire and async_lock_release. */
async_lock *async_condition_lock(async_condition *condition);
/* Releases the lock, waits to be notified, and has the lock again when it ends, also when it ends cancelled.  ASYNC_INVALID_STATE if
 * the lock is not held.  May end without a notification that was meant for it. */
_Async async_by_hand void async_condition_wait(async_condition *condition);
/* Waits until predicate(arg) is true; it is asked with the lock held, at once and after each notification.  (Condition.wait_for) */
typedef bool async_predicate(void *arg);
_Async async_by_hand void async_condition_wait_for(async_condition *condition, async_predicate *predicate, void *arg);
/* Wakes up to n of those who wait.  The lock must be held: else ASYNC_INVALID_STATE. */
int async_condition_notify(async_condition *condition, size_t n);
int async_condition_notify_all(async_condition *condition);

/* ---- asyncio.Semaphore, asyncio.BoundedSemaphore ---- */

typedef struct async_semaphore {
	async_handle loop;
	struct async__waiters waiters;
	size_t value;
	size_t bound; /* value stays below it; 0: no limit */
} async_semaphore;

void async_semaphore_init(async_semaphore *semaphore, size_t value);
/* A release beyond `value` is refused with EINVAL. */
void async_semaphore_init_bounded(async_semaphore *semaphore, size_t value);
void async_semaphore_finish(async_semaphore *semaphore);
_Async async_by_hand void async_semaphore_acquire(async_semaphore *semaphore);
int async_semaphore_release(async_semaphore *semaphore);
/* True if acquire would wait. */
bool async_semaphore_locked(const async_semaphore *semaphore);

/* ---- asyncio.Barrier ---- */

typedef struct async_barrier {
	async_handle loop;
	struct async__waiters waiters; /* who waits for the others */
	struct async__waiters blocked; /* who came while the last round was still leaving */
	size_t parties;
	size_t count;                  /* inside */
	unsigned state;
} async_barrier;

/* parties: at least 1, else a wait raises EINVAL. */
void async_barrier_init(async_barrier *barrier, size_t parties);
void async_barrier_finish(async_barrier *barrier);
/* Ends when `parties` tasks wait, with a number from 0 to parties - 1 that no other of them has.  ASYNC_BROKEN_BARRIER when it is
 * reset or aborted meanwhile, or was aborted. */
_Async async_by_hand size_t async_barrier_wait(async_barrier *barrier);
/* Whoever waits gets ASYNC_BROKEN_BARRIER; reset makes it usable again, abort breaks it until it is reset. */
int async_barrier_reset(async_barrier *barrier);
int async_barrier_abort(async_barrier *barrier);
bool async_barrier_broken(const async_barrier *barrier);
size_t async_barrier_n_waiting(const async_barrier *barrier);

/* ---- asyncio.Queue, LifoQueue, PriorityQueue ----
 *
 *	async_queue(int) q = async_queue_create(int, 10);
 *	await async_queue_put(q, 3);
 *	int n = await async_queue_get(q);
 *
 * async_queue(T) is the type of a queue of T; T is any type that can be assigned.  Queues of different types do not mix.  In plain C
 * it is a pointer to what there is to know of T, and nothing to read through. */
#define async_queue(T) __typeof__(__typeof__(T)(*)[1])

/* Room for maxsize items; 0: no limit.  NULL without memory.  The caller owns it.
 *   async_queue_create           first in, first out
 *   async_queue_create_lifo      last in, first out
 *   async_queue_create_priority  least first, as qsort's compare says; equal ones first in, first out */
#define async_queue_create(T, maxsize) \
	((async_queue(T))async__queue_create(sizeof(T), _Alignof(T), (maxsize), ASYNC__FIFO, NULL))
#define async_queue_create_lifo(T, maxsize) \
	((async_queue(T))async__queue_create(sizeof(T), _Alignof(T), (maxsize), ASYNC__LIFO, NULL))
#define async_queue_create_priority(T, maxsize, compare) \
	((async_queue(T))async__queue_create(sizeof(T), _Alignof(T), (maxsize), ASYNC__PRIORITY, (compare)))
/* What is still in it goes to the destructor.  Who still waits gets ASYNC_CLOSED.  NULL is fine. */
#define async_queue_destroy(q) async__queue_destroy(ASYNC__QUEUE(q))
/* Called with each item that nobody will get: dropped by async_queue_shutdown_now or async_queue_destroy. */
#define async_queue_set_destructor(q, destroy) async__queue_set_destructor(ASYNC__QUEUE(q), (destroy))

/* Awaitables.  put waits while the queue is full; a put that ends with an error has put nothing.  get yields a T; it waits while
 * the queue is empty.  join ends when every item that was put has been marked by async_queue_task_done.
 * After a shutdown: ASYNC_SHUT_DOWN. */
#define async_queue_put(q, value) (async__mark_queue_put(q), (void)(**(q) = value))
#define async_queue_get(q) (async__mark_queue_get(q), **(q))
#define async_queue_join(q) (async__mark_queue_join(q), (void)0)

/* Without waiting: 0, ASYNC_QUEUE_FULL or ASYNC_QUEUE_EMPTY, ASYNC_SHUT_DOWN, ASYNC_NO_MEMORY, ASYNC_WRONG_THREAD.  item is a T *. */
#define async_queue_put_nowait(q, value)                                         \
	(__extension__({                                                         \
		ASYNC__ITEM(q) async__item = (value);                            \
		async__queue_put_nowait(ASYNC__QUEUE(q), &async__item);          \
	}))
#define async_queue_get_nowait(q, item)                                          \
	(__extension__({                                                         \
		ASYNC__ITEM(q) *async__item = (item);                            \
		async__queue_get_nowait(ASYNC__QUEUE(q), async__item);           \
	}))
/* An item that was got has been dealt with.  EINVAL if there were not that many. */
#define async_queue_task_done(q) async__queue_task_done(ASYNC__QUEUE(q))
/* No more puts; what is there can still be got, by async_queue_shutdown_now it is dropped.  (Queue.shutdown) */
#define async_queue_shutdown(q) async__queue_shutdown(ASYNC__QUEUE(q), false)
#define async_queue_shutdown_now(q) async__queue_shutdown(ASYNC__QUEUE(q), true)
/* (Queue.qsize, maxsize, empty, full) */
#define async_queue_size(q) async__queue_size(ASYNC__QUEUE(q))
#define async_queue_maxsize(q) async__queue_maxsize(ASYNC__QUEUE(q))
#define async_queue_empty(q) (async_queue_size(q) == 0)
#define async_queue_full(q) async__queue_full(ASYNC__QUEUE(q))

enum async__queue_order { ASYNC__FIFO, ASYNC__LIFO, ASYNC__PRIORITY } __attribute__((mode(SI)));
struct async__queue;
#define ASYNC__ITEM(q) ASYNC__TYPE(**(q))
/* The comparison takes queues only: a pointer to an array of one. */
#define ASYNC__QUEUE(q) ((struct async__queue *)(void *)(1 ? (q) : (async_queue(ASYNC__ITEM(q)))0))

void *async__queue_create(size_t size, size_t align, size_t maxsize, enum async__queue_order order,
			  int (*compare)(const void *, const void *));
void async__queue_destroy(struct async__queue *queue);
void async__queue_set_destructor(struct async__queue *queue, void (*destroy)(void *item));
int async__queue_put_nowait(struct async__queue *queue, const void *item);
int async__queue_get_nowait(struct async__queue *queue, void *item);
int async__queue_task_done(struct async__queue *queue);
int async__queue_shutdown(struct async__queue *queue, bool now);
size_t async__queue_size(const struct async__queue *queue);
size_t async__queue_maxsize(const struct async__queue *queue);
bool async__queue_full(const struct async__queue *queue);
/* What the awaitables are: calls of these. */
_Async async_by_hand void async__queue_put(struct async__queue *queue, const void *item);
_Async async_by_hand void async__queue_get(struct async__queue *queue, void *item);
_Async async_by_hand void async__queue_join(struct async__queue *queue);
void async__mark_queue_put(const void *queue) ASYNC__MARKER;
void async__mark_queue_get(const void *queue) ASYNC__MARKER;
void async__mark_queue_join(const void *queue) ASYNC__MARKER;

ASYNC_END_DECLS

/* ---- Frames that callers embed ---- */

#if defined(ASYNC_LOWERED) || defined(ASYNC_PARSING) || defined(__cplusplus)
#include <async/abi.h>

ASYNC_BEGIN_DECLS

struct async__waiter {
	struct async__waiter *prev, *next;
	struct async__task *task;
	uint32_t state; /* runtime/sync/waiters.h */
};

struct async_lock_acquire__frame {
	async_frame base;
	async_lock *lock;
	struct async__waiter waiter;
};
extern const async_point async_lock_acquire__points[];
extern const async_function async_lock_acquire__async;

struct async_event_wait__frame {
	async_frame base;
	async_event *event;
	struct async__waiter waiter;
};
extern const async_point async_event_wait__points[];
extern const async_function async_event_wait__async;

struct async_condition_wait__frame {
	async_frame base;
	async_condition *condition;
	struct async__waiter waiter;
	async_caught cancelled; /* while the lock is taken again */
	struct async_lock_acquire__frame acquire;
};
extern const async_point async_condition_wait__points[];
extern const async_function async_condition_wait__async;

struct async_condition_wait_for__frame {
	async_frame base;
	async_condition *condition;
	async_predicate *predicate;
	void *arg;
	struct async_condition_wait__frame wait;
};
extern const async_point async_condition_wait_for__points[];
extern const async_function async_condition_wait_for__async;

struct async_semaphore_acquire__frame {
	async_frame base;
	async_semaphore *semaphore;
	struct async__waiter waiter;
};
extern const async_point async_semaphore_acquire__points[];
extern const async_function async_semaphore_acquire__async;

struct async_barrier_wait__frame {
	async_frame base;
	union { /* the result is stored last */
		size_t result;
		async_barrier *barrier;
	};
	size_t place; /* among those that wait: what becomes the result */
	struct async__waiter waiter;
};
extern const async_point async_barrier_wait__points[];
extern const async_function async_barrier_wait__async;

struct async__queue_put__frame {
	async_frame base;
	struct async__queue *queue;
	const void *item;
	struct async__waiter waiter;
};
extern const async_point async__queue_put__points[];
extern const async_function async__queue_put__async;

struct async__queue_get__frame {
	async_frame base;
	struct async__queue *queue;
	void *item;
	struct async__waiter waiter;
};
extern const async_point async__queue_get__points[];
extern const async_function async__queue_get__async;

struct async__queue_join__frame {
	async_frame base;
	struct async__queue *queue;
	struct async__waiter waiter;
};
extern const async_point async__queue_join__points[];
extern const async_function async__queue_join__async;

/* async_queue_get and its like as a task of their own; the item is copied, or becomes the result. */
async_handle async__queue_put_task(struct async__queue *queue, const void *item, size_t size);
async_handle async__queue_get_task(struct async__queue *queue, size_t size);
async_handle async__queue_join_task(struct async__queue *queue);

ASYNC_END_DECLS
#endif

#endif
