/* gather.c: async_gather_n, and the end of an async_gather.
 * Completes: the last child's callback, or the first failing one's; the task is then woken.  Owner: the nodes are in the task's
 * arena; each holds its child.  Cancel: cancels every child that has not finished, and ends cancelled when they have.
 * Loop's thread. */
#include "runtime.h"

struct gather_frame {
	async_frame base;
	const async_handle *handles;
	size_t n;
	const bool *errors_wanted; /* of which children an error is a result; NULL: of none.  async__gather's third argument */
	/* what callers need not know */
	struct gather_node *nodes; /* n of them, in the arena */
	struct async__task *task;
	struct async__error *error; /* of the first child that failed; a reference */
	size_t n_finished;
	bool parked;
	bool ended;                 /* the outcome is settled: later children are nobody's business */
	bool or_cancel;             /* async_gather_n_or_cancel */
	bool cancelled;             /* somebody cancelled the gather, and some child with it */
};

struct gather_node {
	struct async__entry entry; /* among the child's waiters */
	struct gather_frame *gather;
	struct async__future *child;
	bool watching; /* entry is with the child, or on its way to us */
};

static void end(struct gather_frame *f, struct async__error *error)
{
	f->ended = true;
	f->error = error;
	if (f->parked)
		async__wake(f->task);
}

static struct async__error *cancellation(const struct async__future *child)
{
	if (child->error)
		return async__error_ref(child->error);
	return async__error_new(ASYNC_CANCELLED, NULL);
}

/* The first error counts; the others are cancelled, and all have to end. */
static void fail_together(struct gather_frame *f, struct async__error *error)
{
	if (f->error) {
		async__error_unref(error);
	} else {
		f->error = error;
		for (size_t i = 0; i < f->n; i++)
			async__cancel(f->nodes[i].child, NULL);
	}
	if (f->n_finished == f->n)
		end(f, f->error);
}

static void fail(struct gather_frame *f, struct async__error *error)
{
	if (f->or_cancel)
		fail_together(f, error);
	else
		end(f, error);
}

static void note_finished(struct gather_frame *f, size_t index, struct async__future *child)
{
	bool error_is_result = f->errors_wanted && f->errors_wanted[index];

	f->n_finished++;
	if (f->ended || (error_is_result && child->state != ASYNC__DONE && f->n_finished < f->n)) {
		child->retrieved = true;
	} else if (child->state == ASYNC__CANCELLED && !error_is_result) {
		fail(f, cancellation(child));
	} else if (child->state == ASYNC__FAILED && !error_is_result) {
		child->retrieved = true;
		fail(f, async__error_ref(child->error));
	} else if (f->n_finished == f->n) {
		end(f, f->error ? f->error : f->cancelled ? async__error_new(ASYNC_CANCELLED, NULL) : NULL);
	}
}

static void run_node(struct async__entry *entry)
{
	struct gather_node *node = async__container_of(entry, struct gather_node, entry);

	node->watching = false;
	note_finished(node->gather, (size_t)(node - node->gather->nodes), node->child);
}

/* The cancellation came from there: the child waits for this gather, one way or another. */
static bool is_being_cancelled(const struct async__future *child)
{
	return child->object.kind == ASYNC__TASK && child->being_cancelled;
}

/* In a circle nobody would wait for anybody's end: it is opened here. */
static enum async__abort abort_gather(async_frame *frame)
{
	struct gather_frame *f = (struct gather_frame *)frame;
	bool any = false, circle = false;

	for (size_t i = 0; i < f->n; i++) {
		circle |= is_being_cancelled(f->nodes[i].child);
		any |= async__cancel(f->nodes[i].child, NULL);
	}
	if (circle)
		return ASYNC__ABORTED;
	if (!any)
		return ASYNC__REFUSED;
	f->cancelled = true;
	return ASYNC__LATER;
}

/* Those who still run go on; what becomes of them is nobody's business any more, unless somebody else awaits them. */
static void stop_watching(struct gather_frame *f)
{
	for (size_t i = f->n; i-- > 0;) {
		struct gather_node *node = &f->nodes[i];

		if (node->watching)
			node->child->retrieved = true;
		async__unlink(node->child, &node->entry);
		async__let_go_later(node->child);
	}
	async__pop(f->task, f->nodes);
}

static async_status gather_end(struct gather_frame *f, async_status status)
{
	struct async__error *error = f->error;

	stop_watching(f);
	if (status == ASYNC_FAILED) {
		async__error_unref(error); /* a cancellation overrides it */
		return status;
	}
	return error ? async__raise_error(error) : ASYNC_DONE;
}

/* A coroutine value is started here.  NULL with the error raised. */
static struct async__future *child_of(async_handle h)
{
	int err = ASYNC_STALE;
	struct async__future *child = NULL;

	if (!h && async__self.loop->no_memory)
		err = ASYNC_NO_MEMORY;
	else if (h)
		child = async__find_future(async__start_handle(h), "async_gather", &err);
	if (!child) {
		async__raise(err, "gather: %s", async_error_text(err));
	} else if (child == &async__self.task->future) {
		async__raise(ASYNC_INVALID_STATE, "gather: a task cannot await itself");
		child = NULL;
	}
	return child;
}

static bool find_children(struct gather_frame *f)
{
	for (size_t i = 0; i < f->n; i++) {
		f->nodes[i] = (struct gather_node){ .entry.run = async__runs(run_node), .gather = f, .child = child_of(f->handles[i]) };
		if (!f->nodes[i].child)
			return false;
	}
	return true;
}

static void watch_children(struct gather_frame *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct gather_node *node = &f->nodes[i];

		if (node->child->state != ASYNC__PENDING) {
			async__keep(node->child);
			continue;
		}
		async__watch(node->child, &node->entry);
		node->watching = true;
	}
	for (size_t i = 0; i < f->n; i++)
		if (!f->nodes[i].watching)
			note_finished(f, i, f->nodes[i].child);
}

static async_status gather_begin(struct gather_frame *f, const async_point *at)
{
	f->task = async__self.task;
	f->error = NULL;
	f->n_finished = 0;
	f->parked = f->ended = f->cancelled = false;
	if (f->n == 0)
		return ASYNC_DONE;
	f->nodes = f->n > SIZE_MAX / sizeof *f->nodes ? NULL : async__push(f->task, f->n * sizeof *f->nodes, _Alignof(struct gather_node));
	if (!f->nodes)
		return async__raise(ASYNC_NO_MEMORY, NULL);
	if (!find_children(f)) {
		async__pop(f->task, f->nodes);
		return ASYNC_FAILED;
	}
	watch_children(f);
	if (f->ended)
		return gather_end(f, ASYNC_DONE);
	f->parked = true;
	return async__park(&f->base, at + 1, abort_gather);
}

static async_status gather_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct gather_frame *f = (struct gather_frame *)frame;

	return at->state ? gather_end(f, status) : gather_begin(f, at);
}

static async_status gather_n_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct gather_frame *f = (struct gather_frame *)frame;

	if (at->state == 0) {
		f->errors_wanted = NULL;
		f->or_cancel = false;
	}
	return gather_resume(frame, status, at);
}

static async_status gather_or_cancel_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct gather_frame *f = (struct gather_frame *)frame;

	if (at->state == 0) {
		f->errors_wanted = NULL;
		f->or_cancel = true;
	}
	return gather_resume(frame, status, at);
}

static async_status gather_expression_resume(async_frame *frame, async_status status, const async_point *at)
{
	if (at->state == 0)
		((struct gather_frame *)frame)->or_cancel = false;
	return gather_resume(frame, status, at);
}

const async_function async_gather_n__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct gather_frame),
	.frame_align = _Alignof(struct gather_frame),
	.result_offset = sizeof(async_frame),
	.points = ASYNC_POINTS(async_gather_n__async, gather_n_resume, NULL),
	.name = "async_gather",
	.file = "runtime/gather.c",
};

void async_gather_n(const async_handle *handles, size_t n)
{
	struct gather_frame *f = async__entry(&async_gather_n__async, (void (*)(void))async_gather_n);

	if (f) {
		f->handles = handles;
		f->n = n;
	}
	async__entry_run(f, NULL, 0);
}

const async_function async_gather_n_or_cancel__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct gather_frame),
	.frame_align = _Alignof(struct gather_frame),
	.result_offset = sizeof(async_frame),
	.points = ASYNC_POINTS(async_gather_n_or_cancel__async, gather_or_cancel_resume, NULL),
	.name = "async_gather",
	.file = "runtime/gather.c",
};

void async_gather_n_or_cancel(const async_handle *handles, size_t n)
{
	struct gather_frame *f = async__entry(&async_gather_n_or_cancel__async, (void (*)(void))async_gather_n_or_cancel);

	if (f) {
		f->handles = handles;
		f->n = n;
	}
	async__entry_run(f, NULL, 0);
}

const async_function async__gather__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct gather_frame),
	.frame_align = _Alignof(struct gather_frame),
	.result_offset = sizeof(async_frame),
	.points = ASYNC_POINTS(async__gather__async, gather_expression_resume, NULL),
	.name = "async_gather",
	.file = "runtime/gather.c",
};

void async__gather(const async_handle *handles, size_t n, const bool *errors_wanted)
{
	struct gather_frame *f = async__entry(&async__gather__async, (void (*)(void))async__gather);

	if (f) {
		f->handles = handles;
		f->n = n;
		f->errors_wanted = errors_wanted;
	}
	async__entry_run(f, NULL, 0);
}

/* ---- The end of an async_gather, whose children nobody else need know ---- */

void async__gather_take(async_handle h, void *result, size_t size)
{
	struct async__future *child = async__find_future(h, "async_gather", NULL);

	if (!child || child->state == ASYNC__PENDING)
		return;
	if (child->state == ASYNC__DONE)
		async__copy_result(child, result, size);
	child->retrieved = true;
	child->taken = true;
	if (child->reaping && child->holds == 1 && !child->retains)
		async__handle_renew(&child->object); /* async_gather_n has kept it for us; it is gone when this step has ended */
	else
		async__maybe_reap(child);
}

void async__gather_abandon(const async_handle *handles, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct async__future *child = async__find_future(handles[i], "async_gather", NULL);

		if (!child)
			continue;
		child->retrieved = true;
		child->detached = true;
		async__maybe_reap(child);
	}
}

/* ---- As a task of its own ---- */

struct gather_task_frame {
	struct gather_frame gather;
	async_handle handles[]; /* n of them, then a bool for each if errors are wanted */
};

static async_status gather_task_resume(async_frame *frame, async_status status, const async_point *at)
{
	struct gather_task_frame *f = (struct gather_task_frame *)(void *)frame;

	status = gather_expression_resume(frame, status, at);

	if (status == ASYNC_FAILED)
		async__gather_abandon(f->handles, f->gather.n);
	for (size_t i = 0; status == ASYNC_DONE && i < f->gather.n; i++)
		async__gather_take(f->handles[i], NULL, 0);
	return status;
}

static const async_function gather_task_function = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct gather_task_frame),
	.frame_align = _Alignof(struct gather_task_frame),
	.result_offset = sizeof(async_frame),
	.points = ASYNC_POINTS(gather_task_function, gather_task_resume, NULL),
	.name = "async_gather",
	.file = "runtime/gather.c",
};

async_handle async__gather_task(const async_handle *handles, size_t n, const bool *errors_wanted)
{
	async_loop *loop = async__need_loop("async_gather");
	size_t size = n * sizeof *handles;
	struct async__task *task = loop ? async__task_new(loop, &gather_task_function, size + (errors_wanted ? n : 0)) : NULL;
	struct gather_task_frame *f;
	bool *wanted;

	if (!task) {
		async__gather_abandon(handles, n);
		return NULL;
	}
	f = (struct gather_task_frame *)(void *)async__root(task);
	wanted = (bool *)(void *)(f->handles + n);
	memcpy(f->handles, handles, size);
	if (errors_wanted)
		memcpy(wanted, errors_wanted, n);
	f->gather.handles = f->handles;
	f->gather.n = n;
	f->gather.errors_wanted = errors_wanted ? wanted : NULL;
	return async__start_task(f);
}
