/* invocation.c: where macros are invoked, files included and lines skipped in the functions that asyncc rewrites. */
#include "macros.h"

#include <stdlib.h>
#include <string.h>

static bool is_in_a_function(struct unit *unit, struct span span)
{
	int low = 0, high = unit->fns.n;
	while (low < high) {
		int middle = (low + high) / 2;
		if (unit->fns.at[middle]->span.end <= span.start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < unit->fns.n && unit->fns.at[low]->span.start < span.end;
}

static bool is_in_directive(const struct source *source, unsigned offset)
{
	unsigned start = source_line_start(source, offset);
	while (start > 1 && source->text[start - 2] == '\\')
		start = source_line_start(source, start - 1);
	struct token first = next_token(source, start, offset);
	return first.kind == TOKEN_DIRECTIVE;
}

void add_invocation(struct unit *unit, const char *name, struct span span)
{
	struct invocation invocation = {.span = span, .name = name};
	const struct source *source = unit->source;
	if (strcmp(name, "_Pragma") == 0) /* libclang's idea of it: it becomes nothing */
		return;
	if (is_own_macro(invocation.name)) {
		list_add(unit->arena, &unit->own_invocations, invocation.span);
		return;
	}
	struct token next = next_token(source, invocation.span.end, source->size);
	if (token_is(source, next, "(") && may_take_more(unit, invocation.name, 0))
		invocation.span.end = closing_bracket(source, next.span.start, source->size) + 1;
	struct names names = {0};
	add_reachable(unit, &names, invocation.name);
	close_names(unit, &names);
	unsigned effects = effects_of(unit, &names);
	invocation.stringifies = effects & (STRINGIFIES | PASTES);
	invocation.pastes = effects & PASTES;
	invocation.has_keyword = effects & HAS_KEYWORD;
	invocation.has_typeof = names_have(&names, "__typeof__") || names_have(&names, "typeof") || names_have(&names, "__typeof");
	invocation.counts = effects & COUNTS || names_have(&names, "__COUNTER__");
	invocation.is_operand = name_is_operand(unit, invocation.name, 0);
	list_add(unit->arena, &unit->invocations, invocation);
}

static void add_expansion(struct unit *unit, CXCursor expansion)
{
	struct span span = extent_of(unit, expansion);
	if (is_in_a_function(unit, span) && !is_in_directive(unit->source, span.start))
		add_invocation(unit, keep_string(unit, clang_getCursorSpelling(expansion)), span);
}

static int compare_spans(struct span x, struct span y)
{
	if (x.start != y.start)
		return x.start > y.start ? 1 : -1;
	return (x.end < y.end) - (x.end > y.end);
}

static int compare_invocations(const void *a, const void *b)
{
	return compare_spans(((const struct invocation *)a)->span, ((const struct invocation *)b)->span);
}

static int compare_own(const void *a, const void *b)
{
	return compare_spans(*(const struct span *)a, *(const struct span *)b);
}

/* An argument may be expanded more than once. */
static void drop_doubles(struct unit *unit)
{
	int n = 0;
	for (int i = 0; i < unit->invocations.n; i++)
		if (n == 0 || unit->invocations.at[n - 1].span.start != unit->invocations.at[i].span.start)
			unit->invocations.at[n++] = unit->invocations.at[i];
	unit->invocations.n = n;
	n = 0;
	for (int i = 0; i < unit->own_invocations.n; i++)
		if (n == 0 || unit->own_invocations.at[n - 1].start != unit->own_invocations.at[i].start)
			unit->own_invocations.at[n++] = unit->own_invocations.at[i];
	unit->own_invocations.n = n;
}

static struct reach new_reach(struct unit *unit, int room)
{
	return (struct reach){.ends = arena_alloc(unit->arena, (room + 1) * sizeof(unsigned)), .latest = arena_alloc(unit->arena, sizeof(int))};
}

static void add_reach(struct reach *reach, unsigned end)
{
	unsigned before = reach->n ? reach->ends[reach->n - 1] : 0;
	reach->ends[reach->n++] = end > before ? end : before;
}

static void note_reach(struct unit *unit)
{
	unit->reach = new_reach(unit, unit->invocations.n);
	unit->own_reach = new_reach(unit, unit->own_invocations.n);
	for (int i = 0; i < unit->invocations.n; i++)
		add_reach(&unit->reach, unit->invocations.at[i].span.end);
	for (int i = 0; i < unit->own_invocations.n; i++)
		add_reach(&unit->own_reach, unit->own_invocations.at[i].end);
}

static bool is_first_reaching(const struct reach *reach, int i, unsigned offset)
{
	return (i == 0 || reach->ends[i - 1] < offset) && (i == reach->n || reach->ends[i] >= offset);
}

int first_reaching(const struct reach *reach, unsigned offset)
{
	int i = *reach->latest;
	if (!is_first_reaching(reach, i, offset))
		i = find_first(reach->ends, reach->n, sizeof *reach->ends, 0, offset);
	return *reach->latest = i;
}

/* A keyword in an argument comes out of the macro as well. */
static void spread_keywords(struct unit *unit)
{
	for (int i = 0; i < unit->invocations.n; i++) {
		struct invocation *outer = &unit->invocations.at[i];
		int first = first_reaching(&unit->own_reach, outer->span.start);
		for (int j = first; j < unit->own_invocations.n && unit->own_invocations.at[j].start < outer->span.end; j++)
			outer->has_keyword |= span_contains(outer->span, unit->own_invocations.at[j]);
		for (int j = i + 1; j < unit->invocations.n && unit->invocations.at[j].span.start < outer->span.end; j++) {
			outer->has_keyword |= unit->invocations.at[j].has_keyword;
			outer->counts |= unit->invocations.at[j].counts;
		}
	}
}

/* ---- what is not in the text, or not all of it ---- */

static const char *path_of(struct unit *unit, CXFile file)
{
	return file ? keep_string(unit, clang_getFileName(file)) : "";
}

static bool is_included_in_a_function(const struct unit *unit, const char *path)
{
	for (int i = 0; i < unit->inclusions.n; i++)
		if (strcmp(unit->inclusions.at[i].path, path) == 0)
			return true;
	return false;
}

/* Files come before those that they include. */
static void add_inclusion(struct unit *unit, CXCursor directive)
{
	struct inclusion inclusion = {.span = extent_of(unit, directive)};
	CXFile file = clang_getIncludedFile(directive);
	bool is_inner = !starts_in_input(unit, directive);
	if (!file || (is_inner && unit->inclusions.n == 0))
		return;
	if (is_inner)
		inclusion.in = path_of(unit, file_of(directive));
	if (is_inner ? is_included_in_a_function(unit, inclusion.in) : is_in_a_function(unit, inclusion.span)) {
		inclusion.path = path_of(unit, file);
		list_add(unit->arena, &unit->inclusions, inclusion);
	}
}

static void collect_skipped(struct unit *unit)
{
	CXSourceRangeList *ranges = clang_getSkippedRanges(unit->clang->tu, unit->clang->file);
	for (unsigned i = 0; ranges && i < ranges->count; i++) {
		struct span span;
		clang_getFileLocation(clang_getRangeStart(ranges->ranges[i]), NULL, NULL, NULL, &span.start);
		clang_getFileLocation(clang_getRangeEnd(ranges->ranges[i]), NULL, NULL, NULL, &span.end);
		list_add(unit->arena, &unit->skipped, span);
	}
	clang_disposeSourceRangeList(ranges);
}

void collect_invocations(struct unit *unit)
{
	struct macros *macros = unit->macros;
	unit->invocations.n = unit->own_invocations.n = unit->inclusions.n = unit->skipped.n = 0;
	for (int i = 0; i < macros->expansions.n; i++)
		add_expansion(unit, macros->expansions.at[i]);
	collect_skipped(unit);
	add_popped(unit);
	for (int i = 0; i < macros->inclusions.n; i++)
		add_inclusion(unit, macros->inclusions.at[i]);
	if (unit->invocations.n)
		qsort(unit->invocations.at, unit->invocations.n, sizeof *unit->invocations.at, compare_invocations);
	if (unit->own_invocations.n)
		qsort(unit->own_invocations.at, unit->own_invocations.n, sizeof *unit->own_invocations.at, compare_own);
	drop_doubles(unit);
	note_reach(unit);
	spread_keywords(unit);
}
