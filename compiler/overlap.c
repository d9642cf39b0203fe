/* overlap.c: which of a frame's fields share storage, and their order.  Needs the fields and the live sets; fills frame.groups.
 *
 * A field is occupied at some awaits: a saved C local at those it lives across, since only a suspension writes it; a variable that
 * is only in the frame at every await of its scope; a timeout, a caught error or an array of handles at every await of its
 * statement; a callee's frame at the awaits of that callee.  Two fields with no await in common share.  A field for which nothing
 * is known is occupied always.
 *
 * The result is where the prototype says.  A scalar one is the last thing that a function with parameters stores, when everything else is
 * over: it has the place where the parameters begin, and whatever is kept there.  Any other is stored when the last await is over, and
 * shares with saved C locals that fit into its place; not if there is still something to do then. */
#include "compiler.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct overlap {
	struct unit *unit;
	struct async_fn *fn;
	int words; /* of a set of awaits */
	bool alone; /* the result shares with nothing */
	unsigned long **live; /* by var->index: the awaits it lives across; NULL: none */
};

static void occupy(unsigned long *set, int await)
{
	set[await / 64] |= 1ul << (await % 64);
}

/* Every await in the span; an empty span is the whole function, which counts as one more: it may have no await. */
static void occupy_span(struct overlap *o, unsigned long *set, struct span span)
{
	for (int i = 0; i < o->fn->awaits.n; i++) {
		unsigned at = o->fn->awaits.at[i]->span.start;
		if (span.start == span.end || (at >= span.start && at < span.end))
			occupy(set, i);
	}
	if (span.start == span.end)
		occupy(set, o->fn->awaits.n);
}

static unsigned long *new_set(const struct overlap *o)
{
	return arena_alloc(o->unit->arena, o->words * sizeof(unsigned long));
}

static void find_live(struct overlap *o)
{
	o->live = arena_alloc(o->unit->scratch, (o->fn->vars.n + 1) * sizeof *o->live);
	for (int i = 0; i < o->fn->awaits.n; i++) {
		const struct await_point *await = o->fn->awaits.at[i];
		for (int j = 0; j < await->live.n; j++) {
			unsigned long **set = &o->live[await->live.at[j]->index];
			if (!*set)
				*set = new_set(o);
			occupy(*set, i);
		}
	}
}

static bool is_empty(const struct overlap *o, const unsigned long *set)
{
	for (int w = 0; w < o->words; w++)
		if (set[w])
			return false;
	return true;
}

static void occupy_callee(struct overlap *o, unsigned long *set, const struct callee *callee)
{
	for (int i = 0; i < o->fn->awaits.n; i++)
		if (o->fn->awaits.at[i]->embedded && o->fn->awaits.at[i]->callee == callee)
			occupy(set, i);
}

static unsigned long *occupation(struct overlap *o, const struct field *field)
{
	const struct span everywhere = {0, 0};
	unsigned long *live = field->var ? o->live[field->var->index] : NULL, *set = live ? live : new_set(o);
	if (field->callee) {
		occupy_callee(o, set, field->callee);
	} else if (!field->var) {
		occupy_span(o, set, field->statement);
	} else if (field->var->place == PLACE_FRAME) {
		occupy_span(o, set, field->var->scope ? field->var->scope->span : everywhere);
	}
	if (is_empty(o, set))
		occupy_span(o, set, everywhere);
	return set;
}

static bool intersect(const struct overlap *o, const unsigned long *a, const unsigned long *b)
{
	for (int w = 0; w < o->words; w++)
		if (a[w] & b[w])
			return true;
	return false;
}

static int larger_first(const void *a, const void *b)
{
	const struct field *const *x = a, *const *y = b;
	return (*x)->size != (*y)->size ? ((*x)->size < (*y)->size ? 1 : -1) : (*x)->order - (*y)->order;
}

static struct field_group *new_group(struct overlap *o, struct frame *frame)
{
	struct field_group group = {.occupied = new_set(o)};
	list_add(o->unit->arena, &frame->groups, group);
	return &frame->groups.at[frame->groups.n - 1];
}

bool is_result(const struct field *field)
{
	return field->order < 0;
}

enum { WORD = sizeof(void *) };

static bool has_parameters_within_words(const struct callee *callee)
{
	long size = 0;
	for (int i = 0; i < callee->n_params; i++) {
		const struct type *type = callee->params[i];
		if (type->align > WORD)
			return false;
		size += type->size < 0 ? WORD : type->size;
	}
	return size > 0 && !callee->is_variadic;
}

bool shares_with_parameters(const struct callee *callee)
{
	const struct type *result = callee->result;
	bool is_scalar = (result->kind == TYPE_SCALAR || result->kind == TYPE_POINTER) && !result->is_complex && !result->is_atomic;
	return is_scalar && result->size > 0 && result->size <= WORD && result->align <= WORD && has_parameters_within_words(callee);
}

/* The result is where its function's prototype says, whatever shares that. */
static bool fits_into_result(const struct overlap *o, const struct field *result, const struct field *field)
{
	const struct var *var = field->var;
	return var && !o->alone && !shares_with_parameters(o->fn->callee) && var->place == PLACE_LOCAL && !var->attributes && !o->fn->keeps_result && field->size <= result->size &&
	       field->align <= result->align;
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static bool is_tag(const char *declaration, const char *name)
{
	static const char *const kinds[] = { "struct ", "union ", "enum " };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t size = strlen(kinds[i]);
		if ((size_t)(name - declaration) >= size && memcmp(name - size, kinds[i], size) == 0)
			return true;
	}
	return false;
}

/* The name stands there for a type, or is that of what is declared. */
static bool names_type(const char *declaration, const char *name)
{
	const size_t size = strlen(name);
	for (const char *at = declaration; (at = strstr(at, name)); at += size)
		if ((at == declaration || !is_name_character(at[-1])) && !is_name_character(at[size]) && !is_tag(declaration, at))
			return true;
	return false;
}

/* Within a struct with an anonymous union clang takes a type's name for the union's member of that name. */
static bool has_type_result(const struct overlap *o)
{
	const struct callee *callee = o->fn->callee;
	for (int i = 0; i < o->fn->frame->fields.n; i++)
		if (names_type(o->fn->frame->fields.at[i].text, "result"))
			return true;
	for (int i = 0; i < callee->n_params; i++)
		if (names_type(declare(o->unit, callee->params[i], ""), "result"))
			return true;
	return false;
}

static struct field_group *group_for(struct overlap *o, struct frame *frame, const struct field *field, const unsigned long *set)
{
	for (int i = 0; i < frame->groups.n; i++) {
		const struct field_group *group = &frame->groups.at[i];
		if (!intersect(o, group->occupied, set) && (!is_result(group->at[0]) || fits_into_result(o, group->at[0], field)))
			return &frame->groups.at[i];
	}
	return new_group(o, frame);
}

static void add_result(struct overlap *o, struct frame *frame)
{
	const struct type *type = o->fn->callee->result;
	if (type->kind == TYPE_VOID)
		return;
	struct field_group *group = new_group(o, frame);
	struct field *result = arena_alloc(o->unit->arena, sizeof *result);
	*result = (struct field){.text = declare(o->unit, type, "result"), .size = type->size, .align = type->align, .order = -1};
	list_add(o->unit->arena, group, result);
}

/* ---- their order ---- */

static long size_of(const struct field_group *group)
{
	long size = 0;
	for (int i = 0; i < group->n; i++)
		size = group->at[i]->size > size ? group->at[i]->size : size;
	return size;
}

static long align_of(const struct field_group *group)
{
	long align = 1;
	for (int i = 0; i < group->n; i++)
		align = group->at[i]->align > align ? group->at[i]->align : align;
	return align;
}

/* The result; then strictly aligned fields come first, so that no padding is needed between groups. */
static int by_alignment(const void *a, const void *b)
{
	const struct field_group *x = a, *y = b;
	long left = align_of(x), right = align_of(y);
	if (is_result(x->at[0]) || is_result(y->at[0]))
		return is_result(x->at[0]) ? -1 : 1;
	return left != right ? (left < right ? 1 : -1) : x->at[0]->order - y->at[0]->order;
}

static long round_up(long at, long align)
{
	return (at + align - 1) / align * align;
}

static long align_of_type(const struct type *type)
{
	return type->size < 0 ? WORD : type->align > 0 ? type->align : 1;
}

static long behind(long at, const struct type *type)
{
	return round_up(at, align_of_type(type)) + (type->size < 0 ? WORD : type->size);
}

/* Where the result ends, if it stands before the parameters; counted from the header's end, which is whole words. */
static long result_end(const struct callee *callee)
{
	return callee->result->kind == TYPE_VOID || shares_with_parameters(callee) ? 0 : behind(0, callee->result);
}

static bool is_sized(const struct var *var)
{
	return (var->type && var->type->size > 0) || (var->type_text && strcmp(var->type_text, "int ") == 0);
}

/* All of it are variables, as large as we know and aligned as their types are. */
static bool is_known(const struct field_group *group)
{
	for (int i = 0; i < group->n; i++)
		if (!group->at[i]->var || group->at[i]->var->attributes || !is_sized(group->at[i]->var))
			return false;
	return true;
}

struct gap { /* behind so many parameters */
	struct unit *unit;
	const struct callee *callee;
	int behind_params;
	long at, end;
};

/* Another parameter's type is called as what shares storage there: see has_type_result. */
static bool hides_type(const struct gap *gap, const struct field_group *group)
{
	for (int i = gap->behind_params; i < gap->callee->n_params && group->n > 1; i++)
		for (int j = 0; j < group->n; j++)
			if (names_type(declare(gap->unit, gap->callee->params[i], ""), group->at[j]->var->field))
				return true;
	return false;
}

/* The group to stand there: one that needs no padding, the largest of them.  -1: none. */
static int find_filling(const struct frame *frame, int from, const struct gap *gap)
{
	int best = -1;
	bool exact = false;
	for (int i = from; i < frame->groups.n && gap->at < gap->end; i++) {
		const struct field_group *group = &frame->groups.at[i];
		long begin = round_up(gap->at, align_of(group));
		if (begin + size_of(group) > gap->end || !is_known(group) || exact || (begin != gap->at && best >= 0) || hides_type(gap, group))
			continue;
		best = i;
		exact = begin == gap->at;
	}
	return best;
}

/* Where the next parameter begins; behind the last a word does. */
static void set_end(struct gap *gap)
{
	const struct callee *callee = gap->callee;
	gap->end = round_up(gap->at, gap->behind_params < callee->n_params ? align_of_type(callee->params[gap->behind_params]) : WORD);
}

/* What is small enough goes between two parameters, of which the second is aligned more strictly, and fills the rest of a word behind the
 * last: their own places are not changed by it. */
static void fill_gaps(struct unit *unit, struct frame *frame, const struct callee *callee)
{
	struct gap gap = {unit, callee, 0, result_end(callee), 0};
	int first = frame->groups.n && is_result(frame->groups.at[0].at[0]), i;
	for (; gap.behind_params <= callee->n_params && !callee->is_variadic; gap.behind_params++) {
		if (gap.behind_params)
			gap.at = behind(gap.at, callee->params[gap.behind_params - 1]);
		set_end(&gap);
		for (; (i = find_filling(frame, first, &gap)) >= 0; first++) {
			struct field_group group = frame->groups.at[i];
			memmove(&frame->groups.at[first + 1], &frame->groups.at[first], (i - first) * sizeof group);
			group.fills_gap = true;
			group.behind_params = gap.behind_params;
			frame->groups.at[first] = group;
			gap.at = round_up(gap.at, align_of(&group)) + size_of(&group);
		}
	}
}

static bool is_variable_over_aligned(const struct var *var)
{
	if (!var->type)
		return strncmp(var->type_text, "struct ", 7) == 0 && !strchr(var->type_text, '*');
	return var->attributes || var->type->align > WORD || (var->type->align <= 0 && !has_run_time_size(var->type));
}

static bool is_frame_over_aligned(const struct callee *callee)
{
	return !callee->definition || callee->definition->frame->over_aligned;
}

/* Or that is not known. */
static bool is_over_aligned(const struct field *field)
{
	return field->var ? is_variable_over_aligned(field->var) : field->callee ? is_frame_over_aligned(field->callee) : field->align > WORD;
}

static void note_alignment(struct frame *frame, const struct callee *callee)
{
	for (int i = 0; i < callee->n_params; i++)
		frame->over_aligned |= callee->params[i]->align > WORD;
	for (int i = 0; i < frame->groups.n; i++)
		for (int j = 0; j < frame->groups.at[i].n; j++)
			frame->over_aligned |= is_over_aligned(frame->groups.at[i].at[j]);
	for (int i = 0; i < frame->heirs.n; i++)
		frame->over_aligned |= is_frame_over_aligned(frame->heirs.at[i]);
}

void overlap_fields(struct unit *unit, struct async_fn *fn)
{
	struct overlap o = {.unit = unit, .fn = fn, .words = fn->awaits.n / 64 + 1};
	struct frame *frame = fn->frame;
	int n = frame->fields.n + frame->callees.n;
	bool apart = is_for_address_sanitizer(unit); /* what is poisoned belongs to one field */
	o.alone = has_type_result(&o);
	find_live(&o);
	add_result(&o, frame);
	struct field **sorted = arena_alloc(unit->scratch, (n + 1) * sizeof *sorted);
	for (int i = 0; i < n; i++) {
		sorted[i] = i < frame->fields.n ? &frame->fields.at[i] : &frame->callees.at[i - frame->fields.n];
		sorted[i]->order = i;
	}
	if (n)
		qsort(sorted, n, sizeof *sorted, larger_first);
	for (int i = 0; i < n; i++) {
		unsigned long *set = occupation(&o, sorted[i]);
		struct field_group *group = apart ? new_group(&o, frame) : group_for(&o, frame, sorted[i], set);
		for (int w = 0; w < o.words; w++)
			group->occupied[w] |= set[w];
		list_add(unit->arena, group, sorted[i]);
	}
	if (frame->groups.n)
		qsort(frame->groups.at, frame->groups.n, sizeof *frame->groups.at, by_alignment);
	fill_gaps(unit, frame, fn->callee);
	note_alignment(frame, fn->callee);
}
