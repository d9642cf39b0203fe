/* lift.c: macros that stay, whose arguments cannot.
 *
 * `atomic_store(&x, await f())`: what gcc's stdatomic.h makes of it is not clang's to say.  Such a macro takes values, so they
 * are put into variables before it, in order. */
#include "normalize.h"

#include <ctype.h>
#include <string.h>

struct arguments {
	struct span *at;
	int n;
	int n_lifted; /* those up to the last that has to be */
};

static bool has_to_be_lifted(const struct unit *unit, struct span argument)
{
	for (int i = 0; i < unit->own_invocations.n; i++)
		if (span_contains(argument, unit->own_invocations.at[i]))
			return true;
	return memchr(unit->source->text + argument.start, '{', argument.end - argument.start) != NULL;
}

static struct arguments arguments_of(struct unit *unit, struct span invocation)
{
	const struct source *source = unit->source;
	struct arguments arguments = {0};
	struct token token = next_token(source, next_token(source, invocation.start, invocation.end).span.end, invocation.end);
	if (!token_is(source, token, "("))
		return arguments;
	struct span argument = {token.span.end, token.span.end};
	while ((token = next_token(source, token.span.end, invocation.end)).kind != TOKEN_END) {
		bool is_last = token.span.end == invocation.end;
		if (strchr("([{", source->text[token.span.start])) {
			token.span.end = closing_bracket(source, token.span.start, invocation.end) + 1;
		} else if (is_last || token_is(source, token, ",")) {
			argument.end = token.span.start;
			list_add(unit->arena, &arguments, argument);
			if (has_to_be_lifted(unit, argument))
				arguments.n_lifted = arguments.n;
			argument.start = token.span.end;
		}
	}
	return arguments;
}

static bool is_literal(const struct source *source, struct span argument)
{
	struct token token = next_token(source, argument.start, argument.end);
	return token.kind != TOKEN_NAME && next_token(source, token.span.end, argument.end).kind == TOKEN_END;
}

/* "atomic_store_1": for the first argument. */
static const char *name_of_argument(struct unit *unit, const struct dirty *dirty, int i)
{
	const char *name = arena_printf(unit->arena, "%s_%d", dirty->name, i + 1);
	for (int n = 2; name_is_used(unit, name); n++)
		name = arena_printf(unit->arena, "%s_%d_%d", dirty->name, i + 1, n);
	return name;
}

static const char *lifted(struct unit *unit, const struct dirty *dirty, const struct arguments *arguments)
{
	const struct source *source = unit->source;
	struct text text = {0}, call = {0};
	text_puts(&text, "__extension__ ({");
	text_printf(&call, "%s(", dirty->name);
	for (int i = 0; i < arguments->n; i++) {
		struct span span = arguments->at[i];
		int size = (int)(span.end - span.start);
		text_puts(&call, i ? "," : "");
		if (i >= arguments->n_lifted || is_literal(source, span)) {
			text_printf(&call, "%.*s", size, source->text + span.start);
			continue;
		}
		const char *name = name_of_argument(unit, dirty, i);
		text_printf(&text, " __auto_type %s =%s%.*s;", name, isspace((unsigned char)source->text[span.start]) ? "" : " ", size,
			    source->text + span.start);
		text_printf(&call, "%s%s", i ? " " : "", name);
	}
	text_printf(&text, " %s); })", call.data);
	text_finish(&call);
	return keep_text(unit, &text);
}

/* False if there is no such macro. */
bool lift_arguments(struct unit *unit, struct changes *changes)
{
	for (int i = 0; i < unit->dirty.n; i++) {
		const struct dirty *dirty = &unit->dirty.at[i];
		if (!macro_is_kept(unit, dirty->name))
			continue;
		struct arguments arguments = arguments_of(unit, dirty->span);
		if (arguments.n_lifted)
			add_change(unit, changes, dirty->span, lifted(unit, dirty, &arguments), dirty->name);
	}
	return changes->n > 0;
}
