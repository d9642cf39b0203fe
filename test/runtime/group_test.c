/* group_test.c: task groups where the compiler does not come: without memory, after their end.  What groups do is shown in
 * test/run/task-group-*.c.  Numbers: README.md. */
#include "play.h"

static struct async__group group;

static async_handle group_end(void)
{
	struct async__group_end__frame *f = async__new_task(&async__group_end__async);

	if (f)
		f->group = &group;
	return async__keep_coroutine(f);
}

SCRIPT(child)
{
	BEGIN;
	note("child");
	AWAIT_PROPAGATE(nap(1));
	END;
}

static async_handle add(async_handle h)
{
	async_handle same = async__group_add(&group, h);

	CHECK(same == h);
	async_detach(h);
	return h;
}

SCRIPT(too_late)
{
	static async_handle t;

	BEGIN;
	async_set_exception_handler(note_error, NULL);
	async__group_begin(&group);
	add(CORO(child));
	AWAIT_VOID(group_end());
	CHECK_SEEN("child");
	t = add(CORO(child));
	CHECK_SEEN("[async_create_task_in: the task group has ended]");
	YIELD;
	CHECK(async_done(t));
	CHECK_SEEN("");
	END;
}

TEST(semantics_141_a_task_that_comes_to_a_group_after_its_end_never_starts)
{
	PLAY_SIM(too_late);
}

/* Allocations fail once the run has begun; a group whose own end has no frame keeps its tasks, which the loop's end cancels. */
static unsigned long fail_at;

SCRIPT(short_of_memory)
{
	static async_handle end;
	static int i;

	BEGIN;
	end = group_end();
	async__group_begin(&group);
	async__fail_alloc(fail_at);
	for (i = 0; i < 3; i++)
		async__group_add(&group, CORO(child));
	AWAIT_STATUS(end, NULL, 0);
	async__fail_alloc(0);
	return self->status;
	END;
}

TEST(semantics_135_a_group_without_memory_fails_as_one)
{
	async_error error = { .code = 1 };

	for (fail_at = 1; error.code; fail_at++) {
		error = CATCH(PLAY_SIM(short_of_memory));
		CHECK(error.code == 0 || error.code == ASYNC_GROUP);
		if (error.code)
			CHECK(strstr(error.message, "out of memory"));
	}
	CHECK(fail_at > 4);
}
