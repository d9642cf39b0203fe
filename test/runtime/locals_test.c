/* locals_test.c: task-local values.  Number: README.md 66. */
#include "play.h"

static async_local(int) depth = 3;
static async_local(const char *) user = "nobody";
static async_local(long) other = 1;

SCRIPT(child)
{
	BEGIN;
	note("%s%d", async_local_get(&user), async_local_get(&depth));
	CHECK(async_local_set(&depth, 10) == 0 && async_local_set(&depth, 11) == 0);
	YIELD;
	note("%s%d", async_local_get(&user), async_local_get(&depth));
	END;
}

static void in_callback(void *arg)
{
	(void)arg;
	note("callback %s%d", async_local_get(&user), async_local_get(&depth));
	CHECK(async_local_set(&user, "callback") == 0);
	async_detach(START(child));
}

static void when_done(async_handle h, void *arg)
{
	(void)h;
	note("%s %s", (const char *)arg, async_local_get(&user));
}

SCRIPT(parent)
{
	static async_handle t;

	BEGIN;
	CHECK(async_local_get(&depth) == 3 && !strcmp(async_local_get(&user), "nobody"));
	CHECK(async_local_set(&user, "me") == 0 && async_local_set(&depth, 5) == 0);
	t = START(child);
	CHECK(async_local_set(&depth, 6) == 0);
	AWAIT_VOID(t);
	CHECK_SEEN("me5 me11");
	CHECK(async_local_get(&depth) == 6);
	async_call_soon(in_callback, NULL);
	CHECK(async_local_set(&user, "changed") == 0);
	CHECK(!strcmp(async_local_get(&user), "changed") && async_local_get(&depth) == 6);
	SLEEP(1);
	CHECK_SEEN("callback me6 callback6 callback11");
	CHECK(!strcmp(async_local_get(&user), "changed"));
	t = START(child);
	async_add_done_callback(t, when_done, (void *)"done");
	async_add_done_callback(t, when_done, (void *)"removed");
	CHECK(async_remove_done_callback(t, when_done, (void *)"removed") == 1);
	async_local_set(&user, "later");
	AWAIT_VOID(t);
	YIELD;
	CHECK_SEEN("changed6 changed11 done changed");
	END;
}

TEST(semantics_66_a_task_inherits_values_and_keeps_its_own_changes)
{
	PLAY_SIM(parent);
	CHECK(async_local_get(&depth) == 3);
	PLAY_SIM(parent);
}

SCRIPT(quick)
{
	BEGIN;
	END;
}

static bool is_named_meanwhile;

/* What is left of its children has its place where its values are. */
SCRIPT(keeps_what_ended)
{
	static async_handle first, second, third, heir;

	BEGIN;
	CHECK(async_local_set(&user, "me") == 0 && async_local_set(&depth, 5) == 0);
	first = START(quick);
	second = START(quick);
	third = START(quick);
	SLEEP(1);
	CHECK(async_done(first) && async_done(second) && async_done(third));
	CHECK(async_local_get(&depth) == 5 && async_local_set(&depth, 6) == 0);
	AWAIT_VOID(first);
	CHECK(async_local_get(&depth) == 6);
	AWAIT_VOID(third);
	if (is_named_meanwhile)
		async_set_name(async_current_task(), "named");
	CHECK(async_local_get(&depth) == 6 && async_local_set(&depth, 7) == 0);
	heir = START(child);
	SLEEP(1);
	CHECK_SEEN("me7 me11");
	AWAIT_VOID(second);
	CHECK(async_local_get(&depth) == 7 && async_local_set(&depth, 8) == 0);
	AWAIT_VOID(heir);
	CHECK(async_local_get(&depth) == 8 && !strcmp(async_local_get(&user), "me"));
	START(quick);
	SLEEP(1);
	END;
}

TEST(children_that_ended_and_values_do_not_disturb_each_other)
{
	PLAY_SIM(keeps_what_ended);
	is_named_meanwhile = true;
	PLAY_SIM(keeps_what_ended);
}

/* Each generation binds every key anew; the list stays as short as there are keys. */
static int generations;

SCRIPT(descendant)
{
	BEGIN;
	CHECK(async_local_get(&depth) == 3 + generations);
	CHECK(async_local_set(&depth, 4 + generations) == 0);
	CHECK(async_local_set(&other, 7l) == 0 && async_local_set(&user, "x") == 0);
	CHECK(async_local_get(&depth) == 4 + generations && async_local_get(&other) == 7);
	if (++generations < 1000)
		async_detach(START(descendant));
	END;
}

SCRIPT(ancestor)
{
	BEGIN;
	async_detach(START(descendant));
	SLEEP(1);
	CHECK(generations == 1000);
	CHECK(async_local_get(&depth) == 3);
	END;
}

TEST(a_thousand_generations_of_values)
{
	PLAY_SIM(ancestor);
}

SCRIPT(heir)
{
	BEGIN;
	note("%ld", async_local_get(&other));
	END;
}

SCRIPT(leaves_callbacks)
{
	BEGIN;
	CHECK(async_local_set(&other, 5l) == 0);
	async_call_later(1000, note_call, NULL);
	async_add_done_callback(async__create_future(0), when_done, NULL);
	END;
}

TEST(values_of_callbacks_that_never_run_go_with_the_loop)
{
	PLAY_SIM(leaves_callbacks);
}

SCRIPT(short_of_memory)
{
	static async_handle t;
	static int err;

	BEGIN;
	err = async_local_set(&other, 2l);
	if (!err)
		err = async_local_set(&user, "b");
	if (!err)
		err = async_local_set(&depth, 1);
	t = START(heir);
	if (!err)
		err = async_local_set(&other, 3l); /* copies two others */
	CHECK(async_local_get(&other) == (err ? (async_local_get(&other) == 1 ? 1 : 2) : 3));
	AWAIT_PROPAGATE(t);
	if (err)
		RAISE(err, "no memory");
	END;
}

TEST(every_allocation_of_a_value_may_fail)
{
	for (unsigned long n = 1;; n++) {
		async_error error;

		async__fail_alloc(n);
		error = CATCH(PLAY(short_of_memory));
		if (async__allocs() < n)
			break;
		CHECK(error.code == 0 || error.code == ASYNC_NO_MEMORY);
	}
	async__fail_alloc(0);
}
