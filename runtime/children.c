/* children.c: tasks that have ended and that nobody has awaited: they are left with the task that made them.
 * A parent need not know its children while they run.  One that ends, and that nobody holds or has awaited, is left with its parent, if
 * that runs: among the parent's waiters, by the entry that resumed it, marked by what that would run.  The parent's end gives it up.
 * Completes: nothing.  Owner: the loop.  Loop's thread. */
#include "runtime.h"

static struct async__task *parent_of(const struct async__task *task)
{
	return (struct async__task *)async__handle_find(task->future.parent, NULL, NULL);
}

/* Never called: the parent's end takes it out of the waiters. */
static void left_behind(struct async__entry *entry)
{
	(void)entry;
}

static void leave_with(struct async__task *parent, struct async__task *child)
{
	child->wake.run = async__runs(left_behind);
	async__ring_append(&parent->future.waiters, &child->wake.link);
	parent->future.has_left = true;
	child->future.is_left = true;
}

bool async__task_orphaned(struct async__task *task)
{
	struct async__task *parent;

	if (!task->future.parent || task->future.is_left)
		return false;
	parent = parent_of(task);
	if (!parent || parent->future.state != ASYNC__PENDING)
		return true;
	leave_with(parent, task);
	return false;
}

/* While the loop is being freed, others in the same list may have been freed before. */
void async__child_gone(struct async__task *child)
{
	struct async__task *parent = parent_of(child);

	child->future.is_left = false;
	if (!async__loop_of(&child->future.object)->closing)
		async__unlink(parent ? &parent->future : NULL, &child->wake);
}

void async__gather_left(struct async__task *task, struct async__link *left)
{
	struct async__link *next = task->future.waiters, *last = next ? next->prev : NULL, *link = NULL;

	async__list_init(left);
	while (link != last) {
		link = next;
		next = link->next;
		if (async__container_of(link, struct async__entry, link)->run != async__runs(left_behind))
			continue;
		async__ring_remove(&task->future.waiters, link);
		async__list_append(left, link);
	}
}

/* In the order in which they ended. */
void async__give_up(struct async__link *left)
{
	while (!async__list_empty(left)) {
		struct async__task *child = async__container_of(left->next, struct async__task, wake.link);

		async__child_gone(child);
		child->future.detached = true;
		async__maybe_reap(&child->future);
	}
}
