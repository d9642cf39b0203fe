/* future.h: results: futures, what tasks share with them, errors.  Included by runtime.h. */
#ifndef ASYNC_RUNTIME_FUTURE_H
#define ASYNC_RUNTIME_FUTURE_H

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
		async_frame *leaf;    /* of a task that has not ended: the frame to resume, at task->at; while it runs, what that was */
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
/* Of a task that ends: what is to be done is what is always done. */
static inline bool async__ends_plainly(const struct async__future *task)
{
	return !(task->must_cancel | task->has_left) && !task->cancels;
}
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
