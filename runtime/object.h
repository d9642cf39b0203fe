/* object.h: what a loop runs and what a handle names: entries, timers, objects.  Included by runtime.h. */
#ifndef ASYNC_RUNTIME_OBJECT_H
#define ASYNC_RUNTIME_OBJECT_H

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
	uintptr_t next;

	if (__builtin_add_overflow((uintptr_t)object->handle, (uintptr_t)1 << 32, &next))
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
#endif
