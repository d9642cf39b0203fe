/* loop.h: a loop and what it stands on: descriptors, the door, its back end.  Included by runtime.h. */
#ifndef ASYNC_RUNTIME_LOOP_H
#define ASYNC_RUNTIME_LOOP_H

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
/* The same, if the back end need not be asked for it: did it? */
static inline bool async__watch_trusted(async_loop *loop, int fd, unsigned events, struct async__fd_wait *wait);
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
	size_t size;                /* the back end's: of what is written, */
	off_t stood;                /* and where the file stood; -1: it stands nowhere */
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

/* Who takes what comes on a connection whether anybody reads or not (async_loop_backend.receive).  Intrusive; lives in a stream. */
struct async_receiver {
	/* As async_loop_received; runs no user code. */
	void (*received)(async_loop *loop, struct async_receiver *receiver, const void *bytes, ssize_t n);
};
/* Begins; 0, ENOSYS or another error code. */
int async__receive(async_loop *loop, int fd, struct async_receiver *receiver);
/* Waits for no event of fd, but for whoever calls async__end_wait, or closes it: wait as for async__watch_fd. */
void async__wait_without_event(async_loop *loop, int fd, struct async__fd_wait *wait);
void async__end_wait(struct async__fd_wait *wait, unsigned events);

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
	bool received;             /* a receive has been tried: it is a socket, and the next one may wait first */
	bool held;                 /* the back end may go on with something by itself: it is to be told before fd is closed */
	bool lasting;              /* what the back end was asked for goes on, and tells of changes only: see uring.h, epoll.c */
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
	unsigned pass;    /* waits to let pass after looking in vain, */
	unsigned passing; /* and how many of them are left */
};
/* Before a wait: looks at *word for at most longest ns, if that has paid of late; true once it is not 0. */
bool async__spin(struct async__spin *spin, const atomic_int *word, int64_t longest);
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
	atomic_bool attention;             /* there may be more to the next turn than to run what is ready: see async__attend */
	bool always_looks;                 /* its back end may have events that no fd_wait stands for */
	bool stopping;
	unsigned fd_waits;                 /* waits that have not ended */
	int64_t seen;                      /* the time when async__now was asked last */
	int64_t looked;                    /* when a busy loop looked for events last */
	unsigned busy_turns;               /* turns since it last had nothing to do, not counted for ever */
	size_t n_tasks;                    /* started and not finished */
	struct async__future *reaping;     /* finished objects that async__let_go_later left, */
	struct async__future **last_reaped; /* where their list ends, */
	struct async__entry reaper;        /* and what sees to them, when it is in the batch */
	struct async__wheels wheels;       /* its timers */
	struct async__link calls;          /* callbacks not yet run, by listed, for freeing at close */
	struct async__link nodes;          /* struct async__node: what else is to be freed at close */
	struct async__slots *slots;        /* chunks of handle slots owned by this loop */
	uint32_t free_slot;                /* index of the first free slot, if there is one */
	struct async__chunk *chunks[4];    /* arena chunks kept for reuse, by size class, */
	unsigned n_chunks[4];              /* and how many */
	struct async__store stores[ASYNC__STORES]; /* blocks for tasks and futures, by size */
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
	uint32_t task_number;              /* of the latest task, as in its entry */
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
	double slow;                       /* seconds; who takes longer is reported in debug mode */
};

/* Whoever begins a wait, starts a timer or stops the loop says so: it does not go on to the next batch without a look at all it has to
 * see to.  So do other threads, signal handlers and forks, in the order of all atomic operations and after what there is to see. */
static inline void async__attend(async_loop *loop)
{
	atomic_store_explicit(&loop->attention, true, memory_order_relaxed);
}

static inline bool async__fd_is_ours(const async_loop *loop, int fd)
{
	return (unsigned)fd < (unsigned)loop->n_fds && loop->fds[fd].ours;
}

static inline bool async__fd_has_more(async_loop *loop, int fd)
{
	return fd >= 0 && fd < loop->n_fds && loop->fds[fd].more && async__list_empty(&loop->fds[fd].waits);
}

static inline void async__fd_drained(async_loop *loop, int fd)
{
	if ((unsigned)fd < (unsigned)loop->n_fds)
		loop->fds[fd].drained = loop->fds[fd].ours;
}

static inline bool async__fd_is_drained(const async_loop *loop, int fd)
{
	return (unsigned)fd < (unsigned)loop->n_fds && loop->fds[fd].drained;
}

static inline void async__count_wait(async_loop *loop)
{
	loop->fd_waits++;
	async__attend(loop);
}

static inline void async__wait_in_list(async_loop *loop, int fd, unsigned events, struct async__fd_wait *wait)
{
	wait->loop = loop;
	wait->fd = fd;
	wait->events = events;
	async__list_append(&loop->fds[fd].waits, &wait->entry.link);
	async__count_wait(loop);
}

/* Does the back end go on telling of events, from when it was asked earlier? */
static inline bool async__trusts(const async_loop *loop, const struct async__fd *slot, unsigned events)
{
	if (!slot->ours || events & ~slot->interest)
		return false;
	return slot->lasting ? slot->drained : loop->backend == &async_loop_epoll;
}

static inline void async__trust(async_loop *loop, struct async__fd *slot)
{
	loop->n_trusted += !slot->trusted;
	slot->trusted = true;
}

static inline bool async__watch_trusted(async_loop *loop, int fd, unsigned events, struct async__fd_wait *wait)
{
	struct async__fd *slot = (unsigned)fd < (unsigned)loop->n_fds ? &loop->fds[fd] : NULL;

	if (!slot || !async__list_empty(&slot->waits) || !async__trusts(loop, slot, events))
		return false;
	async__trust(loop, slot);
	async__wait_in_list(loop, fd, events, wait);
	return true;
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

static inline void async__reap_later_ones(async_loop *loop)
{
	if (loop->reaping)
		async__reap_now(loop);
}

/* Queues an entry for the next turn. */
/* The size is not large. */
static inline struct async__store *async__store_for(async_loop *loop, size_t size)
{
	return &loop->stores[(size - 1) / ASYNC__STEP];
}

static inline void async__soon(async_loop *loop, struct async__entry *entry)
{
	async__list_append(loop->ready, &entry->link);
}

static inline void async__wake(struct async__task *task)
{
	if (__builtin_expect(task->future.waits < ASYNC__LEAF || task->future.waits > ASYNC__SLEEP, 0))
		return;
	task->future.waits |= ASYNC__WOKEN;
	async__soon(async__loop_of(&task->future.object), &task->wake);
}

static inline async_status async__park_as_set(struct async__task *task, async_frame *leaf, const async_point *at)
{
	task->at = at;
	task->future.leaf = leaf;
	return __builtin_expect(task->future.must_cancel, 0) ? async__deliver_cancel(task) : ASYNC_SUSPENDED;
}

static inline void async__watch(struct async__future *future, struct async__entry *entry)
{
	future->holds++;
	if (future->state == ASYNC__PENDING)
		async__ring_append(&future->waiters, &entry->link);
	else
		async__soon(async__loop_of(&future->object), entry);
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
/* Is it known to be the running loop's? */
static inline bool async__home_is_ours(const async_handle *home)
{
	async_handle mine = async__self.loop ? async__self.loop->identity : NULL;

	return mine && __atomic_load_n(home, __ATOMIC_RELAXED) == mine;
}
static inline int async__home_enter(async_handle *home, const char *what, bool *orphaned)
{
	*orphaned = false;
	return async__home_is_ours(home) ? 0 : async__home_enter_slowly(home, what, orphaned);
}
/* May this thread look at it?  If not, that is reported.  Binds nothing. */
bool async__home_is_here_slowly(const async_handle *home, const char *what);
static inline bool async__home_is_here(const async_handle *home, const char *what)
{
	return async__home_is_ours(home) || async__home_is_here_slowly(home, what);
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
