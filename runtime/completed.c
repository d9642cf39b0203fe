/* completed.c: async_as_completed.
 * Each handle has a node that waits for it and then joins the list of those that have finished.  Completes: a child's callback wakes one
 * who waits for the next; the timeout wakes all.  Owner: the caller; the loop frees what he does not.  The children are held until they
 * are handed out.  Cancel: of next, passes on the child it was woken for; touches no child.  Loop's thread. */
#include "sync/waiters.h"

#include <errno.h>

struct completion {
	struct async__entry entry; /* among the child's waiters, or in the ready queue; then in completions->done by its link */
	struct async_completions *completions;
	struct async__future *child; /* NULL for a stale handle */
	async_handle handle;
};

struct async_completions {
	struct async__node node;
	async_loop *loop;
	struct async__waiters waiters; /* who waits for the next */
	struct async__link done;       /* of completions, in the order of their ends */
	struct async_timer timer;
	bool late, invalid;            /* time is up; the timeout was no number */
	size_t n_left;                 /* not handed out yet */
	size_t n;
	struct completion each[];
};

static void run_completion(struct async__entry *entry)
{
	struct completion *completion = async__container_of(entry, struct completion, entry);
	async_completions *c = completion->completions;

	async__list_append(&c->done, &entry->link);
	async__wake_next(&c->waiters);
}

static void run_timer(struct async__entry *entry)
{
	async_completions *c = async__container_of(entry, async_completions, timer.entry);

	c->late = true;
	async__wake_all(&c->waiters);
}

static void watch(async_completions *c, struct completion *completion, async_handle h)
{
	*completion = (struct completion){ .entry.run = async__runs(run_completion), .completions = c, .handle = h };
	completion->child = async__find_future(async__start_handle(h), "async_as_completed", NULL);
	if (completion->child)
		async__watch(completion->child, &completion->entry);
	else
		async__soon(c->loop, &completion->entry);
}

async_completions *async_as_completed(const async_handle *handles, size_t n, double timeout)
{
	async_loop *loop = async__need_loop("async_as_completed");
	async_completions *c = loop && n < SIZE_MAX / 2 / sizeof *c->each ? async__node_new(loop, sizeof *c + n * sizeof *c->each) : NULL;
	int64_t deadline;

	if (!c)
		return NULL;
	c->loop = loop;
	c->n = c->n_left = n;
	async__list_init(&c->done);
	async__timer_init(&c->timer, run_timer);
	c->invalid = timeout != timeout;
	deadline = c->invalid ? INT64_MAX : async__deadline(loop, timeout);
	if (deadline != INT64_MAX)
		async__timer_start(loop, &c->timer, deadline);
	for (size_t i = 0; i < n; i++)
		watch(c, &c->each[i], handles[i]);
	return c;
}

void async_completions_free(async_completions *c)
{
	if (!c || !async__loop_is_ours(c->loop, "async_completions_free"))
		return;
	async__waiters_close(&c->waiters);
	async__timer_stop(c->loop, &c->timer);
	for (size_t i = 0; i < c->n; i++) {
		struct completion *completion = &c->each[i];

		async__unlink(completion->child, &completion->entry);
		if (completion->child)
			async__let_go_later(completion->child);
	}
	async__node_free(c);
}

/* ---- The next ---- */

struct async_next_completed__frame {
	async_frame base;
	union { /* the result is stored last */
		async_handle result;
		async_completions *completions;
	};
	/* what callers need not know */
	struct async__waiter waiter;
};
ASYNC__RESULT_SHARES(struct async_next_completed__frame, completions);

static enum async__abort abort_next(async_frame *frame)
{
	struct async_next_completed__frame *f = (struct async_next_completed__frame *)frame;

	return async__waiter_cancel(&f->completions->waiters, &f->waiter);
}

static async_status hand_out(struct async_next_completed__frame *f)
{
	async_completions *c = f->completions;
	struct completion *first = async__container_of(c->done.next, struct completion, entry.link);

	async__list_remove(&first->entry.link);
	f->result = first->handle;
	if (first->child)
		async__let_go_later(first->child);
	first->child = NULL;
	if (--c->n_left == 0)
		async__wake_all(&c->waiters); /* for them there is nothing */
	return ASYNC_DONE;
}

static async_status next(struct async_next_completed__frame *f, const async_point *waiting)
{
	async_completions *c = f->completions;

	if (!c)
		return async__raise(ASYNC_NO_MEMORY, "async_next_completed: no memory");
	if (!async__loop_is_ours(c->loop, NULL))
		return async__raise(ASYNC_WRONG_THREAD, NULL);
	if (c->invalid)
		return async__raise(EINVAL, "async_as_completed: the timeout is not a number");
	if (!async__list_empty(&c->done))
		return hand_out(f);
	if (!c->n_left) {
		f->result = NULL;
		return ASYNC_DONE;
	}
	if (c->late)
		return async__raise(ASYNC_TIMEOUT, NULL);
	async__waiter_add(&c->waiters, &f->waiter);
	return async__park(&f->base, waiting, abort_next);
}

static async_status async_next_completed__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async_next_completed__frame *f = (struct async_next_completed__frame *)frame;

	if (at->state == 0)
		return next(f, at + 1);
	if (f->waiter.state == WAITER_CLOSED)
		return async__waiter_closed(status, "async_completions");
	async__waiter_remove(&f->completions->waiters, &f->waiter);
	if (status == ASYNC_DONE)
		return next(f, at);
	if (f->waiter.state == WAITER_WOKEN && !async__list_empty(&f->completions->done))
		async__wake_next(&f->completions->waiters);
	return ASYNC_FAILED;
}

extern const async_function async_next_completed__async;
static const async_point async_next_completed__points[] = { POINT(async_next_completed, 0), POINT(async_next_completed, 1) };
DESCRIBE(async_next_completed, .file = "runtime/completed.c", .result_offset = offsetof(struct async_next_completed__frame, result),
	 .result_size = sizeof(async_handle));

async_handle async_next_completed(async_completions *completions)
{
	struct async_next_completed__frame *f = async__entry(&async_next_completed__async, (void (*)(void))async_next_completed);
	async_handle result = NULL;

	if (f)
		f->completions = completions;
	async__entry_run(f, &result, sizeof result);
	return result;
}
