/* runtime.h: the map of the runtime.  Not installed; generated code sees async/abi.h only.
 *
 * Everything hangs from a loop, and all of it is touched on the loop's thread only, but for the door (door.c), through
 * which other threads post.  A loop runs entries: intrusive nodes that wait in a list (a future's waiters, or the ready
 * queue) until their run function is called.  Whoever completes something moves entries to the ready queue; nothing is
 * ever resumed from inside the call that completes it.
 *
 *   loop.c     life of a loop         future.c    results, reaping, done callbacks      handle.c  handle <-> object
 *   turn.c     its turns              task.c step.c  new, start, end, children; steps   alloc.c   blocks, frame arenas
 *   call.c     callbacks              await.c     what a task waits for, waking         error.c   records, raising, the handler
 *   timer.c    deadlines              cancel.c    cancelling                            trace.c   return traces, the dump
 *   fds.c      who waits for what, or has the back end do it      awaitable.c users' own awaitables   entry.c   calls from ordinary C, main
 *   door.c     posts from threads     sleep.c gather.c wait.c shield.c timeout.c group.c loops/   back ends
 *   spin.c     looking before sleeping     home.c      whose a lock or stream is
 *   signals.c  signals as callbacks                                                     io/ executors/ sync/
 *
 * ---- How a hand-written frame waits for something (a leaf) ----
 *
 *	async_status async_thing__resume(async_frame *frame)
 *	{
 *		struct async_thing__frame *f = (void *)frame;
 *
 *		if (frame->state == 1)                     // woken
 *			return thing_end(f, frame->status);
 *		f->task = async__self.task;                // whom to wake
 *		thing_begin(f);                            // register; later: async__wake(f->task)
 *		frame->state = 1;
 *		return async__park(frame, abort_thing);    // the last thing done; ASYNC_SUSPENDED
 *	}
 *
 * async__wake(task) queues the task's wake-up; the leaf is then resumed in a later turn with frame->status ASYNC_DONE.  When
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

#define async__container_of(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

/* ---- Lists: circular, with a head; a node that is in no list has next == NULL ---- */

struct async__link {
	struct async__link *prev, *next;
};

static inline void async__list_init(struct async__link *head)
{
	head->prev = head->next = head;
}

static inline bool async__list_empty(const struct async__link *head)
{
	return head->next == head;
}

static inline bool async__linked(const struct async__link *link)
{
	return link->next != NULL;
}

static inline void async__list_append(struct async__link *head, struct async__link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* A node in no list is fine. */
static inline void async__list_remove(struct async__link *link)
{
	if (!link->next)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = NULL;
}

/* Moves all of from to the end of head, in order, in constant time. */
static inline void async__list_splice(struct async__link *head, struct async__link *from)
{
	if (async__list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	async__list_init(from);
}

/* ---- Rings: lists whose head is a pointer to their first node; NULL: none ---- */

static inline void async__ring_append(struct async__link **first, struct async__link *link)
{
	if (!*first) {
		async__list_init(link);
		*first = link;
	} else {
		async__list_append(*first, link);
	}
}

/* A node in no list is fine. */
static inline void async__ring_remove(struct async__link **first, struct async__link *link)
{
	if (*first == link)
		*first = link->next == link ? NULL : link->next;
	async__list_remove(link);
}

/* Moves all of a ring to the end of the list head, in order, in constant time. */
static inline void async__list_take_ring(struct async__link *head, struct async__link **ring)
{
	struct async__link *first = *ring, *last;

	if (!first)
		return;
	*ring = NULL;
	last = first->prev;
	first->prev = head->prev;
	head->prev->next = first;
	last->next = head;
	head->prev = last;
}

/* ---- Entries: what a loop runs ---- */

struct async__entry {
	struct async__link link;           /* in the ready queue, or in the list of what it waits for */
	void (*run)(struct async__entry *); /* called once, unlinked, on the loop's thread; may free the entry */
};

/* A deadline.  Generated frames reserve uint64_t[5]. */
struct async_timer {
	struct async__entry entry; /* in a slot of a wheel; goes to the ready queue when due; its run is the timer's callback */
	int64_t deadline;          /* ns on the loop's clock; readable after the timer ended */
	uint32_t sequence;         /* order of starts, breaks ties: (number << 1) | in a wheel; it may come round */
};
_Static_assert(sizeof(struct async_timer) <= 5 * sizeof(uint64_t), "frames reserve five words for a timer");

enum { ASYNC__WHEELS = 11 }; /* of 6 bits: all of an int64_t */

/* A loop's timers. */
struct async__wheels {
	struct async__timer_slot {
		struct async__link timers;
		int64_t earliest;      /* deadline, or one before it: of a timer that was stopped */
	} slots[ASYNC__WHEELS][64];
	uint64_t used[ASYNC__WHEELS];  /* bit per slot: it may have timers */
	struct async__link late;       /* timers that were due when they were started */
	int64_t turned_to;             /* every timer in a slot is due after it */
	size_t running;                /* timers in slots, or late */
};

/* Makes the timer idle, with run as its callback. */
void async__timer_init(struct async_timer *timer, void (*run)(struct async__entry *));
/* deadline is on the loop's clock; a past one is due in the next turn.  The timer must be idle.  Cannot fail. */
void async__timer_start(async_loop *loop, struct async_timer *timer, int64_t deadline);
/* Makes it idle, also when it is due and its entry is queued already.  An idle one is fine. */
void async__timer_stop(async_loop *loop, struct async_timer *timer);
/* The earliest deadline, or one before it: something may have been stopped.  INT64_MAX: there are no timers. */
int64_t async__timer_next(async_loop *loop);
/* Queues the entries of all timers that are due at now, by deadline. */
void async__timers_expire(async_loop *loop, int64_t now);
/* now + seconds: never early, INT64_MAX for infinity and beyond.  NaN is the caller's business. */
int64_t async__deadline(async_loop *loop, double seconds);

/* ---- Objects: what a handle can name ---- */

enum async__kind { ASYNC__SPARE, /* what a loop keeps for a next task */ ASYNC__CALL, ASYNC__LOOP, ASYNC__COROUTINE, ASYNC__FUTURE, ASYNC__TASK };

struct async__object {
	async_loop *loop;         /* the owner */
	async_handle handle;      /* that names it */
	uint8_t kind;             /* enum async__kind */
	uint8_t reserved[7];      /* a future's, see there */
};

enum { ASYNC__NO_SLOT = 0x7fffffff };
/* Gives object a handle of loop: 0 or ASYNC_NO_MEMORY. */
int async__handle_new(async_loop *loop, struct async__object *object, enum async__kind kind);
/* The object's handle from now on is stale. */
void async__handle_free(struct async__object *object);
static inline async_handle async__handle_of(const struct async__object *object)
{
	return object->handle;
}
/* From now on it has another handle, and the one it had is stale.  False: it has none left. */
bool async__handle_renew(struct async__object *object);
/* The object, or NULL with *error one of ASYNC_STALE, ASYNC_WRONG_THREAD.  error may be NULL.  Use by a thread that does not
 * own the loop is reported loudly, naming `what` (the function called). */
struct async__object *async__handle_find(async_handle h, const char *what, int *error);
#define ASYNC__SLOT_BITS 10
#define ASYNC__SLOTS (1u << ASYNC__SLOT_BITS)
/* Of the table of handles: a part of it, which belongs to one loop at a time. */
struct async__slots {
	_Atomic(async_loop *) owner; /* NULL while no loop has it */
	_Atomic(pthread_t) thread;   /* the owner's */
	struct async__slots *next;   /* the owner's next chunk, or the next idle one */
	uint32_t number;             /* its place in the table: the upper bits of its slots' indices */
	uint32_t used;               /* slots from here on were never used by the present owner */
	uintptr_t slots[ASYNC__SLOTS]; /* the struct async__object; while free, the lowest bit is set */
};
/* NULL has generation 0, which no object's handle has. */
static inline struct async__object *async__object_in(struct async__slots *chunk, async_handle h)
{
	uintptr_t slot = chunk->slots[(uintptr_t)h & (ASYNC__SLOTS - 1)];
	struct async__object *object = (struct async__object *)slot;

	return !(slot & 1) && object->handle == h ? object : NULL;
}
/* Most handles are the running loop's, and near the one before.  NULL: async__handle_find has to be asked. */
static inline struct async__object *async__handle_near(async_handle h);
/* The same for a future or task only (a coroutine or call counts as stale). */
struct async__future *async__find_future(async_handle h, const char *what, int *error);
/* The loop's objects, one after the other, in no particular order: NULL after the last.  Begin with a zeroed walk.  They may come and
 * go meanwhile. */
struct async__walk {
	struct async__slots *chunk;
	uint32_t at;
	bool begun;
};
struct async__object *async__next_object(async_loop *loop, struct async__walk *walk);
/* Is it a future, task or coroutine? */
static inline bool async__is_future(const struct async__object *object)
{
	return object->kind == ASYNC__FUTURE || object->kind == ASYNC__TASK || object->kind == ASYNC__COROUTINE;
}
/* The loop takes up and gives back its slots. */
void async__handles_close(async_loop *loop); /* every handle of the loop is stale from now on */
void async__handles_move(async_loop *loop, pthread_t thread);

/* ---- Futures, and what tasks share with them ---- */

enum async__state { ASYNC__PENDING, ASYNC__DONE, ASYNC__FAILED, ASYNC__CANCELLED };

/* What a cancel hook answers. */
enum async__abort {
	ASYNC__ABORTED, /* it has let go: end with ASYNC_CANCELLED (the core does that) */
	ASYNC__LATER,   /* it cannot let go now, and will by itself end with ASYNC_CANCELLED when it can */
	ASYNC__REFUSED  /* it cannot let go; the core delivers the cancellation when the wait ends */
};

/* A thousand tasks are a thousand of these: every word counts.  Tasks end where they begin themselves. */
struct async__future {
	union {
		struct async__object object;  /* first: a handle names it */
		struct {                      /* in what that has reserved */
			char of_object[offsetof(struct async__object, reserved)];
			uint8_t state;        /* enum async__state; leaves ASYNC__PENDING once */
			bool detached : 1;    /* nobody will await it: reap when finished */
			bool taken : 1;       /* some await has had its outcome: reap when the last hold goes */
			bool retrieved : 1;   /* its error has been seen, or is nobody's business */
			bool used : 1;        /* its result was copied out: no destructor call */
			bool cancel_later : 1; /* cancel answered ASYNC__LATER: whatever comes, it ends cancelled */
			bool is_left : 1;     /* a task's: it is among its parent's `left` */
			bool reaping : 1;     /* it is in loop->reaping */
			bool woken;           /* a task's: parked, and its wake-up is queued */
			uint32_t holds;       /* waiters, callbacks, jobs: must not be freed meanwhile */
		};
	};
	uint32_t retains;             /* async_retain */
	uint32_t result_size;
	union {
		struct async__link *waiters; /* ring of struct async__entry in order of registration */
		struct async__future *reaped_next; /* in loop->reaping, once finished */
	};
	struct async__error *error;   /* when FAILED, or CANCELLED with a message; of a task that runs: in flight; a reference */
	union {
		struct {
			enum async__abort (*cancel)(struct async__future *); /* who works on it is asked here; NULL: ASYNC__ABORTED */
			void *owner;          /* for cancel's use */
			void (*destroy)(void *result); /* async_set_result_destructor; of a task it is in its struct async__rare */
		};
		struct {                      /* of a task: */
			const async_function *function;
			union {
				async_handle parent;            /* the task that made it; NULL: none */
				struct async__task *next_spare; /* of its size */
			};
			struct async__link *left; /* ring, by wake, of children that ended and that nobody has awaited */
		};
	};
};
_Static_assert(sizeof(struct async__object) == 24 && offsetof(struct async__future, retains) == 24, "the union is one");

enum { ASYNC__FUTURE_HEAD = (sizeof(struct async__future) + 15) & ~15u }; /* a future's result is behind it */

/* A pending future of loop with room for a result (zeroed, 16-aligned), no holds; NULL without memory. */
struct async__future *async__future_new(async_loop *loop, size_t result_size);
/* Completes it: moves its waiters to the ready queue, in order.  Takes over the reference to error; with an error of code
 * ASYNC_CANCELLED or with cancel_later it ends cancelled.  NULL error: done, the result is in place.  Must be pending.  May
 * free the future (detached and not held). */
void async__future_finish(struct async__future *future, struct async__error *error);
/* Ends it as cancelled, error (a reference, may be NULL) with the message. */
void async__future_cancelled(struct async__future *future, struct async__error *error);
/* Cancels a future or task as async_cancel does; message may be NULL. */
bool async__cancel(struct async__future *future, const char *message);
/* Holds: the object is not freed while held.  let_go may free it. */
static inline void async__keep(struct async__future *future)
{
	future->holds++;
}
void async__let_go(struct async__future *future);
/* The same, but it is not freed before the current step has ended. */
void async__let_go_later(struct async__future *future);
void async__reap_later_ones(async_loop *loop);
/* Registers an entry to run when future finishes, and holds the future; soon, if it has finished.  unwatch undoes it, at any
 * time before the entry has run; an entry that ran must call async__let_go itself. */
static inline void async__watch(struct async__future *future, struct async__entry *entry);
void async__unwatch(struct async__future *future, struct async__entry *entry);
/* The half of it that holds on to the future (NULL: none was watched): the entry, run or not, is in no list any more. */
void async__unlink(struct async__future *future, struct async__entry *entry);
/* A copy of the outcome's error as a value (code 0 if done well). */
async_error async__future_error(const struct async__future *future);
/* Reaps the object if nobody can want it any more; may free it. */
void async__maybe_reap(struct async__future *future);
/* Before it is freed: reports an error that nobody saw, calls the destructor of a result that nobody took. */
void async__last_words(struct async__future *future);
/* Frees it whatever its state, at the loop's end.  Nothing is reported. */
void async__future_free(struct async__future *future);

/* ---- Tasks ---- */

struct async__chunk;
extern struct async__chunk async__no_chunk;

/* What a task waits for. */
enum async__waits {
	ASYNC__NOTHING,
	ASYNC__HANDLE, /* task->awaited, until async__await_end */
	ASYNC__LEAF,   /* parked, with task->abort */
	ASYNC__OBJECT, /* task->object: its step runs, or the leaf is parked in it */
	ASYNC__SLEEP   /* task->timer, or it was due just now */
};

/* The root frame is right behind it. */
struct async__task {
	struct async__future future;     /* first: its outcome; the result is inside the root frame */
	union {
		struct async__entry wake; /* the one thing that resumes this task; queued, or among a future's waiters */
		struct async_timer timer; /* while it sleeps */
		struct {
			char of_wake[sizeof(struct async__entry)];
			union {           /* as `waits` says: */
				struct async__future *awaited; /* what the leaf awaits; held */
				enum async__abort (*abort)(async_frame *leaf); /* of a parked leaf; NULL: a cancel waits for the wake-up */
				struct async_awaitable *object; /* the user's */
			};
			uint32_t of_timer;
			uint32_t number;  /* Task-N; 0: not started */
		};
	};
	async_frame *leaf;               /* the frame to resume */
	struct async__chunk *chunk;      /* the arena's current chunk; async__no_chunk before the first push */
	union {
		struct async__rare *rare;    /* what few tasks have, if it has that, */
		struct async__local *locals; /* else: async_local_set; a reference */
	};
	bool has_rare : 1;
	bool large : 1;                  /* async__block_free's */
	bool aligned : 1;                /* its block was made for a frame that is aligned to more than 16 */
	bool await_refused : 1;          /* async__await failed just now and holds nothing: async__await_end has nothing to do */
	bool leftover : 1;               /* cancelled by async__run_shutdown */
	bool being_cancelled : 1;        /* a cancel walks along the awaits, and has passed here */
	union {
		struct {
			bool must_cancel : 1;    /* the next wake-up raises ASYNC_CANCELLED */
			bool wake_cancelled : 1; /* the wake-up that is queued says ASYNC_CANCELLED */
			bool fresh : 1;          /* the root frame has not been entered */
		};
		uint8_t special;                 /* any of those: a step does not just go on */
	};
	uint16_t cancels;                /* async_cancelling */
	uint8_t waits;                   /* enum async__waits; not where a compiler would read it along with the above */
} __attribute__((aligned(16)));
_Static_assert(offsetof(struct async__task, of_timer) == offsetof(struct async__task, timer.sequence), "what a timer leaves free is used");

enum { ASYNC__CAUGHT = 4 };

struct async__rare {
	char name[32];                     /* empty until asked for or set */
	struct async__error *caught[ASYNC__CAUGHT]; /* by async_catch, the latest first; references */
	struct async__error *cancel_error; /* what must_cancel or wake_cancelled will raise; a reference; NULL: without a message */
	struct async__local *locals;       /* async_local_set: a reference */
	void (*destroy)(void *result);     /* async_set_result_destructor */
};

/* A task block for function, with room for `extra` more bytes behind the frame; its frame is prepared.  NULL without memory
 * (loop->no_memory remembers). */
struct async__task *async__task_new(async_loop *loop, const async_function *function, size_t extra);
static inline struct async__task *async__task_of(void *root_frame)
{
	return (struct async__task *)root_frame - 1;
}
static inline async_frame *async__root(const struct async__task *task)
{
	return (async_frame *)(void *)(task + 1);
}
static inline bool async__is_pending_task(const struct async__object *object)
{
	const struct async__task *task = (const struct async__task *)object;

	return object->kind == ASYNC__TASK && task->future.state == ASYNC__PENDING && task->number;
}
/* What a cancellation's message was kept in; the task has it no more. */
struct async__error *async__take_cancel_error(struct async__task *task);
/* The task's, made; NULL without memory. */
struct async__rare *async__rare(struct async__task *task);
/* The list of its task-local values. */
static inline struct async__local **async__locals_of(struct async__task *task)
{
	return task->has_rare ? &task->rare->locals : &task->locals;
}
/* Ends its async_sleep. */
void async__sleep_stop(struct async__task *task);
/* What it awaits; NULL: no future or task. */
static inline struct async__future *async__awaited(const struct async__task *task)
{
	return task->waits == ASYNC__HANDLE ? task->awaited : NULL;
}
/* The loop's tasks that are started and not finished, in order of creation; to be freed.  NULL when *n is 0, or without memory (then
 * *n is not 0, and async__next_object finds them). */
struct async__task **async__tasks(async_loop *loop, size_t *n);
/* Makes the task run: queues its first step, or takes it now, or does what the loop's async_set_eager says (then it may have ended
 * when this returns: it must be held). */
void async__task_start(struct async__task *task);
void async__task_start_now(struct async__task *task);
void async__task_start_by_loop(struct async__task *task);
/* Its root frame has come back with status: it has an outcome now. */
void async__task_finish(struct async__task *task, async_status status);
/* What its wake entry runs: the next step.  And a step within another task's. */
__attribute__((visibility("hidden"))) void async__step(struct async__entry *entry);
void async__step_now(struct async__task *task);
/* Is a step of it on the C stack? */
static inline bool async__is_running(const struct async__task *task)
{
	return !task->future.woken && (task->waits == ASYNC__NOTHING || task == async__self.task);
}
/* The task whose step this entry is; NULL: it is something else. */
struct async__task *async__stepping(struct async__entry *entry);
/* Runs what is ready, in order: one batch of it; or batch after batch, until there is something else to be seen to. */
void async__run_batch(async_loop *loop);
void async__run_ready(async_loop *loop);
/* Has the task that made it ended, so that nobody will await it by that?  While it has not, one that has ended is kept for it. */
bool async__task_orphaned(struct async__task *task);
/* Frees the block of a task or coroutine that has ended or never began. */
void async__task_free(struct async__task *task);
/* Before async__blocks_free. */
void async__spare_tasks_free(async_loop *loop);

/* The leaf of the current task waits from now on; see above.  Always ASYNC_SUSPENDED.  abort may be NULL: the wait cannot
 * be cut short. */
async_status async__park(async_frame *leaf, enum async__abort (*abort)(async_frame *leaf));
/* The same, once task->waits is set and what belongs to it. */
static inline async_status async__park_as_set(struct async__task *task, async_frame *leaf);
/* As async_uncancel. */
int async__uncancel(struct async__task *task);
/* The task has just begun to wait, and must_cancel is set: cancels that wait. */
void async__deliver_cancel(struct async__task *task);
/* For a leaf that answered ASYNC__LATER: raises the cancellation. */
async_status async__raise_cancel(struct async__task *task);
/* For a leaf that has something to yield all the same: the cancellation, in flight or not, comes at the next await, unless it has been
 * taken back by then. */
void async__put_off_cancel(struct async__task *task);
/* The outcome of a finished future as the status of an await; its error gets in flight. */
async_status async__outcome(struct async__future *future);
/* Where the result is or will be; it lives as long as the object. */
static inline void *async__result_of(const struct async__future *future)
{
	if (future->object.kind == ASYNC__FUTURE)
		return (char *)(uintptr_t)future + ASYNC__FUTURE_HEAD;
	return (char *)async__root((const struct async__task *)future) + future->function->result_offset;
}
/* What async_set_result_destructor has set: 0 or ASYNC_NO_MEMORY; and what that was. */
typedef void async__destructor(void *result);
int async__set_destructor(struct async__future *future, async__destructor *destroy);
static inline async__destructor *async__destructor_of(const struct async__future *future)
{
	const struct async__task *task = (const struct async__task *)future;

	if (future->object.kind == ASYNC__FUTURE)
		return future->destroy;
	return task->has_rare ? task->rare->destroy : NULL;
}
/* Copies the result of a future that is done, as much of it as size says. */
static inline void async__copy_result(struct async__future *future, void *result, size_t size)
{
	if (size > future->result_size)
		size = future->result_size;
	if (size == sizeof(uint64_t)) /* the call costs more than the copy */
		memcpy(result, async__result_of(future), sizeof(uint64_t));
	else if (size == sizeof(uint32_t))
		memcpy(result, async__result_of(future), sizeof(uint32_t));
	else if (size)
		memcpy(result, async__result_of(future), size);
	future->used = true;
}
/* Queues the wake-up of a parked task, status ASYNC_DONE.  Once per wait (more are ignored).  Loop's thread. */
static inline void async__wake(struct async__task *task);

/* ---- Task-local values: lists whose tails are shared ---- */

struct async__local;
/* From now on the values are the task's (NULL: again those of who runs); what the answer was in place of.  */
struct async__task *async__locals_borrow(struct async__task *task);
/* A reference to those of who runs now, a task or a callback.  NULL: none are set. */
struct async__local *async__locals_current(void);
void async__locals_unref(struct async__local *locals);
/* Between enter and leave a callback runs with these, which are taken over.  leave gets what enter answered. */
struct async__local *async__locals_enter(struct async__local *locals);
void async__locals_leave(struct async__local *before);
/* A copy of those of who runs now, for a job on another thread, which sees it between two calls of of_job (each answers what
 * was seen before).  False: no memory. */
bool async__locals_copy(struct async__local **copy);
void async__locals_free_copy(struct async__local *copy);
const struct async__local *async__locals_of_job(const struct async__local *locals);

/* ---- Errors ---- */

#define ASYNC__TRACE_LENGTH 24

struct async__error {
	struct async__link listed;  /* loop->errors: what a destroyed task's frames held is freed with the loop */
	uint32_t refs;              /* UINT32_MAX: static, never counted or changed */
	uint32_t n_trace;           /* frames passed; may exceed the length of trace, which keeps the first */
	async_error value;
	struct async__error *cause; /* being handled when this one was raised, or the first of a group's; a reference */
	struct async__error *next;  /* the group's next one; a reference */
	struct {
		const async_function *function;
		unsigned line;
	} trace[ASYNC__TRACE_LENGTH];
};

/* A new record with one reference; never NULL: without memory it is a static record (the code kept if it is ASYNC_CANCELLED,
 * ASYNC_TIMEOUT or ASYNC_NO_MEMORY, else ASYNC_NO_MEMORY).  format NULL: the code's own text. */
struct async__error *async__error_new(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct async__error *async__error_ref(struct async__error *error);
/* NULL is fine. */
void async__error_unref(struct async__error *error);
/* The record that the value stands for (a reference), or a new one. */
struct async__error *async__error_of(async_error value);
/* One that nobody else holds, in place of the given reference; NULL without memory (the reference is then still held). */
struct async__error *async__error_own(struct async__error *error);
/* Puts error (a reference) in flight in the current task; ASYNC_FAILED. */
async_status async__raise_error(struct async__error *error);
/* Calls the loop's exception handler; loop may be NULL.  error may be NULL, object too. */
void async__report(async_loop *loop, const char *message, const struct async__error *error, async_handle handle);
void async__report_value(async_loop *loop, const char *message, async_error error, async_handle handle);
/* "ASYNC_TIMEOUT", "ECONNRESET"; never NULL. */
const char *async__error_name(int code);
/* The error's return trace as text, with its causes; always terminated. */
void async__format_trace(const struct async__error *error, char *text, size_t size);
/* The same as async_error value with this text. */
async_error async__make_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

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
/* Of a block that is not large: which of its steps of 16 bytes its size is, from 0. */
size_t async__block_class(const void *block);
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
	unsigned long n, fail_at;
} async__allocs_made;
static inline bool async__alloc_fails(void)
{
	return ++async__allocs_made.n == async__allocs_made.fail_at;
}
/* Allocations made by this thread since async__fail_alloc was called last. */
unsigned long async__allocs(void);

/* The current task's arena, last in first out.  function may be NULL (plain memory for the leaf).  16-aligned at least. */
void *async__push(struct async__task *task, size_t size, size_t align, const async_function *function);
void async__pop(struct async__task *task, void *memory);
void async__arena_free(struct async__task *task);
/* The chunks a loop keeps for its tasks' arenas. */
void async__chunks_free(async_loop *loop);
/* The function whose pushed frame this is, or NULL. */
const async_function *async__pushed_function(const struct async__task *task, const async_frame *frame);

/* ---- Descriptors ---- */

/* Somebody waits for fd.  Intrusive; lives in the leaf's frame. */
struct async__fd_wait {
	struct async__entry entry; /* in the list of fd's waits, or (a file that is always ready) in the ready queue */
	/* Called once, on the loop's thread, with what is there (ASYNC_READABLE | ASYNC_WRITABLE), or 0 when fd is being closed
	 * (async__close_fd).  The wait is over by then.  Called from inside the back end's wait: it may wake tasks, finish
	 * futures and start timers, but not run user code, nor watch. */
	void (*ready)(struct async__fd_wait *wait, unsigned events);
	async_loop *loop;
	int fd;
	unsigned events; /* wanted: ASYNC_READABLE, ASYNC_WRITABLE or both; or fds.c's own, for operations */
};

/* Waits once for any of events on fd.  Set wait->ready before.  0 or an error code (errno, ASYNC_NO_MEMORY).  Several may wait
 * for one fd; all whose events are there are told. */
int async__watch_fd(async_loop *loop, int fd, unsigned events, struct async__fd_wait *wait);
/* fd has just been made, or may have been: what was known of that number is not to be relied on.  loop may be NULL. */
void async__fd_is_new(async_loop *loop, int fd);
/* The same of a connection that has just been made: interest is what the back end was asked for it, and that async_close will end it
 * is relied on. */
void async__fd_is_connection(async_loop *loop, int fd, unsigned interest);
/* When the back end is to be asked again for what it was trusted with; INT64_MAX: for nothing.  And doing so. */
int64_t async__fds_doubt_at(async_loop *loop);
void async__fds_doubt(async_loop *loop);
/* Is it a connection that we made? */
static inline bool async__fd_is_ours(const async_loop *loop, int fd);
/* Has the latest operation on fd left something to take, and nobody waits for it? */
static inline bool async__fd_has_more(async_loop *loop, int fd);
/* A read of fd took all there was; may be called for any fd. */
static inline void async__fd_drained(async_loop *loop, int fd);
/* Is it no use to try and read fd before it is reported readable? */
static inline bool async__fd_is_drained(const async_loop *loop, int fd);
/* Ends the wait without a call.  One that is over is fine. */
void async__unwatch_fd(struct async__fd_wait *wait);
/* What is waited for on fd. */
unsigned async__fd_wanted(async_loop *loop, int fd);
/* Before close(fd): tells everybody who waits (events 0), ends what is being done with it, and makes the back end forget fd. */
void async__close_fd(async_loop *loop, int fd);

/* What the back end is doing by itself (async_operation).  Intrusive, and stays where it is until it has ended. */
struct async_completion {
	struct async__fd_wait wait; /* for no event: whoever closes fd finds us there */
	/* Called once, as a wait's ready function is. */
	void (*ended)(struct async_completion *completion);
	ssize_t result;             /* then: what the system call answered, or a negative errno value */
	bool stopping;              /* async__stop_operation was called */
	bool closed;                /* fd is being closed */
	bool opens;                 /* the result is a descriptor */
};

/* Operations on one descriptor go one by one, in each direction. */
enum async__direction { ASYNC__NEITHER, ASYNC__IN, ASYNC__OUT };
/* Begins an operation.  Set completion->ended before.  0; ENOSYS: this loop does not do that; EBUSY: another one is under way; or
 * another error code. */
int async__begin_operation(async_loop *loop, const struct async_operation *operation, struct async_completion *completion);
/* Waits until the one under way has ended; wait as for async__watch_fd. */
void async__queue_operation(async_loop *loop, const struct async_operation *operation, struct async__fd_wait *wait);
/* Asks for its end, which comes later. */
void async__stop_operation(struct async_completion *completion);

/* Something that outlives its loop, and wants to know when that is closed. */
struct async__closer {
	struct async__link listed; /* loop->closers; zero it before */
	void (*loop_closed)(struct async__closer *); /* unlisted by then, the tasks are gone; may free it */
};
void async__on_close(async_loop *loop, struct async__closer *closer); /* once; an end by async__list_remove(&closer->listed) */

struct async__fd {
	struct async__link waits;  /* of struct async__fd_wait */
	unsigned interest;         /* what the back end was last asked for; may be more than is wanted (removed lazily) */
	bool ours;                 /* see async__fd_is_connection */
	bool trusted;              /* somebody waits for what was asked for earlier, and it has not proved true yet */
	bool drained;              /* it had no more to read when we looked last: to wait first is cheaper than to try */
	bool more;                 /* the latest operation left something to take */
	bool lasting;              /* what the back end was asked for goes on, and tells of changes only: see uring.h */
};

/* ---- The door: how other threads reach a loop ---- */

struct async__post {
	struct async__post *next;
	void (*run)(struct async__post *post); /* on the loop's thread; owns post */
	/* Instead of run, when the loop was closed before it got there (loop's thread, inside async_loop_close). */
	void (*drop)(struct async__post *post);
};

struct async__door {
	atomic_uint refs;                /* the loop's own, and one for each thread or job that may post */
	atomic_bool watched;             /* the loop will look here before it sleeps: it need not be woken */
	pthread_mutex_t lock;            /* of what follows */
	async_loop *loop;                /* NULL once the loop is closed */
	atomic_int posted;               /* first is not NULL; may be read without the lock */
	struct async__post *first, **last; /* posted and not yet taken, in order */
};

struct async__door *async__door_ref(struct async__door *door);
void async__door_unref(struct async__door *door); /* any thread */
/* Hands post to the loop's thread and wakes it.  Any thread, no allocation.  false: the loop is closed, post stays the
 * caller's.  Order of posts is kept. */
bool async__door_post(struct async__door *door, struct async__post *post);

/* ---- Looking before sleeping (spin.c) ---- */

struct async__spin {
	int64_t usual; /* ns that waits took of late */
	int64_t began; /* the present one */
	unsigned pass; /* waits to let pass after looking in vain, */
	unsigned passing; /* and how many of them are left */
};
/* Begins a wait: looks at *word for at most longest ns, if that has paid of late; true once it is not 0.  When the wait is
 * over, after sleeping if need be, spin_end learns from it; came: what was looked for ended it. */
bool async__spin(struct async__spin *spin, const atomic_int *word, int64_t longest);
void async__spin_end(struct async__spin *spin, bool came);
/* How many this process may use. */
unsigned async__processors(void);

/* ---- What is open (unclosed.c) ---- */

/* Lives in a thing that its owner has to close. */
struct async__note {
	struct async__link listed; /* of all; next is NULL outside of debug mode */
	const char *what, *remedy; /* literals: what it is, and the call that is missing */
	const int *fd;             /* its descriptor; NULL: it is nobody's business */
	pid_t process;
};
/* From open to closed it is named on stderr if the process ends, in debug mode ($ASYNC_DEBUG).  Any thread. */
void async__note_open(struct async__note *note, const char *what, const char *remedy, const int *fd);
void async__note_closed(struct async__note *note);

/* ---- Loops ---- */

struct async_loop {
	const async_loop_backend *backend;
	void *state;                       /* the back end's */
	struct async__link *ready;         /* entries to run in the next turn, */
	struct async__link *batch;         /* and those of this turn that have not run yet: */
	struct async__link queues[2];      /* in turn the one and the other */
	struct async__wheels wheels;       /* its timers */
	union {
		struct {
			unsigned fd_waits;  /* waits that have not ended */
			bool always_looks;  /* its back end may have events that no fd_wait stands for */
			bool stopping;
		};
		uint64_t looks_out;         /* any of those: there is more to a turn than to run what is ready */
	};
	int64_t seen;                      /* the time when async__now was asked last */
	int64_t looked;                    /* when a busy loop looked for events last */
	unsigned busy_turns;               /* turns since it last had nothing to do, not counted for ever */
	uint64_t timer_sequence;           /* number of timers ever started */
	size_t n_tasks;                    /* started and not finished */
	struct async__future *reaping;     /* finished objects that async__let_go_later left, */
	struct async__future **last_reaped; /* and where their list ends */
	struct async__link calls;          /* callbacks not yet run, by listed, for freeing at close */
	struct async__link nodes;          /* struct async__node: what else is to be freed at close */
	struct async__slots *slots;        /* chunks of handle slots owned by this loop, */
	struct async__slots *found;        /* and the one that was asked for last; NULL */
	uint32_t free_slot;                /* index of the first free slot, if there is one */
	struct async__chunk *chunks[4];    /* arena chunks kept for reuse, by size class, */
	unsigned n_chunks[4];              /* and how many */
	struct async__task *spare_tasks[64]; /* free blocks of tasks, with their handle slots, by the same sizes, by next_spare, */
	uint8_t n_spare_tasks[64];         /* and how many */
	struct async__slab *slabs[64];     /* blocks for tasks and futures: slabs that have some free, by size in steps of 16 bytes */
	struct async__link errors;         /* records in use, by listed */
	struct async__error *spare_errors; /* records kept for reuse, linked by cause */
	unsigned n_spare_errors;
	struct async__fd *fds;             /* by descriptor; grown on demand */
	int n_fds;
	struct async__link callbacks;      /* of io/callback.c's registrations; made on first use */
	struct async__link left;           /* io/left.c's; made on first use */
	struct async__link closers;        /* of struct async__closer; made on first use */
	unsigned n_trusted;                /* descriptors that are trusted, */
	int64_t doubt_at;                  /* and until when; 0: that has not been decided */
	unsigned long external;            /* work that others will report: jobs, children, a back end's own sources.  The
	                                      loop's thread counts it up when it hands work out and down when the report
	                                      has come in.  While it is not 0, an idle loop is not taken for a deadlock. */
	struct async__door *door;
	async_executor *default_executor;  /* made on first use by executors/; NULL */
	async_executor *lookups;           /* its share for looking up names; NULL */
	void (*close_default_executor)(async_loop *); /* set along with it: joins its threads and frees it */
	struct async__signals *signals;    /* handlers installed through this loop; NULL */
	atomic_ulong signals_arrived;      /* bit per signal number; set by the signal handler */
	async_exception_handler *handler;  /* NULL: the default */
	void *handler_arg;
	uint32_t task_number;              /* for Task-N */
	async_handle identity;             /* names the loop for home.c, which asks whether it still exists; NULL until asked for */
	pthread_t thread;                  /* that made it, or ran it last */
	unsigned fork_count;               /* async__forks() when it was made */
	struct async__watchdog *watchdog;  /* debug mode: sees each entry run; NULL otherwise */
	struct async__entry *(*choose)(async_loop *); /* which entry of the batch is next; NULL: the first */
	bool (*only_inside)(async_loop *); /* do all fd_waits wait for what only the loop's own tasks can bring?  NULL: none does */
	const struct async__system *system; /* the system calls of io/ while it runs; NULL: the real ones */
	struct async__spin spin;           /* for what other threads post */
	bool spins;                        /* its back end really waits, by the clock on the wall */
	bool running;
	bool closing;                      /* being freed: nothing is scheduled or reported any more */
	bool no_memory;                    /* a NULL handle was given out for want of memory; awaiting one says so */
	struct async__note note;
	bool owned_by_entry;               /* made by a blocking entry, which closes it */
	bool eager;                        /* tasks start at once: async_set_eager */
	bool shutting_down;                /* in async__run_shutdown */
};

static inline bool async__fd_is_ours(const async_loop *loop, int fd)
{
	return fd >= 0 && fd < loop->n_fds && loop->fds[fd].ours;
}

static inline bool async__fd_has_more(async_loop *loop, int fd)
{
	return fd >= 0 && fd < loop->n_fds && loop->fds[fd].more && async__list_empty(&loop->fds[fd].waits);
}

static inline struct async__object *async__handle_near(async_handle h)
{
	struct async__slots *found = async__self.loop ? async__self.loop->found : NULL;

	return found && found->number == (uint32_t)(uintptr_t)h >> ASYNC__SLOT_BITS ? async__object_in(found, h) : NULL;
}

static inline void async__fd_drained(async_loop *loop, int fd)
{
	if (fd >= 0 && fd < loop->n_fds)
		loop->fds[fd].drained = loop->fds[fd].ours;
}

static inline bool async__fd_is_drained(const async_loop *loop, int fd)
{
	return fd >= 0 && fd < loop->n_fds && loop->fds[fd].drained;
}

/* The beginning of a struct that a future's waiters lead to and nobody else owns: freed with the loop if not before. */
struct async__node {
	struct async__link listed; /* loop->nodes */
};
/* Memory for a node, listed; NULL without memory.  And the reverse. */
void *async__node_new(async_loop *loop, size_t size);
void async__node_free(void *node);

/* What is ready becomes the batch of this turn; that of the last turn has run. */
static inline struct async__link *async__next_batch(async_loop *loop)
{
	struct async__link *batch = loop->ready;

	loop->ready = loop->batch;
	loop->batch = batch;
	return batch;
}

/* Queues an entry for the next turn. */
static inline void async__soon(async_loop *loop, struct async__entry *entry)
{
	async__list_append(loop->ready, &entry->link);
}

static inline void async__wake(struct async__task *task)
{
	if (task->future.woken || task->waits == ASYNC__HANDLE || task->future.state != ASYNC__PENDING)
		return;
	task->future.woken = true;
	async__soon(task->future.object.loop, &task->wake);
}

static inline async_status async__park_as_set(struct async__task *task, async_frame *leaf)
{
	task->leaf = leaf;
	if (task->must_cancel && !task->future.woken)
		async__deliver_cancel(task);
	return ASYNC_SUSPENDED;
}

static inline void async__watch(struct async__future *future, struct async__entry *entry)
{
	future->holds++;
	if (future->state == ASYNC__PENDING)
		async__ring_append(&future->waiters, &entry->link);
	else
		async__soon(future->object.loop, entry);
}

/* The loop running on this thread; NULL, and a loud report naming `what`, when there is none. */
async_loop *async__need_loop(const char *what);
int64_t async__now(async_loop *loop);
/* May the loop be used here: it runs on this thread, or this thread made it or ran it last?  If not, that is reported if there is a `what`. */
bool async__loop_is_ours(async_loop *loop, const char *what);
/* home.c: what is not a loop's own belongs to the first loop that uses it; *home names that, NULL: nobody's yet.
 * May this thread use it?  Binds it if it is nobody's.  0, ASYNC_WRONG_THREAD (reported if there is a `what`) or ASYNC_NO_MEMORY.
 * *orphaned: it was a loop's that has been closed since, and so have its waiters: forget them. */
int async__home_enter_slowly(async_handle *home, const char *what, bool *orphaned);
static inline int async__home_enter(async_handle *home, const char *what, bool *orphaned)
{
	async_handle mine = async__self.loop ? async__self.loop->identity : NULL;

	*orphaned = false;
	return mine && __atomic_load_n(home, __ATOMIC_RELAXED) == mine ? 0 : async__home_enter_slowly(home, what, orphaned);
}
/* May this thread look at it?  If not, that is reported.  Binds nothing. */
bool async__home_is_here_slowly(const async_handle *home, const char *what);
static inline bool async__home_is_here(const async_handle *home, const char *what)
{
	async_handle mine = async__self.loop ? async__self.loop->identity : NULL;

	return (mine && __atomic_load_n(home, __ATOMIC_RELAXED) == mine) || async__home_is_here_slowly(home, what);
}

/* Ends what async__request_task began, without a task. */
void async__request_back(struct async__request outer);
/* Runs turns until future is finished: 0, ASYNC_SHUT_DOWN (stopped before), ASYNC_INVALID_STATE (idle for good), ASYNC_FORKED, or
 * an errno value of the back end.  Future must be held by the caller. */
int async__run_until(async_loop *loop, struct async__future *future);
/* Looks at each of a loop's futures or tasks; look may run user code that releases them, none is freed meanwhile. */
void async__each_other(async_loop *loop, void (*look)(struct async__future *));
/* Cancels every task and runs until they have ended; reports their errors.  Then shuts the default executor down. */
void async__run_shutdown(async_loop *loop);
/* Is there no thread that the program itself made, which might yet do something for the loop? */
bool async__alone(void);
/* async_loop_new(NULL) for a blocking entry, which closes it: it never leaves this thread. */
async_loop *async__loop_for_entry(void);
/* The back end that $ASYNC_LOOP names, epoll without it; NULL, and said on stderr, when it is not there. */
const async_loop_backend *async__default_backend(void);
/* How often this process is a fork of one that had loops. */
extern atomic_uint async__fork_count;
static inline unsigned async__forks(void)
{
	return atomic_load_explicit(&async__fork_count, memory_order_relaxed);
}
/* Threads that the library itself started (pool threads), for the detector of idle loops.  Any thread. */
extern atomic_int async__own_threads;

/* door.c, signals.c, fds.c: their part of a loop's life. */
struct async__door *async__door_new(async_loop *loop);
void async__door_take(async_loop *loop);  /* runs what was posted: queues it, in order */
static inline bool async__door_waiting(async_loop *loop)
{
	return atomic_load_explicit(&loop->door->posted, memory_order_acquire);
}
void async__door_close(async_loop *loop);
/* From now on the loop looks at its door by itself; or no longer, and false if there is something at the door already. */
static inline void async__door_watch(async_loop *loop)
{
	atomic_store_explicit(&loop->door->watched, true, memory_order_relaxed);
}
static inline bool async__door_watched(async_loop *loop)
{
	return atomic_load_explicit(&loop->door->watched, memory_order_relaxed);
}
static inline bool async__door_unwatch(async_loop *loop)
{
	atomic_store(&loop->door->watched, false);
	return !atomic_load(&loop->door->posted);
}
void async__signals_take(async_loop *loop); /* when signals_arrived is not 0 */
void async__signals_close(async_loop *loop);
bool async__signals_any(const async_loop *loop);
/* SIGINT for async__entry_main: fn(arg) once, then the default action is back. */
int async__signal_once(async_loop *loop, int signal, async_callback *fn, void *arg);
void async__fds_free(async_loop *loop);

/* Between enter and leave the loop is this thread's running one. */
void async__loop_enter(async_loop *loop);
/* Too little is left of it even for what has to begin at once, where other calls are deferred. */
bool async__stack_is_used_up(void);
void async__loop_leave(async_loop *loop);

/* A task's chain of awaits as text, "  at function (file:line): await what" for each, the leaf first; cut, always terminated. */
void async__format_chain(const struct async__task *task, char *buffer, size_t size);
/* Runs an entry in debug mode: says so when it takes long, and while it does not come back. */
void async__watched_run(async_loop *loop, struct async__entry *entry);
void async__watchdog_open(async_loop *loop);
void async__watchdog_close(async_loop *loop);
bool async__wanted(const char *variable); /* is the environment's variable set, and not to 0? */
/* Every task's chain of awaits, to a descriptor. */
void async__print_tasks(async_loop *loop, int fd);

#endif
