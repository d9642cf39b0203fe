/* play.h: more for tests of the runtime's core: the loop under test in virtual time, a log of events, the library's functions as coroutine values.
 * PLAY_SIM(script) runs a script (script.h) as a run to its end does, on a loop whose clock jumps to the next deadline. */
#ifndef PLAY_H
#define PLAY_H

#include "script.h"

#include "virtual.h"

/* As async_run: the loop is shut down and closed by the entry. */
#define PLAY_SIM(script)                                                \
	do {                                                            \
		async__use_loop(virtual_loop()); \
		PLAY(script);                    \
	} while (0)

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
		union {
			size_t result;
			struct {
				async_handle *handles;
				size_t n;
				enum async_return_when return_when;
				double timeout;
			};
		};
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
		if (self->status != ASYNC_DONE)    \
			return ASYNC_FAILED;            \
	} while (0)

/* Awaits, and notes how it ended. */
#define AWAIT_NOTE(name, handle)                                                                    \
	do {                                                                                        \
		AWAIT_STATUS(handle, NULL, 0);                                                      \
		note("%s:%s", (name), self->status == ASYNC_DONE ? "ok" : take_error().message); \
	} while (0)

#endif
