/* popped.c: invocations of macros that have been undefined and come back (push_macro, #undef, pop_macro): libclang's record of the
 * preprocessor forgets a macro that is undefined, and does not tell of its use from then on.  What happened to such a name is read from
 * the directives of the input; what a header has popped counts if the input defines it.  Our own guards around functions (expand.c)
 * are among them. */
#include "macros.h"

#include <string.h>

struct event {
	unsigned at;
	struct macro_change change;
};
struct events {
	struct arena *arena;
	struct event *at;
	int n;
};
struct state {
	bool is_defined, is_function_like;
};

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
	struct token token;
	for (unsigned at = 0; (token = next_token(unit->source, at, unit->source->size)).kind != TOKEN_END; at = token.span.end) {
		struct event event = {token.span.start, macro_change_at(unit, token)};
		if (event.change.kind != MACRO_UNTOUCHED && !is_skipped(unit, event.at))
			list_add(events.arena, &events, event);
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
		if (events->at[i].change.kind == MACRO_DEFINED && strcmp(events->at[i].change.name, name) == 0)
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
		const struct macro_change *change = &events->at[i].change;
		if (strcmp(change->name, name) != 0)
			continue;
		if (change->kind == MACRO_PUSHED)
			list_add(unit->arena, &pushed, state);
		else if (change->kind == MACRO_DEFINED || change->kind == MACRO_UNDEFINED)
			state = (struct state){change->kind == MACRO_DEFINED, change->is_function_like};
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
		if (events.at[i].change.kind == MACRO_POPPED)
			add_reachable(unit, &names, events.at[i].change.name);
	for (int i = 0; i < names.n; i++)
		for (int j = 0; j < unit->fns.n; j++)
			add_popped_in(unit, unit->fns.at[j], &events, names.at[i]);
}
