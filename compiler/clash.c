/* clash.c: macros of the user's that have a name which asyncc writes: a member of its structs (`base`), a callee's parameter, a function.
 * They would be replaced in the output.  Which ones there are shows only once a file has been written: if there are any, the file is lowered again,
 * with these undefined around each function, and what names them in it expanded before. */
#include "macros.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct candidate {
	const char *name;
	bool needs_parenthesis; /* to be expanded */
};

/* ---- which macros could ---- */

/* Our own text means the macro where it says these. */
static bool is_meant(const char *name)
{
	static const char *const meant[] = {"NULL", "bool", "true", "false"};
	for (size_t i = 0; i < sizeof meant / sizeof *meant; i++)
		if (strcmp(meant[i], name) == 0)
			return true;
	return name[0] == '_' || strncmp(name, "async_", 6) == 0 || strncmp(name, "ASYNC_", 6) == 0;
}

static void add_candidate(struct unit *unit, struct clashes *clashes, const char *name, bool needs_parenthesis)
{
	if (is_meant(name) || macro_is_kept(unit, name))
		return;
	struct candidate *candidate = index_get(&clashes->candidates, name);
	if (!candidate) {
		candidate = arena_alloc(unit->arena, sizeof *candidate);
		*candidate = (struct candidate){name, true};
		clashes->candidates.of_names = true;
		index_put(unit->arena, &clashes->candidates, name, candidate);
		if (!strchr(clashes->first_letters, name[0]))
			clashes->first_letters[strlen(clashes->first_letters)] = name[0];
	}
	candidate->needs_parenthesis &= needs_parenthesis;
}

/* Those that are undefined further on are not in libclang's record. */
static void add_defined_in_input(struct unit *unit, struct clashes *clashes)
{
	const struct source *source = unit->source;
	for (int i = 0; i < source->directives.n; i++) {
		struct macro_change change = macro_change_at(unit, (struct token){TOKEN_DIRECTIVE, source->directives.at[i]});
		if (change.kind == MACRO_DEFINED)
			add_candidate(unit, clashes, change.name, change.is_function_like);
	}
}

struct clashes *new_clashes(struct unit *unit)
{
	struct clashes *clashes = arena_alloc(unit->arena, sizeof *clashes);
	for (int i = 0; i < unit->macros->n; i++) {
		const struct macro *macro = &unit->macros->at[i];
		if (!clang_Location_isInSystemHeader(clang_getCursorLocation(macro->cursor)))
			add_candidate(unit, clashes, macro->name, macro->is_function_like);
	}
	add_defined_in_input(unit, clashes);
	return clashes;
}

/* ---- which of them do ---- */

void note_user_text(struct unit *unit, struct clashes *clashes, size_t start, size_t end)
{
	struct span span = {(unsigned)start, (unsigned)end};
	if (clashes->candidates.n && start < end)
		list_add(unit->arena, &clashes->user_text, span);
}

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static unsigned end_of_word(const char *text, unsigned at)
{
	while (is_of_name(text[at]))
		at++;
	return at;
}

static const struct candidate *candidate_at(struct unit *unit, const struct clashes *clashes, const char *text, unsigned at)
{
	unsigned end = end_of_word(text, at);
	const struct candidate *candidate = index_get(&clashes->candidates, arena_copy(unit->scratch, text + at, end - at));
	while (text[end] == ' ')
		end++;
	return candidate && (text[end] == '(' || !candidate->needs_parenthesis) ? candidate : NULL;
}

/* Behind a string or a comment that begins at `at`: further than `end`, if it does not end before that.  `at`, if none does. */
static unsigned skip_what_is_not_expanded(const char *text, unsigned at, unsigned end)
{
	char quote = text[at];
	if (quote == '/' && text[at + 1] == '*') {
		const char *stop = strstr(text + at, "*/");
		return stop && stop < text + end ? (unsigned)(stop - text) + 2 : end + 1;
	}
	if (quote != '"' && quote != '\'')
		return at;
	for (at++; at < end && text[at] != quote; at++)
		at += text[at] == '\\';
	return at + 1;
}

/* A directive, or inside of the comment before a function. */
static bool is_line_of_no_code(const char *line)
{
	return line[strspn(line, " \t")] == '#' || strncmp(line, " * ", 3) == 0;
}

/* What we write before it on its line says whether it is code. */
static bool is_code(const char *text, unsigned line, unsigned at)
{
	unsigned now = line;
	while (now < at) {
		unsigned behind = skip_what_is_not_expanded(text, now, at);
		if (behind > at)
			return false;
		now = behind > now ? behind : now + 1;
	}
	return !is_line_of_no_code(text + line);
}

/* In what we have written ourselves. */
static void find_in(struct unit *unit, const struct clashes *clashes, const char *text, struct span span)
{
	unsigned line = span.start;
	for (unsigned at = span.start; (at += (unsigned)strcspn(text + at, clashes->first_letters)) < span.end; at++) {
		const struct candidate *candidate = at && is_of_name(text[at - 1]) ? NULL : candidate_at(unit, clashes, text, at);
		if (!candidate)
			continue;
		for (const char *newline; (newline = memchr(text + line, '\n', at - line));)
			line = (unsigned)(newline - text) + 1;
		if (is_code(text, line, at))
			add_reachable(unit, unit->clashes, candidate->name);
	}
}

bool find_clashes(struct unit *unit, struct clashes *clashes, const char *text, struct span written)
{
	int before = unit->clashes->n;
	unsigned at = written.start;
	for (int i = 0; i < clashes->user_text.n; i++) {
		find_in(unit, clashes, text, (struct span){at, clashes->user_text.at[i].start});
		at = clashes->user_text.at[i].end;
	}
	if (clashes->candidates.n)
		find_in(unit, clashes, text, (struct span){at, written.end});
	clashes->user_text.n = 0;
	return unit->clashes->n > before;
}

/* ---- when they are known ---- */

bool names_a_clash(struct unit *unit, const struct invocation *invocation)
{
	if (!unit->clashes->n)
		return false;
	struct names names = names_in_invocation(unit, invocation);
	for (int i = 0; i < unit->clashes->n; i++)
		if (names_have(&names, unit->clashes->at[i]))
			return true;
	return false;
}

void check_clashes(struct unit *unit)
{
	for (int i = 0; i < unit->fns.n; i++)
		for (int j = 0; j < unit->clashes->n; j++) {
			const struct async_fn *fn = unit->fns.at[i];
			struct span where = where_defined_anew(unit, fn->body, unit->clashes->at[j]);
			if (where.start < where.end)
				error_at(unit, where, "asyncc uses the name '%s' in what it makes of '%s': define the macro before the function", unit->clashes->at[j], fn->name);
		}
}
