/* async/abi.h: what generated code and hand-written awaitables share with the runtime.  docs/abi.md explains it.
 *
 * A coroutine is a frame: a struct that begins with an async_frame, then the result, then the parameters, then whatever its
 * function keeps across awaits; a scalar result has the place where the parameters begin, and is stored last.  Its resume function runs it
 * up to the next suspension:
 *   ASYNC_DONE       finished; the result is in the frame, which its caller owns and may now reuse
 *   ASYNC_FAILED     finished; the error is with the current task
 *   ASYNC_SUSPENDED  what it keeps is in the frame; somebody will resume it, or the frame it awaits
 * All of it happens on the loop's thread.
 *
 * Where a suspended function stands is kept once.  For the innermost one of a chain of awaits, the leaf, the task has it; for any other, the
 * frame that it awaits: that one's header says where the caller goes on, as a return address does on a C stack. */
#ifndef ASYNC_ABI_H
#define ASYNC_ABI_H

#include <async/base.h>
#include <async/error.h>
#include <async/executor.h>
#include <async/loop.h>
#include <async/task.h>

ASYNC_BEGIN_DECLS

#define ASYNC_ABI_VERSION 8

/* Whoever has an entry, or catches a blocking one's error, calls a function that is named after the version: what was compiled for another one
 * does not link. */
#define ASYNC__NAME_OF_ABI(name, version) name##__abi_##version
#define ASYNC__OF_ABI(name, version) ASYNC__NAME_OF_ABI(name, version)
#define async__entry_run ASYNC__OF_ABI(async__entry_run, ASYNC_ABI_VERSION)
#define async__catch_end ASYNC__OF_ABI(async__catch_end, ASYNC_ABI_VERSION)

/* Around each resume function.  What gcc cannot see is that a jump to an await point restores what the code there needs, and, from 12 on, that
 * the address of a label, or of what no await outlives, may stand in the frame; and clang, from 21 on, that a temporary with const members is
 * written as bytes. */
#if defined(__GNUC__) && !defined(__clang__)
#if __GNUC__ >= 12
#define ASYNC__LOCAL_ADDRESSES _Pragma("GCC diagnostic ignored \"-Wdangling-pointer\"")
#else
#define ASYNC__LOCAL_ADDRESSES
#endif
#define ASYNC_GENERATED_BEGIN _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wmaybe-uninitialized\"") ASYNC__LOCAL_ADDRESSES
#define ASYNC_GENERATED_END _Pragma("GCC diagnostic pop")
#elif defined(__clang__)
#if __has_warning("-Wdefault-const-init-field-unsafe")
#define ASYNC_GENERATED_BEGIN _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wdefault-const-init-field-unsafe\"")
#define ASYNC_GENERATED_END _Pragma("clang diagnostic pop")
#endif
#endif
/* Around structs of ours with a member that ends in a flexible array. */
#if defined(__clang__)
#define ASYNC_OPEN_ENDS_BEGIN _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wgnu-variable-sized-type-not-at-end\"")
#define ASYNC_OPEN_ENDS_END _Pragma("clang diagnostic pop")
#else
#define ASYNC_OPEN_ENDS_BEGIN _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wpsabi\"")
#define ASYNC_OPEN_ENDS_END _Pragma("GCC diagnostic pop")
#endif
#ifndef ASYNC_GENERATED_BEGIN
#define ASYNC_GENERATED_BEGIN
#define ASYNC_GENERATED_END
#endif

typedef struct async_frame async_frame;
struct async_point;
struct async_function;
/* status: how what the frame awaited has ended, after a suspension; at the beginning ASYNC_DONE.  at: where the function stands. */
typedef async_status async_resume(async_frame *frame, async_status status, const struct async_point *at);

/* Where a function can stand: at its beginning, or suspended in one of its awaits.  A function's points are a constant table, by state. */
typedef struct async_point {
	async_resume *resume;                  /* the function's */
	const struct async_function *function; /* whose frame it is */
	const char *awaited; /* as the user wrote it; NULL: the beginning, or there is nothing to say */
	unsigned line;       /* of it in the function's file */
	unsigned state;      /* which one this is: 0 before the function began, else its awaits in order */
	unsigned callee_offset; /* where in the function's frame the one is that it awaits there; 0: elsewhere, and what is in front of that one
				 * tells the caller */
} async_point;

/* Set once the frame's function has suspended, by who awaits it; nobody has to know before. */
struct async_frame {
	const async_point *caller_at; /* where its caller awaits it, and goes on when it has ended; of a task's root frame its own beginning */
};

/* What there is to know about an async function f: the constant f__async. */
typedef struct async_function {
	uint32_t abi;           /* ASYNC_ABI_VERSION */
	uint32_t frame_size;    /* bytes */
	uint32_t frame_align;   /* a power of two */
	uint32_t result_offset; /* of the result in the frame */
	uint32_t result_size;   /* 0 for void */
	const async_point *points; /* the first is its beginning */
	const char *name;
	const char *file;
} async_function;

/* A point of a function written by hand.  awaited may be NULL. */
#define ASYNC_POINT(function, resume, state, awaited) { resume, &(function), awaited, __LINE__, state, 0 }
/* One that awaits a frame embedded in its own, as the member `callee` of `type`. */
#define ASYNC_POINT_OF(function, resume, state, awaited, type, callee) { resume, &(function), awaited, __LINE__, state, offsetof(type, callee) }
/* All of one that waits at one place, for its descriptor: the beginning, and state 1, where it waits, for no embedded frame. */
#define ASYNC_POINTS(function, resume, awaited) \
	(const async_point[]) { ASYNC_POINT(function, resume, 0, NULL), ASYNC_POINT(function, resume, 1, awaited) }

/* In front of each frame in a task's arena. */
struct async__pushed {
	struct async__pushed *below; /* NULL: the runtime has to be asked to pop the frame */
	async_frame *caller;         /* who awaits it; set with its caller_at */
} __attribute__((aligned(16)));

/* The part of an arena that frames are pushed to and popped from without asking the runtime. */
struct async__arena {
	char *top, *end;              /* the free part; top is 16-aligned */
	struct async__pushed *pushed; /* the latest */
};

/* What generated code stores to in a task: where it goes on in its next step.  The rest is the runtime's. */
struct async__standing {
	char of_runtime[20];
	bool must_cancel : 1;    /* read only: a wait that begins now is to be cancelled */
	uint8_t waits;           /* ASYNC__IN_OBJECT, or what the runtime has */
	char more_of_runtime[10];
	async_frame *leaf;
	void *rest_of_runtime[5];
	struct async_awaitable *object; /* that the leaf waits in */
	const async_point *at;   /* in the leaf's function */
};
enum { ASYNC__IN_OBJECT = 3 };

/* This thread's loop and task.  Generated code reads no field but through the functions below. */
struct async__thread {
	struct async_loop *loop;     /* that runs on this thread; NULL if none */
	struct async__task *task;    /* whose step runs; NULL outside of a task */
	char *stack_limit;           /* below it a call is deferred to the trampoline */
	async_frame *suspended;      /* the latest callee that has suspended, of those that are not embedded; its caller takes it from here */
	void (*request)(void);       /* the target of an await through a pointer, while its entry is called */
	async_frame *requested;      /* the frame that the entry made for it */
	async_status answer;         /* how far it has come */
	bool is_awaited;             /* the target of the request; else it is to become a task */
	bool woken;                  /* the task itself, by the step of an object that it awaits */
	uint8_t left;                /* what the step has to see to: ASYNC__YIELDED or ASYNC__DEFERRED; 0: nothing */
	struct async__arena *arena;  /* where the task's frames are pushed */
	struct async__slots *found;  /* of the loop's handles, where the latest one was; NULL */
	struct async__error *error;  /* in flight in that task; a reference */
};
extern __thread struct async__thread async__self __attribute__((tls_model("initial-exec")));
enum { ASYNC__YIELDED = 1, ASYNC__DEFERRED };

/* ---- Awaiting an async function ----
 * Embedded:  store the arguments; async__start(&f->g.base, g__points).  If that answers ASYNC_SUSPENDED,
 *            f->g.base.caller_at = &f__points[k], whose callee_offset is g's in f's frame, and return.
 * Otherwise: outcome = g__start(arguments).  If that answers ASYNC_SUSPENDED, async__await_suspended(&f->base, &f__points[k]), and return.
 *            g takes a frame only if it has to; it is the latest one pushed by the time that the caller is resumed: read the result,
 *            async__pop_frame(async__pushed_frame()).
 * By hand:   g = async__push_frame(&g__async), store, async__start(&g->base, g__async.points); if that answers ASYNC_SUSPENDED,
 *            async__return_to(&g->base, &f->base, &f__points[k]); in the end read the result, async__pop_frame(g).
 * Frames of a task are pushed and popped in last-in-first-out order.  While a callee runs for the first time, on the C stack of its caller, that
 * one has stored nothing: it does when the callee has suspended, on its way out. */

/* The callee, which is not embedded, has suspended: it is awaited by that frame, there. */
static inline void async__return_to(async_frame *callee, async_frame *caller, const async_point *caller_at)
{
	((struct async__pushed *)(void *)callee - 1)->caller = caller;
	callee->caller_at = caller_at;
}

/* The same for what has just answered ASYNC_SUSPENDED. */
static inline void async__await_suspended(async_frame *caller, const async_point *caller_at)
{
	async__return_to(async__self.suspended, caller, caller_at);
}

/* A callee that is not embedded says which frame its caller is to wait for; ASYNC_SUSPENDED. */
static inline async_status async__suspend(async_frame *callee)
{
	async__self.suspended = callee;
	return ASYNC_SUSPENDED;
}

/* The current task's leaf, and where it goes on. */
static inline void async__stand(async_frame *leaf, const async_point *at)
{
	struct async__standing *task = (struct async__standing *)(void *)async__self.task;

	task->at = at;
	task->leaf = leaf;
}

void *async__push_frame_slowly(const async_function *function);
void async__pop_frame_slowly(void *frame);

/* A frame from the current task's arena; NULL when there is no memory, with ASYNC_NO_MEMORY raised. */
static inline void *async__push_frame(const async_function *function)
{
	struct async__arena *arena = async__self.arena;
	struct async__pushed *header = (struct async__pushed *)(void *)arena->top;
	size_t size = sizeof *header + (((size_t)function->frame_size + 15) & ~(size_t)15);

	if (__builtin_expect(size > (size_t)(arena->end - arena->top) || function->frame_align > 16, 0))
		return async__push_frame_slowly(function);
	header->below = arena->pushed;
	arena->pushed = header;
	arena->top += size;
	return header + 1;
}

/* The latest one that was pushed.  NULL is fine: there was no memory for it. */
static inline void async__pop_frame(void *frame)
{
	struct async__arena *arena = async__self.arena;
	struct async__pushed *header = (struct async__pushed *)((uintptr_t)frame - sizeof *header);

	if (__builtin_expect(header != arena->pushed || !header->below, 0)) {
		async__pop_frame_slowly(frame);
		return;
	}
	arena->pushed = header->below;
	arena->top = (char *)header;
}

void *async__pushed_frame_slowly(void);

/* The latest one. */
static inline void *async__pushed_frame(void)
{
	struct async__pushed *header = async__self.arena->pushed;

	return __builtin_expect(header != NULL, 1) ? header + 1 : async__pushed_frame_slowly();
}

/* Defers the start of frame, whose function has these points, to the trampoline; ASYNC_SUSPENDED. */
async_status async__defer(async_frame *frame, const async_point *points);

static inline bool async__stack_is_low(void)
{
	return __builtin_expect((char *)__builtin_frame_address(0) < async__self.stack_limit, 0);
}

/* Runs a frame, its arguments stored, like a call: directly, or by way of the trampoline when the C stack is nearly used up.  points: its
 * function's. */
static inline async_status async__start(async_frame *frame, const async_point *points)
{
	if (async__stack_is_low())
		return async__defer(frame, points);
	return points->resume(frame, ASYNC_DONE, points);
}

/* ---- Functions that look at their caller's arguments by a va_list ----
 * What is passed for `...` is there while the call is being made, so the function begins in it, whatever is left of the stack.  With
 * very little left the start fails with ASYNC_NO_MEMORY.
 * async__start_variadic(&g->base, points, &g->async__arguments, ...) lets g's frame know where its variable arguments are;
 * async__start_at_once is for one that takes a va_list. */
async_status async__start_variadic(async_frame *frame, const async_point *points, __builtin_va_list **arguments, ...);
async_status async__start_at_once(async_frame *frame, const async_point *points);

/* ---- async_sleep(0) ----
 * Store what is live, then return async__yield(&f->base, &f__points[k]): self is resumed there in the next turn, behind those that are
 * ready already.  Always ASYNC_SUSPENDED.  The step does the queueing. */
static inline async_status async__yield(async_frame *self, const async_point *at)
{
	async__stand(self, at);
	async__self.left = ASYNC__YIELDED;
	return ASYNC_SUSPENDED;
}

/* ---- Arrays of a run-time size that are aligned more than malloc aligns ----
 * align: a power of two, bytes.  NULL without memory; freed by free. */
void *async__alloc_aligned(size_t align, size_t size);

/* ---- alloca in an async function ----
 * Blocks that live as long as the call: a list that the frame holds.  Like alloca, neither returns NULL.  align: a power of two, bytes. */
static inline void *async__alloca_aligned(void **blocks, size_t size, size_t align)
{
	void **block = (void **)__builtin_malloc(16 + align - 1 + size);
	if (!block)
		__builtin_trap();
	*block = *blocks;
	*blocks = block;
	char *start = (char *)block + 16;
	return start + (-(uintptr_t)start & (align - 1));
}

static inline void *async__alloca(void **blocks, size_t size)
{
	return async__alloca_aligned(blocks, size, 1);
}

static inline void async__free_blocks(void **blocks)
{
	while (*blocks) {
		void **block = (void **)*blocks;
		*blocks = *block;
		__builtin_free(block);
	}
}

/* ---- Awaiting a handle ----
 * status = async__await(&f->base, &f__points[k], h); if it is ASYNC_SUSPENDED, return, and take the one that resumes.  Then, both ways,
 * status = async__await_end(h, status, &result, sizeof result) copies the result (nothing if size is 0) and reaps the
 * task or future.  Only then is the await over. */
async_status async__await(async_frame *self, const async_point *at, async_handle h);
async_status async__await_end(async_handle h, async_status status, void *result, size_t size);

/* ---- Awaiting a user's object (async_awaitable) ----
 * Called until it answers something else than ASYNC_SUSPENDED; a status of ASYNC_FAILED on wake-up (cancelled) skips that.  The runtime
 * hears of a wait that is over already: the step has woken the task itself, or that is to be cancelled. */
void async__wake_at_once(void);
async_status async__object_failed(async_status status) __attribute__((cold));

static inline async_status async__await_object_by(async_frame *self, const async_point *at, struct async_awaitable *object,
						  async_status (*step)(struct async_awaitable *self, void *result), void *result)
{
	struct async__standing *task;
	async_status status;

	if (!async__self.task)
		__builtin_unreachable();
	async__self.woken = false;
	status = step(object, result);
	if (__builtin_expect(status == ASYNC_DONE, 1))
		return ASYNC_DONE;
	if (status != ASYNC_SUSPENDED)
		return async__object_failed(status);
	task = (struct async__standing *)(void *)async__self.task;
	task->waits = ASYNC__IN_OBJECT;
	task->object = object;
	async__stand(self, at);
	if (__builtin_expect(async__self.woken || task->must_cancel, 0))
		async__wake_at_once();
	return ASYNC_SUSPENDED;
}

/* By its own step. */
static inline async_status async__await_object(async_frame *self, const async_point *at, struct async_awaitable *object, void *result)
{
	return async__await_object_by(self, at, object, object->step, result);
}

/* What steps call, where they call it: async/task.h has both for who takes their address. */
extern inline __attribute__((gnu_inline)) async_handle async_current_task(void)
{
	return async__self.task ? *(async_handle *)(void *)async__self.task : NULL;
}

extern inline __attribute__((gnu_inline)) void async_wake_soon(void)
{
	async__self.woken = true;
}

/* ---- Awaiting through a function pointer ----
 * async__request(target, true); value = target(args); status = async__answered().  ASYNC_DONE: value is the result, whether the
 * target was an async function or an ordinary one.  ASYNC_SUSPENDED: as of g__start.
 * The entry of an async function asks async__asked whether it is meant: if so it starts for its caller, says in async__self.answer
 * how far it came, and returns its result, if there is one. */
static inline void async__request(void (*target)(void), bool is_awaited)
{
	async__self.request = target;
	async__self.is_awaited = is_awaited;
	async__self.answer = ASYNC_DONE;
}

static inline async_status async__answered(void)
{
	async_status answer = async__self.answer;

	async__self.request = NULL;
	async__self.answer = ASYNC_DONE;
	return answer;
}

static inline bool async__asked(void (*self)(void))
{
	if (async__self.request != self || !async__self.is_awaited)
		return false;
	async__self.request = NULL;
	return true;
}

/* async_create_task of such a call: outer = async__request_task(target); value = target(args); then h =
 * async__requested_task(outer, &value, sizeof value) is the task, or a finished future if the target was an ordinary function.
 * outer is what is to be forgotten meanwhile: another request, whose arguments are being evaluated. */
struct async__request {
	void (*target)(void);
	async_frame *frame;
	bool is_awaited;
};
struct async__request async__request_task(void (*target)(void));
async_handle async__requested_task(struct async__request outer, const void *value, size_t size);
/* The same for async_create_task_eager and async_coroutine. */
async_handle async__requested_task_eager(struct async__request outer, const void *value, size_t size);
async_handle async__requested_coroutine(struct async__request outer, const void *value, size_t size);

/* ---- Blocking entries ----
 * The function f itself, as ordinary C sees it:
 *   frame = async__entry(&f__async, (void (*)(void))f);  store the arguments (if frame is not NULL);
 *   async__entry_run(frame, &result, sizeof result);     return result;
 * async__entry makes a task on a new loop, or the frame that async__request asked for; async__entry_run runs the loop until the
 * task is done, or starts the requested frame (result is left alone if that suspends, or is to become a task).  An error goes to
 * the exception handler, and then abort(), unless async__catch_blocking is active.
 * async__entry_main is the same for `async int main`: an error there ends the process with status 1, SIGINT cancels. */
void *async__entry(const async_function *function, void (*self)(void));
void async__entry_run(void *frame, void *result, size_t size);
void *async__entry_main(const async_function *function);
int async__entry_main_run(void *frame);
/* The end of the entry of a function that is declared noreturn: it has come back all the same, suspended in an await through a pointer
 * or with an error that async_catch wants, and whoever called it has no code for that.  Says so, and ends the program. */
__attribute__((noreturn)) void async__came_back(const async_function *function);
/* The loop that the next blocking entry of this thread runs on, for async_run_on. */
void async__use_loop(async_loop *loop);
/* async_catch in ordinary C: between begin and end the first error of this thread's blocking entries is kept.  begin returns what an
 * async_catch around this one has kept so far, which goes to end, so that it is not lost. */
async_error async__catch_begin(void);
bool async__catch_failed(void); /* so far */
async_error async__catch_end(async_error outer);

/* ---- Tasks and coroutine values ----
 * frame = async__new_task(&f__async); store the arguments; async__start_task(frame) or async__keep_coroutine(frame).
 * NULL goes in when NULL came out, and yields the NULL handle. */
void *async__new_task(const async_function *function);
async_handle async__start_task(void *frame);
async_handle async__start_task_eager(void *frame);
async_handle async__keep_coroutine(void *frame);
/* async_create_task(*h): starts a coroutine value; a task or future is returned as it is. */
async_handle async__start_handle(async_handle h);
/* async_shield: a future that mirrors h, and that can be cancelled without cancelling h. */
async_handle async__shield(async_handle h);
/* async_wait_for over a handle, for use as a task of its own; h is awaited, and cancelled when time is up. */
async_handle async__wait_for_handle(async_handle h, double seconds, size_t result_size);
/* An async_awaitable as a task of its own; the object lives until that has ended. */
async_handle async__object_task(struct async_awaitable *object, size_t result_size);
/* The same by that step, which becomes its own. */
static inline async_handle async__object_task_by(struct async_awaitable *object, async_status (*step)(struct async_awaitable *self, void *result),
						 size_t result_size)
{
	object->step = step;
	return async__object_task(object, result_size);
}
/* An async_gather as a task of its own: the handles, and what errors_wanted says of them (see async__gather), are copied. */
async_handle async__gather_task(const async_handle *handles, size_t n, const bool *errors_wanted);
/* An async_catch as a task of its own, whose result is the async_error. */
async_handle async__catch_task(async_handle h);
/* gather's end for an async_catch: as async_exception, and kept as async__set_aside does. */
async_error async__gather_caught(async_handle h);
/* gather's end for children it started itself: copies the result and reaps (retained handles stay). */
void async__gather_take(async_handle h, void *result, size_t size);
/* What an async_gather awaits: as async_gather_n, but an error of handle i ends it only if errors_wanted (NULL: all zero)
 * does not say that errors of i are results. */
_Async async_by_hand void async__gather(const async_handle *handles, size_t n, const bool *errors_wanted);
/* gather's end on an error: the children keep running, their results and errors are nobody's. */
void async__gather_abandon(const async_handle *handles, size_t n);

/* async_run_coroutine_threadsafe: frame = async__new_remote(&f__async); store the arguments; async__submit_remote(loop, frame).  NULL
 * goes in when NULL came out. */
void *async__new_remote(const async_function *function);
struct async__remote *async__submit_remote(async_loop *loop, void *frame);

/* ---- Errors ----
 * The current task has at most one error in flight.  A slot holds one aside: the error of an async_except, or the one that
 * waits while an async_finally runs. */
typedef struct async_caught { struct async__error *error; } async_caught;
async_status async__raise(int code, const char *format, ...) __attribute__((format(printf, 2, 3))); /* ASYNC_FAILED */
async_status async__raise_from(async_caught *cause, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* async_raise_error: the error that the value stands for, if it still exists; else a new one, caused by the one in handled (may be
 * NULL), its trace beginning at this line.  ASYNC_FAILED. */
async_status async__raise_value(async_caught *handled, async_error error, const async_function *function, unsigned line);
/* Notes in the error's return trace that it passed this await point; line 0: none.  Always ASYNC_FAILED. */
async_status async__trace(const async_function *function, unsigned line);
/* Is the error in flight a cancellation, which async_except_error leaves in flight? */
bool async__is_cancellation(void);
/* Takes the error in flight into the slot, and returns it as a value. */
async_error async__hold(async_caught *slot);
/* Puts the slot's error in flight again, and empties the slot; ASYNC_FAILED. */
async_status async__reraise(async_caught *slot);
/* Forgets the slot's error.  An empty slot is fine. */
void async__drop(async_caught *slot);
/* The end of an async_catch: the same, but the task keeps the few that it caught last. */
void async__set_aside(async_caught *slot);
/* As async__drop when another error is in flight, which has been raised meanwhile: the slot's becomes the cause of one that has none. */
void async__chain(async_caught *slot);

/* ---- Timeouts: async_wait_for and async_timeout ----
 * begin arms the scope; when it answers false the time is already up and nothing is to be started: go on to end with
 * ASYNC_FAILED.  end disarms, and turns the cancellation that this scope caused into ASYNC_TIMEOUT. */
struct async__scope {
	int64_t deadline;           /* ns; INT64_MAX: none */
	uint64_t timer[5];          /* the runtime's struct async_timer */
	struct async__task *task;
	uint32_t state;             /* armed, expired, ended */
	uint32_t cancelling;        /* the task's count when the scope was entered */
};
bool async__timeout_begin(struct async__scope *scope, double seconds);
/* async_wait_for over a handle: h is awaited whatever the answer would be (a finished one yields its result even when the time
 * is up; else it is cancelled, and its end waited for), so there is no answer. */
void async__timeout_begin_handle(struct async__scope *scope, double seconds, async_handle h);
/* async_timeout's begin: a timeout of 0 fires at the first suspension instead.  ASYNC_FAILED: there is no block, and no end. */
async_status async__timeout_block_begin(struct async__scope *scope, double seconds);
async_status async__timeout_end(struct async__scope *scope, async_status status);

/* ---- Task groups ----
 * begin; the block; if it failed, failed, which takes the error in flight; then, on every way out, await end. */
struct async__group {
	struct async__task *parent;
	struct async__member *first, *last; /* tasks that have not ended */
	struct async__error *body;          /* the block's error; a reference */
	struct async__error *errors, *last_error; /* of the tasks, linked; references */
	size_t n_errors;
	bool ending, aborting;
	bool cancelled_parent; /* by us, and not taken back yet */
	bool parked;           /* the end waits */
};
struct async__group *async__group_begin(struct async__group *group);
void async__group_failed(struct async__group *group);
_Async async_by_hand void async__group_end(struct async__group *group);
/* The task becomes the group's; the same handle. */
async_handle async__group_add(struct async__group *group, async_handle task);

struct async__group_end__frame {
	async_frame base;
	struct async__group *group;
};
extern const async_point async__group_end__points[];
extern const async_function async__group_end__async;

/* ---- Executors ----
 * job = async__new_job(pool, &type); store the arguments in job; h = async__submit(job); then h is awaited like a future.
 * NULL goes in when NULL came out, and yields the NULL handle. */
typedef struct async_job_type {
	const char *name;          /* of the function called */
	void (*run)(void *job);    /* calls it: reads the arguments in job, stores the result there */
	size_t size;               /* of the job's struct */
	size_t result_offset;
	size_t result_size;        /* 0 for void */
	const size_t *strings;     /* offsets of its const char * arguments, for process pools */
	size_t n_strings;
	bool has_pointers;         /* other pointers among the arguments: a process pool refuses them */
} async_job_type;
void *async__new_job(async_executor *pool, const async_job_type *type);
async_handle async__submit(void *job);
/* What async_executor_map awaits: a job for each of n elements. */
typedef struct async_map_type {
	const async_job_type *job;
	void (*fill)(void *job, void (*function)(void), const void *arguments, size_t i); /* stores the ith argument in the job */
	void (*take)(const void *result, void *results, size_t i); /* stores what the job yielded as the ith result */
} async_map_type;
_Async async_by_hand void async__executor_map(const async_map_type *type, async_executor *pool, size_t at_once, void *results,
				void (*function)(void), const void *arguments, size_t n);
/* For jobs that can be left alone while they run: cancelled, the future ends at once, and discard(result) (may be NULL: the
 * future's destructor, if it has one) is called on the loop's thread when the job has ended.  Such a job's arguments must
 * not point into a frame. */
async_handle async__submit_abandon(void *job, void (*discard)(void *result));

/* ---- async_sleep ----
 * status = async_sleep__await(&f->base, &f__points[k], seconds); if it is ASYNC_SUSPENDED, return, and take the one that resumes. */
async_status async_sleep__await(async_frame *self, const async_point *at, double seconds);
/* The same as a frame, for those written by hand. */
struct async_sleep__frame {
	async_frame base;
	double seconds;
};
extern const async_point async_sleep__points[];
extern const async_function async_sleep__async;

/* ---- Lowered with -fsanitize=address ----
 * A variable in the frame cannot be used outside of its block: it is poisoned at the block's end, and usable from its declaration on.
 * The guard, at the top of the resume function, makes the whole frame usable when that returns, unless it has been told to keep the
 * scopes, as before each suspension.  Compiled without AddressSanitizer, none of it does anything. */
#if defined(__SANITIZE_ADDRESS__)
#define ASYNC__POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASYNC__POISONS 1
#endif
#endif
/* A field that has whole granules of 8 bytes to itself: no less can be poisoned. */
#define async__granule(...) union __attribute__((aligned(8))) { __VA_ARGS__; }
#ifdef ASYNC__POISONS
void __asan_poison_memory_region(const volatile void *memory, size_t size);
void __asan_unpoison_memory_region(const volatile void *memory, size_t size);
struct async__scopes {
	const void *frame; /* NULL: suspended */
	size_t size;
};
static inline void async__end_scopes(const struct async__scopes *scopes)
{
	if (scopes->frame)
		__asan_unpoison_memory_region(scopes->frame, scopes->size);
}
#define async__guard_scopes(f) __attribute__((cleanup(async__end_scopes))) struct async__scopes async__scopes = {(f), sizeof *(f)}
#define async__keep_scopes() ((void)(async__scopes.frame = NULL))
#define async__in_scope(variable) __asan_unpoison_memory_region(&(variable), (sizeof(variable) + 7) & ~(size_t)7)
#define async__out_of_scope(variable) __asan_poison_memory_region(&(variable), (sizeof(variable) + 7) & ~(size_t)7)
#else
#define async__guard_scopes(f) ((void)(f))
#define async__keep_scopes() ((void)0)
#define async__in_scope(variable) ((void)0)
#define async__out_of_scope(variable) ((void)0)
#endif

ASYNC_END_DECLS

#endif
