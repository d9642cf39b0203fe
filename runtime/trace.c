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

/* A link of a task's chain of awaits, from the leaf to the root. */
struct link {
	const async_frame *frame; /* NULL: there is no more */
	const async_point *at;    /* where it stands */
};

static struct link next_of(struct link link)
{
	if (async__is_outermost(link.frame))
		return (struct link){ 0 };
	return (struct link){ async__caller_of(link.frame), link.frame->caller_at };
}

/* None: nobody can tell, or it has not begun. */
static struct link innermost(const struct async__task *task)
{
	return task->future.fresh || async__is_running(task) ? (struct link){ 0 } : (struct link){ task->future.leaf, task->at };
}

static void add_frame(struct text *text, const async_point *point)
{
	const async_function *function = point->function;

	if (point->awaited)
		add(text, "  at %s (%s:%u): await %s\n", function->name, function->file, point->line, point->awaited);
	else
		add(text, "  at %s (%s)\n", function->name, function->file);
}

static void print_frame(int fd, const async_point *point)
{
	char line[1024];
	struct text text = { line, line + sizeof line };

	add_frame(&text, point);
	dprintf(fd, "%s", line);
}

void async__format_chain(const struct async__task *task, char *buffer, size_t size)
{
	struct text text = { buffer, buffer + size };

	*buffer = '\0';
	for (struct link link = innermost(task); link.frame && text.at < text.end - 1; link = next_of(link))
		add_frame(&text, link.at);
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
	struct link link = innermost(task);
	int n = 0;

	dprintf(fd, "%s, %s: %s\n", async_get_name(async__handle_of(&task->future.object)), async__function_of(task)->name, standing(task));
	if (async__awaited(task) && task->awaited->object.kind == ASYNC__TASK)
		dprintf(fd, "  for %s\n", async_get_name(async__handle_of(&task->awaited->object)));
	for (; link.frame && n < MAX_SHOWN; link = next_of(link), n++)
		print_frame(fd, link.at);
	if (link.frame)
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
