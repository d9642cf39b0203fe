/* error.c: error records, raising and catching, and the exception handler.
 * A task has at most one error in flight, which it owns; futures and slots own theirs; records are counted, and shared by all
 * who await one failed task.  Raising never fails: without memory it raises a static record instead.  Loop's thread, but for
 * async_error_text. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>

enum { keep_errors = 16 };

/* ---- Codes ---- */

static const struct {
	int code;
	const char *name, *text;
} codes[] = {
#define CODE(name, code, text) { (code), "ASYNC_" #name, text },
	ASYNC_ERRORS(CODE)
#undef CODE
};

const char *async_error_text(int code)
{
	if (code == ASYNC_OK)
		return "no error";
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == code)
			return codes[i].text;
	return code > 0 ? strerror(code) : "unknown error";
}

const char *async__error_name(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == code)
			return codes[i].name;
#ifdef __GLIBC__
	if (code > 0 && strerrorname_np(code))
		return strerrorname_np(code);
#endif
	return code > 0 ? "errno" : "unknown code";
}

/* ---- Records ---- */

#define STATIC_ERROR(c, text) { .refs = UINT32_MAX, .value = { .code = (c), .message = text } }
static struct async__error no_memory = STATIC_ERROR(ASYNC_NO_MEMORY, "out of memory"),
			   cancelled = STATIC_ERROR(ASYNC_CANCELLED, "cancelled"),
			   timed_out = STATIC_ERROR(ASYNC_TIMEOUT, "timed out");

static unsigned next_number(void)
{
	static __thread unsigned number;

	if (!++number)
		number = 1;
	return number;
}

static void set_value(async_error *value, int code, const char *format, va_list args)
{
	value->code = code;
	value->number = 0;
	if (format)
		vsnprintf(value->message, sizeof value->message, format, args);
	else
		snprintf(value->message, sizeof value->message, "%s", async_error_text(code));
}

async_error async__make_error(int code, const char *format, ...)
{
	async_error value;
	va_list args;

	va_start(args, format);
	set_value(&value, code, format, args);
	va_end(args);
	return value;
}

static struct async__error *record(void)
{
	async_loop *loop = async__self.loop;
	struct async__error *error = loop ? loop->spare_errors : NULL;

	if (error) {
		loop->spare_errors = error->cause;
		loop->n_spare_errors--;
	} else {
		error = async__alloc(sizeof *error);
	}
	if (!error)
		return NULL;
	error->listed = (struct async__link){ 0 };
	error->next = NULL;
	if (loop)
		async__list_append(&loop->errors, &error->listed);
	return error;
}

static struct async__error *new_error(int code, const char *format, va_list args)
{
	struct async__error *error;

	if (code == ASYNC_NO_MEMORY)
		return &no_memory; /* hardly the time to allocate */
	error = record();
	if (!error)
		return code == ASYNC_CANCELLED ? &cancelled : code == ASYNC_TIMEOUT ? &timed_out : &no_memory;
	error->refs = 1;
	error->n_trace = 0;
	error->cause = NULL;
	set_value(&error->value, code ? code : ASYNC_ERROR, format, args);
	error->value.number = next_number();
	return error;
}

struct async__error *async__error_new(int code, const char *format, ...)
{
	struct async__error *error;
	va_list args;

	va_start(args, format);
	error = new_error(code, format, args);
	va_end(args);
	return error;
}

struct async__error *async__error_ref(struct async__error *error)
{
	if (error && error->refs != UINT32_MAX)
		error->refs++;
	return error;
}

static void recycle(struct async__error *error)
{
	async_loop *loop = async__self.loop;

	async__list_remove(&error->listed);
	if (!loop || loop->closing || loop->n_spare_errors >= keep_errors) {
		async__free(error);
		return;
	}
	error->cause = loop->spare_errors;
	loop->spare_errors = error;
	loop->n_spare_errors++;
}

static bool was_last(struct async__error *error)
{
	return error && error->refs != UINT32_MAX && --error->refs == 0;
}

/* Those of a group, of which there may be many; the depth is that of groups in groups. */
static void unref_next(struct async__error *error)
{
	while (was_last(error)) {
		struct async__error *cause = error->cause, *next = error->next;

		recycle(error);
		async__error_unref(cause);
		error = next;
	}
}

void async__error_unref(struct async__error *error)
{
	while (was_last(error)) {
		struct async__error *cause = error->cause, *next = error->next;

		recycle(error);
		if (next)
			unref_next(next);
		error = cause;
	}
}

struct async__error *async__error_own(struct async__error *error)
{
	struct async__error *copy;

	if (error->refs == 1 && !error->next)
		return error;
	if (error->refs == UINT32_MAX)
		return NULL;
	copy = async__error_new(error->value.code, "%s", error->value.message);
	if (copy->refs == UINT32_MAX)
		return NULL;
	copy->n_trace = error->n_trace;
	memcpy(copy->trace, error->trace, sizeof copy->trace);
	copy->cause = async__error_ref(error->cause);
	async__error_unref(error);
	return copy;
}

/* ---- From values to records, as long as those exist ---- */

static struct async__error *find_record(async_error value)
{
	async_loop *loop = async__self.loop;

	if (!loop || !value.number)
		return NULL;
	for (struct async__link *link = loop->errors.next; link != &loop->errors; link = link->next) {
		struct async__error *error = async__container_of(link, struct async__error, listed);

		if (error->value.number == value.number && error->value.code == value.code)
			return error;
	}
	return NULL;
}

struct async__error *async__error_of(async_error value)
{
	struct async__error *error = find_record(value);

	return error ? async__error_ref(error) : async__error_new(value.code, "%s", value.message);
}

async_error async_error_cause(async_error value)
{
	const struct async__error *error = find_record(value);

	return error && error->cause ? error->cause->value : (async_error){ 0 };
}

async_error async_group_error(async_error value, size_t i)
{
	const struct async__error *error = value.code == ASYNC_GROUP ? find_record(value) : NULL;

	for (error = error ? error->cause : NULL; error && i; i--)
		error = error->next;
	return error ? error->value : (async_error){ 0 };
}

/* ---- Raising and catching ---- */

async_status async__raise_error(struct async__error *error)
{
	if (!async__self.task) {
		async__report(async__self.loop, "Error raised outside of a task", error, NULL);
		async__error_unref(error);
		return ASYNC_FAILED;
	}
	async__error_unref(async__self.error);
	async__self.error = error;
	return ASYNC_FAILED;
}

async_status async__raise(int code, const char *format, ...)
{
	struct async__error *error;
	va_list args;

	va_start(args, format);
	error = new_error(code, format, args);
	va_end(args);
	return async__raise_error(error);
}

async_status async_fail(int code, const char *format, ...)
{
	struct async__error *error;
	va_list args;

	va_start(args, format);
	error = new_error(code, format, args);
	va_end(args);
	return async__raise_error(error);
}

async_status async__raise_from(async_caught *cause, int code, const char *format, ...)
{
	struct async__error *error;
	va_list args;

	va_start(args, format);
	error = new_error(code, format, args);
	va_end(args);
	if (error->refs != UINT32_MAX && cause->error != error)
		error->cause = async__error_ref(cause->error);
	return async__raise_error(error);
}

async_status async__raise_value(async_caught *handled, async_error value, const async_function *function, unsigned line)
{
	struct async__error *error = find_record(value);

	if (error)
		return async__raise_error(async__error_ref(error));
	if (!value.code)
		value = async__make_error(ASYNC_INVALID_STATE, "no error to raise");
	if (handled)
		async__raise_from(handled, value.code, "%s", value.message);
	else
		async__raise(value.code, "%s", value.message);
	async__trace(function, line);
	return ASYNC_FAILED;
}

bool async__is_cancellation(void)
{
	return async__self.error && async__self.error->value.code == ASYNC_CANCELLED;
}

async_error async__hold(async_caught *slot)
{
	slot->error = async__self.error;
	async__self.error = NULL;
	return slot->error ? slot->error->value : (async_error){ 0 };
}

async_status async__reraise(async_caught *slot)
{
	struct async__error *error = slot->error;

	slot->error = NULL;
	if (!error)
		error = async__error_new(ASYNC_INVALID_STATE, "no error to raise again");
	return async__raise_error(error);
}

void async__drop(async_caught *slot)
{
	async__error_unref(slot->error);
	slot->error = NULL;
}

/* Takes over the reference.  Without memory it is simply forgotten. */
static void set_aside(struct async__error *error)
{
	struct async__rare *rare = error ? async__rare(async__self.task) : NULL;

	if (!rare) {
		async__error_unref(error);
		return;
	}
	async__error_unref(rare->caught[ASYNC__CAUGHT - 1]);
	memmove(rare->caught + 1, rare->caught, (ASYNC__CAUGHT - 1) * sizeof *rare->caught);
	rare->caught[0] = error;
}

void async__set_aside(async_caught *slot)
{
	set_aside(slot->error);
	slot->error = NULL;
}

async_error async__gather_caught(async_handle h)
{
	struct async__future *future = async__find_future(h, "async_gather", NULL);

	if (future)
		set_aside(async__error_ref(async__error_in(future)));
	return async_exception(h);
}

static bool leads_to(const struct async__error *error, const struct async__error *sought)
{
	for (; error; error = error->cause)
		if (error == sought)
			return true;
	return false;
}

/* A cause that is set stays, and no circle is made. */
void async__chain(async_caught *slot)
{
	struct async__error *error = async__self.error;

	if (slot->error && error && !error->cause && !leads_to(slot->error, error)) {
		error = async__error_own(error);
		if (error && !error->cause) {
			async__self.error = error;
			error->cause = async__error_ref(slot->error);
		}
	}
	async__drop(slot);
}

/* ---- The exception handler ---- */

static void print_context(const async_error_context *context)
{
	fprintf(stderr, "asyncc: %s", context->message);
	if (context->error.code)
		fprintf(stderr, ": %s [%s]", context->error.message, async__error_name(context->error.code));
	fprintf(stderr, "\n%s", context->trace ? context->trace : "");
}

void async_default_exception_handler(const async_error_context *context)
{
	print_context(context);
}

/* The task that the context is about; NULL: none of this thread's. */
static struct async__task *task_of(const async_error_context *context)
{
	struct async__object *object = context->handle ? async__handle_find(context->handle, NULL, NULL) : NULL;

	return object && object->kind == ASYNC__TASK ? (struct async__task *)object : NULL;
}

/* In the failing task's place, as far as task-local values go. */
static void call_handler(async_loop *loop, const async_error_context *context)
{
	struct async__task *task = task_of(context);
	struct async__task *before;

	if (!loop || !loop->handler) {
		async_default_exception_handler(context);
		return;
	}
	if (!task) {
		loop->handler(context, loop->handler_arg);
		return;
	}
	async__keep(&task->future);
	before = async__locals_borrow(task);
	loop->handler(context, loop->handler_arg);
	async__locals_borrow(before);
	async__let_go(&task->future);
}

void async__report(async_loop *loop, const char *message, const struct async__error *error, async_handle handle)
{
	char trace[4096] = "";
	async_error_context context = { .message = message, .handle = handle, .trace = trace };

	if (error) {
		context.error = error->value;
		async__format_trace(error, trace, sizeof trace);
	}
	call_handler(loop, &context);
}

void async__report_value(async_loop *loop, const char *message, async_error error, async_handle handle)
{
	async_error_context context = { .message = message, .error = error, .handle = handle, .trace = "" };

	call_handler(loop, &context);
}

void async_set_exception_handler(async_exception_handler *handler, void *arg)
{
	async_loop *loop = async__need_loop("async_set_exception_handler");

	if (!loop)
		return;
	loop->handler = handler;
	loop->handler_arg = arg;
}

void async_call_exception_handler(const async_error_context *context)
{
	call_handler(async__self.loop, context);
}
