/* directive.c: directives in the bodies of functions, as far as they matter to what asyncc moves or rewrites there: a macro that is defined
 * anew, #pragma pack, and pragmas about the loop behind them.  Knows tokens only. */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

const char *directive_word(struct arena *arena, const char **at, const char *end)
{
	while (*at < end && strchr(" \t\\\r\n(\",", **at))
		(*at)++;
	const char *start = *at;
	while (*at < end && is_of_name(**at))
		(*at)++;
	return arena_copy(arena, start, (size_t)(*at - start));
}

struct text_of_directive {
	const char *at, *end; /* behind the #, or what is in the brackets of _Pragma */
	bool is_operator;
};

/* The token is a directive or _Pragma. */
static bool read_directive(const struct source *source, struct token token, struct text_of_directive *text)
{
	text->is_operator = token_is(source, token, "_Pragma");
	text->at = source->text + token.span.start + (source->text[token.span.start] == '%' ? 2 : 1);
	text->end = source->text + token.span.end;
	if (text->is_operator) {
		unsigned open = next_token(source, token.span.end, source->size).span.start;
		text->at = source->text + open;
		text->end = source->text + closing_bracket(source, open, source->size);
	}
	return token.kind == TOKEN_DIRECTIVE || text->is_operator;
}

/* ... and if it is a pragma, text->at is behind that word. */
static bool read_pragma(struct arena *arena, const struct source *source, struct token token, struct text_of_directive *text)
{
	return read_directive(source, token, text) &&
	       (text->is_operator || strcmp(directive_word(arena, &text->at, text->end), "pragma") == 0);
}

/* ---- macros ---- */

struct macro_change macro_change_at(struct unit *unit, struct token token)
{
	static const struct { const char *word; enum macro_change_kind kind; } words[] = {
		{"define", MACRO_DEFINED}, {"undef", MACRO_UNDEFINED}, {"push_macro", MACRO_PUSHED}, {"pop_macro", MACRO_POPPED},
	};
	struct text_of_directive text;
	if (!read_directive(unit->source, token, &text))
		return (struct macro_change){MACRO_UNTOUCHED, "", false};
	const char *word = text.is_operator ? "pragma" : directive_word(unit->arena, &text.at, text.end);
	bool is_pragma = strcmp(word, "pragma") == 0;
	if (is_pragma)
		word = directive_word(unit->arena, &text.at, text.end);
	for (int i = is_pragma ? 2 : 0; i < (is_pragma ? 4 : 2); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		const char *name = directive_word(unit->arena, &text.at, text.end);
		return (struct macro_change){words[i].kind, name, text.at < text.end && *text.at == '('};
	}
	return (struct macro_change){MACRO_UNTOUCHED, "", false};
}

struct span where_defined_anew(struct unit *unit, struct span span, const char *name)
{
	struct token token;
	for (unsigned at = span.start; (token = next_token(unit->source, at, span.end)).kind != TOKEN_END; at = token.span.end) {
		struct macro_change change = macro_change_at(unit, token);
		if (change.kind != MACRO_UNTOUCHED && change.kind != MACRO_PUSHED && strcmp(change.name, name) == 0)
			return token.span;
	}
	return (struct span){0, 0};
}

/* ---- #pragma pack ---- */

struct packing {
	int now; /* -1: as it was before the function; 0: pack() */
	struct { int *at; int n; } pushed;
};

static void change_packing(struct arena *arena, struct packing *packing, struct text_of_directive text)
{
	const char *word = directive_word(arena, &text.at, text.end);
	if (!word[0])
		packing->now = 0;
	for (; word[0]; word = directive_word(arena, &text.at, text.end)) {
		if (strcmp(word, "push") == 0)
			list_add(arena, &packing->pushed, packing->now);
		else if (strcmp(word, "pop") == 0)
			packing->now = packing->pushed.n ? packing->pushed.at[--packing->pushed.n] : -1;
		else if (word[0] >= '0' && word[0] <= '9')
			packing->now = atoi(word);
	}
}

const char *packing_at(struct unit *unit, struct span span)
{
	struct packing packing = {.now = -1};
	struct token token;
	for (unsigned at = span.start; (token = next_token(unit->source, at, span.end)).kind != TOKEN_END; at = token.span.end) {
		struct text_of_directive text;
		if (read_pragma(unit->arena, unit->source, token, &text) && strcmp(directive_word(unit->arena, &text.at, text.end), "pack") == 0)
			change_packing(unit->arena, &packing, text);
	}
	return packing.now < 0 ? NULL : packing.now ? arena_printf(unit->arena, "%d", packing.now) : "";
}

/* ---- pragmas about loops ---- */

static bool is_about_a_loop(struct unit *unit, struct text_of_directive text)
{
	static const char *const words[] = {"unroll", "nounroll", "ivdep", "novector", "loop"};
	const char *word = directive_word(unit->arena, &text.at, text.end);
	if (strcmp(word, "GCC") == 0 || strcmp(word, "clang") == 0)
		word = directive_word(unit->arena, &text.at, text.end);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool awaits_in_its_head_or_body(const struct node *tree, unsigned at)
{
	bool is_loop = tree->kind == N_WHILE || tree->kind == N_DO || tree->kind == N_FOR;
	if (is_loop && tree->span.start == at)
		return tree->awaits > 0;
	for (int i = 0; i < tree->n_kids; i++) {
		const struct node *kid = tree->kids[i];
		if (kid && kid->span.start <= at && at < kid->span.end && awaits_in_its_head_or_body(kid, at))
			return true;
	}
	return false;
}

struct spans loop_pragmas(struct unit *unit, const struct async_fn *fn)
{
	struct spans spans = {0};
	const struct source *source = unit->source;
	struct token token;
	for (int i = first_directive(source, fn->body.start); i < source->directives.n && source->directives.at[i].end <= fn->body.end; i++) {
		struct text_of_directive text;
		struct span span = source->directives.at[i];
		token = (struct token){TOKEN_DIRECTIVE, span};
		if (!read_pragma(unit->arena, source, token, &text) || !is_about_a_loop(unit, text))
			continue;
		do
			token = next_token(source, token.span.end, fn->body.end);
		while (token.kind == TOKEN_DIRECTIVE);
		if (awaits_in_its_head_or_body(fn->tree, token.span.start))
			list_add(unit->arena, &spans, span);
	}
	return spans;
}
