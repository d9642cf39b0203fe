/* shield.c: async_shield: a future that mirrors another, and can be cancelled without it.
 * Completes: a callback of the inner one.  Owner: the node between them belongs to the loop until that callback has run; it holds
 * the inner one.  Cancel: ends the outer future only.  An inner error that comes too late for the outer future is reported once,
 * unless somebody else waits for the inner one.  Loop's thread. */
#include "runtime.h"

struct shield {
	struct async__node node;
	struct async__entry entry; /* among the inner one's waiters */
	struct async__future *inner;
	async_handle outer; /* a handle, as the outer future may be gone by then */
};

static void mirror(struct async__future *outer, struct async__future *inner)
{
	if (inner->state == ASYNC__DONE) {
		async__copy_result(inner, async__result_of(outer), outer->result_size);
		async__future_finish(outer, NULL);
	} else if (inner->state == ASYNC__FAILED) {
		inner->retrieved = true;
		async__future_finish(outer, async__error_ref(inner->error));
	} else {
		async__future_cancelled(outer, async__error_ref(inner->error));
	}
	inner->taken = true;
}

static void run_shield(struct async__entry *entry)
{
	struct shield *shield = async__container_of(entry, struct shield, entry);
	struct async__future *inner = shield->inner, *outer = async__find_future(shield->outer, NULL, NULL);

	async__node_free(shield);
	if (outer && outer->state == ASYNC__PENDING) {
		mirror(outer, inner);
	} else if (inner->state == ASYNC__FAILED && !inner->retrieved && inner->holds == 1) { /* ours: we are the last */
		inner->retrieved = true;
		async__report(async__loop_of(&inner->object), "Error in shielded future", inner->error, async__handle_of(&inner->object));
	}
	async__let_go(inner);
}

async_handle async__shield(async_handle h)
{
	struct async__future *inner = async__find_future(async__start_handle(h), "async_shield", NULL), *outer;
	struct shield *shield;
	async_loop *loop;

	if (!inner || inner->state != ASYNC__PENDING)
		return h; /* to await it tells what is wrong, or yields the result */
	loop = async__loop_of(&inner->object);
	shield = async__node_new(loop, sizeof *shield);
	if (!shield)
		goto no_memory;
	outer = async__future_new(loop, async__place_of_result(inner).size);
	if (!outer)
		goto free_shield;
	async__set_destructor(outer, async__destructor_of(inner));
	shield->entry.run = async__runs(run_shield);
	shield->inner = inner;
	shield->outer = async__handle_of(&outer->object);
	async__watch(inner, &shield->entry);
	return shield->outer;
free_shield:
	async__node_free(shield);
no_memory:
	loop->no_memory = true;
	return NULL;
}
