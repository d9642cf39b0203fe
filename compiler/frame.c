/* frame.c: where each variable lives, what it is called there, and the frame's fields.
 * Needs liveness.  A variable that no await outlives stays where the user declared it. */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

#define SMALL_RECORD 16 /* bytes up to which a struct is kept in a C local and copied at awaits */
#define FRAME_HEADER 8 /* bytes: struct async_frame */
enum { MOST_SAVES = 32, SAVES_PER_MENTION = 8 };

static bool has_await_after(struct async_fn *fn, const struct var *var)
{
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		if (await->plain)
			continue;
		if (!var->scope || (await->span.start >= var->span.start && await->span.start < var->scope->span.end))
			return true;
	}
	return false;
}

static bool is_big(const struct type *type)
{
	return type && (type->kind == TYPE_ARRAY || type->is_atomic || type->is_unassignable || type->kind == TYPE_OTHER ||
			(type->kind == TYPE_RECORD && type->size > SMALL_RECORD));
}

/* Many suspensions would save it, and few places name it: only in the frame, so that what is written grows as the source does, and
 * not as its square. */
static bool is_saved_too_often(const struct var *var)
{
	return var->live_across > MOST_SAVES && var->live_across > SAVES_PER_MENTION * var->mentions && !var->is_in_macro_text;
}

const char *why_in_frame(const struct var *var)
{
	const struct type *type = var->type;
	if (var->place != PLACE_FRAME)
		return NULL;
	if (var->is_volatile)
		return "volatile";
	if (var->address_taken)
		return "its address is taken";
	if (type && type->is_atomic)
		return "atomic";
	if (type && type->is_unassignable)
		return "it has const members";
	if (var->maybe_unset || is_big(type))
		return var->maybe_unset ? "may be unset" : "too large to copy";
	return "many awaits would save it";
}

static void place_parameter(struct async_fn *fn, struct var *var)
{
	bool in_frame = var->address_taken || var->is_volatile || is_big(var->type);
	if (fn->begins == BEGINS_PLAINLY)
		var->place = PLACE_AS_WRITTEN;
	else
		var->place = var->elsewhere ? PLACE_ELSEWHERE : in_frame ? PLACE_FRAME : PLACE_LOCAL;
}

bool is_named_in_a_head(const struct var *var)
{
	return var->scope && (var->scope->kind == N_TRY || var->scope->kind == N_GROUP || var->scope->kind == N_TIMEOUT);
}

static void place_local(struct async_fn *fn, struct var *var)
{
	/* Nothing jumps past a type of a run-time size but our own resuming. */
	bool labels = var->scope && var->scope->awaits && fn->has_labels && !(var->type && has_run_time_size(var->type));
	var->jumped_over = has_await_after(fn, var) || labels || cleanup_follows(fn, var);
	bool needs_frame = (var->jumped_over && var->address_taken) || (var->named_early && is_big(var->type)) ||
			   (var->live_across && (var->is_volatile || var->maybe_unset || is_big(var->type) || is_saved_too_often(var)));
	if (var->elsewhere)
		var->place = PLACE_ELSEWHERE;
	else if (needs_frame)
		var->place = PLACE_FRAME;
	else if (var->is_temp || var->live_across || var->named_early || var->name[0] == '\0')
		var->place = PLACE_LOCAL;
	else if (var->apart && is_named_in_a_head(var))
		var->place = PLACE_LOCAL;
	else if (var->jumped_over)
		var->place = var->in_head ? PLACE_LOCAL : PLACE_SPLIT;
	else
		var->place = PLACE_AS_WRITTEN;
}

static int compare_refs(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static bool is_reference(const struct async_fn *fn, unsigned at)
{
	struct ref wanted = { .at = at };
	return fn->refs.n && bsearch(&wanted, fn->refs.at, (size_t)fn->refs.n, sizeof wanted, compare_refs);
}

bool name_means_more(struct unit *unit, struct async_fn *fn, const struct var *var)
{
	struct occurrences all = occurrences_in(unit, fn->body, var->name);
	for (int i = 0; i < all.n; i++)
		if (!all.at[i].is_selected && !is_reference(fn, all.at[i].at))
			return true;
	return false;
}

/* ---- names ---- */

struct namesakes { /* the function's variables of one name */
	int first;  /* the index of the first */
	int number; /* that the latest name of theirs ends with */
	bool stays; /* one of them is called so whatever happens */
};
struct naming {
	struct unit *unit;
	struct async_fn *fn;
	struct index namesakes; /* by name */
	struct index taken;     /* the names of variables, fields and slots: by themselves */
};

static void take_name(struct naming *naming, const char *name)
{
	index_put(naming->unit->scratch, &naming->taken, name, (void *)name);
}

static void begin_naming(struct naming *naming)
{
	struct async_fn *fn = naming->fn;
	naming->namesakes.of_names = naming->taken.of_names = true;
	for (int i = 0; i < fn->vars.n; i++) {
		const struct var *var = fn->vars.at[i];
		struct namesakes *all = index_get(&naming->namesakes, var->name);
		if (!all) {
			all = arena_alloc(naming->unit->scratch, sizeof *all);
			*all = (struct namesakes){.first = i, .number = 1};
			index_put(naming->unit->scratch, &naming->namesakes, var->name, all);
			take_name(naming, var->name);
		}
		all->stays |= var->place == PLACE_AS_WRITTEN || var->place == PLACE_SPLIT;
	}
	for (int i = 0; i < fn->slots.n; i++)
		take_name(naming, fn->slots.at[i].field);
}

/* total_2, total_3...: counted on from where the last variable of that name has got to. */
static const char *unused_name(struct naming *naming, struct namesakes *all, const char *stem)
{
	const char *name;
	do
		name = arena_printf(naming->unit->arena, "%s_%d", stem, ++all->number);
	while (name_is_used(naming->unit, name) || index_get(&naming->taken, name));
	take_name(naming, name);
	return name;
}

/* The frame's own, or a parameter's: callers know them. */
bool is_fixed_field(const struct async_fn *fn, const char *name)
{
	for (int i = 0; i < fn->callee->n_params; i++)
		if (strcmp(fn->callee->param_names[i], name) == 0)
			return true;
	return strcmp(name, "base") == 0 || strcmp(name, "result") == 0;
}

static const char *field_name(const struct naming *naming, const char *name)
{
	do
		name = arena_printf(naming->unit->arena, "%s_local", name);
	while (is_fixed_field(naming->fn, name) || index_get(&naming->taken, name));
	return name;
}

/* It is called like the type of another one, which may be declared behind it. */
static bool hides_type(const struct unit *unit, const struct async_fn *fn, const struct var *var)
{
	if (!index_get(&unit->type_names, var->name))
		return false;
	for (int i = 0; i < fn->vars.n; i++)
		for (const struct type *type = fn->vars.at[i] == var ? NULL : fn->vars.at[i]->type; type; type = type->to)
			if (type->name && strcmp(type->name, var->name) == 0)
				return true;
	return false;
}

/* How many earlier variables have this name already in the frame or at the top: gives name_2, name_3...  A variable whose name
 * cannot change keeps it from all others: they are saved and restored in its scope, too. */
static void name_var(struct naming *naming, struct var *var)
{
	struct unit *unit = naming->unit;
	struct async_fn *fn = naming->fn;
	struct namesakes *all = index_get(&naming->namesakes, var->name);
	if (var->place == PLACE_ELSEWHERE)
		return;
	var->out = var->name;
	if (var->place == PLACE_AS_WRITTEN || var->place == PLACE_SPLIT)
		return;
	if (!var->is_temp && (all->stays || all->first < var->index || hides_type(unit, fn, var) || name_means_more(unit, fn, var)))
		var->out = unused_name(naming, all, var->name);
	var->field = var->is_param ? fn->callee->param_names[var->index] : var->out;
	if (!var->is_param && is_fixed_field(fn, var->field))
		var->field = field_name(naming, var->field);
	take_name(naming, var->field);
	if (var->place == PLACE_FRAME)
		var->out = arena_printf(unit->arena, "%s->%s", fn->frame_name, var->field);
}

static bool refuse_unnameable(struct unit *unit, struct var *var)
{
	if (!var->type || is_nameable(var->type))
		return false;
	error_at(unit, var->span, "'%s' lives across an await, and its type has no name that the frame could use", var->name);
	note_at(unit, var->span, "declare the type in a statement of its own, or at file scope");
	return true;
}

const char *declare_var(struct unit *unit, const struct var *var, const char *name)
{
	const char *text = var->type_text ? arena_printf(unit->arena, "%s%s", var->type_text, name) : declare(unit, var->type, name);
	return var->attributes ? arena_printf(unit->arena, "%s%s", var->attributes, text) : text;
}

static long bytes_of(const struct type *type)
{
	return type && type->size > 0 ? type->size : (long)sizeof(void *);
}

static void add_fields(struct unit *unit, struct async_fn *fn, struct frame *frame)
{
	for (int i = fn->n_params; i < fn->vars.n; i++) {
		struct var *var = fn->vars.at[i];
		if (var->place != PLACE_FRAME && !(var->place == PLACE_LOCAL && var->live_across))
			continue;
		if (refuse_unnameable(unit, var))
			continue;
		struct field field = {.text = declare_var(unit, var, var->field), .var = var};
		bool is_int = var->type_text && strcmp(var->type_text, "int ") == 0;
		field.size = is_int ? (long)sizeof(int) : bytes_of(var->type);
		field.align = is_int ? (long)sizeof(int) : var->type && var->type->align > 0 ? var->type->align : (long)sizeof(void *);
		list_add(unit->arena, &frame->fields, field);
	}
	for (int i = 0; i < fn->slots.n; i++) {
		const struct slot *slot = &fn->slots.at[i];
		struct field field = {.text = arena_printf(unit->arena, "%s %s%s", slot->type, slot->field, slot->suffix)};
		field.statement = slot->statement;
		field.size = strncmp(slot->type, "struct", 6) == 0 ? 80 : sizeof(void *) * (slot->suffix[0] ? atol(slot->suffix + 1) : 1);
		field.align = sizeof(void *);
		list_add(unit->arena, &frame->fields, field);
	}
}

static void add_callees(struct unit *unit, struct async_fn *fn, struct frame *frame)
{
	for (int i = 0; i < fn->awaits.n; i++) {
		const struct await_point *await = fn->awaits.at[i];
		bool known = !await->embedded || await->takes_over;
		for (int j = 0; j < frame->callees.n && !known; j++)
			known = frame->callees.at[j].callee == await->callee;
		if (known)
			continue;
		struct field field = {.callee = await->callee, .size = await->callee->frame_size, .align = sizeof(void *)};
		field.text = arena_printf(unit->arena, "struct %s__frame %s", await->callee->name, await->callee->name);
		list_add(unit->arena, &frame->callees, field);
	}
}

/* An estimate, alignment left out, for the callers who think of embedding the frame. */
static void measure_frame(struct async_fn *fn)
{
	struct callee *callee = fn->callee;
	long size = FRAME_HEADER;
	for (int i = 0; i < callee->n_params; i++)
		size += bytes_of(callee->params[i]);
	for (int i = shares_with_parameters(callee); i < fn->frame->groups.n; i++) {
		const struct field_group *group = &fn->frame->groups.at[i];
		long largest = 0;
		for (int k = 0; k < group->n; k++)
			largest = group->at[k]->size > largest ? group->at[k]->size : largest;
		size += largest;
	}
	for (int i = 0; i < fn->frame->heirs.n; i++)
		size = fn->frame->heirs.at[i]->frame_size > size ? fn->frame->heirs.at[i]->frame_size : size;
	callee->frame_size = size;
}

/* ---- what changes in the user's text ---- */

static void add_edit(struct unit *unit, struct async_fn *fn, unsigned at, unsigned size, const char *text, bool in_body_only)
{
	struct edit edit = {at, size, text, in_body_only};
	list_add(unit->arena, &fn->edits, edit);
}

/* `struct point { ... } a;` is `struct main__point a;` once the type has moved. */
static void add_type_edits(struct unit *unit, struct async_fn *fn)
{
	for (int i = 0; i < fn->type_refs.n; i++) {
		const struct type_ref *ref = &fn->type_refs.at[i];
		const char *space = ref->size ? "" : " ";
		if (ref->type->hoisted)
			add_edit(unit, fn, ref->at, ref->size, arena_printf(unit->arena, "%s%s", space, ref->type->out), false);
	}
	for (int i = 0; i < fn->type_moves.n; i++) {
		const struct type_move *move = &fn->type_moves.at[i];
		if (move->is_whole || !move->type->hoisted)
			continue;
		struct token token = next_token(unit->source, move->span.start, move->span.end);
		while (token.kind != TOKEN_END && !token_is(unit->source, token, "{"))
			token = next_token(unit->source, token.span.end, move->span.end);
		if (token.kind != TOKEN_END)
			add_edit(unit, fn, token.span.start, move->span.end - token.span.start, "", true);
	}
}

static int compare_edits(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->in_body_only - (int)y->in_body_only;
}

static void collect_edits(struct unit *unit, struct async_fn *fn)
{
	for (int i = 0; i < fn->refs.n; i++) {
		const struct ref *ref = &fn->refs.at[i];
		if (ref->var->out && strcmp(ref->var->out, ref->var->name) != 0)
			add_edit(unit, fn, ref->at, ref->size, ref->var->out, false);
	}
	add_type_edits(unit, fn);
	struct spans pragmas = loop_pragmas(unit, fn);
	for (int i = 0; i < pragmas.n; i++)
		add_edit(unit, fn, pragmas.at[i].start, pragmas.at[i].end - pragmas.at[i].start, "", false);
	if (fn->edits.n)
		qsort(fn->edits.at, fn->edits.n, sizeof *fn->edits.at, compare_edits);
}

static void refuse_run_time_temporaries(struct unit *unit, struct async_fn *fn)
{
	for (int i = 0; i < fn->vars.n; i++) {
		struct var *var = fn->vars.at[i];
		if (var->is_temp && var->type && has_run_time_size(var->type))
			error_at(unit, var->span, "this value points to something of a run-time size, and has to be kept while an await runs");
	}
}

/* A macro may turn such a variable's name into text: dirt.c counts on it that a plain one is called as the user called it. */
static void note_macro_text(struct unit *unit, struct async_fn *fn)
{
	if (fn->awaits.n <= MOST_SAVES)
		return;
	for (int i = 0; i < fn->refs.n; i++)
		fn->refs.at[i].var->is_in_macro_text |= invocation_at(unit, fn->refs.at[i].at) != NULL;
}

static bool place_all(struct async_fn *fn)
{
	bool any_in_frame = false;
	for (int i = 0; i < fn->vars.n; i++) {
		struct var *var = fn->vars.at[i];
		if (var->is_param)
			place_parameter(fn, var);
		else
			place_local(fn, var);
		any_in_frame |= var->place == PLACE_FRAME;
	}
	return any_in_frame;
}

void layout_frame(struct unit *unit, struct async_fn *fn)
{
	fn->frame = arena_alloc(unit->arena, sizeof *fn->frame);
	if (!fn->is_async)
		return; /* an ordinary function keeps its variables as they are */
	note_macro_text(unit, fn);
	begin_plainly(fn);
	if (place_all(fn) && fn->begins == BEGINS_PLAINLY) { /* there is something for a frame, after all */
		fn->begins = BEGINS_IN_A_FRAME;
		fn->callee->never_suspends = false;
		place_all(fn);
	}
	struct naming naming = {.unit = unit, .fn = fn};
	begin_naming(&naming);
	for (int i = 0; i < fn->vars.n; i++)
		name_var(&naming, fn->vars.at[i]);
	add_fields(unit, fn, fn->frame);
	hand_frames_over(unit, fn);
	add_callees(unit, fn, fn->frame);
	collect_edits(unit, fn);
	refuse_run_time_temporaries(unit, fn);
	check_openmp_names(unit, fn);
	overlap_fields(unit, fn);
	measure_frame(fn);
	begin_without_frame(unit, fn);
	finish_tails(fn);
}
