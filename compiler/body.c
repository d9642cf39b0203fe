/* body.c: the ops of a function as text.  Needs every variable placed. */
#include "emit.h"

#include <string.h>

void own_line(struct emitter *e, int deeper, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *line = arena_alloc(e->unit->arena, size + 1);
	va_start(args, format);
	vsnprintf(line, size + 1, format, args);
	va_end(args);
	output_own(e->output, (struct span){0, 0}, deeper, e->unit->source);
	output_text(e->output, line, size);
}

/* ---- ropes ---- */

/* The first edit at or after offset. */
static int first_edit(const struct async_fn *fn, unsigned offset)
{
	int low = 0, high = fn->edits.n;
	while (low < high) {
		int middle = (low + high) / 2;
		if (fn->edits.at[middle].at < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void emit_edited(struct emitter *e, struct span span, bool in_body)
{
	const char *text = e->unit->source->text;
	unsigned at = span.start;
	for (int i = first_edit(e->fn, span.start); i < e->fn->edits.n && e->fn->edits.at[i].at < span.end; i++) {
		const struct edit *edit = &e->fn->edits.at[i];
		if (edit->at < at || (edit->in_body_only && !in_body))
			continue;
		output_text(e->output, text + at, edit->at - at);
		output_printf(e->output, "%s", edit->text);
		at = edit->at + edit->size;
	}
	if (at < span.end)
		output_text(e->output, text + at, span.end - at);
}

/* The user's text, its variables called by the names they have here. */
static void emit_span(struct emitter *e, struct span span)
{
	emit_edited(e, span, true);
}

void emit_type_moves(struct emitter *e)
{
	for (int i = 0; i < e->fn->type_moves.n; i++) {
		const struct type_move *move = &e->fn->type_moves.at[i];
		if (!move->type || !move->type->hoisted)
			continue;
		output_user(e->output, e->unit->source, move->span.start);
		emit_edited(e, move->span, false);
		if (!move->is_whole)
			output_printf(e->output, ";");
	}
}

static void emit_rope(struct emitter *e, const struct rope *rope)
{
	for (int i = 0; i < rope->n; i++) {
		const struct chunk *chunk = &rope->at[i];
		switch (chunk->kind) {
		case CHUNK_SPAN:
			emit_span(e, chunk->span);
			break;
		case CHUNK_TEXT:
			output_text(e->output, chunk->text, strlen(chunk->text));
			break;
		case CHUNK_VAR:
			output_printf(e->output, "%s", chunk->var->out);
			break;
		}
	}
}

static struct span indent_of(struct emitter *e, const struct node *node)
{
	return source_indent(e->unit->source, node->span.start);
}

/* A line of ours, indented like the statement the op comes from. */
static void begin_own(struct emitter *e, const struct op *op, int deeper)
{
	e->in_user_text = false;
	e->blank = (struct span){0, 0};
	output_own(e->output, indent_of(e, op->node), op->deeper + deeper, e->unit->source);
}

/* One level further out than the statements after it. */
static void emit_label(struct emitter *e, const struct op *op, const char *after)
{
	struct span indent = indent_of(e, op->node);
	int deeper = op->deeper;
	if (deeper)
		deeper--;
	else if (indent.end > indent.start && e->unit->source->text[indent.end - 1] == '\t')
		indent.end--;
	else
		indent.end = indent.start;
	begin_own(e, op, 0);
	output_own(e->output, indent, deeper, e->unit->source);
	output_printf(e->output, "%s:%s", op->kind == OP_AWAIT ? op->await->label->name : op->label->name, after);
}

static void say_own(struct emitter *e, const struct op *op, int deeper, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void say_own(struct emitter *e, const struct op *op, int deeper, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *line = arena_alloc(e->unit->arena, size + 1);
	va_start(args, format);
	vsnprintf(line, size + 1, format, args);
	va_end(args);
	begin_own(e, op, deeper);
	output_text(e->output, line, size);
}

/* What follows is on the user's line at the rope's first piece of user text. */
static void begin_user(struct emitter *e, const struct rope *rope)
{
	for (int i = 0; i < rope->n; i++)
		if (rope->at[i].kind == CHUNK_SPAN) {
			output_user(e->output, e->unit->source, rope->at[i].span.start);
			return;
		}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The rope without the blanks it begins with. */
static struct rope skip_blanks(struct emitter *e, const struct rope *rope)
{
	struct rope rest = *rope;
	rest.at = arena_alloc(e->unit->arena, (rope->n + 1) * sizeof *rest.at);
	memcpy(rest.at, rope->at, rope->n * sizeof *rest.at);
	for (; rest.n && rest.at[0].kind == CHUNK_SPAN; rest.at++, rest.n--) {
		struct span *span = &rest.at[0].span;
		while (span->start < span->end && is_blank(e->unit->source->text[span->start]))
			span->start++;
		if (span->start < span->end)
			break;
	}
	return rest;
}

static void flush_blank(struct emitter *e)
{
	if (e->blank.start < e->blank.end) {
		output_user(e->output, e->unit->source, e->blank.start);
		emit_span(e, e->blank);
	}
	e->blank = (struct span){0, 0};
	e->in_user_text = true;
}

/* Blanks of the user's are only of use between other text of the user's. */
static void emit_user_text(struct emitter *e, const struct rope *rope)
{
	struct rope rest = skip_blanks(e, rope);
	if (rest.n == 0) {
		if (e->in_user_text && rope->at[0].kind == CHUNK_SPAN && e->blank.start == e->blank.end)
			e->blank = rope->at[0].span;
		return;
	}
	if (!e->in_user_text)
		rope = &rest;
	flush_blank(e);
	begin_user(e, rope);
	emit_rope(e, rope);
}

static void emit_text(struct emitter *e, const struct op *op)
{
	if (!op->own) {
		emit_user_text(e, &op->rope);
		return;
	}
	begin_own(e, op, 0);
	emit_rope(e, &op->rope);
}

/* ---- declarations ---- */

static bool is_brace_list(const struct node *init)
{
	return init->kind == N_INIT_LIST;
}

/* A literal or braces that can initialise the array as they are. */
static bool is_array_value(const struct node *init)
{
	while (init->kind == N_PAREN || init->kind == N_CONVERSION)
		init = init->kids[0];
	return init->kind == N_INIT_LIST || init->kind == N_COMPOUND_LITERAL;
}

static bool has_qualified_elements(const struct type *type)
{
	while (type->kind == TYPE_ARRAY)
		type = type->to;
	return type->is_volatile || type->is_const;
}

/* The bytes of a literal, where an assignment is not allowed: arrays, const members. */
static void emit_copy(struct emitter *e, struct node *kid, const struct rope *init)
{
	const struct var *var = kid->var;
	const char *type = declare(e->unit, var->type, ""), *cast = has_qualified_elements(var->type) ? "(void *)" : "";
	bool is_array = var->type->kind == TYPE_ARRAY, is_list = is_brace_list(kid->kids[0]);
	bool is_literal = is_array && !is_list && is_array_value(kid->kids[0]);
	output_printf(e->output, "__builtin_memcpy(%s%s%s, %s", cast, is_array ? "" : "&", var->out, cast);
	if (!is_literal)
		output_printf(e->output, "%s(%s%s)%s", !is_array && is_list ? "&" : "", type, is_array || is_list ? "" : "[]",
			      is_list ? "" : "{");
	emit_rope(e, init);
	output_printf(e->output, "%s, sizeof %s)", is_list || is_literal ? "" : "}", var->out);
}

/* `target = init` for any type; an expression. */
static void emit_initialisation(struct emitter *e, struct node *kid, const struct rope *init)
{
	const struct var *var = kid->var;
	const char *type = declare(e->unit, var->type, "");
	if (var->type->kind == TYPE_ARRAY || var->type->is_unassignable) {
		emit_copy(e, kid, init);
		return;
	}
	output_printf(e->output, "%s = ", var->out);
	if (is_brace_list(kid->kids[0]))
		output_printf(e->output, "(%s)", type);
	emit_rope(e, init);
}

/* Type and name of a variable declared apart from its neighbours; an array whose bound the initialiser gives has it. */
static const char *declarator(struct emitter *e, const struct var *var)
{
	return declare_var(e->unit, var, var->out);
}

static bool stays_as_written(const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		const struct node *kid = op->node->kids[i];
		if (kid->kind == N_VAR && (kid->var->place != PLACE_AS_WRITTEN || kid->var->apart))
			return false;
	}
	return op->n_kids == op->node->n_kids;
}

static void emit_declaration_as_written(struct emitter *e, const struct op *op)
{
	output_user(e->output, e->unit->source, op->node->span.start);
	emit_rope(e, &op->rope);
}

static void emit_head_declaration(struct emitter *e, const struct op *op)
{
	bool any = false;
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		struct node *kid = op->node->kids[i];
		if (kid->kind != N_VAR || !kid->n_kids)
			continue;
		if (any)
			output_printf(e->output, ", ");
		any = true;
		emit_initialisation(e, kid, &op->inits[i]);
	}
	output_printf(e->output, ";");
}

static void emit_declarator(struct emitter *e, const struct op *op, struct node *kid, int i)
{
	const struct var *var = kid->var;
	switch (var->place) {
	case PLACE_AS_WRITTEN:
		output_printf(e->output, "%s", declarator(e, var));
		if (kid->n_kids) {
			output_printf(e->output, " = ");
			emit_rope(e, &op->inits[i]);
		}
		output_printf(e->output, ";");
		break;
	case PLACE_SPLIT:
		output_printf(e->output, "%s;", declarator(e, var));
		if (!kid->n_kids)
			break;
		output_printf(e->output, " ");
		/* fall through */
	case PLACE_LOCAL:
	case PLACE_FRAME:
	case PLACE_ELSEWHERE:
		if (kid->n_kids) {
			emit_initialisation(e, kid, &op->inits[i]);
			output_printf(e->output, ";");
		}
		break;
	}
}

static bool emits_something(const struct node *kid)
{
	return kid->n_kids || kid->var->place == PLACE_AS_WRITTEN || kid->var->place == PLACE_SPLIT;
}

/* A type that has moved to file scope. */
static bool has_moved(const struct emitter *e, const struct node *kid)
{
	for (int i = 0; i < e->fn->type_moves.n; i++) {
		const struct type_move *move = &e->fn->type_moves.at[i];
		if (kid->kind == N_OTHER_DECL && move->span.start <= kid->span.start && kid->span.end <= move->span.end &&
		    move->type && move->type->hoisted)
			return true;
	}
	return false;
}

static bool all_have_moved(const struct emitter *e, const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++)
		if (!has_moved(e, op->node->kids[i]))
			return false;
	return true;
}

static bool prints_something(const struct op *op)
{
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++)
		if (op->node->kids[i]->kind != N_VAR || emits_something(op->node->kids[i]))
			return true;
	return false;
}

static void emit_declaration(struct emitter *e, const struct op *op)
{
	if (all_have_moved(e, op))
		return;
	if (!op->in_head && !stays_as_written(op) && !prints_something(op))
		return;
	flush_blank(e);
	if (stays_as_written(op)) {
		emit_declaration_as_written(e, op);
		return;
	}
	if (op->in_head) {
		emit_head_declaration(e, op);
		return;
	}
	bool first = true;
	for (int i = op->first_kid; i < op->first_kid + op->n_kids; i++) {
		struct node *kid = op->node->kids[i];
		if (kid->kind != N_VAR) {
			/* A type that is declared along with the variables. */
			if (has_moved(e, kid))
				continue;
			output_user(e->output, e->unit->source, kid->span.start);
			emit_span(e, kid->span);
			output_printf(e->output, ";");
			continue;
		}
		if (!emits_something(kid))
			continue;
		output_user(e->output, e->unit->source, first ? op->node->span.start : kid->span.start);
		if (!first)
			output_printf(e->output, " ");
		first = false;
		emit_declarator(e, op, kid, i);
	}
}

/* ---- awaits ---- */

static const char *field_of(struct emitter *e, const char *name)
{
	return arena_printf(e->unit->arena, "%s->%s", e->fn->frame_name, name);
}

/* What keeps a variable while the function is suspended: NULL if nothing needs to be stored. */
static bool is_saved(const struct var *var)
{
	return var->place == PLACE_LOCAL && (!var->is_param || var->assigned);
}

static void emit_suspension(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const struct async_fn *fn = e->fn;
	say_own(e, op, 0, "if (%s == ASYNC_SUSPENDED) {", fn->status_name);
	say_own(e, op, 1, "%s->base.state = %s_at_%s;", fn->frame_name, fn->name, await->label->name);
	for (int i = 0; i < await->live.n; i++) {
		const struct var *var = await->live.at[i];
		if (is_saved(var))
			say_own(e, op, 1, "%s->%s = %s;", fn->frame_name, var->field, var->out);
	}
	say_own(e, op, 1, "return ASYNC_SUSPENDED;");
	say_own(e, op, 0, "}");
	emit_label(e, op, "");
}

static void emit_failure(struct emitter *e, const struct op *op, const char *before)
{
	const struct await_point *await = op->await;
	struct place place = source_place(e->unit->source, await->span.start);
	say_own(e, op, 0, "if (%s == ASYNC_FAILED) {", e->fn->status_name);
	if (before)
		say_own(e, op, 1, "%s", before);
	say_own(e, op, 1, "async__trace(&%s__async, %u);", e->fn->name, place.line);
	if (await->on_error)
		say_own(e, op, 1, "goto %s;", await->on_error->name);
	else
		say_own(e, op, 1, "return ASYNC_FAILED;");
	say_own(e, op, 0, "}");
}

static void emit_arguments(struct emitter *e, const struct op *op, const char *callee_frame, int deeper)
{
	const struct await_point *await = op->await;
	for (int i = 0; i < await->n_args; i++) {
		const struct type *type = await->callee->params[i];
		const char *target = arena_printf(e->unit->arena, "%s%s", callee_frame, await->callee->param_names[i]);
		begin_own(e, op, deeper);
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

static void say_result(struct emitter *e, const struct op *op, int deeper, const char *from)
{
	const struct var *result = op->await->result;
	if (result->type->is_unassignable)
		say_own(e, op, deeper, "__builtin_memcpy(&%s, &%s, sizeof %s);", result->out, from, result->out);
	else
		say_own(e, op, deeper, "%s = %s;", result->out, from);
}

/* The callee's frame is a member of ours. */
static void emit_embedded_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *name = await->callee->name, *frame = field_of(e, name);
	say_own(e, op, 0, "async__prepare(&%s.base, %s__resume, &%s->base);", frame, name, e->fn->frame_name);
	emit_arguments(e, op, arena_printf(e->unit->arena, "%s.", frame), 0);
	say_own(e, op, 0, "%s = async__start(&%s.base);", e->fn->status_name, frame);
	emit_suspension(e, op);
	emit_failure(e, op, NULL);
	if (await->result)
		say_result(e, op, 0, arena_printf(e->unit->arena, "%s.result", frame));
}

/* The callee's frame comes from the task's arena. */
static void emit_pushed_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *frame = await->callee_frame->out;
	say_own(e, op, 0, "%s = async__push_frame(&%s__async, &%s->base);", frame, await->callee->name, e->fn->frame_name);
	say_own(e, op, 0, "%s = ASYNC_FAILED;", e->fn->status_name);
	say_own(e, op, 0, "if (%s) {", frame);
	emit_arguments(e, op, arena_printf(e->unit->arena, "%s->", frame), 1);
	say_own(e, op, 1, "%s = async__start(&%s->base);", e->fn->status_name, frame);
	say_own(e, op, 0, "}");
	emit_suspension(e, op);
	emit_failure(e, op, arena_printf(e->unit->arena, "async__pop_frame(%s);", frame));
	if (await->result)
		say_result(e, op, 0, arena_printf(e->unit->arena, "%s->result", frame));
	say_own(e, op, 0, "async__pop_frame(%s);", frame);
}

/* Whatever the pointer leads to: an async function gives a frame, any other has done its work. */
static void emit_pointer_call(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *frame = await->callee_frame->out;
	begin_own(e, op, 0);
	output_printf(e->output, "async__request((void (*)(void))");
	emit_rope(e, &await->target);
	output_printf(e->output, ");");
	begin_own(e, op, 0);
	if (await->result)
		output_printf(e->output, "%s = ", await->result->out);
	emit_rope(e, &await->target);
	output_printf(e->output, "(");
	for (int i = 0; i < await->n_args; i++) {
		output_printf(e->output, "%s", i ? ", " : "");
		emit_rope(e, &await->args[i]);
	}
	output_printf(e->output, ");");
	say_own(e, op, 0, "%s = async__requested(&%s->base);", frame, e->fn->frame_name);
	say_own(e, op, 0, "%s = %s ? async__start(&%s->base) : ASYNC_DONE;", e->fn->status_name, frame, frame);
	emit_suspension(e, op);
	emit_failure(e, op, arena_printf(e->unit->arena, "async__pop_frame(%s);", frame));
	say_own(e, op, 0, "if (%s) {", frame);
	if (await->result)
		say_result(e, op, 1, arena_printf(e->unit->arena, "%s->result", frame));
	say_own(e, op, 1, "async__pop_frame(%s);", frame);
	say_own(e, op, 0, "}");
}

static void emit_handle_await(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *handle = await->handle->out, *status = e->fn->status_name;
	begin_own(e, op, 0);
	output_printf(e->output, "%s = ", handle);
	emit_rope(e, &await->target);
	output_printf(e->output, ";");
	say_own(e, op, 0, "%s = async__await(&%s->base, %s);", status, e->fn->frame_name, handle);
	emit_suspension(e, op);
	if (await->result)
		say_own(e, op, 0, "%s = async__await_end(%s, %s, &%s, sizeof %s);", status, handle, status, await->result->out,
			await->result->out);
	else
		say_own(e, op, 0, "%s = async__await_end(%s, %s, NULL, 0);", status, handle, status);
	emit_failure(e, op, NULL);
}

/* A user's object is asked again after every wake-up. */
static void emit_object_await(struct emitter *e, const struct op *op)
{
	const struct await_point *await = op->await;
	const char *object = await->handle->out, *status = e->fn->status_name;
	const char *result = await->result ? arena_printf(e->unit->arena, "&%s", await->result->out) : "NULL";
	begin_own(e, op, 0);
	output_printf(e->output, "%s = ", object);
	emit_rope(e, &await->target);
	output_printf(e->output, ";");
	say_own(e, op, 0, "%s = ASYNC_DONE;", status);
	say_own(e, op, 0, "for (;;) {");
	say_own(e, op, 1, "if (%s != ASYNC_FAILED)", status);
	say_own(e, op, 2, "%s = async__await_object(&%s->base, %s, %s);", status, e->fn->frame_name, object, result);
	say_own(e, op, 1, "if (%s != ASYNC_SUSPENDED)", status);
	say_own(e, op, 2, "break;");
	emit_suspension(e, op);
	output_printf(e->output, ";"); /* a label wants a statement after it */
	say_own(e, op, 0, "}");
	emit_failure(e, op, NULL);
}

static void emit_await(struct emitter *e, const struct op *op)
{
	switch (op->await->kind) {
	case AWAIT_CALL:
		if (op->await->embedded)
			emit_embedded_call(e, op);
		else
			emit_pushed_call(e, op);
		break;
	case AWAIT_POINTER: emit_pointer_call(e, op); break;
	case AWAIT_HANDLE: emit_handle_await(e, op); break;
	case AWAIT_OBJECT: emit_object_await(e, op); break;
	}
}

void emit_body(struct emitter *e)
{
	e->in_user_text = !e->fn->is_async;
	e->blank = (struct span){0, 0};
	for (int i = 0; i < e->fn->ops.n; i++) {
		const struct op *op = &e->fn->ops.at[i];
		switch (op->kind) {
		case OP_TEXT: emit_text(e, op); break;
		case OP_VAR_DECL: emit_declaration(e, op); break;
		case OP_AWAIT: emit_await(e, op); break;
		case OP_LABEL:
			if (op->label->printed && op->label->uses)
				emit_label(e, op, ";");
			break;
		default:
			break;
		}
	}
}
