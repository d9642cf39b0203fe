/* turn.c: the turns of a loop, and running until something is done.
 * A turn waits (back end), takes what other threads and signals brought, queues due timers, and then runs the entries that were
 * ready by then: what those make ready runs in the next turn.  Cancel: async__run_shutdown cancels what is left at the end of a
 * run, and runs until it has ended.  Completes: nothing itself.  The loop's thread only. */
#include "runtime.h"

#include <sys/stat.h>

/* ---- Turns ---- */

static int64_t next_deadline(async_loop *loop)
{
	int64_t timer = async__timer_next(loop), doubt = async__fds_doubt_at(loop);

	return timer < doubt ? timer : doubt;
}

static int64_t how_long(async_loop *loop)
{
	int64_t next, left;

	if (!async__list_empty(loop->ready) || loop->stopping || atomic_load_explicit(&loop->signals_arrived, memory_order_relaxed))
		return 0;
	next = next_deadline(loop);
	if (next == INT64_MAX)
		return -1;
	if (__builtin_sub_overflow(next, async__now(loop), &left))
		return next < 0 ? 0 : INT64_MAX;
	return left > 0 ? left : 0;
}

#ifdef ASYNC__TSAN
enum { SANITIZER_THREADS = 1 };
#else
enum { SANITIZER_THREADS = 0 };
#endif

bool async__alone(void)
{
	struct stat tasks;

	/* One directory for each thread, besides . and .. */
	if (stat("/proc/self/task", &tasks))
		return false;
	return (long)tasks.st_nlink - 2 - SANITIZER_THREADS - atomic_load(&async__own_threads) <= 1;
}

static bool waits_for_others(async_loop *loop)
{
	return loop->fd_waits && !(loop->only_inside && loop->only_inside(loop));
}

/* Nothing is ready, and nothing in sight could ever change that.  Threads that the program made might. */
static bool idle_for_good(async_loop *loop)
{
	return !waits_for_others(loop) && !loop->external && !async__signals_any(loop) && !async__door_waiting(loop) && async__alone();
}

/* Looking for events between two batches is a system call: not made when nobody waits for any, and by a loop that has been busy for a
 * while only now and then. */
static bool must_look(async_loop *loop)
{
	enum { A_WHILE = 16, NOW_AND_THEN = 50000 };

	if (async__list_empty(loop->ready))
		loop->busy_turns = 0;
	else if (!loop->fd_waits && !loop->always_looks)
		return false;
	else if (loop->busy_turns < A_WHILE || loop->always_looks)
		loop->busy_turns++;
	else if (async__now(loop) < loop->looked + NOW_AND_THEN)
		return false;
	loop->looked = loop->seen;
	return true;
}

static int look(async_loop *loop, int64_t timeout)
{
	if (loop->n_trusted && async__now(loop) >= async__fds_doubt_at(loop)) {
		async__fds_doubt(loop);
		timeout = 0;
	}
	return loop->backend->wait(loop, loop->state, timeout);
}

static void run_chosen(async_loop *loop)
{
	struct async__entry *entry = loop->choose ? loop->choose(loop) : async__container_of(loop->batch->next, struct async__entry, link);

	async__list_remove(&entry->link);
	if (loop->watchdog)
		async__watched_run(loop, entry);
	else
		async__run(entry);
}

/* For who chooses, or watches each entry. */
static void run_one_by_one(async_loop *loop)
{
	async__next_batch(loop);
	while (!async__list_empty(loop->batch)) {
		run_chosen(loop);
		async__reap_later_ones(loop);
	}
}

enum { IDLE = ASYNC_INVALID_STATE };

/* Is a job away that has a processor to itself while this thread looks out for it? */
static bool expects_a_job(const async_loop *loop)
{
	return loop->external && loop->spins && loop->external < async__processors();
}

/* Waits until there is something to do, or only looks for events. */
static int wait_for_something(async_loop *loop, int64_t timeout)
{
	bool watched = async__door_watched(loop);
	bool came = timeout != 0 && expects_a_job(loop) &&
		    async__spin(&loop->spin, &loop->door->posted, timeout < 0 ? INT64_MAX : timeout);
	int err = 0;

	if (came || (timeout != 0 && !async__door_unwatch(loop)))
		timeout = 0;
	if (!came || loop->fd_waits || loop->always_looks)
		err = look(loop, timeout);
	if (watched)
		async__door_watch(loop);
	return err;
}

/* What comes after that from elsewhere is either seen in this turn, or asks for another one. */
static void calm_down(async_loop *loop)
{
	if (!loop->fd_waits && !loop->always_looks && !loop->stopping && !loop->wheels.running)
		atomic_store(&loop->attention, false);
}

/* A turn that waits for at most `longest` ns, -1: as long as it takes, and more turns as long as there is only to run what is ready.
 * 0, or why the loop cannot go on. */
static int turn(async_loop *loop, bool detect_idle, int64_t longest)
{
	int64_t timeout;
	int err;

	calm_down(loop);
	timeout = how_long(loop);
	if (longest >= 0 && (timeout < 0 || timeout > longest))
		timeout = longest;
	if (loop->fork_count != async__forks())
		return ASYNC_FORKED;
	if (timeout < 0 && detect_idle && idle_for_good(loop))
		return IDLE;
	if (must_look(loop)) {
		err = wait_for_something(loop, timeout);
		if (err)
			return err;
	}
	if (async__door_waiting(loop))
		async__door_take(loop);
	if (atomic_load_explicit(&loop->signals_arrived, memory_order_relaxed))
		async__signals_take(loop);
	if (loop->wheels.running)
		async__timers_expire(loop, async__now(loop));
	if (loop->choose || loop->watchdog)
		run_one_by_one(loop);
	else if (longest < 0 && !loop->shutting_down)
		async__run_ready(loop);
	else
		async__run_batch(loop);
	return 0;
}

static int run_turns(async_loop *loop, bool detect_idle)
{
	int err = 0;

	async__door_watch(loop);
	do
		err = turn(loop, detect_idle, -1);
	while (!err && !loop->stopping);
	loop->stopping = false;
	if (!async__door_unwatch(loop)) /* who posted has not woken us: whoever waits for the loop's descriptor must be */
		loop->backend->wake(loop, loop->state);
	return err;
}

void async_loop_run_forever(async_loop *loop)
{
	int err;

	if (async__self.loop || loop->running) {
		async__report_value(async__self.loop, "async_loop_run_forever", async__make_error(ASYNC_RUNNING_LOOP, NULL), NULL);
		return;
	}
	async__loop_enter(loop);
	err = run_turns(loop, false);
	if (err)
		async__report_value(loop, "The loop broke down", async__make_error(err, NULL), NULL);
	async__loop_leave(loop);
}

/* ---- Inside of another loop ---- */

int async_loop_run_once(async_loop *loop, double seconds)
{
	int64_t longest = seconds >= 9e9 ? -1 : seconds > 0 ? (int64_t)(seconds * 1e9) : 0;
	int err;

	if (async__self.loop || loop->running)
		return ASYNC_RUNNING_LOOP;
	async__loop_enter(loop);
	loop->busy_turns = 0; /* whoever calls may have been told that there are events */
	err = turn(loop, false, longest);
	async_loop_fd(loop);
	async__loop_leave(loop);
	return err;
}

int async_loop_fd(async_loop *loop)
{
	if (!async__loop_is_ours(loop, "async_loop_fd") || !loop->backend->descriptor)
		return -1;
	return loop->backend->descriptor(loop, loop->state);
}

int64_t async_loop_next_deadline(async_loop *loop)
{
	if (!async__loop_is_ours(loop, "async_loop_next_deadline"))
		return INT64_MAX;
	if (how_long(loop) == 0 || async__door_waiting(loop))
		return async__now(loop);
	return next_deadline(loop);
}

void async_loop_stop(async_loop *loop)
{
	if (!async__loop_is_ours(loop, "async_loop_stop"))
		return;
	loop->stopping = true;
	async__attend(loop);
}

/* ---- Running until something is done ---- */

struct stopper {
	struct async__entry entry;
	async_loop *loop;
	bool ran;
};

static void run_stopper(struct async__entry *entry)
{
	struct stopper *stopper = async__container_of(entry, struct stopper, entry);

	stopper->ran = true;
	stopper->loop->stopping = true;
	async__attend(stopper->loop);
}

/* The rest of the batch still runs after the future's end is noticed, as in asyncio. */
int async__run_until(async_loop *loop, struct async__future *future)
{
	struct stopper stopper = { .entry.run = async__runs(run_stopper), .loop = loop };
	int err;

	async__watch(future, &stopper.entry);
	err = run_turns(loop, true);
	if (stopper.ran)
		async__let_go(future);
	else
		async__unwatch(future, &stopper.entry);
	if (err)
		return err;
	return future->state == ASYNC__PENDING ? ASYNC_SHUT_DOWN : 0;
}

/* ---- The end of async_run ---- */

static void cancel_leftover(struct async__task *task)
{
	if (task->future.leftover)
		return;
	task->future.leftover = true;
	async__cancel(&task->future, NULL);
}

/* Without memory to sort them in. */
static void cancel_in_any_order(async_loop *loop)
{
	struct async__walk walk = { 0 };
	struct async__object *object;

	while ((object = async__next_object(loop, &walk)))
		if (async__is_pending_task(object))
			cancel_leftover((struct async__task *)object);
}

/* Cancels the tasks that have not been cancelled here yet: those after *seen.  Are there any tasks? */
static bool cancel_leftovers(async_loop *loop, uint32_t *seen)
{
	struct async__task **tasks;
	size_t n;

	if (!loop->n_tasks || *seen == loop->task_number)
		return loop->n_tasks;
	*seen = loop->task_number;
	tasks = async__tasks(loop, &n);
	for (size_t i = 0; tasks && i < n; i++)
		cancel_leftover(tasks[i]);
	if (!tasks)
		cancel_in_any_order(loop);
	async__free(tasks);
	return true;
}

static void report_leftover(struct async__future *future)
{
	if (future->object.kind != ASYNC__TASK || !future->leftover)
		return;
	if (future->state != ASYNC__FAILED || future->retrieved)
		return;
	future->retrieved = true;
	async__report(async__loop_of(&future->object), "Unhandled error during shutdown", future->error, async__handle_of(&future->object));
}

void async__run_shutdown(async_loop *loop)
{
	uint32_t seen = 0;

	loop->shutting_down = true;
	loop->stopping = false;
	while (cancel_leftovers(loop, &seen))
		if (turn(loop, true, -1))
			break; /* what is left swallowed its cancellation and waits for good; async_loop_close reports it */
	async__each_other(loop, report_leftover);
	if (loop->default_executor && loop->fork_count == async__forks()) {
		loop->close_default_executor(loop);
		async__door_take(loop);
	}
	loop->shutting_down = false;
}
