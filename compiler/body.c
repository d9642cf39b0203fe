/* body.c: the ops of a function as text.  Needs every variable placed. */
#include "emit.h"

#include <string.h>

void own_line(struct emitter *e, int deeper, const char *format, ...)
{
	va_list args;
	output_own(e->output, (struct span){0, 0}, deeper, e->unit->source);
	va_start(args, format);
	output_vprintf(e->output, format, args);
	va_end(args);
}

void emit_as_written(struct emitter *e, unsigned start, unsigned end)
{
	size_t before = output_size(e->output);
	output_text(e->output, e->unit->source->text + start, end - start);
	note_user_text(e->unit, e->clashes, before, output_size(e->output));
}

/* ---- ropes ---- */

static void emit_edited(struct emitter *e, struct span span, bool in_body)
{
	unsigned at = span.start;
	for (int i = first_from(e->fn->edits, struct edit, at, span.start); i < e->fn->edits.n && e->fn->edits.at[i].at < span.end; i++) {
		const struct edit *edit = &e->fn->edits.at[i];
		if (edit->at < at || (edit->in_body_only && !in_body))
			continue;
		emit_as_written(e, at, edit->at);
		output_text(e->output, edit->text, strlen(edit->text));
		at = edit->at + edit->size;
	}
	if (at < span.end)
		emit_as_written(e, at, span.end);
}

/* The user's text, its variables called by the names they have here. */
void emit_span(struct emitter *e, struct span span)
{
	emit_edited(e, span, true);
}

void emit_type_moves(struct emitter *e)
{
	for (int i = 0; i < e->fn->type_moves.n; i++) {
		const struct type_move *move = &e->fn->type_moves.at[i];
		if (!move->type || !move->type->hoisted)
			continue;
		if (move->packing) {
			own_line(e, 0, "#pragma pack(push)");
			own_line(e, 0, "#pragma pack(%s)", move->packing);
		}
		output_user(e->output, e->unit->source, move->span.start);
		emit_edited(e, move->span, false);
		if (!move->is_whole)
			output_printf(e->output, ";");
		if (move->packing)
			own_line(e, 0, "#pragma pack(pop)");
	}
}

void emit_rope(struct emitter *e, const struct rope *rope)
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
			output_text(e->output, chunk->var->out, strlen(chunk->var->out));
			break;
		case CHUNK_RESULT:
			if (e->fn->begins == BEGINS_IN_A_FRAME)
				output_printf(e->output, "%s->result", e->fn->frame_name);
			else
				output_printf(e->output, "*async__result");
			break;
		}
	}
}

static struct span indent_of(struct emitter *e, const struct node *node)
{
	return source_indent(e->unit->source, node->span.start);
}

void leave_user_text(struct emitter *e)
{
	e->in_user_text = false;
	e->blank = (struct span){0, 0};
}

/* Where the first of the user's text in it begins; 0: there is none. */
static unsigned user_text_in(const struct rope *rope)
{
	for (int i = 0; i < rope->n; i++)
		if (rope->at[i].kind == CHUNK_SPAN)
			return rope->at[i].span.start;
	return 0;
}

/* A line of ours, indented like the statement the op comes from.  A breakpoint on the user's line has to stop before what we make
 * of it: the first line for a statement, or for an await, is the user's for a debugger.  So is one with words of the user's, for a compiler
 * that warns of them. */
static void begin_line(struct emitter *e, const struct op *op, int deeper, unsigned user_text)
{
	struct span indent = indent_of(e, op->node);
	bool begins_statement = !op->node->shown, begins_await = op->kind == OP_AWAIT && op != e->shown_await;
	leave_user_text(e);
	if (begins_await || begins_statement)
		output_own_at(e->output, indent, op->deeper + deeper, e->unit->source, begins_await ? op->await->span.start : op->node->span.start, user_text);
	else if (user_text)
		output_own_at(e->output, indent, op->deeper + deeper, e->unit->source, user_text, user_text);
	else
		output_own(e->output, indent, op->deeper + deeper, e->unit->source);
	op->node->shown = true;
	e->shown_await = op->kind == OP_AWAIT ? op : e->shown_await;
}

void begin_own(struct emitter *e, const struct op *op, int deeper)
{
	begin_line(e, op, deeper, 0);
}

void begin_own_with(struct emitter *e, const struct op *op, int deeper, const struct rope *ropes, int n)
{
	unsigned user_text = 0;
	for (int i = 0; i < n && !user_text; i++)
		user_text = user_text_in(&ropes[i]);
	begin_line(e, op, deeper, user_text);
}

/* One level further out than the statements after it. */
void emit_label(struct emitter *e, const struct op *op, const char *name, const char *after)
{
	struct span indent = indent_of(e, op->node);
	int deeper = op->deeper;
	if (deeper)
		deeper--;
	else if (indent.end > indent.start && e->unit->source->text[indent.end - 1] == '\t')
		indent.end--;
	else
		indent.end = indent.start;
	leave_user_text(e);
	output_own(e->output, indent, deeper, e->unit->source);
	output_printf(e->output, "%s:%s", name, after);
}

void say_own_line(struct emitter *e, const struct op *op, int deeper, const char *format, ...)
{
	va_list args;
	begin_own(e, op, deeper);
	va_start(args, format);
	output_vprintf(e->output, format, args);
	va_end(args);
}

/* What follows is on the user's line at the rope's first piece of user text; text of ours alone that does not continue any is
 * on its statement's. */
static void begin_user(struct emitter *e, const struct op *op, const struct rope *rope, bool continues)
{
	for (int i = 0; i < rope->n; i++)
		if (rope->at[i].kind == CHUNK_SPAN) {
			output_user(e->output, e->unit->source, rope->at[i].span.start);
			return;
		}
	if (!continues)
		output_user(e->output, e->unit->source, op->node->span.start);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The rope without the blanks it begins with. */
static struct rope skip_blanks(struct emitter *e, const struct rope *rope)
{
	struct rope rest = *rope;
	for (; rest.n && rest.at[0].kind == CHUNK_SPAN; rest.at++, rest.n--) {
		struct span span = rest.at[0].span;
		while (span.start < span.end && is_blank(e->unit->source->text[span.start]))
			span.start++;
		if (span.start == rest.at[0].span.start)
			break;
		if (span.start == span.end)
			continue;
		rest.at = memcpy(arena_alloc(e->unit->arena, rest.n * sizeof *rest.at), rest.at, rest.n * sizeof *rest.at);
		rest.at[0].span = span;
		break;
	}
	return rest;
}

void flush_blank(struct emitter *e)
{
	if (e->blank.start < e->blank.end) {
		output_user(e->output, e->unit->source, e->blank.start);
		emit_span(e, e->blank);
	}
	e->blank = (struct span){0, 0};
	e->in_user_text = true;
}

/* Blanks of the user's are only of use between other text of the user's. */
static void emit_user_text(struct emitter *e, const struct op *op)
{
	const struct rope *rope = &op->rope;
	struct rope rest = skip_blanks(e, rope);
	bool continues = e->in_user_text;
	if (rest.n == 0) {
		if (e->in_user_text && rope->at[0].kind == CHUNK_SPAN && e->blank.start == e->blank.end)
			e->blank = rope->at[0].span;
		return;
	}
	if (!e->in_user_text)
		rope = &rest;
	flush_blank(e);
	op->node->shown = true;
	begin_user(e, op, rope, continues);
	emit_rope(e, rope);
}

static void emit_text(struct emitter *e, const struct op *op)
{
	if (!op->own) {
		emit_user_text(e, op);
		return;
	}
	begin_own_with(e, op, 0, &op->rope, 1);
	emit_rope(e, &op->rope);
}

static void emit_poison(struct emitter *e, const struct op *op)
{
	for (int i = 0; i < e->fn->vars.n; i++)
		if (e->fn->vars.at[i]->poisoned && e->fn->vars.at[i]->scope == op->scope)
			say_own_line(e, op, 0, "async__out_of_scope(%s);", e->fn->vars.at[i]->out);
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
		case OP_LEAVE: emit_poison(e, op); break;
		case OP_LABEL:
			if (op->label->printed && op->label->uses)
				emit_label(e, op, op->label->name, ";");
			break;
		default:
			break;
		}
	}
}
