/* play.h: more for tests of the runtime's core: the loop under test in virtual time, a log of events, the library's functions as coroutine values.
 * PLAY_SIM(script) runs a script (script.h) as a run to its end does, on a loop whose clock jumps to the next deadline. */
#ifndef PLAY_H
#define PLAY_H

#include "script.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- Virtual time ----
 * The loop under test ($ASYNC_LOOP, epoll) with a clock of our own in front of it: when nothing is ready, that jumps.  The simulated
 * loop has such a clock itself. */

static const async_loop_backend *under_test;
static int64_t sim_clock;
static unsigned long sim_turns;

static bool has_virtual_time(void)
{
	return under_test == &async_loop_sim;
}

static int64_t sim_now(async_loop *loop, void *state)
{
	return has_virtual_time() ? (sim_clock = under_test->now(loop, state)) : sim_clock;
}

static int sim_wait(async_loop *loop, void *state, int64_t timeout)
{
	int err = under_test->wait(loop, state, timeout > 0 && !has_virtual_time() ? 0 : timeout);

	sim_turns++;
	if (timeout > 0 && async__list_empty(&loop->ready))
		sim_clock += timeout;
	return err;
}

static async_loop_backend sim_backend;

__attribute__((constructor)) static void make_sim_backend(void)
{
	under_test = async__default_backend();
	if (!under_test)
		exit(1);
	sim_backend = *under_test;
	sim_backend.now = sim_now;
	sim_backend.wait = sim_wait;
}

__attribute__((unused)) static double sim_seconds(void)
{
	return (double)sim_clock / 1e9;
}

/* As async_run: the loop is shut down and closed by the entry. */
#define PLAY_SIM(script)                                                \
	do {                                                            \
		async_loop *sim_loop = async_loop_new(&sim_backend);    \
		CHECK(sim_loop);                                        \
		sim_loop->owned_by_entry = true;                        \
		async__use_loop(sim_loop);                              \
		PLAY(script);                                           \
	} while (0)

/* The error a run ends with. */
#define CATCH(run) (async__catch_begin(), (run), async__catch_end())
#define PLAY_SIM_CATCH(error, script)      \
	do {                               \
		async__catch_begin();      \
		PLAY_SIM(script);          \
		(error) = async__catch_end(); \
	} while (0)

/* ---- A log of events ---- */

static char seen[8192];

__attribute__((unused, format(printf, 1, 2))) static void note(const char *format, ...)
{
	size_t length = strlen(seen);
	va_list args;

	if (length && length < sizeof seen - 2)
		strcat(seen, " ");
	length = strlen(seen);
	va_start(args, format);
	vsnprintf(seen + length, sizeof seen - length, format, args);
	va_end(args);
}

/* Compares, shows both when different, and begins anew. */
#define CHECK_SEEN(expected)                                                                                   \
	do {                                                                                                   \
		if (strcmp(seen, (expected))) {                                                                \
			fprintf(stderr, "%s:%d: seen:\n  %s\nexpected:\n  %s\n", __FILE__, __LINE__, seen, (expected)); \
			abort();                                                                               \
		}                                                                                              \
		seen[0] = '\0';                                                                                \
	} while (0)

__attribute__((unused)) static void note_call(void *arg)
{
	note("%s", (const char *)arg);
}

__attribute__((unused)) static void note_done(async_handle h, void *arg)
{
	(void)h;
	note("%s", (const char *)arg);
}

/* What the exception handler hears. */
__attribute__((unused)) static void note_error(const async_error_context *context, void *arg)
{
	(void)arg;
	note("[%s: %s]", context->message, context->error.message);
}

/* ---- Coroutine values: awaited, they run in the awaiting task ---- */

extern const async_function async_gather_n__async, async_wait__async;

__attribute__((unused)) static async_handle nap(double seconds)
{
	struct async_sleep__frame *f = async__new_task(&async_sleep__async);

	if (f)
		f->seconds = seconds;
	return async__keep_coroutine(f);
}

__attribute__((unused)) static async_handle gather(const async_handle *handles, size_t n)
{
	struct {
		async_frame base;
		const async_handle *handles;
		size_t n;
	} *f = async__new_task(&async_gather_n__async);

	if (f) {
		f->handles = handles;
		f->n = n;
	}
	return async__keep_coroutine(f);
}

__attribute__((unused)) static async_handle wait_for_some(async_handle *handles, size_t n, enum async_return_when when, double timeout)
{
	struct {
		async_frame base;
		size_t result;
		async_handle *handles;
		size_t n;
		enum async_return_when return_when;
		double timeout;
	} *f = async__new_task(&async_wait__async);

	if (f) {
		f->handles = handles;
		f->n = n;
		f->return_when = when;
		f->timeout = timeout;
	}
	return async__keep_coroutine(f);
}

/* A script as a coroutine value. */
#define CORO(script) async__keep_coroutine(async__new_task(&script##__async))

/* Lets every other ready task run once. */
#define YIELD AWAIT_VOID(nap(0))
#define SLEEP(seconds) AWAIT_VOID(nap(seconds))

/* Ends a script with an error. */
#define RAISE(code, ...) return async__raise((code), __VA_ARGS__)

/* Awaits, and lets an error propagate as generated code does. */
#define AWAIT_PROPAGATE(handle)                         \
	do {                                            \
		AWAIT_STATUS(handle, NULL, 0);          \
		if (self->base.status != ASYNC_DONE)    \
			return ASYNC_FAILED;            \
	} while (0)

/* Awaits, and notes how it ended. */
#define AWAIT_NOTE(name, handle)                                                                    \
	do {                                                                                        \
		AWAIT_STATUS(handle, NULL, 0);                                                      \
		note("%s:%s", (name), self->base.status == ASYNC_DONE ? "ok" : take_error().message); \
	} while (0)

#endif
