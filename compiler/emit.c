/* emit.c: the generated file: the user's text with each async function replaced by its frame, states, resume function,
 * descriptor and entry.  Needs every function lowered, its liveness known and its frame laid out. */
#include "emit.h"

#include <string.h>

/* ---- the function ---- */

/* One line of the user's text, for comments and tables: blanks run together, what begins or ends a comment taken out. */
static const char *one_line(struct emitter *e, struct span span)
{
	char text[64];
	size_t size = 0;
	bool blank = false;
	for (unsigned i = span.start; i < span.end && size < 60; i++) {
		char c = e->unit->source->text[i];
		bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
		if (space && (blank || size == 0))
			continue;
		blank = space;
		char before = size ? text[size - 1] : ' ';
		if ((c == '/' && before == '*') || (c == '*' && before == '/'))
			c = ' ';
		text[size++] = space ? ' ' : c;
	}
	while (size && text[size - 1] == ' ')
		size--;
	memcpy(text + size, "...", 3);
	return arena_copy(e->unit->arena, text, size >= 60 ? size + 3 : size);
}

static const char *quoted(struct emitter *e, const char *s)
{
	struct text text = {0};
	for (size_t n; *s; s += n) {
		if (*s == '"' || *s == '\\')
			text_add(&text, "\\", 1);
		n = 1 + strcspn(s + 1, "\"\\");
		text_add(&text, s, n);
	}
	const char *result = arena_copy(e->unit->arena, text.data ? text.data : "", text.size);
	text_finish(&text);
	return result;
}

static const char *awaited_text(struct emitter *e, const struct await_point *await)
{
	struct span span = await->span;
	if (await->text)
		return await->text;
	const struct source *source = e->unit->source;
	struct token first = next_token(source, span.start, span.end);
	if (token_is(source, first, "await") || token_is(source, first, "_Await"))
		span.start = next_token(source, first.span.end, span.end).span.start;
	return one_line(e, span);
}

static void emit_summary(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	struct span signature = {fn->span.start, fn->body.start};
	struct place place = source_place(e->unit->source, fn->span.start);
	const char *line = one_line(e, signature), *prefix = fn->is_adopted ? strstr(line, "async__adopted_") : NULL;
	if (prefix)
		line = arena_printf(e->unit->arena, "%.*s%s", (int)(prefix - line), line, prefix + strlen("async__adopted_"));
	own_line(e, 0, "/* %s  (%s:%u)", line, base_name(place.file), place.line);
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		place = source_place(e->unit->source, await->span.start);
		own_line(e, 0, " *   %s  %s  (line %u)", await->label->name, awaited_text(e, await), place.line);
	}
	bool any = false;
	for (int i = 0; i < fn->frame->fields.n; i++) {
		const struct var *var = fn->frame->fields.at[i].var;
		if (!var)
			continue;
		if (!any)
			own_line(e, 0, " * In the frame:");
		const char *why = why_in_frame(var);
		output_printf(e->output, "%s %s", any ? "," : "", var->field);
		if (why)
			output_printf(e->output, " (%s)", why);
		any = true;
	}
	output_printf(e->output, "%s */", any ? "." : "");
}

static void emit_states(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	if (!is_resumed(fn))
		return;
	own_line(e, 0, "enum %s__state { %s_at_start", fn->name, fn->name);
	for (int i = 0; i < fn->awaits.n; i++)
		output_printf(e->output, ", %s_at_%s", fn->name, fn->awaits.at[i]->label->name);
	output_printf(e->output, " };");
}

/* Fields that are never needed at the same time. */
static void emit_group(struct emitter *e, const struct field_group *group, int deeper)
{
	if (group->n == 1 && group->at[0]->var && group->at[0]->var->poisoned) {
		own_line(e, deeper, "async__granule(%s);", group->at[0]->text);
		return;
	}
	if (group->n > 1)
		own_line(e, deeper, "union { /* never in use at the same await */");
	for (int i = 0; i < group->n; i++)
		own_line(e, deeper + (group->n > 1), "%s;", group->at[i]->text);
	if (group->n > 1)
		own_line(e, deeper, "};");
}

/* The parameters, and what fills gaps between them and behind the last; group i is the first behind the result. */
static int emit_prefix(struct emitter *e, int i, int deeper)
{
	const struct frame *frame = e->fn->frame;
	for (int param = 0; param <= e->fn->callee->n_params; param++) {
		if (param)
			emit_parameter_field(e, e->fn->callee, param - 1, deeper);
		for (; i < frame->groups.n && frame->groups.at[i].fills_gap && frame->groups.at[i].behind_params == param; i++)
			emit_group(e, &frame->groups.at[i], deeper);
	}
	emit_arguments_field(e, e->fn->callee, deeper);
	return i;
}

/* A union that has the result, and so the parameters, is aligned as a word is: who knows the prototype alone looks for it behind the header. */
static void emit_fields(struct emitter *e, int deeper)
{
	const struct frame *frame = e->fn->frame;
	const struct callee *callee = e->fn->callee;
	int i = callee->result->kind != TYPE_VOID, inner = deeper;
	own_line(e, deeper, "async_frame base;");
	if (shares_with_parameters(callee))
		inner = begin_shared_place(e, callee, frame->groups.n - 1, deeper);
	else if (i)
		emit_group(e, &frame->groups.at[0], deeper);
	i = emit_prefix(e, i, inner);
	for (; i < frame->groups.n && !frame->over_aligned; i++)
		emit_group(e, &frame->groups.at[i], inner);
	end_shared_place(e, deeper, inner);
	for (; i < frame->groups.n; i++)
		emit_group(e, &frame->groups.at[i], deeper);
}

/* A frame, or what it becomes when a callee that is awaited last takes it over. */
static void emit_fields_and_heirs(struct emitter *e)
{
	const struct frame *frame = e->fn->frame;
	own_line(e, 1, "union {");
	own_line(e, 2, "struct {");
	emit_fields(e, 3);
	own_line(e, 2, "};");
	for (int i = 0; i < frame->heirs.n; i++)
		own_line(e, 2, "struct %s__frame %s; /* awaited last: takes its place */", frame->heirs.at[i]->name, frame->heirs.at[i]->name);
	own_line(e, 1, "};");
}

static void emit_frame(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	own_line(e, 0, "struct __attribute__((may_alias)) %s__frame {", fn->name);
	if (fn->frame->heirs.n)
		emit_fields_and_heirs(e);
	else
		emit_fields(e, 1);
	own_line(e, 0, "};");
}

/* Where it can stand: what a frame points at. */
static void emit_points(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	const char *start = is_resumed(fn) ? arena_printf(e->unit->arena, "%s_at_start", fn->name) : "0";
	own_line(e, 0, "static async_resume %s__resume;", fn->name);
	own_line(e, 0, "static const async_point %s__points[] = {", fn->name);
	own_line(e, 1, "{%s__resume, &%s__async, NULL, %u, %s, 0},", fn->name, fn->name, source_place(e->unit->source, fn->span.start).line, start);
	for (int i = 0; is_resumed(fn) && i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		const char *offset = "0";
		if (await->embedded && !await->takes_over)
			offset = arena_printf(e->unit->arena, "__builtin_offsetof(struct %s__frame, %s)", fn->name, await->callee->name);
		own_line(e, 1, "{%s__resume, &%s__async, \"%s\", %u, %s_at_%s, %s},", fn->name, fn->name, quoted(e, awaited_text(e, await)),
			 source_place(e->unit->source, await->span.start).line, fn->name, await->label->name, offset);
	}
	own_line(e, 0, "};");
}

/* The user's function has its own name in __func__, also where a macro such as assert uses it. */
static const char *const own_names[] = {"__func__", "__FUNCTION__", "__PRETTY_FUNCTION__"};

static bool uses_name(struct emitter *e, const char *name)
{
	struct unit *unit = e->unit;
	struct span body = e->fn->body;
	if (name_is_used_in(unit, body, name))
		return true;
	int first = first_reaching(&unit->reach, body.start);
	for (int i = first; i < unit->invocations.n && unit->invocations.at[i].span.start < body.end; i++) {
		const struct invocation *invocation = &unit->invocations.at[i];
		struct names names = names_in_invocation(unit, invocation);
		for (int j = 0; j < names.n; j++)
			if (strcmp(names.at[j], name) == 0)
				return true;
	}
	return false;
}

static void emit_own_name(struct emitter *e, bool define)
{
	for (size_t i = 0; i < sizeof own_names / sizeof *own_names; i++) {
		if (!uses_name(e, own_names[i]))
			continue;
		if (define)
			own_line(e, 0, "#define %s \"%s\"", own_names[i], e->fn->name);
		else
			own_line(e, 0, "#undef %s", own_names[i]);
	}
}

bool reads_arguments(struct emitter *e)
{
	return e->fn->is_variadic && (uses_name(e, "__builtin_va_start") || uses_name(e, "__builtin_c23_va_start"));
}

/* What va_start makes of its list: a copy of the one whose arguments are the caller's. */
static void emit_arguments_copy(struct emitter *e, bool define)
{
	if (!reads_arguments(e))
		return;
	if (define) {
		own_line(e, 0, "#define __builtin_va_start(list, ...) ((void)sizeof(__VA_ARGS__), __builtin_va_copy(list, *%s->async__arguments))",
			 e->fn->frame_name);
		own_line(e, 0, "#define __builtin_c23_va_start(list, ...) __builtin_va_start(list, 0)");
	} else {
		own_line(e, 0, "#undef __builtin_va_start");
		own_line(e, 0, "#undef __builtin_c23_va_start");
	}
}

static void emit_descriptor(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	struct place place = source_place(e->unit->source, fn->span.start);
	const char *linkage = fn->callee->is_static ? "static " : fn->callee->is_weak ? "__attribute__((weak)) " : "";
	own_line(e, 0, "%sconst async_function %s__async = {", linkage, fn->name);
	own_line(e, 1, ".abi = ASYNC_ABI_VERSION,");
	own_line(e, 1, ".frame_size = sizeof(struct %s__frame), .frame_align = _Alignof(struct %s__frame),", fn->name, fn->name);
	if (fn->callee->result->kind != TYPE_VOID)
		own_line(e, 1, ".result_offset = __builtin_offsetof(struct %s__frame, result), .result_size = sizeof(%s),",
			 fn->name, declare(e->unit, fn->callee->result, ""));
	const struct options *options = e->unit->options;
	const char *file = mapped_name(e->unit->arena, options->clang_args, options->n_clang_args, NAME_IN_MACRO, place.file);
	own_line(e, 1, ".points = %s__points, .name = \"%s\", .file = \"%s\",", fn->name, fn->name,
		 quoted(e, strcmp(place.file, "-") ? file : "<stdin>"));
	own_line(e, 0, "};");
}

/* Its calls that are evaluated: no longer there by name. */
static int calls_of_itself(const struct async_fn *fn, const struct node *node)
{
	int n = node->kind == N_CALL && !node->unevaluated && node->kids[0]->kind == N_CONVERSION && node->kids[0]->kids[0]->kind == N_FUNCTION &&
		node->kids[0]->kids[0]->callee == fn->callee;
	for (int i = 0; i < node->n_kids; i++)
		if (node->kids[i])
			n += calls_of_itself(fn, node->kids[i]);
	return n;
}

/* The function's name stands in the resume function, other than in a call, perhaps where the tree does not go: in a typeof. */
static bool names_itself(const struct async_fn *fn, const struct node *node)
{
	if (node->kind == N_FUNCTION)
		return node->callee == fn->callee;
	for (int i = node->kind == N_CALL && node->kids[0]->kind == N_CONVERSION && node->kids[0]->kids[0]->kind == N_FUNCTION; i < node->n_kids; i++)
		if (node->kids[i] && names_itself(fn, node->kids[i]))
			return true;
	return false;
}

static bool callee_has_open_ends(const struct callee *callee)
{
	bool any = callee->result->ends_open;
	for (int i = 0; i < callee->n_params; i++)
		any |= callee->params[i]->ends_open;
	return any;
}

/* Something that ends in a flexible array is a member of a struct of ours, perhaps with others behind it. */
static bool has_open_ends(const struct async_fn *fn)
{
	bool any = fn->is_async && callee_has_open_ends(fn->callee);
	for (int i = 0; i < fn->vars.n; i++)
		any |= fn->vars.at[i]->type && fn->vars.at[i]->type->ends_open;
	for (int i = 0; i < fn->awaits.n; i++)
		any |= fn->awaits.at[i]->callee && callee_has_open_ends(fn->awaits.at[i]->callee);
	for (int i = 0; i < fn->starters.n; i++)
		any |= callee_has_open_ends(fn->starters.at[i].callee);
	for (int i = 0; i < fn->jobs.n; i++) {
		const struct job *job = fn->jobs.at[i];
		any |= job->result->ends_open;
		for (int k = 0; k < job->n_params; k++)
			any |= job->params[k]->ends_open;
	}
	return any;
}

static void emit_function(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	emit_type_moves(e);
	emit_requirements(e);
	bool may_name_itself = fn->is_adopted || has_invocations(e->unit, fn->body) || name_is_used_in(e->unit, fn->body, fn->name);
	bool is_elsewhere = may_name_itself && occurrences_in(e->unit, fn->body, fn->name).n > calls_of_itself(fn, fn->tree);
	if (may_name_itself && (is_elsewhere || names_itself(fn, fn->tree)))
		emit_prototype(e);
	emit_summary(e);
	emit_states(e);
	emit_frame(e);
	if (!fn->callee->declared)
		own_line(e, 0, "%s const async_function %s__async;", fn->callee->is_static ? "static" : "extern", fn->name);
	emit_points(e);
	own_line(e, 0, "ASYNC_GENERATED_BEGIN");
	emit_own_name(e, true);
	emit_arguments_copy(e, true);
	emit_resume(e);
	emit_arguments_copy(e, false);
	emit_own_name(e, false);
	own_line(e, 0, "ASYNC_GENERATED_END");
	emit_descriptor(e);
	if (needs_entry(e->unit, fn))
		emit_entry(e);
}

/* An ordinary function that uses markers: its text, with other calls in their places. */
static void emit_ordinary(struct emitter *e)
{
	struct async_fn *fn = e->fn;
	bool needs = fn->starters.n || fn->jobs.n;
	if (needs)
		emit_requirements(e);
	output_user(e->output, e->unit->source, fn->span.start);
	emit_as_written(e, fn->span.start, fn->body.start);
	emit_body(e);
}

/* The text a function has in the source.  header.c has put one that it took over between #line directives, which the output makes
 * for itself. */
static struct span text_of(const struct source *source, const struct async_fn *fn)
{
	struct span span = fn->span;
	unsigned line = source_line_start(source, span.start), before = line ? source_line_start(source, line - 1) : line;
	if (fn->is_adopted && strncmp(source->text + before, "#line ", 6) == 0)
		span.start = before;
	if (fn->is_adopted && strncmp(source->text + span.end, "\n#line ", 7) == 0)
		span.end = (unsigned)(strchr(source->text + span.end + 1, '\n') + 1 - source->text);
	return span;
}

/* Macros that have names of ours are none from here on, or are again. */
static void guard_clashes(struct emitter *e, bool before)
{
	const struct names *clashes = e->unit->clashes;
	for (int i = 0; i < clashes->n; i++) {
		own_line(e, 0, "#pragma %s_macro(\"%s\")", before ? "push" : "pop", clashes->at[i]);
		if (before)
			own_line(e, 0, "#undef %s", clashes->at[i]);
	}
}

static void emit_guarded(struct emitter *e)
{
	size_t before = output_size(e->output), after;
	bool open_ends = has_open_ends(e->fn);
	guard_clashes(e, true);
	if (open_ends)
		own_line(e, 0, "ASYNC_OPEN_ENDS_BEGIN");
	if (e->fn->is_async)
		emit_function(e);
	else
		emit_ordinary(e);
	if (open_ends)
		own_line(e, 0, "ASYNC_OPEN_ENDS_END");
	guard_clashes(e, false);
	const char *text = output_data(e->output, &after);
	e->unit->has_new_clashes |= find_clashes(e->unit, e->clashes, text, (struct span){(unsigned)before, (unsigned)after});
}

void emit_unit(struct unit *unit, struct output *output)
{
	struct emitter e = {.unit = unit, .output = output, .clashes = new_clashes(unit)};
	const struct source *source = unit->source;
	const char *name = strcmp(source->path, "-") ? base_name(source->path) : "<stdin>";
	unsigned at = 0;
	own_line(&e, 0, "/* Generated by asyncc from %s.  Edit that file instead. */", name);
	own_line(&e, 0, "#define ASYNC_LOWERED 1");
	for (int i = 0; i < unit->fns.n; i++) {
		e.fn = unit->fns.at[i];
		struct span span = text_of(source, e.fn);
		if (at < span.start) {
			output_user(output, source, at);
			output_text(output, source->text + at, span.start - at);
		}
		emit_guarded(&e);
		at = span.end;
	}
	output_user(output, source, at);
	output_text(output, source->text + at, source->size - at);
	if (source->size && source->text[source->size - 1] != '\n')
		output_text(output, "\n", 1);
}
