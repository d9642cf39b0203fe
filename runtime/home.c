/* home.c: which loop a thing of the user's belongs to: a lock, a queue, a stream, a process.
 * Such a thing is nobody's at first, and keeps a handle of the first loop that uses it; when that loop is closed, the handle is stale and
 * the thing nobody's again.  Any thread: the others are told that it is not theirs. */
#include "runtime.h"

struct identity {
	struct async__node node;
	struct async__object object;
};

/* A handle that names the loop itself, so that others can tell whether it still exists. */
static async_handle identity_of(async_loop *loop)
{
	struct identity *identity;

	if (loop->identity)
		return loop->identity;
	identity = async__node_new(loop, sizeof *identity);
	if (!identity)
		return NULL;
	if (async__handle_new(loop, &identity->object, ASYNC__LOOP)) {
		async__node_free(identity);
		return NULL;
	}
	return loop->identity = async__handle_of(&identity->object);
}

static int bind_to_this_loop(async_handle *home, async_handle before)
{
	async_loop *loop = async__self.loop;
	async_handle mine = loop ? identity_of(loop) : NULL;

	if (loop && !mine)
		return ASYNC_NO_MEMORY;
	if (__atomic_compare_exchange_n(home, &before, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return 0;
	return ASYNC_WRONG_THREAD;
}

int async__home_enter_slowly(async_handle *home, const char *what, bool *orphaned)
{
	async_handle before = __atomic_load_n(home, __ATOMIC_RELAXED);
	int err = 0;

	*orphaned = false;
	if (before && async__handle_find(before, what, &err))
		return 0;
	if (err == ASYNC_WRONG_THREAD)
		return err;
	*orphaned = before != NULL;
	return bind_to_this_loop(home, before);
}

bool async__home_is_here_slowly(const async_handle *home, const char *what)
{
	async_handle theirs = __atomic_load_n(home, __ATOMIC_RELAXED);
	int err = 0;

	if (theirs)
		async__handle_find(theirs, what, &err);
	return err != ASYNC_WRONG_THREAD;
}
