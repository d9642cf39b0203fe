/* async/task.h: tasks and coroutine values: making, naming, cancelling and looking at them.
 * Every call belongs to the thread whose loop owns the task, unless it says otherwise. */
#ifndef ASYNC_TASK_H
#define ASYNC_TASK_H

#include <async/base.h>
#include <async/error.h>

ASYNC_BEGIN_DECLS

/* Starts A, a call of an async function or any other awaitable, as a task that first runs when the current step ends.
 * Yields an async_task(T).  As a statement, its handle dropped, the task is detached.  (asyncio.create_task) */
#define async_create_task(A) (async__mark_create_task(), (void)(A), (async_task(ASYNC__TYPE(A)))0)
/* The same, but its body runs at once up to its first suspension.  (asyncio.eager_task_factory) */
#define async_create_task_eager(A) (async__mark_create_task_eager(), (void)(A), (async_task(ASYNC__TYPE(A)))0)
/* Makes the coroutine and runs nothing.  `await *c` or async_create_task(*c) starts it, once.  Yields an async_coro(T). */
#define async_coroutine(A) (async__mark_coroutine(), (void)(A), (async_coro(ASYNC__TYPE(A)))0)
/* Runs A on a loop of its own until it is done and yields its result; refused while a loop runs on this thread.
 * For ordinary C.  (asyncio.run) */
#define async_run(A) (async__mark_run(), (A))
/* async_shield(A): cancelling the awaiting task leaves A running; an error of A that then finds nobody waiting for A goes to the
 * exception handler.  (asyncio.shield) */
#define async_shield(A) (async__mark_shield(), (A))
/* A, cancelled after `seconds` and then ASYNC_TIMEOUT.  ASYNC_FOREVER: no limit; not a number: EINVAL, and A does not begin.
 * (asyncio.wait_for) */
#define async_wait_for(A, seconds) (async__mark_wait_for(seconds), (A))
/* async_timeout (seconds) { ... }: what the block awaits is cancelled when time is up; the block then raises
 * ASYNC_TIMEOUT.  Not a number: EINVAL, and the block does not begin.  (async with asyncio.timeout) */
#define async_timeout(seconds) if (async__mark_timeout(seconds))
/* async_timeout_as (t, seconds) { ... }: the same, and t, an async_timeout_scope *, is its handle, which may be given to others while
 * the block runs.  (async with asyncio.timeout(seconds) as t) */
#define async_timeout_as(t, seconds) for (async_timeout_scope *t = async__mark_timeout_as(seconds);;)
typedef struct async__scope async_timeout_scope;
/* Time is up `seconds` from now instead; 0 or less: at the next suspension; ASYNC_FOREVER: never.  0, ASYNC_INVALID_STATE when time was
 * up already or the block has ended, EINVAL for what is not a number, ASYNC_WRONG_THREAD.  (Timeout.reschedule) */
int async_timeout_reschedule(async_timeout_scope *t, double seconds);
/* When time is up, on async_time's clock; INT64_MAX: never.  (Timeout.when) */
int64_t async_timeout_when(const async_timeout_scope *t);
/* Is time up, and what the block awaits cancelled for that?  (Timeout.expired) */
bool async_timeout_expired(const async_timeout_scope *t);
/* A user's own awaitable: object points to a struct that begins with an async_awaitable.  It may be given to one await at a time, and
 * must live until that is over, or the task that was made of it.  (__await__) */
#define async_awaitable(T, object) (*(__typeof__(T) ASYNC_AS *)async__mark_awaitable(&(object)->awaitable))
/* The same by that step, a function's name, whatever the object's own is: the C compiler can put it where the await is, as it cannot a
 * function that it does not know. */
#define async_awaitable_by(T, object, step) (*(__typeof__(T) ASYNC_AS *)async__mark_awaitable_by(&(object)->awaitable, step))

/* async_task_group (g) { ... }: a block that waits, on every way out, for the tasks that were started in it; g is an
 * async_group *, and may be given to others who start tasks in it while the block runs.  When one of the tasks fails, or the block
 * does, the other tasks and the block are cancelled, and when all have ended the block raises ASYNC_GROUP: the message tells how many
 * errors there were and the first of them, async_group_error(e, i) each.  A task that is cancelled is no error.
 * (async with asyncio.TaskGroup) */
#define async_task_group(g) for (async_group *g = async__mark_group();;)
/* As async_create_task, in the group.  In a group that is ending or has failed the task is cancelled before it starts. */
#define async_create_task_in(g, A) (async__mark_create_task_in(g), (void)(A), (async_task(__typeof__(A)))0)
typedef struct async__group async_group;
/* Ends the group early: its tasks and its block are cancelled, and that is no error.  (TaskGroup.cancel) */
void async_group_cancel(async_group *group);

async_group *async__mark_group(void) ASYNC__MARKER;
void async__mark_create_task_in(async_group *group) ASYNC__MARKER;
void async__mark_create_task(void) ASYNC__MARKER;
void async__mark_create_task_eager(void) ASYNC__MARKER;
void async__mark_coroutine(void) ASYNC__MARKER;
void async__mark_run(void) ASYNC__MARKER;
void async__mark_shield(void) ASYNC__MARKER;
void async__mark_wait_for(double seconds) ASYNC__MARKER;
int async__mark_timeout(double seconds) ASYNC__MARKER;
async_timeout_scope *async__mark_timeout_as(double seconds) ASYNC__MARKER;

/* The __await__ protocol.  step is called when the object is awaited, and again after each wake-up, until it answers
 *   ASYNC_DONE       *result is the value of the await
 *   ASYNC_FAILED     it has called async_fail(); the error is raised at the await
 *   ASYNC_SUSPENDED  it has arranged to be woken: by async_wake_soon (Python's bare `yield`), or by keeping
 *                    async_current_task() and calling async_wake(task) from the loop's thread later
 * cancel, if not NULL, is called when the awaiting task is cancelled while suspended here: release what step arranged. */
typedef struct async_awaitable {
	async_status (*step)(struct async_awaitable *self, void *result);
	void (*cancel)(struct async_awaitable *self);
} async_awaitable_t;
async_handle async__mark_awaitable(struct async_awaitable *object) ASYNC__MARKER;
async_handle async__mark_awaitable_by(struct async_awaitable *object, async_status (*step)(struct async_awaitable *self, void *result)) ASYNC__MARKER;
void async_wake_soon(void);
void async_wake(async_handle task);
async_status async_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends after at least `seconds` (never early); 0 lets every other ready task run once.  (asyncio.sleep) */
_Async async_frameless void async_sleep(double seconds);

/* The running task; NULL outside of one.  (asyncio.current_task) */
async_handle async_current_task(void);
/* Writes up to n handles of the loop's unfinished tasks and returns how many there are.  (asyncio.all_tasks) */
size_t async_all_tasks(async_handle *tasks, size_t n);

/* Asks that ASYNC_CANCELLED be raised where the task waits.  True when the request was made, false when the task or
 * future had already finished or the handle is stale.  (Task.cancel, Future.cancel) */
bool async_cancel(async_handle h);
/* The same with a message for the error. */
bool async_cancel_with(async_handle h, const char *message);
/* How many requests to cancel the task are not taken back; async_uncancel takes one back and returns what is left.
 * (Task.cancelling, Task.uncancel) */
int async_cancelling(async_handle task);
int async_uncancel(async_handle task);

/* Names are copied, and cut after 31 bytes.  async_get_name's string lives as long as the task. */
void async_set_name(async_handle task, const char *name);
const char *async_get_name(async_handle task);

/* Task-local values.  A key is a constant of static storage, whose own value is the default:
 *	static async_local(int) depth = 3;
 *	async_local_set(&depth, async_local_get(&depth) + 1);
 * A task begins with the values of who creates it, and a callback has those of who registers it; what they set is their own and their
 * children's.  set answers 0, ASYNC_NO_MEMORY, or ASYNC_WRONG_THREAD where no loop runs.  get yields an lvalue that is good until the next set.  (contextvars.ContextVar) */
#define async_local(T) const __typeof__(T)
#define async_local_get(key) (*(const ASYNC__VALUE_TYPE(key) *)async__local_get(key))
#define async_local_set(key, value)                                            \
	(__extension__({                                                       \
		ASYNC__VALUE_TYPE(key) async__value = (value);                 \
		async__local_set((key), &async__value, sizeof async__value);   \
	}))
const void *async__local_get(const void *key);
int async__local_set(const void *key, const void *value, size_t size);

/* async_retain(h) keeps a result for later awaits, until async_release(h); counted.  async_detach(h) lets go: the task is
 * reaped when it finishes, and its error, if any, goes to the exception handler. */
void async_retain(async_handle h);
void async_release(async_handle h);
void async_detach(async_handle h);

/* Writes every task with its chain of awaits (function, file, line) to stderr. */
void async_print_tasks(void);

ASYNC_END_DECLS

#endif
