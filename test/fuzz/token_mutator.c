/* token_mutator.c: makes one async C source out of another, for compiler_fuzzer.c: moves, copies and drops tokens and whole
 * statements, wraps them in statements and expressions of every kind, puts them into macros.  Knows brackets, not C. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TOKENS = 8000 };
enum kind { NAME, NUMBER, OTHER, DIRECTIVE };

struct token {
	enum kind kind;
	unsigned from, start, end; /* with the white space and comments before it, without them, its end */
};
struct source {
	const char *text;
	unsigned size;
	struct token *at;
	int n;
};
struct result {
	char *data;
	size_t size, room;
};

static uint32_t dice_state;

static unsigned dice(unsigned sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 17;
	dice_state ^= dice_state << 5;
	return sides ? dice_state % sides : 0;
}

/* ---- tokens ---- */

static bool is_word(char c)
{
	return (c | 32) >= 'a' ? (c | 32) <= 'z' || (c & 0x80) : (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static unsigned skip_space(const char *text, unsigned i, unsigned size)
{
	for (;;) {
		while (i < size && strchr(" \t\r\n\f\v", text[i]) && text[i])
			i++;
		if (i + 1 < size && text[i] == '/' && text[i + 1] == '/') {
			while (i < size && text[i] != '\n')
				i++;
		} else if (i + 1 < size && text[i] == '/' && text[i + 1] == '*') {
			for (i += 2; i < size && !(text[i - 1] == '*' && text[i] == '/'); i++)
				;
			i += i < size;
		} else {
			return i;
		}
	}
}

static unsigned end_of_directive(const char *text, unsigned i, unsigned size)
{
	while (i < size && (text[i] != '\n' || text[i - 1] == '\\'))
		i++;
	return i < size ? i + 1 : i;
}

static unsigned end_of_token(const char *text, unsigned i, unsigned size)
{
	static const char *const longer[] = {"...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
		"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "##"};
	if (is_word(text[i])) {
		while (i < size && (is_word(text[i]) || text[i] == '.'))
			if (text[i++] == '.' && !(text[i - 2] >= '0' && text[i - 2] <= '9'))
				return i - 1;
		return i;
	}
	if (text[i] == '"' || text[i] == '\'') {
		char quote = text[i++];
		while (i < size && text[i] != quote && text[i] != '\n')
			i += text[i] == '\\' ? 2 : 1;
		return i < size ? i + 1 : size;
	}
	for (size_t k = 0; k < sizeof longer / sizeof *longer; k++)
		if (size - i >= strlen(longer[k]) && !memcmp(text + i, longer[k], strlen(longer[k])))
			return i + strlen(longer[k]);
	return i + 1;
}

static struct source read_tokens(const uint8_t *data, size_t size)
{
	static struct token tokens[MAX_TOKENS];
	struct source source = {(const char *)data, (unsigned)size, tokens, 0};
	bool at_line_start = true;
	for (unsigned i = 0; source.n < MAX_TOKENS;) {
		unsigned start = skip_space(source.text, i, source.size);
		if (start >= source.size)
			break;
		at_line_start |= memchr(source.text + i, '\n', start - i) != NULL;
		bool directive = at_line_start && source.text[start] == '#';
		unsigned end = directive ? end_of_directive(source.text, start, source.size) : end_of_token(source.text, start, source.size);
		if (end > source.size)
			end = source.size;
		char c = source.text[start];
		enum kind kind = directive ? DIRECTIVE : c >= '0' && c <= '9' ? NUMBER : is_word(c) ? NAME : OTHER;
		tokens[source.n++] = (struct token){kind, i, start, end};
		at_line_start = directive;
		i = end;
	}
	return source;
}

static bool is(const struct source *source, int i, const char *text)
{
	if (i < 0 || i >= source->n)
		return false;
	struct token token = source->at[i];
	return token.end - token.start == strlen(text) && !memcmp(source->text + token.start, text, token.end - token.start);
}

/* ---- parts of a source ---- */

struct part { /* [first, end) of its tokens */
	int first, end;
};

static bool opens(const struct source *source, int i)
{
	return is(source, i, "(") || is(source, i, "{") || is(source, i, "[");
}

static bool closes(const struct source *source, int i)
{
	return is(source, i, ")") || is(source, i, "}") || is(source, i, "]");
}

/* Behind the bracket that closes the one at i. */
static int behind_bracket(const struct source *source, int i)
{
	int depth = 0;
	for (; i < source->n; i++) {
		depth += opens(source, i) - closes(source, i);
		if (depth <= 0)
			return i + 1;
	}
	return i;
}

/* Something like the statement that begins at i. */
static struct part statement_at(const struct source *source, int i)
{
	int first = i;
	while (i < source->n && !is(source, i, ";") && !closes(source, i)) {
		bool block = is(source, i, "{");
		i = opens(source, i) ? behind_bracket(source, i) : i + 1;
		if (block && !is(source, i, "else") && !is(source, i, "async_finally") && !is(source, i, "async_except") && !is(source, i, "while"))
			return (struct part){first, i};
	}
	return (struct part){first, is(source, i, ";") ? i + 1 : i};
}

static bool begins_statement(const struct source *source, int i)
{
	return is(source, i - 1, ";") || is(source, i - 1, "{") || is(source, i - 1, "}");
}

static struct part some_statement(const struct source *source)
{
	int from = dice(source->n);
	for (int k = 0; k < source->n; k++) {
		int i = (from + k) % source->n;
		if (begins_statement(source, i) && !is(source, i, "}")) {
			struct part part = statement_at(source, i);
			if (part.end > part.first)
				return part;
		}
	}
	return (struct part){from, from + 1};
}

/* A name or a number, with the brackets behind it; a bracket with what is in it. */
static struct part some_operand(const struct source *source)
{
	int from = dice(source->n);
	for (int k = 0; k < source->n; k++) {
		int i = (from + k) % source->n;
		if (source->at[i].kind == NUMBER || source->at[i].kind == NAME) {
			int end = i + 1;
			while (end < source->n && (is(source, end, "(") || is(source, end, "[")) && dice(4))
				end = behind_bracket(source, end);
			return (struct part){i, end};
		}
		if (is(source, i, "(") && !dice(2))
			return (struct part){i, behind_bracket(source, i)};
	}
	return (struct part){from, from + 1};
}

static struct part some_tokens(const struct source *source)
{
	int first = dice(source->n), end = first + 1 + dice(dice(4) ? 3 : 30);
	return (struct part){first, end < source->n ? end : source->n};
}

static struct part some_part(const struct source *source)
{
	switch (dice(3)) {
	case 0: return some_statement(source);
	case 1: return some_operand(source);
	default: return some_tokens(source);
	}
}

/* ---- writing ---- */

static void put(struct result *result, const char *data, size_t size)
{
	if (result->size + size > result->room)
		size = result->room - result->size;
	memcpy(result->data + result->size, data, size);
	result->size += size;
}

static void puts_to(struct result *result, const char *text)
{
	put(result, text, strlen(text));
}

static void put_part(struct result *result, const struct source *source, struct part part)
{
	if (part.first >= part.end)
		return;
	unsigned from = source->at[part.first].from, to = source->at[part.end - 1].end;
	put(result, source->text + from, to - from);
}

/* Without line ends, as a macro's body. */
static void put_on_one_line(struct result *result, const struct source *source, struct part part)
{
	for (int i = part.first; i < part.end; i++) {
		if (source->at[i].kind == DIRECTIVE)
			continue;
		puts_to(result, " ");
		put(result, source->text + source->at[i].start, source->at[i].end - source->at[i].start);
	}
}

static int after_includes(const struct source *source)
{
	int after = 0;
	for (int i = 0; i < source->n; i++)
		if (source->at[i].kind == DIRECTIVE && memmem(source->text + source->at[i].start, source->at[i].end - source->at[i].start, "include", 7))
			after = i + 1;
	return after;
}

/* The template with $ for the part. */
static void put_around(struct result *result, const char *template, const struct source *source, struct part part)
{
	for (; *template; template++)
		if (*template == '$')
			put_part(result, source, part);
		else
			put(result, template, 1);
}

/* ---- mutations: each writes the whole source with one change ---- */

static const char *const statements[] = {
	" if (1) $", " if (0) $ else $", " { $ }", " for (;;) { $ break; }", " while (await fuzz_step(0)) $",
	" do $ while (await fuzz_step(0));", " for (int fuzz = 0; fuzz < 2; fuzz++) $", " switch (await fuzz_step(1)) { case 1: $ default: $ }",
	" async_try { $ } async_finally { await fuzz_step(1); }", " async_try { $ } async_except (fuzz_e) { $ }",
	" async_timeout (1.0) { $ }", " async_task_group (fuzz_g) { $ }", " fuzz_label: $", " goto fuzz_2; $ fuzz_2: ;",
	" { int fuzz_vla[fuzz_step_plain(2)]; $ fuzz_vla[0] = 0; }", " { __attribute__((cleanup(fuzz_close))) int fuzz_c = 1; $ }",
	" { void *fuzz_to = &&fuzz_3; goto *fuzz_to; fuzz_3:; $ }", " (void)({ $ 1; });", " { await fuzz_step(1); $ await fuzz_step(2); }",
	" { char *fuzz_a = __builtin_alloca(8); $ *fuzz_a = 0; }", " { static int fuzz_s; fuzz_s++; $ }",
	" { struct fuzz_s { int a; } fuzz_s = {await fuzz_step(1)}; $ fuzz_s.a++; }", " FUZZ_SAME($)", " FUZZ_IF($)",
	" asm volatile (\"\" : : \"r\"(1)); $", " { int fuzz_r = await fuzz_step(3); $ if (fuzz_r) return; }", " $ $",
	"\n#if 1\n$\n#else\n$\n#endif\n", "\n#ifdef NO\n$\n#endif\n", " { extern int fuzz_x; $ }", " { typedef int fuzz_t; fuzz_t fuzz_v = 1; $ (void)fuzz_v; }",
};
static const char *const operands[] = {
	"($)", "(await fuzz_step($))", "($, $)", "(1 ? $ : $)", "(await fuzz_step(1) ? $ : $)", "($ ?: await fuzz_step(2))",
	"($ && await fuzz_step(1))", "({ $; })", "({ await fuzz_step(1); $; })", "FUZZ_SAME($)", "FUZZ_TWICE($)", "FUZZ_NAME($)",
	"(int)$", "-$", "!$", "&$", "*$", "$++", "sizeof $", "__typeof__($)", "$ = await fuzz_step(1)", "$ += await fuzz_step(1)",
	"_Generic($, int: $, default: $)", "(int[]){$, await fuzz_step(1)}[0]", "(struct fuzz_pair){.b = $, .a = await fuzz_step(1)}.b",
	"__builtin_expect($, 1)", "__builtin_choose_expr(1, $, 0)", "async_create_task(fuzz_step($))", "(await async_wait_for(fuzz_step($), 1.0))",
	"(await async_catch(fuzz_step($))).code", "(await *async_create_task(fuzz_step($)))", "(await async_gather(fuzz_step($), fuzz_step(2)), $)",
	"(await async_run_in_executor(NULL, fuzz_step_plain($)))", "(await fuzz_pointer($))", "async_coroutine(fuzz_step($))", "await $", "$ $",
	"(await async_shield(fuzz_step($)))", "fuzz_many(1, $, await fuzz_step(1))", "fuzz_vector[await fuzz_step(0)]", "fuzz_pair.b",
};
static const char *const words[] = {
	"await", "async", "return", "break;", "continue;", "goto", "static", "const", "volatile", "register", "_Atomic", "extern", "inline", "struct",
	"union", "enum", "typedef", "sizeof", "if", "else", "for", "while", "do", "switch", "case 1:", "default:", "(", ")", "{", "}", "[", "]", ";",
	",", "*", "&", "&&", "=", "+", "?", ":", "0", "1", "2.5", "\"text\"", "L\"text\"", "__auto_type", "_Thread_local", "_Alignas(32)", "restrict",
	"__func__", "__LINE__", "__COUNTER__", "async_try", "async_finally", "async_except (e)", "async_reraise();", "async_raise(1, \"x\");",
	"__attribute__((weak))", "__attribute__((unused))", "...", "void", "int", "char", "double", "_Complex", "__int128", "_BitInt(7)", "__extension__",
	"#", "\\\n", "\r\n", "\xc3\xa9", "__label__ fuzz_l;", "[1 ... 2] =", ".a =", "async_run(", "(void)", "##", "#define FUZZ_LATE 1\n", "\n#pragma STDC FENV_ACCESS ON\n",
};
static const char prelude[] = "\n#define FUZZ_SAME(x) x\n#define FUZZ_TWICE(x) ((x), (x))\n#define FUZZ_IF(x) if (1) { x }\n#define FUZZ_NAME(x) (#x, x)\n"
	"async int fuzz_step(int n);\nint fuzz_step_plain(int n);\nextern int (*fuzz_pointer)(int n);\nvoid fuzz_close(int *n);\n"
	"struct fuzz_pair { int a, b; };\nextern struct fuzz_pair fuzz_pair;\nint fuzz_many(int n, ...);\nextern int fuzz_vector __attribute__((vector_size(16)));\n";

#define ONE_OF(list) ((list)[dice(sizeof(list) / sizeof *(list))])

static void replace(struct result *result, const struct source *source, struct part part, const char *template)
{
	put_part(result, source, (struct part){0, part.first});
	puts_to(result, " ");
	put_around(result, template, source, part);
	put_part(result, source, (struct part){part.end, source->n});
}

/* The part, and another copied over it or beside it. */
static void copy_part(struct result *result, const struct source *source, bool over)
{
	unsigned which = dice(3);
	struct part from = which == 0 ? some_statement(source) : which == 1 ? some_operand(source) : some_tokens(source);
	struct part to = which == 0 ? some_statement(source) : which == 1 ? some_operand(source) : some_tokens(source);
	put_part(result, source, (struct part){0, to.first});
	puts_to(result, " ");
	put_part(result, source, from);
	puts_to(result, " ");
	put_part(result, source, (struct part){over ? to.end : to.first, source->n});
}

static void swap_parts(struct result *result, const struct source *source)
{
	struct part a = some_statement(source), b = some_statement(source);
	if (b.first < a.first) {
		struct part other = a;
		a = b;
		b = other;
	}
	if (a.end > b.first)
		b = (struct part){a.end, a.end};
	put_part(result, source, (struct part){0, a.first});
	put_part(result, source, b);
	put_part(result, source, (struct part){a.end, b.first});
	put_part(result, source, a);
	put_part(result, source, (struct part){b.end, source->n});
}

/* The part becomes a macro's body, or an argument of one. */
static void into_macro(struct result *result, const struct source *source)
{
	struct part part = some_part(source);
	int top = after_includes(source);
	char name[32];
	snprintf(name, sizeof name, " FUZZ_%u ", dice(100));
	if (part.first < top) {
		put_part(result, source, (struct part){0, source->n});
		return;
	}
	put_part(result, source, (struct part){0, top});
	puts_to(result, "\n#define");
	puts_to(result, name);
	put_on_one_line(result, source, part);
	puts_to(result, "\n");
	put_part(result, source, (struct part){top, part.first});
	puts_to(result, name);
	put_part(result, source, (struct part){part.end, source->n});
}

static void add_prelude(struct result *result, const struct source *source)
{
	int top = after_includes(source);
	put_part(result, source, (struct part){0, top});
	puts_to(result, prelude);
	put_part(result, source, (struct part){top, source->n});
}

static void mutate_once(struct result *result, const struct source *source)
{
	struct part none = {dice(source->n), 0};
	none.end = none.first;
	switch (dice(12)) {
	case 0: replace(result, source, some_part(source), ""); break;
	case 1: copy_part(result, source, false); break;
	case 2: copy_part(result, source, true); break;
	case 3: swap_parts(result, source); break;
	case 4: into_macro(result, source); break;
	case 5: replace(result, source, none, ONE_OF(words)); break;
	case 6: case 7: case 8: replace(result, source, some_statement(source), ONE_OF(statements)); break;
	default: replace(result, source, some_operand(source), ONE_OF(operands)); break;
	}
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	dice_state = seed | 1;
	if (!dice(50)) /* any bytes */
		return LLVMFuzzerMutate(data, size, max_size);
	char *from = malloc(max_size), *to = malloc(max_size);
	memcpy(from, data, size);
	for (int left = 1 + dice(3); left-- > 0;) {
		struct source source = read_tokens((uint8_t *)from, size);
		struct result result = {to, 0, max_size};
		if (!source.n)
			break;
		if (!memmem(from, size, "fuzz_vector", 11))
			add_prelude(&result, &source), left++;
		else
			mutate_once(&result, &source);
		size = result.size;
		char *other = from;
		from = to;
		to = other;
	}
	memcpy(data, from, size);
	free(from);
	free(to);
	return size;
}

/* The first source, with statements and expressions of the second. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2, uint8_t *out,
                                 size_t max_size, unsigned seed)
{
	static struct token kept[MAX_TOKENS];
	struct result result = {(char *)out, 0, max_size};
	dice_state = seed | 1;
	struct source first = read_tokens(data1, size1);
	if (!first.n)
		return 0;
	memcpy(kept, first.at, first.n * sizeof *kept);
	first.at = kept;
	struct source second = read_tokens(data2, size2);
	if (!second.n)
		return 0;
	bool statement = dice(2);
	struct part from = statement ? some_statement(&second) : some_operand(&second);
	struct part to = statement ? some_statement(&first) : some_operand(&first);
	put_part(&result, &first, (struct part){0, to.first});
	puts_to(&result, " ");
	put_part(&result, &second, from);
	puts_to(&result, " ");
	put_part(&result, &first, (struct part){dice(2) ? to.end : to.first, first.n});
	return result.size;
}
