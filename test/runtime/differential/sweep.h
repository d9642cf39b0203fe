/* sweep.h: a scenario's loop, log and, when it is swept, the cancellations.
 *
 * A sweep runs the scenario once and counts the suspensions of its tasks: then once for each of them, with the task cancelled right
 * after that suspension, and once with it cancelled when its wake-up is queued, right before it goes on.  When all has ended, nothing
 * may be left: sweep_check.  Each run is made twice, and has to give the same log. */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdio.h>

/* What must come out even. */
struct accounts {
	unsigned begun, ended;       /* scripts; the second in their cleanup */
	size_t put, got, dropped;    /* items */
	unsigned refused;            /* releases and the like that were answered with an error code */
	size_t released[3];          /* semaphores, without an acquire */
};

/* ---- Virtual time ---- */

static int64_t clock_ns;

static int open_nothing(async_loop *loop, void *state)
{
	(void)loop, (void)state;
	return 0;
}

static void do_nothing(async_loop *loop, void *state)
{
	(void)loop, (void)state;
}

static int64_t scenario_now(async_loop *loop, void *state)
{
	(void)loop, (void)state;
	return clock_ns;
}

static int watch_nothing(async_loop *loop, void *state, int fd, unsigned events)
{
	(void)loop, (void)state, (void)fd, (void)events;
	return 0;
}

static int pass_time(async_loop *loop, void *state, int64_t timeout)
{
	(void)loop, (void)state;
	if (timeout > 0)
		clock_ns += timeout;
	return 0;
}

static const async_loop_backend scenario_loop = { .name = "scenario", .open = open_nothing, .close = do_nothing, .now = scenario_now,
						  .watch = watch_nothing, .wait = pass_time, .wake = do_nothing };

/* ---- The log, and the exception handler's part ---- */

static struct {
	bool on;
	enum { COUNT, AFTER, BEFORE } when;
	unsigned long at;          /* which suspension; from 1 */
	unsigned long suspensions; /* seen in this run */
	async_handle stepped;      /* the task that ran last */
	async_handle driver;       /* is left alone */
	bool ends;                 /* everything is being cancelled */
	bool failed;
	uint64_t hash;             /* of the log */
} swept;

static void log_line(const char *line)
{
	if (!swept.on)
		puts(line);
	for (const char *c = line; *c; c++)
		swept.hash = (swept.hash ^ (unsigned char)*c) * 1099511628211u;
}

static void sweep_fail(const char *what)
{
	static const char *const names[] = { "counting", "cancelled after suspension", "cancelled before it goes on from suspension" };

	fprintf(stderr, "%s (%s %lu)\n", what, names[swept.when], swept.at);
	swept.failed = true;
}

/* Errors that nobody retrieves are no part of the comparison.  Tasks that are left when the loop closes are, in a sweep. */
static void ignore_error(const async_error_context *context, void *arg)
{
	(void)arg;
	if (swept.on && strstr(context->message, "pending"))
		sweep_fail(context->message);
	if (getenv("VERBOSE"))
		async_default_exception_handler(context);
}

/* ---- The sweep ---- */

static bool sweep_ends(void)
{
	return swept.ends;
}

static void sweep_begins_to_end(void)
{
	swept.ends = true;
}

static void sweep_check(bool well)
{
	if (swept.on && !well)
		sweep_fail("something is left, or was done twice");
}

static void cancel_stepped(void)
{
	if (!swept.ends && swept.stepped != swept.driver)
		async_cancel(swept.stepped);
}

/* Called between the entries of a batch: the task that ran last has suspended if it has not ended. */
static void look_back(void)
{
	if (!swept.stepped || swept.ends)
		return;
	if (!async_done(swept.stepped) && ++swept.suspensions == swept.at && swept.when == AFTER)
		cancel_stepped();
	swept.stepped = NULL;
}

static void run_nothing(struct async__entry *entry)
{
	(void)entry;
}

static struct async__entry *choose(async_loop *loop)
{
	static struct async__entry nothing;
	struct async__entry *entry;
	struct async__task *task;

	look_back();
	nothing.run = async__runs(run_nothing);
	if (async__list_empty(loop->batch))
		return &nothing; /* the cancellation took back what was to run */
	entry = async__container_of(loop->batch->next, struct async__entry, link);
	task = async__stepping(entry);
	swept.stepped = task ? async__handle_of(&task->future.object) : NULL;
	if (!swept.driver)
		swept.driver = swept.stepped; /* the first to run */
	if (task && swept.when == BEFORE && swept.suspensions + 1 == swept.at) {
		cancel_stepped();
		swept.suspensions++;
		swept.at = 0; /* once */
	}
	return entry;
}

static uint64_t run_once(async_loop *(*new_loop)(void), void (*run)(async_loop *), unsigned long at)
{
	async_loop *loop;

	clock_ns = 0;
	swept.at = at;
	swept.hash = 14695981039346656037u;
	swept.suspensions = 0;
	swept.stepped = swept.driver = NULL;
	swept.ends = false;
	loop = new_loop();
	loop->choose = choose;
	run(loop);
	if (loop->n_tasks)
		sweep_fail("a task has not ended");
	if (!async_loop_close(loop))
		sweep_fail("the loop cannot be closed");
	return swept.hash;
}

static int sweep(async_loop *(*new_loop)(void), void (*run)(async_loop *))
{
	unsigned long n, runs = 0;

	swept.on = true;
	swept.when = COUNT;
	run_once(new_loop, run, 0);
	n = swept.suspensions;
	for (unsigned long at = 1; at <= n && !swept.failed; at++) {
		for (swept.when = AFTER; swept.when <= BEFORE && !swept.failed; swept.when++, runs++) {
			uint64_t hash = run_once(new_loop, run, at);

			if (run_once(new_loop, run, at) != hash)
				sweep_fail("the second run differs from the first");
		}
	}
	printf("%lu runs\n", runs);
	return swept.failed;
}

#endif
