/* wait.c: async_wait.
 * Completes: the callback of the child that decides, or the timeout.  Owner: the nodes are in the task's arena; each holds its
 * child.  Cancel: ends the wait, no child is touched.  It always takes a turn, as in asyncio, also when all are done already.
 * Loop's thread. */
#include "runtime.h"

#include <errno.h>

struct wait_frame {
	async_frame base;
	union { /* the result is stored last */
		size_t result;
		struct {
			async_handle *handles;
			size_t n;
			enum async_return_when return_when;
			double timeout;
		};
	};
	/* what callers need not know */
	struct wait_node *nodes; /* n of them, in the arena */
	struct async__task *task;
	struct async_timer timer;
	size_t n_pending;        /* callbacks that have not run */
};
ASYNC__RESULT_SHARES(struct wait_frame, handles);

struct wait_node {
	struct async__entry entry; /* among the child's waiters; in the ready queue for a stale handle */
	struct wait_frame *wait;
	struct async__future *child; /* NULL for a stale handle: counts as done */
	async_handle handle;
};

static bool decides(struct wait_frame *f, struct async__future *child)
{
	if (f->n_pending == 0 || f->return_when == ASYNC_FIRST_COMPLETED)
		return true;
	if (f->return_when != ASYNC_FIRST_EXCEPTION || !child || child->state != ASYNC__FAILED)
		return false;
	child->retrieved = true;
	return true;
}

static void run_node(struct async__entry *entry)
{
	struct wait_node *node = async__container_of(entry, struct wait_node, entry);
	struct wait_frame *f = node->wait;

	f->n_pending--;
	if (!decides(f, node->child))
		return;
	async__timer_stop(async__loop_of(&f->task->future.object), &f->timer);
	async__wake(f->task);
}

static void run_timer(struct async__entry *entry)
{
	async__wake(async__container_of(entry, struct wait_frame, timer.entry)->task);
}

static enum async__abort abort_wait(async_frame *frame)
{
	struct wait_frame *f = (struct wait_frame *)frame;

	async__timer_stop(async__loop_of(&f->task->future.object), &f->timer);
	return ASYNC__ABORTED;
}

/* Done ones to the front, both groups in their old order.  The nodes are the memory for it. */
static size_t sort(struct wait_frame *f)
{
	size_t done = 0, rest = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct wait_node *node = &f->nodes[i];

		if (!node->child || node->child->state != ASYNC__PENDING)
			f->handles[done++] = node->handle;
		else
			f->nodes[rest++].handle = node->handle;
	}
	for (size_t i = 0; i < rest; i++)
		f->handles[done + i] = f->nodes[i].handle;
	return done;
}

static void let_go(struct wait_frame *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct wait_node *node = &f->nodes[i];

		async__unlink(node->child, &node->entry);
		if (node->child)
			async__let_go_later(node->child);
	}
	async__pop(f->task, f->nodes);
}

static async_status wait_end(struct wait_frame *f, async_status status)
{
	size_t n_done = 0;

	async__timer_stop(async__loop_of(&f->task->future.object), &f->timer);
	if (status != ASYNC_FAILED)
		n_done = sort(f);
	let_go(f);
	if (status != ASYNC_FAILED)
		f->result = n_done;
	return status;
}

static async_status check(struct wait_frame *f)
{
	if (f->n == 0)
		return async__raise(EINVAL, "async_wait: nothing to wait for");
	if ((unsigned)f->return_when > ASYNC_FIRST_EXCEPTION || f->timeout != f->timeout)
		return async__raise(EINVAL, "async_wait: invalid argument");
	for (size_t i = 0; i < f->n; i++) {
		int err = 0;
		struct async__object *object = async__handle_find(f->handles[i], "async_wait", &err);

		if (err == ASYNC_WRONG_THREAD)
			return async__raise(err, "async_wait: %s", async_error_text(err));
		if (object && object->kind != ASYNC__FUTURE && object->kind != ASYNC__TASK)
			return async__raise(EINVAL, "async_wait takes tasks and futures, no coroutines");
	}
	return ASYNC_DONE;
}

static void watch(struct wait_frame *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct wait_node *node = &f->nodes[i];

		*node = (struct wait_node){ .entry.run = async__runs(run_node), .wait = f, .handle = f->handles[i] };
		node->child = async__find_future(node->handle, NULL, NULL);
		if (node->child)
			async__watch(node->child, &node->entry);
		else
			async__soon(async__self.loop, &node->entry);
	}
}

static async_status wait_begin(struct wait_frame *f, const async_point *at)
{
	int64_t deadline;

	if (check(f) == ASYNC_FAILED)
		return ASYNC_FAILED;
	f->task = async__self.task;
	f->nodes = f->n > SIZE_MAX / sizeof *f->nodes ? NULL : async__push(f->task, f->n * sizeof *f->nodes, _Alignof(struct wait_node));
	if (!f->nodes)
		return async__raise(ASYNC_NO_MEMORY, NULL);
	f->n_pending = f->n;
	async__timer_init(&f->timer, run_timer);
	deadline = async__deadline(async__self.loop, f->timeout);
	if (deadline != INT64_MAX)
		async__timer_start(async__self.loop, &f->timer, deadline);
	watch(f);
	return async__park(&f->base, at + 1, abort_wait);
}

static async_status wait_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct wait_frame *f = (struct wait_frame *)frame;

	return at->state ? wait_end(f, status) : wait_begin(f, at);
}

const async_function async_wait__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct wait_frame),
	.frame_align = _Alignof(struct wait_frame),
	.result_offset = offsetof(struct wait_frame, result),
	.result_size = sizeof(size_t),
	.points = ASYNC_POINTS(async_wait__async, wait_resume, NULL),
	.name = "async_wait",
	.file = "runtime/wait.c",
};

size_t async_wait(async_handle *handles, size_t n, enum async_return_when return_when, double timeout)
{
	struct wait_frame *f = async__entry(&async_wait__async, (void (*)(void))async_wait);
	size_t result = 0;

	if (f) {
		f->handles = handles;
		f->n = n;
		f->return_when = return_when;
		f->timeout = timeout;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}
