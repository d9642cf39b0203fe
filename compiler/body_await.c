/* body_await.c: await points as text: start the callee, save and return if it suspends, take the result. */
#include "emit.h"

#include <string.h>

static const char *field_of(struct emitter *e, const char *name)
{
	return arena_printf(e->unit->arena, "%s->%s", e->fn->frame_name, name);
}

/* Where it stands while it is suspended there. */
static const char *point_of(struct emitter *e, const struct await_point *await)
{
	return arena_printf(e->unit->arena, "&%s__points[%s_at_%s]", e->fn->name, e->fn->name, await->label->name);
}

/* Where it goes on: what the callee's frame has to know.  Who waits for something that has no frame has said so already. */
static void emit_return_point(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *f = e->fn->frame_name, *point = point_of(e, await);
	if (await->embedded && !await->started)
		say_own_line(e, op, 1, "%s->%s.base.caller_at = %s;", f, await->callee->name, point);
	else if (await->callee_frame)
		say_own_line(e, op, 1, "async__return_to(&%s->base, &%s->base, %s);", await->callee_frame->out, f, point);
	else if (await->forwards)
		say_own_line(e, op, 1, "if (%s)", f);
	if (await->started || await->kind == AWAIT_POINTER)
		say_own_line(e, op, 1 + await->forwards, "async__await_suspended(&%s->base, %s);", f, point);
}

static void emit_saves(struct emitter *e, const struct op *op, int deeper)
{
	const struct await_point *await = op->await;
	for (int i = 0; i < await->saves.n; i++)
		say_own_line(e, op, deeper, "%s->%s = %s;", e->fn->frame_name, await->saves.at[i]->field, await->saves.at[i]->out);
}

/* The function returns, but its frame has not ended. */
static void emit_keep_scopes(struct emitter *e, const struct op *op, int deeper)
{
	if (any_poisoned(e->fn))
		say_own_line(e, op, deeper, "async__keep_scopes();");
}

static void emit_suspension(struct emitter *e, const struct op *op)
{
	say_own_line(e, op, 0, "if (%s == ASYNC_SUSPENDED) {", e->fn->status_name);
	emit_return_point(e, op);
	emit_saves(e, op, 1);
	emit_keep_scopes(e, op, 1);
	say_own_line(e, op, 1, "return ASYNC_SUSPENDED;");
	say_own_line(e, op, 0, "}");
	emit_label(e, op, op->await->label->name, "");
}

static void emit_failure(struct emitter *e, const struct op *op, const char *before)
{
	const struct await_point *await = op->await;
	struct place place = source_place(e->unit->source, await->span.start);
	say_own_line(e, op, 0, "if (%s == ASYNC_FAILED) {", e->fn->status_name);
	if (before)
		say_own_line(e, op, 1, "%s", before);
	say_own_line(e, op, 1, "%sasync__trace(&%s__async, %u);", await->on_error ? "" : "return ", e->fn->name, place.line);
	if (await->on_error)
		say_own_line(e, op, 1, "goto %s;", await->on_error->name);
	say_own_line(e, op, 0, "}");
}

static void emit_arguments(struct emitter *e, const struct op *op, const char *callee_frame, int deeper)
{
	const struct await_point *await = op->await;
	for (int i = 0; i < await->callee->n_params; i++) {
		const struct type *type = await->callee->params[i];
		const char *target = arena_printf(e->unit->arena, "%s%s", callee_frame, await->callee->param_names[i]);
		begin_own_with(e, op, deeper, &await->args[i], 1);
		if (type->is_unassignable)
			output_printf(e->output, "__builtin_memcpy(&%s, (%s[1]){ ", target, declare(e->unit, type, ""));
		else
			output_printf(e->output, "%s = ", target);
		emit_rope(e, &await->args[i]);
		if (type->is_unassignable)
			output_printf(e->output, " }, sizeof %s)", target);
		output_printf(e->output, ";");
	}
}

/* status = start(&FRAMEbase, points); */
static void emit_start(struct emitter *e, const struct op *op, const char *callee_frame, const char *points, int deeper)
{
	const struct await_point *await = op->await;
	const struct callee *callee = await->callee;
	const char *start = callee->is_variadic ? "async__start_variadic" : begins_at_once(callee) ? "async__start_at_once" : "async__start";
	begin_own(e, op, deeper);
	output_printf(e->output, "%s = %s(&%sbase, %s", e->fn->status_name, start, callee_frame, points);
	if (callee->is_variadic)
		output_printf(e->output, ", &%sasync__arguments", callee_frame);
	for (int i = callee->n_params; i < await->n_args; i++) {
		output_printf(e->output, ", ");
		emit_rope(e, &await->args[i]);
	}
	output_printf(e->output, ");");
}

static void say_result(struct emitter *e, const struct op *op, int deeper, const char *from)
{
	const struct var *result = op->await->result;
	if (result->type->is_unassignable)
		say_own_line(e, op, deeper, "__builtin_memcpy(&%s, &%s, sizeof %s);", result->out, from, result->out);
	else
		say_own_line(e, op, deeper, "%s = %s;", result->out, from);
}

/* The callee's frame is a member of ours. */
static void emit_embedded_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *name = await->callee->name, *frame = field_of(e, name);
	emit_arguments(e, op, arena_printf(e->unit->arena, "%s.", frame), 0);
	emit_start(e, op, arena_printf(e->unit->arena, "%s.", frame), arena_printf(e->unit->arena, "%s__points", name), 0);
	emit_suspension(e, op);
	emit_failure(e, op, NULL);
	if (await->result)
		say_result(e, op, 0, arena_printf(e->unit->arena, "%s.result", frame));
}

static void emit_argument_list(struct emitter *e, const struct await_point *await)
{
	for (int i = 0; i < await->n_args; i++) {
		output_printf(e->output, "%s", i ? ", " : "");
		emit_rope(e, &await->args[i]);
	}
	output_printf(e->output, ");");
}

/* The callee has us wait for what it waits for. */
static void emit_frameless_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	begin_own_with(e, op, 0, await->args, await->n_args);
	output_printf(e->output, "%s = %s__await(&%s->base, %s%s", e->fn->status_name, await->callee->name, e->fn->frame_name, point_of(e, await),
		      await->n_args ? ", " : "");
	emit_argument_list(e, await);
	emit_suspension(e, op);
	emit_failure(e, op, NULL);
}

/* The callee's frame takes the place of ours: what was ours is not looked at any more. */
static void emit_call_that_takes_over(struct emitter *e, const struct op *op)
{
	const struct async_fn *fn = e->fn;
	const struct await_point *await = op->await;
	const char *name = await->callee->name, *status = fn->status_name;
	bool is_own = await->callee == fn->callee;
	const char *frame = is_own ? arena_printf(e->unit->arena, "%s->", fn->frame_name)
				   : arena_printf(e->unit->arena, "%s->%s.", fn->frame_name, name);
	struct place place = source_place(e->unit->source, await->span.start);
	emit_arguments(e, op, frame, 0);
	emit_start(e, op, frame, arena_printf(e->unit->arena, "%s__points", name), 0);
	if (fn->begins == BEGINS_WITHOUT && await->wants_result) {
		say_own_line(e, op, 0, "if (%s == ASYNC_DONE)", status);
		say_own_line(e, op, 1, "*async__result = %sresult;", frame);
	}
	say_own_line(e, op, 0, "return %s == ASYNC_FAILED ? async__trace(&%s__async, %u) : %s;", status, fn->name, place.line, status);
}

/* The callee sees to its frame, if it needs one. */
static void emit_started_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *outcome = await->outcome->out;
	begin_own_with(e, op, 0, await->args, await->n_args);
	output_printf(e->output, "%s = %s__start(", outcome, await->callee->name);
	emit_argument_list(e, await);
	say_own_line(e, op, 0, "%s = %s.status;", e->fn->status_name, outcome);
	if (!await->plain)
		emit_suspension(e, op);
	emit_failure(e, op, NULL);
	if (await->result)
		say_result(e, op, 0, arena_printf(e->unit->arena, "%s.result", outcome));
}

/* The callee's frame comes from the task's arena: one by hand. */
static void emit_pushed_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *frame = await->callee_frame->out;
	say_own_line(e, op, 0, "%s = async__push_frame(&%s__async);", frame, await->callee->name);
	say_own_line(e, op, 0, "%s = ASYNC_FAILED;", e->fn->status_name);
	say_own_line(e, op, 0, "if (%s) {", frame);
	emit_arguments(e, op, arena_printf(e->unit->arena, "%s->", frame), 1);
	emit_start(e, op, arena_printf(e->unit->arena, "%s->", frame), arena_printf(e->unit->arena, "%s__async.points", await->callee->name), 1);
	say_own_line(e, op, 0, "}");
	emit_suspension(e, op);
	emit_failure(e, op, arena_printf(e->unit->arena, "async__pop_frame(%s);", frame));
	if (await->result)
		say_result(e, op, 0, arena_printf(e->unit->arena, "%s->result", frame));
	say_own_line(e, op, 0, "async__pop_frame(%s);", frame);
}

/* Whatever the pointer leads to: an async function starts for us, any other does its work. */
static void emit_pointer_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	begin_own(e, op, 0);
	output_printf(e->output, "async__request((void (*)(void))");
	emit_rope(e, &await->target);
	output_printf(e->output, ", 1);");
	begin_own_with(e, op, 0, await->args, await->n_args);
	if (await->result)
		output_printf(e->output, "%s = ", await->result->out);
	emit_rope(e, &await->target);
	output_printf(e->output, "(");
	for (int i = 0; i < await->n_args; i++) {
		output_printf(e->output, "%s", i ? ", " : "");
		emit_rope(e, &await->args[i]);
	}
	output_printf(e->output, ");");
	say_own_line(e, op, 0, "%s = async__answered();", e->fn->status_name);
	emit_suspension(e, op);
	emit_failure(e, op, NULL);
}

static void emit_target(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	if (!await->handle)
		return;
	begin_own_with(e, op, 0, &await->target, 1);
	output_printf(e->output, "%s = ", await->handle->out);
	emit_rope(e, &await->target);
	output_printf(e->output, ";");
}

static void emit_handle_await(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *status = e->fn->status_name;
	emit_target(e, op);
	say_own_line(e, op, 0, "%s = async__await(&%s->base, %s, ", status, e->fn->frame_name, point_of(e, await));
	emit_rope(e, &await->again);
	output_printf(e->output, ");");
	emit_suspension(e, op);
	say_own_line(e, op, 0, "%s = async__await_end(", status);
	emit_rope(e, &await->again);
	if (await->result)
		output_printf(e->output, ", %s, &%s, sizeof %s);", status, await->result->out, await->result->out);
	else
		output_printf(e->output, ", %s, NULL, 0);", status);
	emit_failure(e, op, NULL);
}

/* A user's object is asked again after every wake-up. */
static void emit_object_await(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *status = e->fn->status_name;
	const char *result = await->result ? arena_printf(e->unit->arena, "&%s", await->result->out) : "NULL";
	emit_target(e, op);
	emit_label(e, op, await->again_label, "");
	say_own_line(e, op, 0, "%s = async__await_object%s(&%s->base, %s, ", status, await->step.n ? "_by" : "", e->fn->frame_name, point_of(e, await));
	emit_rope(e, &await->again);
	output_printf(e->output, "%s", await->step.n ? ", " : "");
	emit_rope(e, &await->step);
	output_printf(e->output, ", %s);", result);
	emit_suspension(e, op);
	emit_failure(e, op, NULL);
}

/* It suspends in any case: the code after it is reached from the dispatch alone. */
static void emit_yield(struct emitter *e, const struct op *op)
{
	emit_saves(e, op, 0);
	emit_keep_scopes(e, op, 0);
	say_own_line(e, op, 0, "return async__yield(&%s->base, %s);", e->fn->frame_name, point_of(e, op->await));
	emit_label(e, op, op->await->label->name, "");
	emit_failure(e, op, NULL);
}

void emit_await(struct emitter *e, const struct op *op)
{
	if (!op->await->plain)
		emit_frame_if_none(e, op);
	switch (op->await->kind) {
	case AWAIT_CALL:
		if (op->await->takes_over)
			emit_call_that_takes_over(e, op);
		else if (op->await->started)
			emit_started_call(e, op);
		else if (op->await->embedded)
			emit_embedded_call(e, op);
		else if (op->await->frameless)
			emit_frameless_call(e, op);
		else
			emit_pushed_call(e, op);
		break;
	case AWAIT_POINTER: emit_pointer_call(e, op); break;
	case AWAIT_HANDLE: emit_handle_await(e, op); break;
	case AWAIT_OBJECT: emit_object_await(e, op); break;
	case AWAIT_YIELD: emit_yield(e, op); break;
	}
}
