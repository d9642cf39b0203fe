/* task.h: what a loop runs and a handle names: entries, futures, tasks, their errors.  Included by runtime.h. */
#ifndef ASYNC_RUNTIME_TASK_H
#define ASYNC_RUNTIME_TASK_H

/* ---- Entries: what a loop runs ---- */

struct async__entry {
	struct async__link link;           /* in the ready queue, or in the list of what it waits for */
	int32_t run;                       /* what is called once, unlinked, on the loop's thread; may free the entry: see async__runs */
	uint32_t numbered;                 /* a task's number << 1 | a timer's: it is in a slot of a wheel, or late */
};

/* Half a word says which of the library's functions it is: how far it is from the one that most entries run, a task's next step, which
 * so is 0. */
__attribute__((visibility("hidden"))) void async__step(struct async__entry *entry);
static inline int32_t async__runs(void (*run)(struct async__entry *))
{
	return (int32_t)((intptr_t)run - (intptr_t)async__step);
}
static inline void async__run(struct async__entry *entry)
{
	((void (*)(struct async__entry *))((intptr_t)async__step + entry->run))(entry);
}

/* A deadline.  Generated frames reserve uint64_t[5]. */
struct async_timer {
	struct async__entry entry; /* in a slot of a wheel; goes to the ready queue when due; its run is the timer's callback */
	int64_t deadline;          /* ns on the loop's clock; readable after the timer ended */
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
	async_handle handle;      /* that names it, and by way of its slot the loop that owns it */
	uint8_t kind;             /* enum async__kind */
	uint8_t reserved[7];      /* a future's, see there */
};

enum { ASYNC__NO_SLOT = 0x7fffffff };
/* Gives object a handle of loop: 0 or ASYNC_NO_MEMORY. */
int async__handle_new(async_loop *loop, struct async__object *object, enum async__kind kind);
/* The object's handle from now on is stale. */
void async__handle_free(struct async__object *object);
/* The loop that owns what h names.  Any thread; NULL once that loop is closed. */
async_loop *async__handle_owner(async_handle h);
/* The same of an object that this thread may use: while a loop runs here, that is the one. */
static inline async_loop *async__loop_of(const struct async__object *object)
{
	return __builtin_expect(async__self.loop != NULL, 1) ? async__self.loop : async__handle_owner(object->handle);
}
static inline async_handle async__handle_of(const struct async__object *object)
{
	return object->handle;
}
/* From now on it has another handle, and the one it had is stale.  False: it has none left. */
static inline bool async__handle_renew(struct async__object *object)
{
	uintptr_t next = (uintptr_t)object->handle + ((uintptr_t)1 << 32);

	if (!(next >> 32))
		return false;
	object->handle = (async_handle)next;
	return true;
}
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
/* Most handles are the running loop's, and near the one before.  One that belongs elsewhere is not what stands in its place here.  NULL:
 * async__handle_find has to be asked. */
static inline struct async__object *async__handle_near(async_handle h)
{
	struct async__slots *found = async__self.found;

	return found ? async__object_in(found, h) : NULL;
}
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
			union {
				struct {
					bool detached : 1;  /* nobody will await it: reap when finished */
					bool taken : 1;     /* some await has had its outcome: reap when the last hold goes */
					bool retrieved : 1; /* its error has been seen, or is nobody's business */
					bool used : 1;      /* its result was copied out: no destructor call */
					bool reaping : 1;   /* it is in loop->reaping */
					bool cancel_later : 1; /* a future's: cancel answered ASYNC__LATER: whatever comes, it ends cancelled */
				};
				struct {                /* of a task: */
					uint8_t of_both : 5;
					bool is_left : 1;   /* it is among the children that have ended and that its parent has not awaited */
					bool large : 1;     /* async__block_free's */
					bool aligned : 1;   /* its frame is more aligned than it: the block begins before it */
				};
			};
			bool hosts : 1;         /* a task's: another task's step is taken within its own; */
			bool woken_as_host : 1; /* what async__self.woken is to be after that */
			bool has_locals : 1;    /* a task's: it has local values, or had */
			uint32_t holds;       /* waiters, callbacks, jobs: must not be freed meanwhile */
		};
	};
	uint32_t retains;             /* async_retain */
	union {
		uint32_t result_size; /* of a future */
		struct {              /* of a task: */
			bool must_cancel : 1;     /* the next wake-up raises ASYNC_CANCELLED */
			bool wake_cancelled : 1;  /* the wake-up that is queued says ASYNC_CANCELLED */
			bool fresh : 1;           /* the root frame has not been entered */
			bool has_rare : 1;        /* see async__rare_of */
			bool has_left : 1;        /* children may be left with it: see children.c */
			bool await_refused : 1;   /* async__await failed just now and holds nothing: async__await_end has nothing to do */
			bool leftover : 1;        /* cancelled by async__run_shutdown */
			bool being_cancelled : 1; /* a cancel walks along the awaits, and has passed here */
			uint8_t waits;        /* enum async__waits */
			uint16_t cancels;     /* async_cancelling */
		};
	};
	union {
		struct async__link *waiters; /* ring of struct async__entry in order of registration; of a task, also of the wakes of left children */
		struct async__future *reaped_next; /* in loop->reaping, once finished */
	};
	union {
		struct async__error *error; /* when FAILED, or CANCELLED with a message, else NULL or `leaf`: see async__error_in; a reference */
		async_frame *leaf;    /* of a task that has not ended: the frame to resume; while it runs, what that was */
	};
	union {
		struct {
			enum async__abort (*cancel)(struct async__future *); /* who works on it is asked here; NULL: ASYNC__ABORTED */
			void *owner;          /* for cancel's use */
		};
		struct {                      /* of a task: */
			union {
				async_handle parent;            /* the task that made it; NULL: none */
				struct async__task *next_spare; /* of its size */
			};
			struct async__ground *ground;    /* the arena's latest chunk; below the chunks: what few tasks have, or async__bare */
		};
	};
};
_Static_assert(sizeof(struct async__object) == 16 && offsetof(struct async__future, retains) == 16, "the union is one");

/* A future that is no task.  Its result is behind it. */
struct async__own_future {
	struct async__future future;
	void (*destroy)(void *result); /* async_set_result_destructor; of a task it is in its struct async__rare */
};
enum { ASYNC__FUTURE_HEAD = sizeof(struct async__own_future) };
_Static_assert(ASYNC__FUTURE_HEAD % 16 == 0, "results are aligned");

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
static inline void async__reap_later_ones(async_loop *loop);
void async__reap_now(async_loop *loop);
void async__reap_entry(struct async__entry *entry); /* the loop's reaper runs */
/* Registers an entry to run when future finishes, and holds the future; soon, if it has finished.  unwatch undoes it, at any
 * time before the entry has run; an entry that ran must call async__let_go itself. */
static inline void async__watch(struct async__future *future, struct async__entry *entry);
void async__unwatch(struct async__future *future, struct async__entry *entry);
/* The half of it that holds on to the future (NULL: none was watched): the entry, run or not, is in no list any more. */
void async__unlink(struct async__future *future, struct async__entry *entry);
/* The error of an outcome that has one; NULL. */
static inline struct async__error *async__error_in(const struct async__future *future)
{
	return future->state > ASYNC__DONE ? future->error : NULL;
}
/* A copy of the outcome's error as a value (code 0 if done well). */
async_error async__future_error(const struct async__future *future);
/* Reaps the object if nobody can want it any more; may free it. */
void async__maybe_reap(struct async__future *future);
/* Before it is freed: reports an error that nobody saw, calls the destructor of a result that nobody took. */
void async__last_words(struct async__future *future);
/* Frees it whatever its state, at the loop's end.  Nothing is reported. */
void async__future_free(struct async__future *future);

/* ---- Tasks ---- */

/* What a task's arena lies on: its chunks, each on the one before, and at the bottom what the task has of what few have, or nothing.
 * All of it begins with what generated code pushes frames to: without room, if it is no chunk, so that the runtime is asked for one. */
struct async__ground {
	struct async__arena open;
	enum async__ground_kind { ASYNC__BARE, ASYNC__LOCALS, ASYNC__RARE, ASYNC__CHUNK } kind;
	uint32_t class; /* a chunk's */
};
extern struct async__ground async__bare;

/* What a task waits for. */
enum async__waits {
	ASYNC__NOTHING, /* it runs, or has begun or yielded and is queued */
	ASYNC__HANDLE, /* task->awaited, until async__await_end */
	ASYNC__LEAF,   /* parked, with task->abort */
	ASYNC__OBJECT, /* task->object: its step runs, or the leaf is parked in it */
	ASYNC__SLEEP,  /* task->timer, or it was due just now */
	ASYNC__WOKEN = 8 /* with one of the last three: it has been woken from that, and is queued */
};

/* A function's result_size when each of its tasks has a result of its own size: its result is in one of these, at the first place from
 * result_offset on that is aligned as it is. */
#define ASYNC__SIZED UINT32_MAX
struct async__sized {
	_Alignas(16) char unused[12];
	uint32_t size;
	char result[];
};

/* The root frame is right behind it.  Its caller is the function, marked: see async__function_of. */
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
				const async_function *function; /* of a coroutine that is being awaited */
			};
		};
	};
};
_Static_assert(sizeof(struct async__task) == 88, "tasks are many");

enum { ASYNC__CAUGHT = 4 };

/* At the bottom of a task's ground, in place of its local values. */
struct async__rare {
	struct async__ground ground;
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
/* Is it a root frame?  What is in the place of its caller then is the function. */
static inline bool async__is_outermost(const async_frame *frame)
{
	return (uintptr_t)frame->caller & 1;
}
static inline void async__prepare_root(async_frame *root, const async_function *function)
{
	async__prepare(root, function->resume, (async_frame *)((uintptr_t)function | 1));
}
/* A coroutine that is being awaited has a caller. */
static inline const async_function *async__function_of(const struct async__task *task)
{
	const async_frame *root = async__root(task);

	return async__is_outermost(root) ? (const async_function *)((uintptr_t)root->caller - 1) : task->function;
}
/* Task-N; 0: not started. */
static inline uint32_t async__number_of(const struct async__task *task)
{
	return task->wake.numbered >> 1;
}
static inline bool async__is_pending_task(const struct async__object *object)
{
	const struct async__task *task = (const struct async__task *)object;

	return object->kind == ASYNC__TASK && task->future.state == ASYNC__PENDING && async__number_of(task);
}
/* What a cancellation's message was kept in; the task has it no more. */
struct async__error *async__take_cancel_error(struct async__task *task);
/* The task's, made; NULL without memory. */
struct async__rare *async__rare(struct async__task *task);
/* That of a task that has_rare. */
struct async__rare *async__rare_of(const struct async__task *task);
/* Where the bottom of its ground is noted. */
struct async__ground **async__bottom(struct async__task *task);
/* From now on that is what *noted is, which is the task's. */
void async__put_ground(struct async__task *task, struct async__ground **noted, struct async__ground *ground);
/* It is about to be freed: so is what it has. */
void async__ground_free(struct async__task *task);
/* Ends its async_sleep. */
void async__sleep_stop(struct async__task *task);
/* It was parked, and its wake-up is queued. */
static inline bool async__woken(const struct async__task *task)
{
	return task->future.waits & ASYNC__WOKEN;
}
/* What it awaits; NULL: no future or task. */
static inline struct async__future *async__awaited(const struct async__task *task)
{
	return task->future.waits == ASYNC__HANDLE ? task->awaited : NULL;
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
/* A step within another task's. */
void async__step_now(struct async__task *task);
/* Is a step of it on the C stack? */
static inline bool async__is_running(const struct async__task *task)
{
	return task == async__self.task || task->future.hosts;
}
/* The task whose step this entry is; NULL: it is something else. */
struct async__task *async__stepping(struct async__entry *entry);
/* Runs what is ready, in order: one batch of it; or batch after batch, until there is something else to be seen to. */
void async__run_batch(async_loop *loop);
void async__run_ready(async_loop *loop);
/* Has the task that made it ended, so that nobody will await it by that?  While it has not, one that has ended is kept for it. */
bool async__task_orphaned(struct async__task *task);
/* It is left with its parent, and is not any more. */
void async__child_gone(struct async__task *child);
/* A task that has_left ends: its children go from its waiters to the list, and later are given up. */
void async__gather_left(struct async__task *task, struct async__link *left);
void async__give_up(struct async__link *left);
/* Frees the block of a task or coroutine that has ended or never began. */
void async__task_free(struct async__task *task);
/* Before async__blocks_free. */
void async__spare_tasks_free(async_loop *loop);

/* The leaf of the current task waits from now on; see above.  Always ASYNC_SUSPENDED.  abort may be NULL: the wait cannot
 * be cut short. */
async_status async__park(async_frame *leaf, enum async__abort (*abort)(async_frame *leaf));
/* The same, once task->future.waits is set and what belongs to it. */
static inline async_status async__park_as_set(struct async__task *task, async_frame *leaf);
/* As async_uncancel. */
int async__uncancel(struct async__task *task);
/* The task has just begun to wait, and must_cancel is set: cancels that wait, if nothing has ended it yet.  ASYNC_SUSPENDED. */
async_status async__deliver_cancel(struct async__task *task);
/* For a leaf that answered ASYNC__LATER: raises the cancellation. */
async_status async__raise_cancel(struct async__task *task);
/* For a leaf that has something to yield all the same: the cancellation, in flight or not, comes at the next await, unless it has been
 * taken back by then. */
void async__put_off_cancel(struct async__task *task);
/* The outcome of a finished future as the status of an await; its error gets in flight. */
async_status async__outcome(struct async__future *future);
/* Where the result is or will be, and how many bytes it has; it lives as long as the object. */
struct async__result {
	void *at;
	uint32_t size;
};
static inline struct async__result async__place_of_result(const struct async__future *future)
{
	const async_function *function;
	char *at;

	if (future->object.kind == ASYNC__FUTURE)
		return (struct async__result){ (char *)(uintptr_t)future + ASYNC__FUTURE_HEAD, future->result_size };
	function = async__function_of((const struct async__task *)future);
	at = (char *)async__root((const struct async__task *)future) + function->result_offset;
	if (__builtin_expect(function->result_size == ASYNC__SIZED, 0)) {
		at += -(uintptr_t)at & (_Alignof(struct async__sized) - 1);
		return (struct async__result){ at, async__container_of(at, struct async__sized, result)->size };
	}
	return (struct async__result){ at, function->result_size };
}
static inline void *async__result_of(const struct async__future *future)
{
	return async__place_of_result(future).at;
}
/* What async_set_result_destructor has set: 0 or ASYNC_NO_MEMORY; and what that was. */
typedef void async__destructor(void *result);
int async__set_destructor(struct async__future *future, async__destructor *destroy);
static inline async__destructor *async__destructor_of(const struct async__future *future)
{
	if (future->object.kind == ASYNC__FUTURE)
		return ((const struct async__own_future *)future)->destroy;
	return future->has_rare ? async__rare_of((const struct async__task *)future)->destroy : NULL;
}
/* Copies the result of a future that is done, as much of it as size says. */
static inline void async__copy_result(struct async__future *future, void *result, size_t size)
{
	struct async__result from;

	future->used = true;
	if (!size)
		return;
	from = async__place_of_result(future);
	if (size > from.size)
		size = from.size;
	if (size == sizeof(uint64_t)) /* the call costs more than the copy */
		memcpy(result, from.at, sizeof(uint64_t));
	else if (size == sizeof(uint32_t))
		memcpy(result, from.at, sizeof(uint32_t));
	else
		memcpy(result, from.at, size);
}
/* Queues the wake-up of a parked task, status ASYNC_DONE.  Once per wait (more are ignored).  Loop's thread. */
static inline void async__wake(struct async__task *task);

/* ---- Task-local values: lists whose tails are shared ---- */

struct async__local;
/* A task's list; NULL. */
struct async__local *async__locals_of(struct async__task *task);
/* Those of who runs now become the task's, which has none. */
void async__locals_inherit(struct async__task *task);
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
#endif
