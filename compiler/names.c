/* names.c: which names are where in the text.  Knows tokens only. */
#include "compiler.h"

#include <string.h>

/* A hash table. */
struct name_table {
	const struct source *source; /* whose names they are */
	struct name_entry {
		const char *name;    /* not terminated; NULL: free */
		unsigned size;
		bool in_directive;
		struct { struct occurrence *at; int n; } occurrences; /* elsewhere, in order */
	} *at;
	unsigned capacity, n;        /* capacity is a power of two */
};

static unsigned hash(const char *name, unsigned size)
{
	unsigned h = 2166136261u;
	for (unsigned i = 0; i < size; i++)
		h = (h ^ (unsigned char)name[i]) * 16777619u;
	return h;
}

static struct name_entry *find_entry(const struct name_table *table, const char *name, unsigned size)
{
	unsigned i = hash(name, size) & (table->capacity - 1);
	while (table->at[i].name && (table->at[i].size != size || memcmp(table->at[i].name, name, size) != 0))
		i = (i + 1) & (table->capacity - 1);
	return &table->at[i];
}

static void grow_table(struct unit *unit, struct name_table *table)
{
	struct name_table old = *table;
	table->capacity = old.capacity ? old.capacity * 2 : 4096;
	table->at = arena_alloc(unit->arena, table->capacity * sizeof *table->at);
	for (unsigned i = 0; i < old.capacity; i++)
		if (old.at[i].name)
			*find_entry(table, old.at[i].name, old.at[i].size) = old.at[i];
}

static struct name_entry *add_name(struct unit *unit, struct name_table *table, const char *name, unsigned size)
{
	if (table->n * 2 >= table->capacity)
		grow_table(unit, table);
	struct name_entry *entry = find_entry(table, name, size);
	table->n += !entry->name;
	entry->name = name;
	entry->size = size;
	return entry;
}

static bool begins_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static void add_directive_names(struct unit *unit, struct name_table *table, struct span span)
{
	const char *text = unit->source->text;
	for (unsigned at = span.start, end; at < span.end; at = end) {
		end = at + 1;
		if (!begins_name(text[at]))
			continue;
		while (end < span.end && (begins_name(text[end]) || (text[end] >= '0' && text[end] <= '9')))
			end++;
		add_name(unit, table, text + at, end - at)->in_directive = true;
	}
}

static bool selects(const struct source *source, struct token before)
{
	if (before.kind == TOKEN_NAME)
		return span_is(source, before.span, "goto");
	return before.kind == TOKEN_PUNCTUATION && (span_is(source, before.span, ".") || span_is(source, before.span, "->"));
}

static const struct name_table *name_table(struct unit *unit)
{
	if (unit->names && unit->names->source == unit->source)
		return unit->names;
	struct name_table *table = unit->names = arena_alloc(unit->arena, sizeof *table);
	const struct source *source = table->source = unit->source;
	grow_table(unit, table);
	for (int i = 0; i < source->tokens.n; i++) {
		struct token token = source->tokens.at[i];
		if (token.kind == TOKEN_NAME) {
			unsigned size = token.span.end - token.span.start;
			struct occurrence occurrence = {token.span.start, i && selects(source, source->tokens.at[i - 1])};
			struct name_entry *entry = add_name(unit, table, source->text + token.span.start, size);
			list_add(unit->arena, &entry->occurrences, occurrence);
		} else if (token.kind == TOKEN_DIRECTIVE) {
			add_directive_names(unit, table, token.span);
		}
	}
	return table;
}

bool name_is_used(struct unit *unit, const char *name)
{
	return find_entry(name_table(unit), name, strlen(name))->name != NULL;
}

bool name_is_free_in(struct unit *unit, struct span span, const char *name)
{
	return !find_entry(name_table(unit), name, strlen(name))->in_directive && !name_is_used_in(unit, span, name);
}

static int first_at(const struct name_entry *entry, unsigned offset)
{
	return first_from(entry->occurrences, struct occurrence, at, offset);
}

struct occurrences occurrences_in(struct unit *unit, struct span span, const char *name)
{
	const struct name_entry *entry = find_entry(name_table(unit), name, (unsigned)strlen(name));
	if (!entry->occurrences.n)
		return (struct occurrences){0};
	int first = first_at(entry, span.start);
	return (struct occurrences){entry->occurrences.at + first, first_at(entry, span.end) - first};
}

bool name_is_used_in(struct unit *unit, struct span span, const char *name)
{
	return occurrences_in(unit, span, name).n > 0;
}
