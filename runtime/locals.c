/* locals.c: task-local values.
 * A list of bindings, newest first, each key once.  A child begins with its creator's list, shared; who sets a value changes what only he
 * has, and puts a copy in place of what others have too.  So creating a task costs a count, and a list is no longer than there are
 * keys.  Owner: whoever holds a reference to its first binding, and each binding for the rest.  Loop's thread. */
#include "runtime.h"

struct async__local {
	struct async__node node;   /* of the loop: what pending callbacks hold is freed with it */
	struct async__ground ground; /* of the tasks whose list begins here */
	struct async__local *next; /* a reference */
	uint32_t refs;
	const void *key;
	size_t size;
	_Alignas(16) char value[];
};

/* Of a callback, which has no task to keep them. */
static __thread struct async__local *callback_locals;

/* The exception handler sees the values of the task that failed. */
static __thread struct async__task *borrowed;

struct async__task *async__locals_borrow(struct async__task *task)
{
	struct async__task *before = borrowed;

	borrowed = task;
	return before;
}

static struct async__ground *ground_of(struct async__local *local)
{
	return local ? &local->ground : &async__bare;
}

struct async__local *async__locals_of(struct async__task *task)
{
	struct async__ground *bottom = *async__bottom(task);

	if (bottom->kind == ASYNC__RARE)
		return async__rare_of(task)->locals;
	return bottom->kind == ASYNC__LOCALS ? async__container_of(bottom, struct async__local, ground) : NULL;
}

static void put_locals(struct async__task *task, struct async__local *locals)
{
	task->future.has_locals = true;
	if (task->future.has_rare)
		async__rare_of(task)->locals = locals;
	else
		async__put_ground(task, async__bottom(task), ground_of(locals));
}

/* NULL: a callback. */
static struct async__task *whose(void)
{
	return borrowed ? borrowed : async__self.task;
}

static struct async__local *current(void)
{
	struct async__task *task = whose();

	return task ? async__locals_of(task) : callback_locals;
}

static void put_current(struct async__local *locals)
{
	struct async__task *task = whose();

	if (task)
		put_locals(task, locals);
	else
		callback_locals = locals;
}

static struct async__local *ref(struct async__local *local)
{
	if (local)
		local->refs++;
	return local;
}

struct async__local *async__locals_current(void)
{
	return ref(current());
}

void async__locals_inherit(struct async__task *task)
{
	struct async__local *locals = async__locals_current();

	if (locals)
		put_locals(task, locals);
}

void async__locals_unref(struct async__local *local)
{
	while (local && --local->refs == 0) {
		struct async__local *next = local->next;

		async__node_free(local);
		local = next;
	}
}

struct async__local *async__locals_enter(struct async__local *locals)
{
	struct async__local *before = callback_locals;

	callback_locals = locals;
	return before;
}

void async__locals_leave(struct async__local *before)
{
	async__locals_unref(callback_locals);
	callback_locals = before;
}

/* ---- Of jobs, on other threads: copies, as counts and lists are the loop's thread's ---- */

static __thread const struct async__local *job_locals;

bool async__locals_copy(struct async__local **copy)
{
	struct async__local **end = copy;

	*copy = NULL;
	for (const struct async__local *local = current(); local; local = local->next) {
		*end = async__alloc_zeroed(sizeof **end + local->size);
		if (!*end) {
			async__locals_free_copy(*copy);
			return false;
		}
		(*end)->key = local->key;
		memcpy((*end)->value, local->value, local->size);
		end = &(*end)->next;
	}
	return true;
}

void async__locals_free_copy(struct async__local *copy)
{
	while (copy) {
		struct async__local *local = copy;

		copy = local->next;
		async__free(local);
	}
}

const struct async__local *async__locals_of_job(const struct async__local *locals)
{
	const struct async__local *before = job_locals;

	job_locals = locals;
	return before;
}

const void *async__local_get(const void *key)
{
	const struct async__local *local = async__self.loop ? current() : job_locals;

	for (; local; local = local->next)
		if (local->key == key)
			return local->value;
	return key;
}

static struct async__local *bind_value(const void *key, const void *value, size_t size, struct async__local *next)
{
	struct async__local *local = async__node_new(async__self.loop, sizeof *local + size);

	if (!local)
		return NULL;
	local->ground.kind = ASYNC__LOCALS;
	local->next = next;
	local->refs = 1;
	local->key = key;
	local->size = size;
	memcpy(local->value, value, size);
	return local;
}

/* Puts in place of *rest, which others hold as well, what it has but the binding of key.  0 or ASYNC_NO_MEMORY. */
static int leave_out(struct async__local **rest, const void *key)
{
	struct async__local *copies = NULL, **end = &copies, *found = *rest, *local;

	while (found && found->key != key)
		found = found->next;
	if (!found)
		return 0;
	for (local = *rest; local != found; local = local->next, end = &(*end)->next) {
		*end = bind_value(local->key, local->value, local->size, NULL);
		if (!*end) {
			async__locals_unref(copies);
			return ASYNC_NO_MEMORY;
		}
	}
	*end = ref(found->next);
	async__locals_unref(*rest);
	*rest = copies;
	return 0;
}

int async__local_set(const void *key, const void *value, size_t size)
{
	struct async__local *list = current(), **link = &list, *local;

	if (!async__need_loop("async_local_set"))
		return ASYNC_WRONG_THREAD;
	for (; *link && (*link)->refs == 1; link = &(*link)->next)
		if ((*link)->key == key && (*link)->size == size) {
			memcpy((*link)->value, value, size);
			return 0;
		}
	local = bind_value(key, value, size, NULL);
	if (!local || leave_out(link, key)) {
		async__locals_unref(local);
		return ASYNC_NO_MEMORY;
	}
	local->next = list;
	put_current(local);
	return 0;
}
