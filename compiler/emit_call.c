/* emit_call.c: what has to stand before a function for it to call others: their call structs, starters, executors' jobs. */
#include "emit.h"

/* ---- what a function needs to be declared before it ---- */

void emit_parameter_field(struct emitter *e, const struct callee *callee, int i, int deeper)
{
	own_line(e, deeper, "%s;", declare(e->unit, callee->params[i], callee->param_names[i]));
}

void emit_arguments_field(struct emitter *e, const struct callee *callee, int deeper)
{
	if (callee->is_variadic)
		own_line(e, deeper, "__builtin_va_list *async__arguments; /* valid until it suspends */");
}

/* The place that the result has and the parameters, which follow, and `n` more fields: how deep those are. */
int begin_shared_place(struct emitter *e, const struct callee *callee, int n, int deeper)
{
	own_line(e, deeper, "union { /* the result is stored last */");
	own_line(e, deeper + 1, "%s;", declare(e->unit, callee->result, "result"));
	if (callee->n_params + n == 1)
		return deeper + 1;
	own_line(e, deeper + 1, "struct {");
	return deeper + 2;
}

void end_shared_place(struct emitter *e, int deeper, int inner)
{
	while (--inner >= deeper)
		own_line(e, inner, "};");
}

/* What a caller of a function elsewhere knows of its frame. */
static void emit_call_struct(struct emitter *e, struct callee *callee)
{
	if (callee->declared)
		return;
	callee->declared = true;
	own_line(e, 0, "/* What is known of %s's frame from its prototype. */", callee->name);
	own_line(e, 0, "struct __attribute__((may_alias)) %s__call {", callee->name);
	own_line(e, 1, "async_frame base;");
	int inner = 1;
	if (shares_with_parameters(callee))
		inner = begin_shared_place(e, callee, 0, 1);
	else if (callee->result->kind != TYPE_VOID)
		own_line(e, 1, "%s;", declare(e->unit, callee->result, "result"));
	for (int i = 0; i < callee->n_params; i++)
		emit_parameter_field(e, callee, i, inner);
	emit_arguments_field(e, callee, inner);
	end_shared_place(e, 1, inner);
	own_line(e, 0, "};");
	own_line(e, 0, "%s const async_function %s__async;", callee->is_static ? "static" : "extern", callee->name);
}

static const char *parameter_list(struct emitter *e, const struct callee *callee)
{
	struct text text = {0};
	for (int i = 0; i < callee->n_params; i++)
		text_printf(&text, "%s%s", i ? ", " : "", declare(e->unit, callee->params[i], callee->param_names[i]));
	const char *list = callee->n_params ? arena_copy(e->unit->arena, text.data, text.size) : "void";
	text_finish(&text);
	return list;
}

const char *start_signature(struct emitter *e, const struct callee *callee)
{
	const char *linkage = callee->is_static ? "static " : callee->is_weak ? "__attribute__((weak)) " : "";
	return arena_printf(e->unit->arena, "%sstruct %s__outcome %s__start(%s)", linkage, callee->name, callee->name, parameter_list(e, callee));
}

void emit_start_declaration(struct emitter *e, struct callee *callee, bool defines)
{
	if (callee->start_declared)
		return;
	callee->start_declared = true;
	own_line(e, 0, "struct %s__outcome {", callee->name);
	if (callee->result->kind != TYPE_VOID)
		own_line(e, 1, "%s;", declare(e->unit, callee->result, "result"));
	own_line(e, 1, "async_status status;");
	own_line(e, 0, "};");
	if (!callee->is_static || !defines)
		own_line(e, 0, "%s;", start_signature(e, callee));
}

/* frame->field = name; */
void emit_store(struct emitter *e, const struct type *type, int deeper, const char *frame, const char *field, const char *name)
{
	if (type->is_unassignable)
		own_line(e, deeper, "__builtin_memcpy(&%s->%s, &%s, sizeof %s);", frame, field, name, name);
	else
		own_line(e, deeper, "%s->%s = %s;", frame, field, name);
}

/* NAME__create_task(arguments): a task's frame, its arguments stored, set going. */
static void emit_starter(struct emitter *e, struct callee *callee, enum starter_kind kind)
{
	static const struct {
		const char *name, *make, *start, *what;
	} kinds[] = {
		[START_TASK] = {"create_task", "async__new_task", "async__start_task", "as a task"},
		[START_EAGER] = {"create_task_eager", "async__new_task", "async__start_task_eager", "as a task, at once"},
		[START_COROUTINE] = {"coroutine", "async__new_task", "async__keep_coroutine", "when it is awaited or made a task"},
		[START_THREADSAFE] = {"on_loop", "async__new_remote", "", "on a loop of another thread"},
	};
	if (callee->has_starter & 1u << kind)
		return;
	callee->has_starter |= 1u << kind;
	emit_call_struct(e, callee);
	struct type pointer = {.kind = TYPE_POINTER, .to = callee->result};
	struct callee *c = callee;
	const char *handle = "async__new";
	own_line(e, 0, "/* %s(...), to run %s. */", c->name, kinds[kind].what);
	own_line(e, 0, "static inline %s(%s)",
		 declare(e->unit, &pointer, arena_printf(e->unit->arena, "%s__%s", c->name, kinds[kind].name)),
		 parameter_list(e, c));
	own_line(e, 0, "{");
	own_line(e, 1, "struct %s__call *%s = %s(&%s__async);", c->name, handle, kinds[kind].make, c->name);
	if (c->n_params)
		own_line(e, 1, "if (%s) {", handle);
	for (int i = 0; i < c->n_params; i++)
		emit_store(e, c->params[i], 2, handle, c->param_names[i], c->param_names[i]);
	if (c->n_params)
		own_line(e, 1, "}");
	own_line(e, 1, "return (%s)%s(%s);", declare(e->unit, &pointer, ""), kinds[kind].start, handle);
	own_line(e, 0, "}");
}

/* ---- executor jobs ---- */

static bool is_string(const struct type *type)
{
	return type->kind == TYPE_POINTER && type->to->is_char && type->to->is_const;
}

static void emit_job_thunk(struct emitter *e, const struct job *job)
{
	own_line(e, 0, "static void %s__run(void *async__job)", job->name);
	own_line(e, 0, "{");
	own_line(e, 1, "struct %s *async__j = async__job;", job->name);
	const char *target = "";
	if (job->result->is_unassignable)
		target = arena_printf(e->unit->arena, "%s = ", declare(e->unit, job->result, "async__result"));
	else if (job->result->kind != TYPE_VOID)
		target = "async__j->result = ";
	own_line(e, 1, "%s%s(", target, job->function ? job->function : "async__j->function");
	for (int i = 0; i < job->n_params; i++)
		output_printf(e->output, "%sasync__j->arg_%d", i ? ", " : "", i + 1);
	output_printf(e->output, ");");
	if (job->result->is_unassignable)
		own_line(e, 1, "__builtin_memcpy(&async__j->result, &async__result, sizeof async__result);");
	if (job->result->kind == TYPE_VOID && !job->n_params && !job->pointer)
		own_line(e, 1, "(void)async__j;");
	own_line(e, 0, "}");
}

/* How the jobs of an async_executor_map get their arguments, and what becomes of their results: assignments, as the types differ. */
static void emit_map(struct emitter *e, const struct job *job)
{
	struct type argument = {.kind = TYPE_POINTER, .to = job->map->argument};
	struct type result = {.kind = TYPE_POINTER, .to = job->map->result};
	struct type returned = {.kind = TYPE_POINTER, .to = job->result};
	own_line(e, 0, "static void %s__fill(void *async__job, void (*async__function)(void), const void *async__arguments, size_t async__i)", job->name);
	own_line(e, 0, "{");
	own_line(e, 1, "struct %s *async__j = async__job;", job->name);
	if (job->pointer)
		own_line(e, 1, "async__j->function = (%s)async__function;", declare(e->unit, job->pointer, ""));
	else
		own_line(e, 1, "(void)async__function;");
	if (job->params[0]->is_unassignable)
		own_line(e, 1, "__builtin_memcpy(&async__j->arg_1, (%s)async__arguments + async__i, sizeof async__j->arg_1);", declare(e->unit, &argument, ""));
	else
		own_line(e, 1, "async__j->arg_1 = ((%s)async__arguments)[async__i];", declare(e->unit, &argument, ""));
	own_line(e, 0, "}");
	own_line(e, 0, "static void %s__take(const void *async__result, void *async__results, size_t async__i)", job->name);
	own_line(e, 0, "{");
	own_line(e, 1, "((%s)async__results)[async__i] = *(%s)async__result;", declare(e->unit, &result, ""), declare(e->unit, &returned, ""));
	own_line(e, 0, "}");
	own_line(e, 0, "static const async_map_type %s__map = {&%s__type, %s__fill, %s__take};", job->name, job->name, job->name, job->name);
}

static void emit_job(struct emitter *e, const struct job *job)
{
	bool has_pointers = job->pointer || job->result->has_pointers;
	int strings = 0;
	own_line(e, 0, "struct %s {", job->name);
	if (job->result->kind != TYPE_VOID)
		own_line(e, 1, "%s;", declare(e->unit, job->result, "result"));
	if (job->pointer)
		own_line(e, 1, "%s;", declare(e->unit, job->pointer, "function"));
	for (int i = 0; i < job->n_params; i++) {
		own_line(e, 1, "%s;", declare(e->unit, job->params[i], arena_printf(e->unit->arena, "arg_%d", i + 1)));
		if (is_string(job->params[i]))
			strings++;
		else if (job->params[i]->has_pointers)
			has_pointers = true;
	}
	if (job->result->kind == TYPE_VOID && !job->pointer && !job->n_params)
		own_line(e, 1, "char nothing;");
	own_line(e, 0, "};");
	emit_job_thunk(e, job);
	if (strings) {
		own_line(e, 0, "static const size_t %s__strings[] = {", job->name);
		for (int i = 0; i < job->n_params; i++)
			if (is_string(job->params[i]))
				output_printf(e->output, "__builtin_offsetof(struct %s, arg_%d), ", job->name, i + 1);
		output_printf(e->output, "};");
	}
	own_line(e, 0, "static const async_job_type %s__type = {", job->name);
	own_line(e, 1, ".name = \"%s\", .run = %s__run, .size = sizeof(struct %s),", job->function ? job->function : "(pointer)",
		 job->name, job->name);
	if (job->result->kind != TYPE_VOID)
		own_line(e, 1, ".result_offset = __builtin_offsetof(struct %s, result), .result_size = sizeof(%s),", job->name,
			 declare(e->unit, job->result, ""));
	if (strings)
		own_line(e, 1, ".strings = %s__strings, .n_strings = %d,", job->name, strings);
	own_line(e, 1, ".has_pointers = %d,", has_pointers);
	own_line(e, 0, "};");
	if (job->map)
		emit_map(e, job);
}

/* ---- before the function ---- */

static void emit_pointer_struct(struct emitter *e, const struct await_point *await)
{
	own_line(e, 0, "struct __attribute__((may_alias)) %s__pointer_%d {", e->fn->name, await->number);
	own_line(e, 1, "async_frame base;");
	if (await->type->kind != TYPE_VOID)
		own_line(e, 1, "%s;", declare(e->unit, await->type, "result"));
	own_line(e, 0, "};");
}

void emit_requirements(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		if (await->kind == AWAIT_CALL && !await->embedded && !await->frameless && !await->plain)
			emit_call_struct(e, await->callee);
		if (await->started)
			emit_start_declaration(e, await->callee, false);
		if (await->kind == AWAIT_POINTER)
			emit_pointer_struct(e, await);
	}
	for (int i = 0; i < fn->starters.n; i++)
		emit_starter(e, fn->starters.at[i].callee, fn->starters.at[i].kind);
	for (int i = 0; i < fn->jobs.n; i++)
		emit_job(e, fn->jobs.at[i]);
}
