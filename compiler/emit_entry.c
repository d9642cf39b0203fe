/* emit_entry.c: the entry: the function as ordinary C calls it, under its own name.  It runs a loop until the function is done, or answers an
 * await through a pointer. */
#include "emit.h"

#include <string.h>

static void emit_entry_arguments(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	if (!fn->n_params && !reads_arguments(e))
		return;
	own_line(e, 1, "if (async__f) {");
	for (int i = 0; i < fn->n_params; i++)
		if (fn->vars.at[i]->name[0]) /* else nobody can read it */
			emit_store(e, fn->callee->params[i], 2, "async__f", fn->callee->param_names[i], fn->vars.at[i]->name);
	if (reads_arguments(e))
		own_line(e, 2, "async__f->async__arguments = &async__arguments;");
	own_line(e, 1, "}");
	if (reads_arguments(e))
		own_line(e, 1, "__builtin_va_start(async__arguments, %s);",
			 fn->n_params && fn->vars.at[fn->n_params - 1]->name[0] ? fn->vars.at[fn->n_params - 1]->name : "0");
}

static bool is_hidden_by_parameter(const struct async_fn *fn)
{
	for (int i = 0; i < fn->n_params; i++)
		if (strcmp(fn->vars.at[i]->name, fn->name) == 0)
			return true;
	return false;
}

/* The user's text up to the body. */
static void emit_signature(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	output_user(e->output, e->unit->source, fn->span.start);
	emit_as_written(e, fn->span.start, fn->body.start);
}

/* Awaited through a pointer, it is asked to start for the one that awaits it. */
static bool starts_from_entry(const struct async_fn *fn)
{
	for (int i = 0; i < fn->n_params; i++)
		if (!fn->vars.at[i]->name[0])
			return false;
	return has_start(fn->callee) && !fn->callee->is_noreturn;
}

/* The name of its type may be a parameter's there. */
static const char *result_variable(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	for (int i = 0; i < fn->n_params; i++)
		if (index_get(&e->unit->type_names, fn->vars.at[i]->name))
			return "__typeof__(async__f->result) async__result";
	return declare(e->unit, fn->callee->result, "async__result");
}

static void emit_start_from_entry(struct emitter *e, bool hidden)
{
	struct async_fn *fn = e->fn;
	bool is_void = fn->callee->result->kind == TYPE_VOID;
	own_line(e, 1, "struct %s__frame *async__f;", fn->name);
	if (!is_void)
		own_line(e, 1, "%s;", result_variable(e));
	if (hidden)
		own_line(e, 1, "if (%s__asked()) { /* awaited through a pointer */", fn->name);
	else
		own_line(e, 1, "if (async__asked((void (*)(void))%s)) { /* awaited through a pointer */", entry_name(e->unit, fn));
	own_line(e, 2, "struct %s__outcome async__outcome = %s__start(", fn->name, fn->name);
	for (int i = 0; i < fn->n_params; i++)
		output_printf(e->output, "%s%s", i ? ", " : "", fn->vars.at[i]->name);
	output_printf(e->output, ");");
	own_line(e, 2, "async__self.answer = async__outcome.status;");
	if (!is_void) {
		own_line(e, 2, "if (async__outcome.status != ASYNC_DONE)");
		own_line(e, 3, "__builtin_memset(&async__outcome.result, 0, sizeof async__outcome.result);");
	}
	own_line(e, 2, is_void ? "return;" : "return async__outcome.result;");
	own_line(e, 1, "}");
}

void emit_prototype(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	const char *text = e->unit->source->text;
	unsigned end = fn->body.start;
	while (end > fn->span.start && strchr(" \t\r\n", text[end - 1]))
		end--;
	output_user(e->output, e->unit->source, fn->span.start);
	emit_as_written(e, fn->span.start, end);
	output_printf(e->output, ";");
}

/* The function itself, as ordinary C calls it: the user's own signature. */
static void emit_entry_function(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	bool is_void = fn->callee->result->kind == TYPE_VOID;
	bool is_main = strcmp(fn->name, "main") == 0;
	const char *name = entry_name(e->unit, fn);
	own_line(e, 0, "/* %s for ordinary C: blocks until it is done. */", fn->name);
	if (fn->callee->is_deprecated) {
		own_line(e, 0, "#pragma GCC diagnostic push");
		own_line(e, 0, "#pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"");
	}
	bool hidden = is_hidden_by_parameter(fn), can_start = starts_from_entry(fn);
	if (hidden) { /* its own name means the parameter inside of it */
		emit_prototype(e);
		own_line(e, 0, "static void *%s__entry(void)", fn->name);
		own_line(e, 0, "{");
		own_line(e, 1, "return async__entry(&%s__async, (void (*)(void))%s);", fn->name, name);
		own_line(e, 0, "}");
		if (can_start) {
			own_line(e, 0, "static _Bool %s__asked(void)", fn->name);
			own_line(e, 0, "{");
			own_line(e, 1, "return async__asked((void (*)(void))%s);", name);
			own_line(e, 0, "}");
		}
	}
	if (fn->callee->is_static)
		own_line(e, 0, "__attribute__((unused))");
	emit_signature(e);
	own_line(e, 0, "{");
	if (can_start)
		emit_start_from_entry(e, hidden);
	if (is_main)
		own_line(e, 1, "struct main__frame *async__f = async__entry_main(&main__async);");
	else if (can_start && hidden)
		own_line(e, 1, "async__f = %s__entry();", fn->name);
	else if (can_start)
		own_line(e, 1, "async__f = async__entry(&%s__async, (void (*)(void))%s);", fn->name, name);
	else if (hidden)
		own_line(e, 1, "struct %s__frame *async__f = %s__entry();", fn->name, fn->name);
	else
		own_line(e, 1, "struct %s__frame *async__f = async__entry(&%s__async, (void (*)(void))%s);", fn->name, fn->name, name);
	if (!is_void && !is_main && !can_start)
		own_line(e, 1, "%s;", result_variable(e));
	if (reads_arguments(e))
		own_line(e, 1, "__builtin_va_list async__arguments;");
	if (!is_void && !is_main && !can_start) /* it is returned though there is none, if an await through a pointer suspends */
		own_line(e, 1, "__builtin_memset((void *)&async__result, 0, sizeof async__result);");
	emit_entry_arguments(e);
	if (is_main)
		own_line(e, 1, "return async__entry_main_run(async__f);");
	else
		own_line(e, 1, "async__entry_run(async__f, %s);", is_void ? "NULL, 0" : "&async__result, sizeof async__result");
	if (reads_arguments(e))
		own_line(e, 1, "__builtin_va_end(async__arguments);");
	if (fn->callee->is_noreturn)
		own_line(e, 1, "async__came_back(&%s__async);", fn->name);
	else if (!is_void && !is_main)
		own_line(e, 1, "return async__result;");
	own_line(e, 0, "}");
	if (fn->callee->is_deprecated)
		own_line(e, 0, "#pragma GCC diagnostic pop");
}

/* A result with const members has no value when it is declared. */
void emit_entry(struct emitter *e)
{
	const struct type *result = e->fn->callee->result;
	bool is_const = result && result->is_unassignable;
	if (is_const)
		own_line(e, 0, "ASYNC_GENERATED_BEGIN");
	emit_entry_function(e);
	if (is_const)
		own_line(e, 0, "ASYNC_GENERATED_END");
}
