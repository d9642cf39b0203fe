/* emit_resume.c: the code of an async function: its resume function, its start, and what these two share.
 * Normally all of it is the resume function, and NAME__start makes a frame for it.  A function that begins plainly or without a
 * frame is NAME__run: a C function with its parameters, which the other two call. */
#include "emit.h"

#include <string.h>

/* A C local at the top of the resume function, if anything in the body uses it. */
static bool is_used(const struct async_fn *fn, const struct var *var)
{
	bool is_blocks_own = !var->is_temp && is_named_in_a_head(var);
	int mentions = is_blocks_own ? -1 : 0; /* its declaration is one, but none that is printed */
	if (!var->is_param && !is_blocks_own)
		return true;
	for (int i = 0; i < fn->refs.n; i++)
		mentions += fn->refs.at[i].var == var;
	return mentions > 0;
}

/* Has it to find a result in a frame that was pushed? */
static bool takes_results(const struct async_fn *fn)
{
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		if (await->wants_result && !await->plain && !await->takes_over && (await->outcome || await->kind == AWAIT_POINTER))
			return true;
	}
	return false;
}

static void emit_locals(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	for (int i = 0; i < fn->vars.n; i++) {
		const struct var *var = fn->vars.at[i];
		bool is_argument = var->is_param && fn->begins != BEGINS_IN_A_FRAME;
		if (var->place != PLACE_LOCAL || is_argument || !is_used(fn, var))
			continue;
		own_line(e, 1, "%s;", declare_var(e->unit, var, var->out));
	}
	if (takes_results(fn))
		own_line(e, 1, "void *async__callee;");
}

/* What was awaited has ended after a suspension: its frame was pushed, and is the latest one now. */
static void emit_take(struct emitter *e, const struct await_point *await)
{
	const struct var *target = await->outcome ? await->outcome : await->result;
	if (!await->outcome && await->kind != AWAIT_POINTER)
		return;
	if (await->wants_result) {
		own_line(e, 2, "async__callee = async__pushed_frame();");
		const char *type = await->outcome ? arena_printf(e->unit->arena, "struct %s__call", await->callee->name)
						  : arena_printf(e->unit->arena, "struct %s__pointer_%d", e->fn->name, await->number);
		own_line(e, 2, "if (%s == ASYNC_DONE)", e->fn->status_name);
		if (target->type && target->type->is_unassignable)
			own_line(e, 3, "__builtin_memcpy(&%s, &((%s *)async__callee)->result, sizeof %s);", target->out, type, target->out);
		else
			own_line(e, 3, "%s%s = ((%s *)async__callee)->result;", target->out, await->outcome ? ".result" : "", type);
		own_line(e, 2, "else /* gcc does not see that nobody reads it */");
		own_line(e, 3, "__builtin_memset(&%s%s, 0, sizeof %s%s);", target->out, await->outcome ? ".result" : "", target->out,
			 await->outcome ? ".result" : "");
	}
	own_line(e, 2, "async__pop_frame(%s);", await->wants_result ? "async__callee" : "async__pushed_frame()");
}

static void emit_dispatch(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	if (!is_resumed(fn))
		return;
	own_line(e, 1, "switch (async__at->state) {");
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		if (await->plain || await->takes_over)
			continue;
		own_line(e, 1, "case %s_at_%s:", fn->name, await->label->name);
		for (int j = 0; j < await->live.n; j++) {
			const struct var *var = await->live.at[j];
			if (var->place == PLACE_LOCAL)
				own_line(e, 2, "%s = %s->%s;", var->out, fn->frame_name, var->field);
		}
		emit_take(e, await);
		if (await->again_label)
			own_line(e, 2, "if (%s != ASYNC_FAILED)", fn->status_name);
		if (await->again_label)
			own_line(e, 3, "goto %s;", await->again_label);
		own_line(e, 2, "goto %s;", await->label->name);
	}
	own_line(e, 1, "}");
}

static bool says_status(const struct async_fn *fn)
{
	for (int i = 0; i < fn->ops.n; i++) {
		const struct op *op = &fn->ops.at[i];
		if (op->kind == OP_AWAIT)
			return true;
		for (int j = 0; op->kind == OP_TEXT && j < op->rope.n; j++)
			if (op->rope.at[j].kind == CHUNK_TEXT && strstr(op->rope.at[j].text, fn->status_name))
				return true;
	}
	return false;
}

static void emit_parameter_loads(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	for (int i = 0; i < fn->n_params; i++) {
		const struct var *var = fn->vars.at[i];
		if (var->place == PLACE_LOCAL && is_used(fn, var))
			own_line(e, 1, "%s = %s->%s;", var->out, fn->frame_name, var->field);
	}
}

/* ---- the body, and around it the function that it is in ---- */

static void emit_head(struct emitter *e, const char *before, const char *name, const char *parameters)
{
	if (e->fn->resume_attributes[0])
		own_line(e, 0, "__attribute__((%s))", e->fn->resume_attributes);
	own_line(e, 0, "%s%s__%s(%s)", before, e->fn->name, name, parameters);
	own_line(e, 0, "{");
}

/* From its declarations to its end. */
static void emit_code(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	const char *f = fn->frame_name;
	emit_locals(e);
	if (says_status(fn) && fn->begins == BEGINS_PLAINLY) /* otherwise it is a parameter */
		own_line(e, 1, "async_status %s = ASYNC_DONE;", fn->status_name);
	if (says_status(fn) ? !suspends(fn) : fn->begins != BEGINS_PLAINLY)
		own_line(e, 1, "(void)%s;", fn->status_name); /* at most an error sets it */
	if (fn->begins != BEGINS_PLAINLY)
		own_line(e, 1, "(void)%s;", f);
	if (fn->begins != BEGINS_PLAINLY && !is_resumed(fn))
		own_line(e, 1, "(void)async__at;");
	if (any_poisoned(fn))
		own_line(e, 1, "async__guard_scopes(%s);", f);
	emit_dispatch(e);
	if (fn->begins == BEGINS_IN_A_FRAME)
		emit_parameter_loads(e);
	if (fn->is_adopted && !fn->callee->is_inline)
		own_line(e, 1, "(void)%s; /* stays for ordinary C */", fn->name);
	emit_body(e);
	if (!fn->falls_off)
		return;
	if (strcmp(fn->name, "main") == 0)
		own_line(e, 1, "%s->result = 0;", f);
	own_line(e, 1, "return ASYNC_DONE;");
}

static const char *resume_parameters(struct emitter *e)
{
	return arena_printf(e->unit->arena, "async_frame *async__base, async_status %s, const async_point *async__at", e->fn->status_name);
}

static void emit_resume_in_frame(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	emit_head(e, "static async_status ", "resume", resume_parameters(e));
	own_line(e, 1, "struct %s__frame *%s = (struct %s__frame *)async__base;", fn->name, fn->frame_name, fn->name);
	emit_code(e);
	own_line(e, 0, "}");
}

/* ---- NAME__run ---- */

static const char *run_parameters(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	struct text text = {0};
	if (fn->begins == BEGINS_WITHOUT)
		text_printf(&text, "struct %s__frame **async__made, async_status %s, const async_point *async__at", fn->name, fn->status_name);
	if (fn->callee->result->kind != TYPE_VOID) {
		struct type result = *fn->callee->result, pointer = {.kind = TYPE_POINTER, .to = &result};
		text_printf(&text, "%s%s", text.size ? ", " : "", declare(e->unit, &pointer, "async__result"));
	}
	for (int i = 0; i < fn->n_params; i++)
		text_printf(&text, "%s%s", text.size ? ", " : "", declare(e->unit, fn->callee->params[i], fn->vars.at[i]->out));
	const char *parameters = text.size ? arena_copy(e->unit->arena, text.data, text.size) : "void";
	text_finish(&text);
	return parameters;
}

/* It only ever fails, if not. */
static bool has_result(const struct async_fn *fn)
{
	for (int i = 0; i < fn->ops.n; i++)
		for (int j = 0; j < fn->ops.at[i].rope.n; j++)
			if (fn->ops.at[i].rope.at[j].kind == CHUNK_RESULT)
				return true;
	return false;
}

static void emit_run(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	bool without = fn->begins == BEGINS_WITHOUT, inlines = !fn->resume_attributes[0];
	if (without)
		own_line(e, 0, "/* %s from its beginning, where there is no frame yet, or from where its frame stands. */", fn->name);
	emit_head(e, without ? "static inline __attribute__((always_inline)) async_status " : inlines ? "static inline async_status "
													: "static async_status ",
		  "run", run_parameters(e));
	if (without)
		own_line(e, 1, "struct %s__frame *%s = *async__made;", fn->name, fn->frame_name);
	for (int i = 0; i < fn->n_params; i++)
		if (!is_used(fn, fn->vars.at[i]))
			own_line(e, 1, "(void)%s;", fn->vars.at[i]->out);
	if (fn->callee->result->kind != TYPE_VOID && !has_result(fn))
		own_line(e, 1, "(void)async__result;");
	emit_code(e);
	own_line(e, 0, "}");
}

static void emit_resume_of_run(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	const char *separator = "";
	emit_head(e, "static async_status ", "resume", resume_parameters(e));
	own_line(e, 1, "struct %s__frame *async__f = (struct %s__frame *)async__base;", fn->name, fn->name);
	own_line(e, 1, "(void)async__f;");
	if (fn->begins == BEGINS_PLAINLY) {
		own_line(e, 1, "(void)%s;", fn->status_name);
		own_line(e, 1, "(void)async__at;");
	}
	own_line(e, 1, "return %s__run(", fn->name);
	if (fn->begins == BEGINS_WITHOUT) {
		output_printf(e->output, "&async__f, %s, async__at", fn->status_name);
		separator = ", ";
	}
	if (fn->callee->result->kind != TYPE_VOID) {
		output_printf(e->output, "%s&async__f->result", separator);
		separator = ", ";
	}
	for (int i = 0; i < fn->n_params; i++) {
		output_printf(e->output, "%sasync__f->%s", separator, fn->callee->param_names[i]);
		separator = ", ";
	}
	output_printf(e->output, ");");
	own_line(e, 0, "}");
}

/* ---- NAME__start ---- */

/* What has been pushed, if it has, gets the arguments and begins, now or later. */
static void emit_begin(struct emitter *e, int deeper, const char *begin)
{
	const struct callee *callee = e->fn->callee;
	own_line(e, deeper, "async__outcome.status = ASYNC_FAILED;");
	own_line(e, deeper, "if (!async__f)");
	own_line(e, deeper + 1, "return async__outcome;");
	for (int i = 0; i < callee->n_params; i++)
		emit_store(e, callee->params[i], deeper, "async__f", callee->param_names[i], callee->param_names[i]);
	own_line(e, deeper, "async__outcome.status = %s(&async__f->base, %s__points);", begin, callee->name);
}

static void emit_start_in_frame(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	own_line(e, 1, "struct %s__frame *async__f = async__push_frame(&%s__async);", fn->name, fn->name);
	own_line(e, 1, "struct %s__outcome async__outcome;", fn->name);
	emit_begin(e, 1, "async__start");
	own_line(e, 1, "if (async__outcome.status == ASYNC_SUSPENDED) {");
	own_line(e, 2, "async__suspend(&async__f->base);");
	own_line(e, 2, "return async__outcome;");
	own_line(e, 1, "}");
	if (fn->callee->result->kind != TYPE_VOID) {
		own_line(e, 1, "if (async__outcome.status == ASYNC_DONE)");
		own_line(e, 2, "async__outcome.result = async__f->result;");
	}
	own_line(e, 1, "async__pop_frame(async__f);");
}

static void emit_call_of_run(struct emitter *e, const char *arguments)
{
	const struct callee *callee = e->fn->callee;
	const char *separator = arguments[0] ? ", " : "";
	own_line(e, 1, "async__outcome.status = %s__run(%s", callee->name, arguments);
	if (callee->result->kind != TYPE_VOID) {
		output_printf(e->output, "%s&async__outcome.result", separator);
		separator = ", ";
	}
	for (int i = 0; i < callee->n_params; i++) {
		output_printf(e->output, "%s%s", separator, callee->param_names[i]);
		separator = ", ";
	}
	output_printf(e->output, ");");
}

static void emit_start_plainly(struct emitter *e)
{
	own_line(e, 1, "struct %s__outcome async__outcome;", e->fn->name);
	emit_call_of_run(e, "");
}

static void emit_start_without(struct emitter *e)
{
	const struct async_fn *fn = e->fn;
	own_line(e, 1, "struct %s__frame *async__f = NULL;", fn->name);
	own_line(e, 1, "struct %s__outcome async__outcome;", fn->name);
	own_line(e, 1, "if (async__stack_is_low()) {");
	own_line(e, 2, "async__f = async__push_frame(&%s__async);", fn->name);
	emit_begin(e, 2, "async__defer");
	own_line(e, 2, "async__suspend(&async__f->base);");
	own_line(e, 2, "return async__outcome;");
	own_line(e, 1, "}");
	emit_call_of_run(e, arena_printf(e->unit->arena, "&async__f, ASYNC_DONE, %s__points", fn->name));
	own_line(e, 1, "if (async__f) {");
	own_line(e, 2, "if (async__outcome.status == ASYNC_SUSPENDED)");
	own_line(e, 3, "async__suspend(&async__f->base);");
	own_line(e, 2, "else");
	own_line(e, 3, "async__pop_frame(async__f);");
	own_line(e, 1, "}");
}

static void emit_start(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	emit_start_declaration(e, fn->callee, true);
	if (fn->callee->is_static)
		own_line(e, 0, "__attribute__((unused))");
	if (fn->resume_attributes[0])
		own_line(e, 0, "__attribute__((%s))", fn->resume_attributes);
	own_line(e, 0, "%s", start_signature(e, fn->callee));
	own_line(e, 0, "{");
	if (fn->begins == BEGINS_PLAINLY)
		emit_start_plainly(e);
	else if (fn->begins == BEGINS_WITHOUT)
		emit_start_without(e);
	else
		emit_start_in_frame(e);
	own_line(e, 1, "return async__outcome;");
	own_line(e, 0, "}");
}

void emit_resume(struct emitter *e)
{
	if (e->fn->begins == BEGINS_IN_A_FRAME) {
		emit_resume_in_frame(e);
	} else {
		emit_run(e);
		emit_resume_of_run(e);
	}
	if (has_start(e->fn->callee))
		emit_start(e);
}

/* The resume function reads all parameters, needed or not, and they have to have a value for that; but to store a pointer that
 * was freed meanwhile draws gcc's warning, and reading any old pointer does no harm. */
static bool is_read_again(const struct await_point *await, const struct var *param)
{
	bool live = param->type->kind != TYPE_POINTER;
	for (int i = 0; i < await->live.n; i++)
		live |= await->live.at[i] == param;
	return live;
}

void emit_frame_if_none(struct emitter *e, const struct op *op)
{
	const struct async_fn *fn = e->fn;
	const char *f = fn->frame_name;
	if (fn->begins != BEGINS_WITHOUT || !op->await->may_be_first || op->await->forwards)
		return;
	say_own_line(e, op, 0, "if (!%s) {", f);
	say_own_line(e, op, 1, "%s = *async__made = async__push_frame(&%s__async);", f, fn->name);
	say_own_line(e, op, 1, "if (!%s)", f);
	say_own_line(e, op, 2, "return ASYNC_FAILED;");
	for (int i = 0; i < fn->n_params; i++)
		if (is_read_again(op->await, fn->vars.at[i]))
			say_own_line(e, op, 1, "%s->%s = %s;", f, fn->vars.at[i]->field, fn->vars.at[i]->out);
	say_own_line(e, op, 0, "}");
}
