/* popped.c: invocations of macros that have been undefined and come back (push_macro, #undef, pop_macro): libclang's record of the
 * preprocessor forgets a macro that is undefined, and does not tell of its use from then on.  What happened to such a name is read from
 * the directives of the input; what a header has popped counts if the input defines it.  Our own guards around functions (expand.c)
 * are among them. */
#include "macros.h"

#include <string.h>

enum what { DEFINED, UNDEFINED, PUSHED, POPPED };
struct event {
	unsigned at;
	enum what what;
	const char *name;
	bool is_function_like; /* DEFINED */
};
struct events {
	struct arena *arena;
	struct event *at;
	int n;
};
struct state {
	bool is_defined, is_function_like;
};

/* `define NAME`, `pragma push_macro("NAME")`; or what is in a _Pragma, without the first word. */
static void note_event(struct events *events, unsigned offset, const char *at, const char *end, bool is_operator)
{
	static const struct { const char *word; enum what what; } words[] = {
		{"define", DEFINED}, {"undef", UNDEFINED}, {"push_macro", PUSHED}, {"pop_macro", POPPED},
	};
	const char *word = is_operator ? "pragma" : directive_word(events->arena, &at, end);
	bool is_pragma = strcmp(word, "pragma") == 0;
	if (is_pragma)
		word = directive_word(events->arena, &at, end);
	for (int i = is_pragma ? 2 : 0; i < (is_pragma ? 4 : 2); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		struct event event = {.at = offset, .what = words[i].what, .name = directive_word(events->arena, &at, end)};
		event.is_function_like = at < end && *at == '(';
		list_add(events->arena, events, event);
	}
}

static bool is_skipped(const struct unit *unit, unsigned offset)
{
	for (int i = 0; i < unit->skipped.n; i++)
		if (offset >= unit->skipped.at[i].start && offset < unit->skipped.at[i].end)
			return true;
	return false;
}

/* In order. */
static struct events events_of(struct unit *unit)
{
	struct events events = {.arena = unit->arena};
	const struct source *source = unit->source;
	struct token token;
	for (unsigned at = 0; (token = next_token(source, at, source->size)).kind != TOKEN_END; at = token.span.end) {
		bool is_operator = token_is(source, token, "_Pragma");
		if ((token.kind != TOKEN_DIRECTIVE && !is_operator) || is_skipped(unit, token.span.start))
			continue;
		const char *start = source->text + token.span.start, *end = source->text + token.span.end;
		if (is_operator) {
			unsigned open = next_token(source, token.span.end, source->size).span.start;
			start = end, end = source->text + closing_bracket(source, open, source->size);
		} else {
			start += source->text[token.span.start] == '%' ? 2 : 1;
		}
		note_event(&events, token.span.start, start, end, is_operator);
	}
	return events;
}

/* ---- which names ---- */

static bool has_word(const char *text, size_t size)
{
	return memmem(text, size, "pop_macro", strlen("pop_macro")) != NULL;
}

static void add_names_in(struct unit *unit, struct names *names, const char *text, size_t size)
{
	const char *end = text + size, *at;
	for (; (at = memmem(text, (size_t)(end - text), "pop_macro", strlen("pop_macro"))); text = at) {
		at += strlen("pop_macro");
		const char *name = directive_word(unit->arena, &at, end);
		if (name[0])
			add_reachable(unit, names, name);
	}
}

/* `#define NAME` with an #include behind: one that a header may undefine for a while.  Names like _GNU_SOURCE are not. */
static bool may_be_popped_by_headers(struct unit *unit)
{
	const struct source *source = unit->source;
	bool defines = false;
	for (int i = 0; i < source->directives.n; i++) {
		const char *at = source->text + source->directives.at[i].start + 1, *end = source->text + source->directives.at[i].end;
		const char *word = directive_word(unit->arena, &at, end);
		if (defines && strcmp(word, "include") == 0)
			return true;
		defines |= strcmp(word, "define") == 0 && directive_word(unit->arena, &at, end)[0] != '_';
	}
	return false;
}

static bool is_defined_in_input(const struct events *events, const char *name)
{
	for (int i = 0; i < events->n; i++)
		if (events->at[i].what == DEFINED && strcmp(events->at[i].name, name) == 0)
			return true;
	return false;
}

static struct names popped_in_headers(struct unit *unit)
{
	struct names names = {0};
	bool may_be = may_be_popped_by_headers(unit);
	for (int i = 0; may_be && i < unit->macros->inclusions.n; i++) {
		CXFile file = clang_getIncludedFile(unit->macros->inclusions.at[i]);
		size_t size = 0;
		const char *text = file ? text_of_file(unit, file, &size) : NULL;
		if (text && has_word(text, size))
			add_names_in(unit, &names, text, size);
	}
	return names;
}

/* ---- where they are macros ---- */

static struct state state_at(struct unit *unit, const struct events *events, const char *name, struct state state, unsigned offset)
{
	struct { struct state *at; int n; } pushed = {0};
	for (int i = 0; i < events->n && events->at[i].at < offset; i++) {
		const struct event *event = &events->at[i];
		if (strcmp(event->name, name) != 0)
			continue;
		if (event->what == PUSHED)
			list_add(unit->arena, &pushed, state);
		else if (event->what == DEFINED || event->what == UNDEFINED)
			state = (struct state){event->what == DEFINED, event->is_function_like};
		else if (pushed.n)
			state = pushed.at[--pushed.n];
	}
	return state;
}

static void add_popped_in(struct unit *unit, const struct async_fn *fn, const struct events *events, const char *name)
{
	struct state before = {0};
	before.is_defined = is_defined_outside(unit, name, &before.is_function_like);
	struct occurrences all = occurrences_in(unit, fn->span, name);
	for (int i = 0; i < all.n; i++) {
		struct state state = state_at(unit, events, name, before, all.at[i].at);
		struct span span = {all.at[i].at, all.at[i].at + (unsigned)strlen(name)};
		struct token next = next_token(unit->source, span.end, unit->source->size);
		if (!state.is_defined || (state.is_function_like && !token_is(unit->source, next, "(")))
			continue;
		if (state.is_function_like)
			span.end = closing_bracket(unit->source, next.span.start, unit->source->size) + 1;
		add_invocation(unit, name, span);
	}
}

void add_popped(struct unit *unit)
{
	struct names names = {0}, foreign = popped_in_headers(unit);
	if (!foreign.n && !has_word(unit->source->text, unit->source->size))
		return;
	struct events events = events_of(unit);
	for (int i = 0; i < foreign.n; i++)
		if (is_defined_in_input(&events, foreign.at[i]))
			add_reachable(unit, &names, foreign.at[i]);
	for (int i = 0; i < events.n; i++)
		if (events.at[i].what == POPPED)
			add_reachable(unit, &names, events.at[i].name);
	for (int i = 0; i < names.n; i++)
		for (int j = 0; j < unit->fns.n; j++)
			add_popped_in(unit, unit->fns.at[j], &events, names.at[i]);
}
