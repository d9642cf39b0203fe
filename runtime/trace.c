/* trace.c: error return traces, and the dump of every task with its chain of awaits (which asyncc-gdb.py does from outside).
 * Reads descriptors and frames, changes nothing but the error's own trace.  Loop's thread. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* ---- Error return traces ---- */

static void note(const async_function *function, unsigned line)
{
	/* A record that others hold as well is copied first: each who awaits a failed task has a trace of its own. */
	struct async__error *error = async__error_own(async__self.error);

	if (!error)
		return;
	async__self.error = error;
	if (error->n_trace < ASYNC__TRACE_LENGTH) {
		error->trace[error->n_trace].function = function;
		error->trace[error->n_trace].line = line;
	}
	error->n_trace++;
}

async_status async__trace(const async_function *function, unsigned line)
{
	if (line && async__self.error)
		note(function, line);
	return ASYNC_FAILED;
}

struct text {
	char *at, *end;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->at, (size_t)(text->end - text->at), format, args);
	va_end(args);
	if (n > 0)
		text->at += n < text->end - text->at ? n : text->end - text->at - 1;
}

static void add_frames(struct text *text, const struct async__error *error)
{
	uint32_t kept = error->n_trace < ASYNC__TRACE_LENGTH ? error->n_trace : ASYNC__TRACE_LENGTH;

	for (uint32_t i = 0; i < kept; i++)
		add(text, "  at %s (%s:%u)\n", error->trace[i].function->name, error->trace[i].function->file, error->trace[i].line);
	if (error->n_trace > kept)
		add(text, "  ... %u more\n", error->n_trace - kept);
}

/* The error, its causes, and what else a group gathered; as much as there is room for. */
static void add_error(struct text *text, const struct async__error *error)
{
	const char *how = "caused by";

	add_frames(text, error);
	for (error = error->cause; error && text->at < text->end - 1; error = error->next, how = "and by") {
		add(text, "%s: %s [%s]\n", how, error->value.message, async__error_name(error->value.code));
		add_error(text, error);
	}
}

void async__format_trace(const struct async__error *error, char *buffer, size_t size)
{
	struct text text = { buffer, buffer + size };

	*buffer = '\0';
	if (error)
		add_error(&text, error);
}

/* ---- The dump ---- */

enum { MAX_SHOWN = 100 };

struct shown {
	const async_frame *frame;
	const async_function *function; /* NULL: not known */
};

/* A coroutine value that is awaited in place brings its own root frame into the chain.  Looks at no more objects than `most`. */
static const async_function *coroutine_function(async_loop *loop, const async_frame *frame, size_t most)
{
	struct async__walk walk = { 0 };
	struct async__object *object;

	while (most-- && (object = async__next_object(loop, &walk)))
		if (object->kind == ASYNC__COROUTINE && async__root((struct async__task *)object) == frame)
			return async__function_of((struct async__task *)object);
	return NULL;
}

static const async_function *anchor(const struct async__task *task, const async_frame *frame, size_t most)
{
	const async_function *function;

	if (frame == async__root(task))
		return async__function_of(task);
	function = async__pushed_function(task, frame);
	return function ? function : coroutine_function(async__loop_of(&task->future.object), frame, most);
}

static const async_await_point *await_point(const async_function *function, const async_frame *frame)
{
	if (!function || !frame->state || frame->state > function->n_awaits)
		return NULL;
	return &function->awaits[frame->state - 1];
}

enum { MAX_DEEP = 8 };

/* What a function awaits last may have taken its frame over, and what that awaits last, the frame from it. */
static const async_function *owner(const async_function *function, const async_frame *frame, unsigned deep)
{
	const async_function *found = NULL;

	if (!function || function->resume == frame->resume)
		return function;
	for (uint32_t i = 0; i < function->n_awaits && deep && !found; i++)
		found = owner(function->awaits[i].callee, frame, deep - 1);
	return found;
}

static const async_frame *caller_of(const async_frame *frame)
{
	return async__is_outermost(frame) ? NULL : frame->caller;
}

/* From the leaf to the root.  A frame that its caller embeds is known by the caller's await point. */
static size_t collect(const struct async__task *task, struct shown *shown, size_t max, size_t most)
{
	size_t n = 0;

	for (const async_frame *frame = async__is_running(task) ? NULL : task->future.leaf; frame && n < max; frame = caller_of(frame))
		shown[n++] = (struct shown){ frame, anchor(task, frame, most) };
	for (size_t i = n; i-- > 0;) {
		const async_await_point *point = i + 1 < n ? await_point(shown[i + 1].function, shown[i + 1].frame) : NULL;

		if (!shown[i].function && point)
			shown[i].function = point->callee;
		shown[i].function = owner(shown[i].function, shown[i].frame, MAX_DEEP);
	}
	return n;
}

static void add_shown(struct text *text, struct shown shown)
{
	const async_await_point *point = await_point(shown.function, shown.frame);

	if (!shown.function)
		add(text, "  at a function without a description\n");
	else if (point)
		add(text, "  at %s (%s:%u): await %s\n", shown.function->name, shown.function->file, point->line, point->awaited);
	else
		add(text, "  at %s (%s)\n", shown.function->name, shown.function->file);
}

static void print_frame(int fd, struct shown shown)
{
	char line[1024];
	struct text text = { line, line + sizeof line };

	add_shown(&text, shown);
	dprintf(fd, "%s", line);
}

void async__format_chain(const struct async__task *task, char *buffer, size_t size)
{
	enum { FEW = 100 }; /* this is done before every step */
	struct text text = { buffer, buffer + size };
	struct shown shown[MAX_SHOWN];
	size_t n = !task->future.fresh ? collect(task, shown, MAX_SHOWN, FEW) : 0;

	*buffer = '\0';
	for (size_t i = 0; i < n; i++)
		add_shown(&text, shown[i]);
}

static const char *standing(const struct async__task *task)
{
	if (async__is_running(task))
		return "running";
	if (task->future.fresh)
		return "not started";
	if (!task->future.waits || async__woken(task) || (async__awaited(task) && task->awaited->state != ASYNC__PENDING))
		return "ready";
	return task->future.cancels ? "waiting, cancelling" : "waiting";
}

static void print_task(struct async__task *task, int fd)
{
	struct shown shown[MAX_SHOWN];
	size_t n = !task->future.fresh ? collect(task, shown, MAX_SHOWN, SIZE_MAX) : 0;

	dprintf(fd, "%s, %s: %s\n", async_get_name(async__handle_of(&task->future.object)), async__function_of(task)->name, standing(task));
	if (async__awaited(task) && task->awaited->object.kind == ASYNC__TASK)
		dprintf(fd, "  for %s\n", async_get_name(async__handle_of(&task->awaited->object)));
	for (size_t i = 0; i < n; i++)
		print_frame(fd, shown[i]);
	if (n == MAX_SHOWN && caller_of(shown[n - 1].frame))
		dprintf(fd, "  ...\n");
}

void async__print_tasks(async_loop *loop, int fd)
{
	size_t n;
	struct async__task **tasks = async__tasks(loop, &n);

	for (size_t i = 0; tasks && i < n; i++)
		print_task(tasks[i], fd);
	async__free(tasks);
}

void async_print_tasks(void)
{
	async_loop *loop = async__need_loop("async_print_tasks");

	if (loop)
		async__print_tasks(loop, STDERR_FILENO);
}
