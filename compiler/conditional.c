/* conditional.c: #if and the like in functions, from the text and from what libclang says it skipped. */
#include "compiler.h"

#include <string.h>

struct group { /* from #if to #endif */
	struct { struct span *at; int n; } directives;
	struct group *outer;
};

enum directive { DIRECTIVE_OTHER, DIRECTIVE_IF, DIRECTIVE_ELSE, DIRECTIVE_ENDIF };

static enum directive kind_of(const struct source *source, struct span span)
{
	unsigned at = span.start + (source->text[span.start] == '%' ? 2 : 1);
	struct token word = next_token(source, at, span.end);
	const char *text = source->text + word.span.start;
	if (word.kind != TOKEN_NAME)
		return DIRECTIVE_OTHER;
	if (strncmp(text, "if", 2) == 0)
		return DIRECTIVE_IF;
	if (strncmp(text, "el", 2) == 0)
		return DIRECTIVE_ELSE;
	return token_is(source, word, "endif") ? DIRECTIVE_ENDIF : DIRECTIVE_OTHER;
}

static bool is_skipped(const struct unit *unit, unsigned offset)
{
	for (int i = 0; i < unit->skipped.n; i++)
		if (unit->skipped.at[i].start <= offset && offset < unit->skipped.at[i].end)
			return true;
	return false;
}

static bool is_in_an_async_function(const struct unit *unit, const struct group *group)
{
	for (int i = 0; i < group->directives.n; i++)
		for (int j = 0; j < unit->fns.n; j++)
			if (unit->fns.at[j]->is_async && span_contains(unit->fns.at[j]->span, group->directives.at[i]))
				return true;
	return false;
}

/* Its directives, and the sections that were skipped. */
static void take_out(struct unit *unit, const struct group *group)
{
	for (int i = 0; i < group->directives.n; i++) {
		struct span span = group->directives.at[i];
		if (i + 1 < group->directives.n && is_skipped(unit, span.end))
			span.end = group->directives.at[i + 1].start;
		list_add(unit->arena, &unit->conditionals, span);
	}
}

void find_conditionals(struct unit *unit)
{
	const struct source *source = unit->source;
	struct group *group = NULL;
	unit->conditionals.n = 0;
	for (int i = 0; i < source->directives.n; i++) {
		enum directive kind = kind_of(source, source->directives.at[i]);
		if (kind == DIRECTIVE_IF) {
			struct group *inner = arena_alloc(unit->arena, sizeof *inner);
			inner->outer = group;
			group = inner;
		}
		if (kind == DIRECTIVE_OTHER || !group)
			continue;
		list_add(unit->arena, &group->directives, source->directives.at[i]);
		if (kind != DIRECTIVE_ENDIF)
			continue;
		if (is_in_an_async_function(unit, group))
			take_out(unit, group);
		group = group->outer;
	}
}
