/* virtual.h: the loop under test in virtual time, and a log of events. */
#ifndef VIRTUAL_H
#define VIRTUAL_H

#include "runtime.h"
#include "testing.h"

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
	if (timeout > 0 && async__list_empty(loop->ready))
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

/* A loop that the run closes: async_run_on(virtual_loop(), A) is an async_run in virtual time. */
__attribute__((unused)) static async_loop *virtual_loop(void)
{
	async_loop *loop = async_loop_new(&sim_backend);

	CHECK(loop);
	loop->owned_by_entry = true;
	return loop;
}

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

#endif
