/* openmp.c: OpenMP's directives in async functions.  A region without an await stays as written, and runs on its threads while
 * the function's own waits; one with an await would have to suspend all of them.  Knows directives as text: libclang is not
 * told -fopenmp, as the statements would not be in the tree then. */
#include "compiler.h"

#include <string.h>

/* The words behind `#pragma omp`, if the directive is that. */
static bool is_openmp(const struct source *source, struct span directive, struct span *words)
{
	static const char *const start[] = {"#", "pragma", "omp"};
	unsigned at = directive.start;
	for (size_t i = 0; i < sizeof start / sizeof *start; i++) {
		while (at < directive.end && strchr(" \t\\\r\n", source->text[at]))
			at++;
		size_t size = strlen(start[i]);
		if (directive.end - at < size || memcmp(source->text + at, start[i], size) != 0)
			return false;
		at += size;
	}
	*words = (struct span){at, directive.end};
	return true;
}

static bool has_word(const struct source *source, struct span span, const char *word)
{
	struct token token;
	for (unsigned at = span.start; (token = next_token(source, at, span.end)).kind != TOKEN_END; at = token.span.end)
		if (token_is(source, token, word))
			return true;
	return false;
}

/* It is about the statement behind it. */
static bool has_region(const struct source *source, struct span words)
{
	static const char *const alone[] = {"barrier", "taskwait", "taskyield", "flush", "threadprivate", "declare", "cancel", "cancellation"};
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
		if (token_is(source, next_token(source, words.start, words.end), alone[i]))
			return false;
	return true;
}

static unsigned statement_end(const struct source *source, unsigned at, unsigned end)
{
	struct token token = next_token(source, at, end);
	while (token.kind == TOKEN_DIRECTIVE)
		token = next_token(source, token.span.end, end);
	if (token_is(source, token, "{"))
		return closing_bracket(source, token.span.start, end) + 1;
	if (token_is(source, token, "for") || token_is(source, token, "while") || token_is(source, token, "if") ||
	    token_is(source, token, "switch")) {
		struct token open = next_token(source, token.span.end, end);
		return statement_end(source, closing_bracket(source, open.span.start, end) + 1, end);
	}
	while (token.kind != TOKEN_END && !token_is(source, token, ";")) {
		bool opens = token_is(source, token, "(") || token_is(source, token, "{") || token_is(source, token, "[");
		token = next_token(source, opens ? closing_bracket(source, token.span.start, end) + 1 : token.span.end, end);
	}
	return token.span.end;
}

typedef void directive_visitor(struct unit *unit, struct async_fn *fn, struct span directive, struct span words);

static void each_directive(struct unit *unit, struct async_fn *fn, directive_visitor *visit)
{
	const struct source *source = unit->source;
	struct span words;
	for (int i = first_directive(source, fn->body.start); i < source->directives.n && source->directives.at[i].start < fn->body.end; i++)
		if (is_openmp(source, source->directives.at[i], &words))
			visit(unit, fn, source->directives.at[i], words);
}

/* ---- awaits in regions ---- */

static void add_region(struct unit *unit, struct async_fn *fn, struct span directive, struct span words)
{
	struct span region = {directive.end, statement_end(unit->source, directive.end, fn->body.end)};
	if (has_region(unit->source, words))
		list_add(unit->arena, &fn->openmp_regions, region);
}

bool is_in_openmp_region(const struct async_fn *fn, struct span span)
{
	for (int i = 0; i < fn->openmp_regions.n; i++)
		if (span_contains(fn->openmp_regions.at[i], span))
			return true;
	return false;
}

void check_openmp(struct unit *unit, struct async_fn *fn)
{
	if (!fn->is_async)
		return;
	each_directive(unit, fn, add_region);
	if (fn->openmp_regions.n == 0)
		return;
	int first = first_reaching(&unit->own_reach, fn->body.start);
	for (int i = first; i < unit->own_invocations.n && unit->own_invocations.at[i].start < fn->body.end; i++) {
		struct span span = unit->own_invocations.at[i];
		struct token token = next_token(unit->source, span.start, span.end);
		bool is_await = token_is(unit->source, token, "await") || token_is(unit->source, token, "_Await");
		if (is_await && is_in_openmp_region(fn, span))
			error_at(unit, span, "an await in what an OpenMP directive is about: its threads cannot suspend together");
	}
}

/* ---- names in directives ---- */

static void refuse_names(struct unit *unit, struct async_fn *fn, struct span directive, struct span words)
{
	if (has_word(unit->source, words, "none"))
		error_at(unit, directive, "default(none) in an async function: what is in its frame cannot be listed; put this into an ordinary function");
	for (int i = 0; i < fn->vars.n; i++) {
		const struct var *var = fn->vars.at[i];
		if (var->name && var->out && strcmp(var->name, var->out) != 0 && has_word(unit->source, words, var->name))
			error_at(unit, directive, "OpenMP cannot name '%s', which is '%s' after lowering: put this into an ordinary function",
				 var->name, var->out);
	}
}

void check_openmp_names(struct unit *unit, struct async_fn *fn)
{
	if (fn->is_async)
		each_directive(unit, fn, refuse_names);
}
