/* expand.c: dirty macro invocations become what `clang -E` makes of them.
 *
 * It is given the whole text, with a pragma before and after each invocation to be expanded.  Around their functions the macros
 * that stay are undefined, so that they are left as they stand; and _Pragma, which would become lines of its own. */
#include "normalize.h"

#include <stdlib.h>
#include <string.h>

struct stretch { /* of the text, around a function and the macro that it comes from */
	struct span span;
	struct names kept;
};

static void add_name(struct unit *unit, struct names *names, const char *name)
{
	if (!names_have(names, name))
		list_add(unit->arena, names, name);
}

static struct names names_in_dirty(struct unit *unit, const struct dirty *dirty)
{
	struct invocation invocation = {.span = dirty->span};
	return names_in_invocation(unit, &invocation);
}

static bool is_dirty_name(const struct unit *unit, const char *name)
{
	for (int i = 0; i < unit->dirty.n; i++)
		if (strcmp(unit->dirty.at[i].name, name) == 0)
			return true;
	return false;
}

static struct stretch stretch_of(struct unit *unit, const struct async_fn *fn)
{
	struct stretch stretch = {.span = fn->span};
	for (const char *const *own = own_macro_names(); *own; own++)
		add_name(unit, &stretch.kept, *own);
	add_name(unit, &stretch.kept, "_Pragma");
	for (int i = 0; i < unit->dirty.n; i++) {
		const struct dirty *dirty = &unit->dirty.at[i];
		if (dirty->fn != fn)
			continue;
		if (dirty->span.start < stretch.span.start)
			stretch.span.start = dirty->span.start;
		if (dirty->span.end > stretch.span.end)
			stretch.span.end = dirty->span.end;
		struct names names = names_in_dirty(unit, dirty);
		for (int j = 0; j < names.n; j++)
			if (macro_is_kept(unit, names.at[j]) && !is_dirty_name(unit, names.at[j]))
				add_name(unit, &stretch.kept, names.at[j]);
	}
	return stretch;
}

static bool has_dirt(const struct unit *unit, const struct async_fn *fn)
{
	for (int i = 0; i < unit->dirty.n; i++)
		if (unit->dirty.at[i].fn == fn)
			return true;
	return false;
}

static void hide_names(struct unit *unit, struct changes *changes, const struct stretch *stretch)
{
	struct text before = {0}, after = {0};
	text_puts(&before, "\n");
	text_puts(&after, "\n");
	for (int i = 0; i < stretch->kept.n; i++) {
		const char *name = stretch->kept.at[i];
		text_printf(&before, "#pragma push_macro(\"%s\")\n#undef %s\n", name, name);
		text_printf(&after, "#pragma pop_macro(\"%s\")\n", name);
	}
	add_change(unit, changes, (struct span){stretch->span.start, stretch->span.start}, keep_text(unit, &before), NULL);
	add_change(unit, changes, (struct span){stretch->span.end, stretch->span.end}, keep_text(unit, &after), NULL);
}

static void frame_invocation(struct unit *unit, struct changes *changes, int number)
{
	const struct source *source = unit->source;
	struct span span = unit->dirty.at[number].span;
	struct text text = {0};
	text_printf(&text, "\n#pragma asyncc begin %d\n%s", number, line_directive(unit, source_place(source, span.start)));
	text_add(&text, source->text + span.start, span.end - span.start);
	text_printf(&text, "\n#pragma asyncc end %d\n", number);
	add_change(unit, changes, span, keep_text(unit, &text), NULL);
}

/* The numbers of __COUNTER__ that become text are none that the compiler will give. */
static void skip_numbers(struct unit *unit, struct changes *changes, int round)
{
	struct text text = {0};
	bool counts = false;
	for (int i = 0; i < unit->dirty.n; i++)
		counts |= unit->dirty.at[i].counts;
	for (int i = 0; counts && i < 1000 * round; i++)
		text_puts(&text, "__COUNTER__\n");
	text_puts(&text, line_directive(unit, (struct place){unit->source->path, 1, 1}));
	add_change(unit, changes, (struct span){0, 0}, keep_text(unit, &text), NULL);
}

static struct text preprocessor_input(struct unit *unit, int round)
{
	struct changes changes = {0};
	skip_numbers(unit, &changes, round);
	for (int i = 0; i < unit->fns.n; i++)
		if (has_dirt(unit, unit->fns.at[i])) {
			struct stretch stretch = stretch_of(unit, unit->fns.at[i]);
			hide_names(unit, &changes, &stretch);
		}
	for (int i = 0; i < unit->dirty.n; i++)
		frame_invocation(unit, &changes, i);
	return edited(unit->source, &changes);
}

/* ---- what it makes of that ---- */

struct expanded { /* where in the output; NULL: it is not there */
	const char *start, *end;
};

static void note_pragma(const char *line, struct expanded *all, int n)
{
	static const char begin[] = "#pragma asyncc begin ", end[] = "#pragma asyncc end ";
	bool is_begin = strncmp(line, begin, sizeof begin - 1) == 0;
	if (!is_begin && strncmp(line, end, sizeof end - 1) != 0)
		return;
	long number = strtol(line + (is_begin ? sizeof begin : sizeof end) - 1, NULL, 10);
	if (number < 0 || number >= n)
		return;
	if (is_begin)
		all[number].start = strchr(line, '\n') + 1;
	else
		all[number].end = line;
}

static struct expanded *find_expanded(struct unit *unit, const char *output)
{
	struct expanded *all = arena_alloc(unit->arena, (unit->dirty.n + 1) * sizeof *all);
	for (const char *line = output, *next; (next = strchr(line, '\n')); line = next + 1)
		note_pragma(line, all, unit->dirty.n);
	return all;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The expansion on one line, then the newlines that the invocation had. */
static const char *expansion(struct unit *unit, struct expanded expanded, struct span invocation)
{
	const char *start = expanded.start, *end = expanded.end;
	struct text text = {0};
	while (start < end && is_blank(*start))
		start++;
	while (end > start && is_blank(end[-1]))
		end--;
	for (; start < end; start++)
		text_add(&text, *start == '\n' || *start == '\r' ? " " : start, 1);
	add_newlines(&text, newlines_in(unit->source, invocation));
	return keep_text(unit, &text);
}

static bool find_expansions(struct unit *unit, const char *output, struct changes *changes)
{
	struct expanded *all = find_expanded(unit, output);
	changes->n = 0;
	for (int i = 0; i < unit->dirty.n; i++) {
		const struct dirty *dirty = &unit->dirty.at[i];
		if (!all[i].start || !all[i].end) {
			error_at(unit, dirty->span, "macro '%s' %s, and clang did not expand it", dirty->name, dirty->why);
			return false;
		}
		add_change(unit, changes, dirty->span, expansion(unit, all[i], dirty->span), dirty->name);
	}
	return true;
}

/* ---- names that would be expanded once more ----
 * A macro's own name in its expansion stays what it is.  In the text it would not, or would be an invocation again
 * (`#define if if`): the function then has the macro undefined around it, and whatever else in the function wants it is
 * expanded as well. */

static void add_painted(struct unit *unit, struct names *names, const char *text)
{
	const struct source *source = source_from_text(unit->arena, "-", text, strlen(text));
	struct token token;
	for (unsigned at = 0; (token = next_token(source, at, source->size)).kind != TOKEN_END; at = token.span.end) {
		if (token.kind != TOKEN_NAME)
			continue;
		const char *name = arena_copy(unit->arena, source->text + token.span.start, token.span.end - token.span.start);
		bool called = token_is(source, next_token(source, token.span.end, source->size), "(");
		if (!macro_is_kept(unit, name) && (may_expand(unit, name, called) || is_dirty_name(unit, name)))
			add_name(unit, names, name);
	}
}

static bool is_dirty(const struct unit *unit, const struct invocation *invocation)
{
	for (int i = 0; i < unit->dirty.n; i++)
		if (span_contains(unit->dirty.at[i].span, invocation->span))
			return true;
	return false;
}

/* True if there is more to expand now. */
static bool spread(struct unit *unit, struct async_fn *fn, const struct names *painted)
{
	int before = unit->dirty.n;
	for (int i = 0; i < unit->invocations.n; i++) {
		const struct invocation *invocation = &unit->invocations.at[i];
		if (!span_contains(fn->span, invocation->span) || is_dirty(unit, invocation))
			continue;
		struct names names = names_in_invocation(unit, invocation);
		for (int j = 0; j < painted->n; j++)
			if (names_have(&names, painted->at[j]))
				add_dirty(unit, fn, invocation, "names a macro that has to be undefined here");
	}
	return unit->dirty.n > before;
}

static struct names painted_in(struct unit *unit, const struct async_fn *fn, const struct changes *changes)
{
	struct names painted = {0};
	for (int i = 0; i < unit->dirty.n; i++)
		if (unit->dirty.at[i].fn == fn)
			add_painted(unit, &painted, changes->at[i].text);
	return painted;
}

static void guard_function(struct unit *unit, struct changes *changes, const struct async_fn *fn, const struct names *painted)
{
	struct text before = {0}, after = {0};
	struct span span = stretch_of(unit, fn).span;
	text_puts(&before, "\n");
	text_puts(&after, "\n");
	for (int i = 0; i < painted->n; i++) {
		text_printf(&before, "#pragma push_macro(\"%s\")\n#undef %s\n", painted->at[i], painted->at[i]);
		text_printf(&after, "#pragma pop_macro(\"%s\")\n", painted->at[i]);
	}
	text_puts(&before, line_directive(unit, source_place(unit->source, span.start)));
	text_puts(&after, line_directive(unit, source_place(unit->source, span.end)));
	add_change(unit, changes, (struct span){span.start, span.start}, keep_text(unit, &before), NULL);
	add_change(unit, changes, (struct span){span.end, span.end}, keep_text(unit, &after), NULL);
}

/* ---- the rounds ---- */

static bool preprocess(struct unit *unit, int round, struct changes *changes)
{
	struct text input = preprocessor_input(unit, round);
	char *output = run_preprocessor(unit, &input, &unit->dirty.at[0]);
	text_finish(&input);
	bool good = output && find_expansions(unit, output, changes);
	free(output);
	return good;
}

bool expand(struct unit *unit, int round)
{
	struct changes changes = {0};
	bool more = true;
	if (lift_arguments(unit, &changes))
		return apply(unit, &changes);
	while (more) {
		more = false;
		if (!preprocess(unit, round, &changes))
			return false;
		for (int i = 0; i < unit->fns.n; i++) {
			struct names painted = painted_in(unit, unit->fns.at[i], &changes);
			more |= painted.n && spread(unit, unit->fns.at[i], &painted);
		}
	}
	for (int i = 0; i < unit->fns.n; i++) {
		struct names painted = painted_in(unit, unit->fns.at[i], &changes);
		if (painted.n)
			guard_function(unit, &changes, unit->fns.at[i], &painted);
	}
	return apply(unit, &changes);
}
