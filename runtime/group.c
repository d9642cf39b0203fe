/* group.c: task groups.
 * The group is in the frame of the function whose block it is; nodes between it and its tasks belong to the loop and hold the tasks.
 * Completes: the last task's callback, which wakes the end if that waits.  The first failure cancels the other tasks and the task that
 * runs the block, and the end takes that request back: asyncio.TaskGroup's bookkeeping, step by step.  Cancel: of the end, cancels the
 * tasks and waits on.  Loop's thread. */
#include "runtime.h"

struct async__member {
	struct async__node node;
	struct async__entry entry; /* among the task's waiters */
	struct async__group *group;
	struct async__future *task;
	struct async__member *prev, *next;
};

struct async__group *async__group_begin(struct async__group *group)
{
	*group = (struct async__group){ .parent = async__self.task };
	return group;
}

void async__group_failed(struct async__group *group)
{
	group->body = async__self.error;
	async__self.error = NULL;
}

/* ---- Errors ---- */

/* Takes over the reference.  One that cannot be kept for want of memory still counts. */
static void add_error(struct async__group *group, struct async__error *error)
{
	struct async__error *own = async__error_own(error);

	group->n_errors++;
	if (!own) {
		async__error_unref(error);
		return;
	}
	if (group->last_error)
		group->last_error->next = own;
	else
		group->errors = own;
	group->last_error = own;
}

static async_status raise_group(struct async__group *group)
{
	struct async__error *first = group->errors, *error;
	const char *message = first ? first->value.message : async_error_text(ASYNC_NO_MEMORY);

	if (group->n_errors == 1)
		error = async__error_new(ASYNC_GROUP, "1 error in a task group: %s", message);
	else
		error = async__error_new(ASYNC_GROUP, "%zu errors in a task group, the first: %s", group->n_errors, message);
	if (error->refs != UINT32_MAX)
		error->cause = first;
	else
		async__error_unref(first);
	group->errors = group->last_error = NULL;
	return async__raise_error(error);
}

/* ---- Members ---- */

static void abort_group(struct async__group *group)
{
	group->aborting = true;
	for (struct async__member *member = group->first; member; member = member->next)
		async__cancel(member->task, NULL);
}

static void cancel_parent(struct async__group *group)
{
	if (group->aborting || group->cancelled_parent)
		return;
	abort_group(group);
	group->cancelled_parent = true;
	async__cancel(&group->parent->future, NULL);
}

static void leave(struct async__member *member)
{
	struct async__group *group = member->group;

	if (member->prev)
		member->prev->next = member->next;
	else
		group->first = member->next;
	if (member->next)
		member->next->prev = member->prev;
	else
		group->last = member->prev;
	async__node_free(member);
}

static void run_member(struct async__entry *entry)
{
	struct async__member *member = async__container_of(entry, struct async__member, entry);
	struct async__group *group = member->group;
	struct async__future *task = member->task;

	leave(member);
	if (!group->first && group->parked) {
		group->parked = false;
		async__wake(group->parent);
	}
	if (task->state == ASYNC__FAILED) {
		task->retrieved = true;
		add_error(group, async__error_ref(task->error));
		cancel_parent(group);
	}
	async__let_go(task);
}

static struct async__member *new_member(struct async__group *group, struct async__future *task)
{
	struct async__member *member = async__node_new(async__loop_of(&task->object), sizeof *member);

	if (!member)
		return NULL;
	member->entry.run = async__runs(run_member);
	member->group = group;
	member->task = task;
	member->prev = group->last;
	if (group->last)
		group->last->next = member;
	else
		group->first = member;
	group->last = member;
	return member;
}

static struct async__future *find_task(async_handle h)
{
	struct async__object *object = h ? async__handle_find(h, "async_create_task_in", NULL) : NULL;

	if (!object || object->kind < ASYNC__COROUTINE)
		return NULL;
	if (object->kind == ASYNC__COROUTINE && !((struct async__future *)object)->fresh)
		return async__start_handle(h), NULL; /* says why not */
	return (struct async__future *)object;
}

/* A coroutine value is started here, and not before: of an eager task nothing runs when the group will not have it. */
static void start(struct async__future *task, bool wanted)
{
	if (task->object.kind != ASYNC__COROUTINE)
		return;
	task->object.kind = ASYNC__TASK;
	if (wanted)
		async__task_start_by_loop((struct async__task *)task);
	else
		async__task_start((struct async__task *)task);
}

/* It never becomes one of the group's tasks. */
static void give_up(struct async__group *group, struct async__future *task)
{
	async_loop *loop = async__self.loop;

	if (group->ending && !group->first) {
		async__report_value(loop, "async_create_task_in", async__make_error(ASYNC_INVALID_STATE, "the task group has ended"), NULL);
	} else {
		add_error(group, async__error_new(ASYNC_NO_MEMORY, NULL));
		cancel_parent(group);
	}
	if (task)
		async__cancel(task, NULL);
}

/* What is not its loop's touches nothing of the group. */
static async_handle refuse(struct async__future *task, async_handle h)
{
	if (task)
		start(task, false);
	async_cancel(h);
	return h;
}

async_handle async__group_add(struct async__group *group, async_handle h)
{
	struct async__future *task = find_task(h);
	struct async__member *member;

	if (!async__loop_is_ours(async__handle_owner(async__handle_of(&group->parent->future.object)), "async_create_task_in"))
		return refuse(task, h);
	member = task && !(group->ending && !group->first) ? new_member(group, task) : NULL;
	if (member)
		async__watch(task, &member->entry);
	if (task)
		start(task, member && !group->aborting);
	if (!member) {
		give_up(group, task);
		return h;
	}
	if (group->aborting)
		async__cancel(task, NULL);
	return h;
}

void async_group_cancel(async_group *group)
{
	if (async__loop_is_ours(async__handle_owner(async__handle_of(&group->parent->future.object)), "async_group_cancel"))
		cancel_parent(group);
}

/* ---- The end ---- */

static enum async__abort abort_end(async_frame *frame)
{
	struct async__group_end__frame *f = (struct async__group_end__frame *)frame;

	f->group->parked = false;
	return ASYNC__ABORTED;
}

static bool is_cancellation(const struct async__error *error)
{
	return error && error->value.code == ASYNC_CANCELLED;
}

static async_status wait(struct async__group_end__frame *f)
{
	f->group->parked = true;
	return async__park(&f->base, &async__group_end__points[1], abort_end);
}

/* All tasks have ended.  A cancellation from outside goes on its way, unless there are errors to tell of: then it stays pending. */
static async_status settle(struct async__group *group)
{
	struct async__task *parent = group->parent;
	struct async__error *body = group->body;

	group->body = NULL;
	if (group->cancelled_parent && async__uncancel(parent) == 0 && is_cancellation(body)) {
		async__error_unref(body);
		body = NULL;
	}
	if (is_cancellation(body)) {
		if (!group->n_errors)
			return async__raise_error(body);
		async__error_unref(body);
	} else if (body) {
		add_error(group, body);
	}
	if (!group->n_errors)
		return ASYNC_DONE;
	if (parent->future.cancels) {
		async__uncancel(parent);
		async__cancel(&parent->future, NULL);
	}
	return raise_group(group);
}

static async_status async__group_end__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__group_end__frame *f = (struct async__group_end__frame *)frame;
	struct async__group *group = f->group;
	struct async__error *error;

	if (at->state == 0) {
		group->ending = true;
		if (group->body && !group->aborting)
			abort_group(group);
	} else if (status == ASYNC_FAILED) {
		error = async__self.error;
		async__self.error = NULL;
		if (!group->aborting) { /* from outside */
			async__error_unref(group->body);
			group->body = error;
			abort_group(group);
		} else {
			async__error_unref(error);
		}
	}
	return group->first ? wait(f) : settle(group);
}

const async_point async__group_end__points[] = {
	ASYNC_POINT(async__group_end__async, async__group_end__resume, 0, NULL),
	ASYNC_POINT(async__group_end__async, async__group_end__resume, 1, NULL),
};

const async_function async__group_end__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async__group_end__frame),
	.frame_align = _Alignof(struct async__group_end__frame),
	.result_offset = sizeof(async_frame),
	.points = async__group_end__points,
	.name = "async_task_group",
	.file = "runtime/group.c",
};

void async__group_end(struct async__group *group)
{
	struct async__group_end__frame *f = async__entry(&async__group_end__async, (void (*)(void))async__group_end);

	if (f)
		f->group = group;
	async__entry_run(f, NULL, 0);
}
