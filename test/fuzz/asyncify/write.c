/* write.c: the program with the words in it, on the lines they were on. */
#include "asyncify.h"

#include <stdlib.h>
#include <string.h>

struct word {
	unsigned at;
	unsigned reach;    /* of two at one place, the one that reaches further comes first */
	const char *text;
};
struct words_of_program {
	struct arena *arena;
	struct { struct word *at; int n; } list;
};

static void add_word(struct words_of_program *words, unsigned at, unsigned reach, const char *text)
{
	list_add(words->arena, &words->list, ((struct word){at, reach, text}));
}

static int compare_words(const void *a, const void *b)
{
	const struct word *one = a, *other = b;
	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	if (one->reach != other->reach)
		return one->reach > other->reach ? -1 : 1;
	return strcmp(one->text, other->text);
}

static void add_calls(struct words_of_program *words, const struct program *program)
{
	for (int i = 0; i < program->calls.n; i++) {
		const struct call *call = &program->calls.at[i];
		if (!is_awaited(call))
			continue;
		add_word(words, call->span.start, call->span.end, call->brackets ? "(await " : "await ");
		if (call->brackets)
			add_word(words, call->span.end, ~0u, ")");
	}
}

static void add_functions(struct words_of_program *words, const struct program *program, unsigned enter_one_in)
{
	unsigned number = 0;
	for (int i = 0; i < program->functions.n; i++) {
		const struct function *function = program->functions.at[i];
		if (!becomes_async(function))
			continue;
		for (int k = 0; k < function->declarations.n; k++)
			add_word(words, function->declarations.at[k], ~0u, "async ");
		if (enter_one_in && !function->variadic && number++ % enter_one_in == 0)
			add_word(words, function->body, ~0u, " await asyncify_enter();");
	}
}

/* Before the first #include, and before the conditional that is around it: what is defined for the system's headers counts. */
static unsigned place_for_header(const struct source *source)
{
	struct token token;
	unsigned depth = 0, outermost = 0;
	for (unsigned at = 0; (token = next_token(source, at, source->size)).kind == TOKEN_DIRECTIVE; at = token.span.end) {
		const char *word = source->text + token.span.start + 1;
		word += strspn(word, " \t");
		if (strncmp(word, "if", 2) == 0 && depth++ == 0)
			outermost = token.span.start;
		else if (strncmp(word, "endif", 5) == 0)
			depth--;
		else if (strncmp(word, "include", 7) == 0)
			return depth ? outermost : token.span.start;
	}
	return 0;
}

static void write_header(const struct program *program, unsigned at, FILE *out)
{
	struct place place = source_place(program->source, at);
	fprintf(out, "#include \"suspend.h\"\n#line %u \"%s\"\n", place.line, place.file);
}

void write_program(const struct program *program, unsigned enter_one_in, FILE *out)
{
	struct words_of_program words = {.arena = program->arena};
	unsigned header = source_line_start(program->source, place_for_header(program->source)), at = 0;
	add_calls(&words, program);
	add_functions(&words, program, enter_one_in);
	add_word(&words, header, ~0u, ""); /* sorts before the others there */
	qsort(words.list.at, words.list.n, sizeof *words.list.at, compare_words);
	for (int i = 0; i < words.list.n; i++) {
		const struct word *word = &words.list.at[i];
		if (i && compare_words(word, word - 1) == 0)
			continue;
		fwrite(program->source->text + at, 1, word->at - at, out);
		at = word->at;
		if (*word->text)
			fputs(word->text, out);
		else
			write_header(program, at, out);
	}
	fwrite(program->source->text + at, 1, program->source->size - at, out);
}

static void write_reason(const struct program *program, int first, FILE *out)
{
	const char *why = program->functions.at[first]->plain;
	int n = 0;
	for (int i = 0; i < program->functions.n; i++) {
		const struct function *function = program->functions.at[i];
		if (!function->defined || !function->plain || strcmp(function->plain, why) != 0)
			continue;
		if (i < first)
			return; /* it has been told */
		n++;
	}
	fprintf(out, "asyncify: %d plain, %s:", n, why);
	for (int i = first; i < program->functions.n; i++)
		if (program->functions.at[i]->defined && program->functions.at[i]->plain && strcmp(program->functions.at[i]->plain, why) == 0)
			fprintf(out, " %s", program->functions.at[i]->name);
	fputc('\n', out);
}

void write_summary(const struct program *program, FILE *out)
{
	int functions = 0, awaits = 0;
	for (int i = 0; i < program->functions.n; i++)
		functions += becomes_async(program->functions.at[i]);
	for (int i = 0; i < program->calls.n; i++)
		awaits += is_awaited(&program->calls.at[i]);
	fprintf(out, "asyncify: %d async, %d awaits\n", functions, awaits);
	for (int i = 0; i < program->functions.n; i++)
		if (program->functions.at[i]->defined && program->functions.at[i]->plain)
			write_reason(program, i, out);
}
