/* task.c: a task from its making to its end, and its steps.
 * A step resumes the leaf, and then, by the trampoline, each caller whose callee has ended: the C stack does not grow with the
 * depth of a chain that was suspended.  Completes: its root frame's end.  Owner: the loop, until reaped (future.c); the parent
 * only detaches what it has not awaited when it ends.  Cancel: cancel.c.  Loop's thread. */
#include "runtime.h"

#include <stdio.h>

static void run_wake(struct async__entry *entry);

/* ---- Making ---- */

/* gcc makes slow string instructions of a memset whose size it knows. */
static void clear(struct async__task *task)
{
	size_t size = sizeof *task;

	__asm__("" : "+r"(size));
	memset(task, 0, size);
}

/* The block: struct async__task, right behind it the root frame, aligned as it asks, then extra. */
static struct async__task *new_block(async_loop *loop, const async_function *function, size_t extra)
{
	size_t size = sizeof(struct async__task) + function->frame_size + extra, align = function->frame_align, before;
	struct async__task *task;
	char *block;

	if (align <= 16) {
		task = async__block_new(loop, size);
		if (!task)
			return NULL;
		clear(task);
		task->block = task;
		task->block_size = size;
		return task;
	}
	before = (sizeof *task + align - 1) & ~(align - 1);
	block = async__alloc_aligned(align, before + function->frame_size + extra);
	if (!block)
		return NULL;
	task = (struct async__task *)(void *)(block + before) - 1;
	clear(task);
	task->block = block;
	return task;
}

static void free_block(async_loop *loop, struct async__task *task)
{
	if (task->block_size)
		async__block_free(loop, task->block, task->block_size);
	else
		async__free(task->block);
}

struct async__task *async__task_new(async_loop *loop, const async_function *function, size_t extra)
{
	struct async__task *task = new_block(loop, function, extra);

	if (!task)
		goto no_memory;
	if (async__handle_new(loop, &task->future.object, ASYNC__TASK)) {
		free_block(loop, task);
		goto no_memory;
	}
	task->function = function;
	task->root = task->leaf = (async_frame *)(void *)(task + 1);
	async__prepare(task->root, function->resume, NULL);
	task->future.result = (char *)task->root + function->result_offset;
	task->future.result_size = function->result_size;
	task->wake.run = run_wake;
	async__list_init(&task->future.waiters);
	async__list_init(&task->children);
	async__list_append(&loop->others, &task->future.listed);
	return task;
no_memory:
	loop->no_memory = true;
	return NULL;
}

static void leave_parent(struct async__task *task)
{
	async__list_remove(&task->sibling);
	task->parent = NULL;
}

void async__task_free(struct async__task *task)
{
	async_loop *loop = task->future.object.loop;

	leave_parent(task);
	while (!async__list_empty(&task->children))
		leave_parent(async__container_of(task->children.next, struct async__task, sibling));
	async__arena_free(task);
	async__error_unref(task->error);
	async__error_unref(task->cancel_error);
	async__free(task->name);
	async__locals_unref(task->locals);
	async__handle_free(&task->future.object);
	free_block(loop, task);
}

/* ---- Ending ---- */

static void detach_children(struct async__task *task)
{
	while (!async__list_empty(&task->children)) {
		struct async__task *child = async__container_of(task->children.next, struct async__task, sibling);

		leave_parent(child);
		child->future.detached = true;
		async__maybe_reap(&child->future);
	}
}

/* Settles the outcome.  A cancellation that could not be delivered any more makes a result a cancellation, as in asyncio. */
static void settle(struct async__task *task, async_status status)
{
	struct async__error *error = task->error;

	task->error = NULL;
	if (status == ASYNC_DONE) {
		async__error_unref(error);
		if (!task->must_cancel) {
			async__future_finish(&task->future, NULL);
			return;
		}
		error = task->cancel_error;
		task->cancel_error = NULL;
		async__future_cancelled(&task->future, error);
		return;
	}
	async__future_finish(&task->future, error ? error : async__error_new(ASYNC_ERROR, "%s failed without an error", task->function->name));
}

static void finish(struct async__task *task, async_status status)
{
	async__keep(&task->future);
	async__list_remove(&task->future.listed);
	async__list_append(&task->future.object.loop->others, &task->future.listed);
	async__arena_free(task);
	settle(task, status);
	detach_children(task);
	async__let_go(&task->future);
}

/* ---- Steps ---- */

async_status async__defer(async_frame *frame)
{
	async__self.task->deferred = frame;
	return ASYNC_SUSPENDED;
}

/* Resumes frame, then its callers as their callees end, until one suspends (true) or the root has ended (false). */
static bool trampoline(struct async__task *task, async_frame *frame, async_status *status)
{
	for (;;) {
		frame->status = *status;
		*status = frame->resume(frame);
		if (*status == ASYNC_SUSPENDED) {
			frame = task->deferred;
			if (!frame)
				return true;
			task->deferred = NULL;
			*status = ASYNC_DONE;
			continue;
		}
		if (!frame->caller)
			return false;
		frame = frame->caller;
	}
}

/* How a wait ended that was cancelled.  That overrides an outcome that had come in already: it stays with its handle. */
__attribute__((noinline)) static async_status interrupted(struct async__task *task)
{
	struct async__future *awaited = task->awaited;
	struct async__error *error = task->cancel_error;

	task->must_cancel = task->wake_cancelled = false;
	task->cancel_error = NULL;
	if (awaited && awaited->state == ASYNC__CANCELLED) {
		async__error_unref(error);
		return async__outcome(awaited);
	}
	if (awaited) {
		task->awaited = NULL;
		async__let_go(awaited);
	}
	return async__raise_error(error ? error : async__error_new(ASYNC_CANCELLED, NULL));
}

static async_status wake_status(struct async__task *task)
{
	if (task->must_cancel | task->wake_cancelled)
		return interrupted(task);
	return task->awaited ? async__outcome(task->awaited) : ASYNC_DONE;
}

static void step(struct async__task *task)
{
	struct async__task *outer = async__self.task;
	async_status status;
	bool suspended = false;

	async__self.task = task;
	task->running = true;
	task->woken = false;
	task->abort = NULL;
	task->object = NULL;
	status = wake_status(task);
	if (task->started || status == ASYNC_DONE) {
		task->started = true;
		suspended = trampoline(task, task->leaf, &status);
	}
	task->running = false;
	async__self.task = outer;
	if (!suspended)
		finish(task, status);
}

static void run_wake(struct async__entry *entry)
{
	step(async__container_of(entry, struct async__task, wake));
}

struct async__task *async__stepping(struct async__entry *entry)
{
	return entry->run == run_wake ? async__container_of(entry, struct async__task, wake) : NULL;
}

/* ---- Starting ---- */

static void begin(struct async__task *task)
{
	async_loop *loop = task->future.object.loop;

	task->number = ++loop->task_number;
	async__list_remove(&task->future.listed);
	async__list_append(&loop->tasks, &task->future.listed);
	task->parent = async__self.task;
	task->locals = async__locals_current();
	if (task->parent)
		async__list_append(&task->parent->children, &task->sibling);
}

void async__task_start(struct async__task *task)
{
	begin(task);
	task->woken = true;
	async__soon(task->future.object.loop, &task->wake);
}

void async__task_start_now(struct async__task *task)
{
	if ((char *)__builtin_frame_address(0) < async__self.stack_limit) {
		async__task_start(task); /* too deep: as if it were not eager */
		return;
	}
	begin(task);
	step(task);
}

void *async__new_task(const async_function *function)
{
	async_loop *loop = async__need_loop("async_create_task");
	struct async__task *task = loop ? async__task_new(loop, function, 0) : NULL;

	return task ? task->root : NULL;
}

async_handle async__start_task(void *frame)
{
	struct async__task *task;

	if (!frame)
		return NULL;
	task = async__task_of(frame);
	async__task_start(task);
	return async__handle_of(&task->future.object);
}

async_handle async__start_task_eager(void *frame)
{
	struct async__task *task;

	if (!frame)
		return NULL;
	task = async__task_of(frame);
	async__keep(&task->future); /* it may end now, and must not be reaped before its handle is known */
	async__task_start_now(task);
	task->future.holds--;
	return async__handle_of(&task->future.object);
}

async_handle async__keep_coroutine(void *frame)
{
	struct async__task *coroutine;

	if (!frame)
		return NULL;
	coroutine = async__task_of(frame);
	coroutine->future.object.kind = ASYNC__COROUTINE;
	return async__handle_of(&coroutine->future.object);
}

async_handle async__start_handle(async_handle h)
{
	struct async__object *object = async__handle_find(h, "async_create_task", NULL);
	struct async__task *task = (struct async__task *)object;

	if (!object || object->kind != ASYNC__COROUTINE)
		return h;
	if (task->started) {
		async__report_value(object->loop, "async_create_task",
				    async__make_error(ASYNC_INVALID_STATE, "coroutine '%s' is already being awaited", task->function->name), h);
		return NULL;
	}
	object->kind = ASYNC__TASK;
	async__task_start(task);
	return h;
}

/* ---- Looking at tasks ---- */

async_handle async_current_task(void)
{
	return async__self.task ? async__handle_of(&async__self.task->future.object) : NULL;
}

size_t async_all_tasks(async_handle *tasks, size_t n)
{
	async_loop *loop = async__need_loop("async_all_tasks");
	size_t count = 0;

	if (!loop)
		return 0;
	for (struct async__link *link = loop->tasks.next; link != &loop->tasks; link = link->next, count++)
		if (count < n)
			tasks[count] = async__handle_of(&async__container_of(link, struct async__future, listed)->object);
	return count;
}

static struct async__task *find_task(async_handle h, const char *what)
{
	struct async__object *object = async__handle_find(h, what, NULL);

	return object && (object->kind == ASYNC__TASK || object->kind == ASYNC__COROUTINE) ? (struct async__task *)object : NULL;
}

enum { NAME_SIZE = 32 };

static char *name_buffer(struct async__task *task)
{
	if (!task->name)
		task->name = async__alloc(NAME_SIZE);
	return task->name;
}

void async_set_name(async_handle h, const char *name)
{
	struct async__task *task = find_task(h, "async_set_name");

	if (task && name_buffer(task))
		snprintf(task->name, NAME_SIZE, "%s", name);
}

const char *async_get_name(async_handle h)
{
	struct async__task *task = find_task(h, "async_get_name");

	if (!task)
		return "";
	if (!task->name && name_buffer(task))
		snprintf(task->name, NAME_SIZE, "Task-%llu", (unsigned long long)task->number);
	return task->name ? task->name : task->function->name;
}
