/* script.h: coroutines for the runtime's tests, written by hand with little ceremony.
 *
 *	SCRIPT(reader)
 *	{
 *		static ssize_t n;                       // locals are static: a test has a process of its own
 *		BEGIN;
 *		AWAIT(start_recv(fd, buffer, 10), &n);
 *		CHECK(n == 5);
 *		AWAIT_ERROR(start_recv(-1, buffer, 10), EBADF);
 *		END;
 *	}
 *	TEST(a_sentence) { PLAY(reader); }
 *
 * START(reader) makes it a task. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "runtime.h"
#include "testing.h"

struct script_frame {
	async_frame base;
	async_handle awaited;
	int line;            /* of the await where it stands */
	async_status status; /* how the latest one ended */
};

#define SCRIPT(script)                                                                           \
	static async_resume script##__resume;                                                    \
	static const async_function script##__async = {.abi = ASYNC_ABI_VERSION,                 \
						       .frame_size = sizeof(struct script_frame), \
						       .frame_align = 16,                        \
						       .points = ASYNC_POINTS(script##__async, script##__resume, NULL), \
						       .name = #script,                          \
						       .file = __FILE__};                        \
	static async_status script##__resume(async_frame *frame, async_status async__status, const async_point *async__at)

#define BEGIN                                                            \
	struct script_frame *self = (struct script_frame *)(void *)frame; \
	self->status = async__status;                                     \
	switch (async__at->state ? self->line : 0) {                      \
	case 0:                                                           \
		(void)self

#define END         \
	}           \
	return ASYNC_DONE

/* From here on the script goes on behind `case LINE`. */
#define STAND(place) (self->line = (place))
/* Where a script is suspended, whatever its line. */
#define HERE (async__at - async__at->state + 1)

/* Leaves in self->status how it ended. */
#define AWAIT_STATUS(handle, result, size)                                                              \
	do {                                                                                            \
		self->awaited = (handle);                                                               \
		STAND(__LINE__);                                                                        \
		self->status = async__await(&self->base, HERE, self->awaited);                     \
		if (self->status == ASYNC_SUSPENDED)                                               \
			return ASYNC_SUSPENDED;                                                         \
		__attribute__((fallthrough));                                                           \
	case __LINE__:                                                                                  \
		self->status = async__await_end(self->awaited, self->status, (result), (size)); \
	} while (0)

#define AWAIT(handle, result)                                             \
	do {                                                              \
		AWAIT_STATUS(handle, result, sizeof *(result));           \
		if (self->status != ASYNC_DONE)                      \
			fail_with(__FILE__, __LINE__, take_error());      \
	} while (0)

#define AWAIT_VOID(handle)                                           \
	do {                                                         \
		AWAIT_STATUS(handle, NULL, 0);                       \
		if (self->status != ASYNC_DONE)                 \
			fail_with(__FILE__, __LINE__, take_error()); \
	} while (0)

#define AWAIT_ERROR(handle, expected)                                                              \
	do {                                                                                       \
		AWAIT_STATUS(handle, NULL, 0);                                                     \
		last_error = self->status == ASYNC_DONE ? (async_error){.message = "no error"} : take_error(); \
		if (last_error.code != (expected))                                                 \
			fail_with(__FILE__, __LINE__, last_error);                                 \
	} while (0)

#define START(script) async__start_task(async__new_task(&script##__async))

#define PLAY(script)                                                                                     \
	async__entry_run(async__entry(&script##__async, (void (*)(void))script##__resume), NULL, 0)

/* The error a run ends with. */
#define CATCH(run)                                           \
	__extension__({                                      \
		async_error outer_ = async__catch_begin();   \
		run;                                         \
		async__catch_end(outer_);                    \
	})

/* libuv has descriptors for the process. */
void before_all(void)
{
	if (getenv("ASYNC_LOOP"))
		async_loop_close(async_loop_new(NULL));
}

static async_error last_error __attribute__((unused));

__attribute__((unused)) static async_error take_error(void)
{
	async_caught caught = {NULL};
	async_error error = async__hold(&caught);

	async__drop(&caught);
	return error;
}

__attribute__((unused, noreturn)) static void fail_with(const char *file, int line, async_error error)
{
	fprintf(stderr, "%s:%d: the await ended with %d (%s)\n", file, line, error.code, error.message);
	abort();
}

/* ---- The library's functions as tasks; the structs are the prefixes that any caller fills ---- */

__attribute__((unused)) static async_handle start_sleep(double seconds)
{
	extern const async_function async_sleep__async;
	struct async_sleep__frame *f = async__new_task(&async_sleep__async);

	if (f)
		f->seconds = seconds;
	return async__start_task(f);
}

#endif
