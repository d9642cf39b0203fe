/* task.h: tasks, and their local values.  Included by runtime.h. */
#ifndef ASYNC_RUNTIME_TASK_H
#define ASYNC_RUNTIME_TASK_H

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

/* The root frame is right behind it.  In place of where its caller awaits it that one has its function's beginning, unless it is a coroutine that
 * is being awaited. */
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
				const async_function *function; /* of a coroutine that is being awaited: its root frame's */
				struct async__local *parents_locals; /* of the first of the children that ended: what their ring has displaced */
			};
		};
	};
	union {
		const async_point *at; /* where future.leaf goes on */
		async_frame *caller;   /* who awaits it: of a coroutine */
	};
};
_Static_assert(sizeof(struct async__task) == 96, "tasks are many, and frames behind them aligned");
_Static_assert(offsetof(struct async__standing, waits) == offsetof(struct async__future, waits) && (int)ASYNC__IN_OBJECT == (int)ASYNC__OBJECT &&
		       offsetof(struct async__standing, leaf) == offsetof(struct async__future, leaf) &&
		       offsetof(struct async__standing, object) == offsetof(struct async__task, object) &&
		       offsetof(struct async__standing, at) == offsetof(struct async__task, at), "generated code knows where they are");
_Static_assert(sizeof(struct async__task) - offsetof(struct async__task, caller) ==
		       sizeof(struct async__pushed) - offsetof(struct async__pushed, caller), "in front of a frame is who awaits it");

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
/* Is it a root frame?  What it has then is its own function's beginning, where nobody can await it. */
static inline bool async__is_outermost(const async_frame *frame)
{
	return frame->caller_at->state == 0;
}
/* Who awaits a frame that has suspended and is not the outermost. */
static inline async_frame *async__caller_of(const async_frame *frame)
{
	unsigned offset = frame->caller_at->callee_offset;

	return offset ? (async_frame *)((uintptr_t)frame - offset) : ((const struct async__pushed *)(const void *)frame - 1)->caller;
}
/* Whose the root frame of a task is, or of a coroutine that nobody awaits. */
static inline const async_function *async__own_function(const struct async__task *task)
{
	return async__root(task)->caller_at->function;
}
/* Of any. */
static inline const async_function *async__function_of(const struct async__task *task)
{
	return async__is_outermost(async__root(task)) ? async__own_function(task) : task->function;
}
/* Task-N; 0: not started.  Its entry has it times ASYNC__ONE_TASK. */
#define ASYNC__ONE_TASK 2u
static inline uint32_t async__number_of(const struct async__task *task)
{
	return task->wake.numbered / ASYNC__ONE_TASK;
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
/* The same of one that has ended well, and whose result has been taken: ASYNC_DONE. */
async_status async__task_free_done(struct async__task *task);
/* Before async__blocks_free. */
void async__spare_tasks_free(async_loop *loop);

/* The leaf of the current task waits from now on, to go on at that point; see above.  Always ASYNC_SUSPENDED.  abort may be NULL: the
 * wait cannot be cut short. */
async_status async__park(async_frame *leaf, const async_point *at, enum async__abort (*abort)(async_frame *leaf));
/* The same, once task->future.waits is set and what belongs to it. */
static inline async_status async__park_as_set(struct async__task *task, async_frame *leaf, const async_point *at);
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
	function = async__own_function((const struct async__task *)future);
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
/* Of what has ended well: a task with nothing left to do but to free it, as soon as who awaits it has its result? */
static inline bool async__is_used_up(const struct async__future *future)
{
	return future->holds == 1 && !future->retains && future->object.kind == ASYNC__TASK && !future->has_rare;
}
/* The result of such a task, if it has as many bytes as size says, and they are one word, half of one or none, is copied: most results
 * are such, and a call would cost more than that.  False: async__copy_result has to. */
static inline bool async__copy_word(struct async__future *future, void *result, size_t size)
{
	const async_function *function = async__own_function((const struct async__task *)future);
	const char *from = (const char *)async__root((const struct async__task *)future) + function->result_offset;

	if (size == sizeof(uint64_t) && function->result_size == size)
		memcpy(result, from, sizeof(uint64_t));
	else if (size == sizeof(uint32_t) && function->result_size == size)
		memcpy(result, from, sizeof(uint32_t));
	else
		return !size;
	return true;
}
/* Copies the result of a future that is done, as much of it as size says; 0: result may be NULL. */
static inline void async__copy_result(struct async__future *future, void *result, size_t size)
{
	struct async__result from;

	future->used = true;
	if (!size)
		return;
	from = async__place_of_result(future);
	memcpy(result, from.at, size < from.size ? size : from.size);
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
#endif
