/* error_test.c: raising, holding, traces, the exception handler; user awaitables.  Numbers: README.md. */
#include "play.h"

#include <errno.h>

TEST(every_code_has_a_text_and_a_name)
{
#define LOOK(name, code, text)                                      \
	CHECK(!strcmp(async_error_text(code), text));               \
	CHECK(!strcmp(async__error_name(code), "ASYNC_" #name));
	ASYNC_ERRORS(LOOK)
	CHECK(!strcmp(async_error_text(ENOENT), strerror(ENOENT)));
	CHECK(!strcmp(async__error_name(ENOENT), "ENOENT"));
	CHECK(async_error_text(0) && async_error_text(-1000) && async__error_name(-1000) && async__error_name(100000));
}

static async_caught slot;

SCRIPT(holding)
{
	async_error e;

	BEGIN;
	CHECK(async__raise(EPIPE, "first %d", 1) == ASYNC_FAILED);
	e = async__hold(&slot);
	CHECK(e.code == EPIPE && !strcmp(e.message, "first 1"));
	CHECK(async__raise(ASYNC_ERROR, NULL) == ASYNC_FAILED);
	CHECK(!strcmp(take_error().message, "error"));
	CHECK(async__reraise(&slot) == ASYNC_FAILED && !slot.error);
	CHECK(take_error().code == EPIPE);
	async__drop(&slot);
	CHECK(async__reraise(&slot) == ASYNC_FAILED); /* nothing to raise again: an error all the same */
	CHECK(take_error().code == ASYNC_INVALID_STATE);
	async__raise(ASYNC_ERROR, "%0200d", 7);
	e = take_error();
	CHECK(strlen(e.message) == sizeof e.message - 1);
	END;
}

TEST(errors_are_raised_held_and_raised_again)
{
	PLAY_SIM(holding);
}

static const async_function some_function = { .name = "load", .file = "load.c" }, other_function = { .name = "main", .file = "main.c" };
static char trace_seen[4096];

static void keep_trace(const async_error_context *context, void *arg)
{
	(void)arg;
	note("[%s: %s]", context->message, context->error.message);
	snprintf(trace_seen, sizeof trace_seen, "%s", context->trace);
}

SCRIPT(traced)
{
	static int i;

	BEGIN;
	async__raise(EIO, "disk");
	async__trace(&some_function, 12);
	async__trace(&some_function, 0);
	async__hold(&slot);
	async__raise_from(&slot, ASYNC_ERROR, "cannot load");
	async__drop(&slot);
	for (i = 0; i < 30; i++)
		async__trace(&other_function, 30 + i);
	return ASYNC_FAILED;
	END;
}

SCRIPT(reports_trace)
{
	BEGIN;
	async_set_exception_handler(keep_trace, NULL);
	async_detach(START(traced));
	SLEEP(1);
	END;
}

TEST(semantics_10_an_error_carries_its_return_trace_and_its_cause)
{
	PLAY_SIM(reports_trace);
	CHECK_SEEN("[Task exception was never retrieved: cannot load]");
	CHECK(!strncmp(trace_seen, "  at main (main.c:30)\n  at main (main.c:31)\n", 44));
	CHECK(strstr(trace_seen, "  ... 6 more\ncaused by: disk [EIO]\n  at load (load.c:12)\n"));
}

static async_handle failed;

SCRIPT(raises) { BEGIN; YIELD; RAISE(ASYNC_ERROR, "shared"); END; }

SCRIPT(adds_to_trace)
{
	BEGIN;
	AWAIT_STATUS(failed, NULL, 0);
	async__trace(&some_function, 1);
	CHECK(async__self.error->n_trace == 1);
	CHECK(!strcmp(take_error().message, "shared"));
	END;
}

SCRIPT(two_traces)
{
	static async_handle a, b;

	BEGIN;
	failed = START(raises);
	a = START(adds_to_trace);
	b = START(adds_to_trace);
	AWAIT_VOID(a);
	AWAIT_VOID(b);
	END;
}

TEST(each_who_awaits_a_failed_task_has_a_trace_of_its_own)
{
	PLAY_SIM(two_traces);
}

/* ---- The handler ---- */

SCRIPT(handlers)
{
	BEGIN;
	async_set_exception_handler(note_error, NULL);
	async_call_exception_handler(&(async_error_context){ .message = "hello", .error = { 1, "there" } });
	CHECK_SEEN("[hello: there]");
	async_set_exception_handler(NULL, NULL);
	async_call_exception_handler(&(async_error_context){ .message = "hello", .error = { ASYNC_TIMEOUT, "there" }, .trace = "  at x\n" });
	abort();
	END;
}

TEST_DIES(semantics_146_the_default_handler_writes_it_all, "asyncc: hello: there [ASYNC_TIMEOUT]\n  at x\n")
{
	PLAY_SIM(handlers);
}

/* ---- Awaitables ---- */

struct thing {
	struct async_awaitable awaitable;
	int steps, fail;
	async_handle task;
};

static async_status step(struct async_awaitable *self, void *result)
{
	struct thing *thing = (struct thing *)self;

	note("step%d", thing->steps);
	if (thing->steps-- > 0) {
		if (thing->steps == 0)
			async_wake_soon();
		else
			thing->task = async_current_task();
		return ASYNC_SUSPENDED;
	}
	if (thing->fail == 2)
		return ASYNC_FAILED;
	if (thing->fail)
		return async_fail(ASYNC_ERROR, "it broke");
	*(int *)result = 42;
	return ASYNC_DONE;
}

static void let_go(struct async_awaitable *self)
{
	(void)self;
	note("let go");
}

static void wake(void *arg)
{
	async_wake(((struct thing *)arg)->task);
	async_wake(((struct thing *)arg)->task);
}

static struct thing thing;
static int value;

SCRIPT(awaits_thing)
{
	BEGIN;
	STAND(1);
	self->status = ASYNC_DONE;
	/* fall through */
	case 1:
	if (self->status != ASYNC_FAILED)
		self->status = async__await_object(&self->base, HERE, &thing.awaitable, &value);
	if (self->status == ASYNC_SUSPENDED)
		return ASYNC_SUSPENDED;
	return self->status;
	END;
}

SCRIPT(protocol)
{
	static async_handle t;

	BEGIN;
	thing = (struct thing){ { step, let_go }, 0, 0, NULL };
	AWAIT_VOID(CORO(awaits_thing));
	CHECK(value == 42);
	CHECK_SEEN("step0");
	thing.steps = 2;
	t = START(awaits_thing);
	async_call_later(1, wake, &thing);
	AWAIT_VOID(t);
	CHECK_SEEN("step2 step1 step0");
	CHECK(sim_seconds() == 1);
	thing.fail = 1;
	thing.steps = 0;
	AWAIT_NOTE("t", START(awaits_thing));
	thing.fail = 2;
	thing.steps = 0;
	AWAIT_NOTE("t", START(awaits_thing));
	CHECK_SEEN("step0 t:it broke step0 t:an awaitable failed without an error");
	thing.steps = 5;
	t = START(awaits_thing);
	SLEEP(1);
	async_cancel(t);
	wake(&thing);
	AWAIT_NOTE("t", t);
	CHECK_SEEN("step5 let go t:cancelled");
	async_wake_soon(); /* not in a step: nothing */
	async_wake(async_current_task());
	SLEEP(1);
	END;
}

TEST(semantics_5_a_users_own_awaitable)
{
	PLAY_SIM(protocol);
}
