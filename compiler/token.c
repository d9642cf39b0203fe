/* token.c: a text's tokens.  Each text is read once, when it becomes a source: from then on a token is looked up by the offset
 * where it begins or where the one before it ends, and only looked for anywhere else (in a comment, in a directive). */
#include "compiler.h"

#include <string.h>

/* ---- bytes ---- */

enum { SPACE = 1, DIGIT = 2, NAME = 4 /* can go on a name */ };

static const unsigned char classes[256] = { [' '] = SPACE, ['\t' ... '\r'] = SPACE, ['0' ... '9'] = DIGIT | NAME, ['A' ... 'Z'] = NAME,
	['a' ... 'z'] = NAME, ['_'] = NAME, ['$'] = NAME, [0x80 ... 0xff] = NAME };

static bool is(char c, int class)
{
	return classes[(unsigned char)c] & class;
}

/* ---- what is between tokens ---- */

/* Bytes of the line splice (backslash, blanks, newline) at `at`, or 0.  The text is terminated, so looking on is safe. */
static unsigned splice(const char *text, unsigned at)
{
	unsigned i = at;
	if (text[i++] != '\\')
		return 0;
	while (text[i] == ' ' || text[i] == '\t' || text[i] == '\r')
		i++;
	return text[i] == '\n' ? i + 1 - at : 0;
}

static unsigned skip_splices(const char *text, unsigned at)
{
	for (unsigned n; (n = splice(text, at));)
		at += n;
	return at;
}

/* The offset after the comment at `at`; `at` itself if there is none. */
static unsigned skip_comment(const char *text, unsigned at, unsigned end)
{
	if (at + 1 >= end || text[at] != '/')
		return at;
	unsigned second = skip_splices(text, at + 1), i = second + 1;
	if (text[second] == '/') {
		while (i < end && text[i] != '\n')
			i += splice(text, i) ? splice(text, i) : 1;
		return i;
	}
	if (text[second] != '*')
		return at;
	for (; i < end; i++)
		if (text[i] == '*' && text[skip_splices(text, i + 1)] == '/')
			return skip_splices(text, i + 1) + 1;
	return end;
}

static unsigned skip_space(const char *text, unsigned at, unsigned end)
{
	for (unsigned before = end + 1; before != at && at < end;) {
		while (at < end && is(text[at], SPACE))
			at++;
		before = at;
		if (text[at] == '\\')
			at = skip_splices(text, at);
		else if (text[at] == '/')
			at = skip_comment(text, at, end);
	}
	return at < end ? at : end;
}

/* ---- tokens, by what they begin with ---- */

/* After the closing quote, or at the end of the line where one is missing. */
static unsigned skip_quoted(const char *text, unsigned at, unsigned end)
{
	char quote = text[at++];
	while (at < end && text[at] != '\n') {
		if (text[at] == quote)
			return at + 1;
		unsigned spliced = splice(text, at);
		at += spliced ? spliced : text[at] == '\\' && at + 1 < end ? 2 : 1;
	}
	return at < end ? at : end;
}

static unsigned skip_name(const char *text, unsigned at, unsigned end)
{
	while (at < end) {
		if (is(text[at], NAME))
			at++;
		else if (text[at] != '\\')
			break;
		else if (splice(text, at) && is(text[skip_splices(text, at)], NAME))
			at = skip_splices(text, at);
		else if (text[at + 1] == 'u' || text[at + 1] == 'U')
			at += 2;
		else
			break;
	}
	return at < end ? at : end;
}

static unsigned skip_number(const char *text, unsigned at, unsigned end)
{
	for (char before = 0; at < end;) {
		char c = text[at];
		bool exponent = before && strchr("eEpP", before);
		if (is(c, NAME) || c == '.' || ((c == '+' || c == '-') && exponent) || (c == '\'' && is(text[at + 1], NAME)))
			before = c, at++;
		else if (splice(text, at) && is(text[skip_splices(text, at)], NAME))
			at = skip_splices(text, at);
		else
			break;
	}
	return at < end ? at : end;
}

/* Nothing but blanks and comments before `at` on its line, which does not continue another. */
static bool is_first_on_line(const char *text, unsigned at)
{
	unsigned start = at;
	while (start && text[start - 1] != '\n')
		start--;
	if (start > 1) {
		unsigned last = start - 1;
		while (last && strchr(" \t\r", text[last - 1]))
			last--;
		if (last && text[last - 1] == '\\')
			return false;
	}
	for (unsigned i = start; i < at; i++)
		if (text[i] == '*' && text[i + 1] == '/' && skip_space(text, i + 2, at) == at)
			return true; /* the end of a comment, whose rest does not matter */
	return skip_space(text, start, at) == at;
}

static unsigned skip_directive(const char *text, unsigned at, unsigned end)
{
	while (at < end && text[at] != '\n') {
		unsigned next = splice(text, at) ? at + splice(text, at) : skip_comment(text, at, end);
		if (next == at)
			next = text[at] == '"' || text[at] == '\'' ? skip_quoted(text, at, end) : at + 1;
		at = next;
	}
	while (at && text[at - 1] == '\r')
		at--;
	return at < end ? at : end;
}

static unsigned punctuation_size(const char *text, unsigned at, unsigned end)
{
	static const char second[] = ":.<=>+-&|#%"; /* of those below */
	static const char *const longer[] = { "%:%:", "...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=",
		"&&", "||", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=", "##", "<:", ":>", "<%", "%>", "%:" };
	if (end - at < 2 || is(text[at + 1], SPACE | NAME) || !memchr(second, text[at + 1], sizeof second - 1))
		return 1;
	for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
		if (*longer[i] != text[at])
			continue;
		size_t size = strlen(longer[i]);
		if (size <= end - at && !memcmp(text + at, longer[i], size))
			return (unsigned)size;
	}
	return 1;
}

/* Bytes of an encoding prefix right before a quote at `at`: u8 u U L. */
static unsigned quote_prefix(const char *text, unsigned at)
{
	unsigned n = text[at] == 'u' && text[at + 1] == '8' ? 2 : text[at] == 'u' || text[at] == 'U' || text[at] == 'L';
	return text[at + n] == '"' || text[at + n] == '\'' ? n : 0;
}

static struct token read_token(const char *text, unsigned offset, unsigned end)
{
	unsigned at = skip_space(text, offset, end);
	if (at >= end)
		return (struct token){ TOKEN_END, { end, end } };
	unsigned quote = at + quote_prefix(text, at);
	if (text[quote] == '"')
		return (struct token){ TOKEN_STRING, { at, skip_quoted(text, quote, end) } };
	if (text[quote] == '\'')
		return (struct token){ TOKEN_CHARACTER, { at, skip_quoted(text, quote, end) } };
	if (is(text[at], DIGIT) || (text[at] == '.' && is(text[at + 1], DIGIT)))
		return (struct token){ TOKEN_NUMBER, { at, skip_number(text, at, end) } };
	if (is(text[at], NAME) || (text[at] == '\\' && (text[at + 1] == 'u' || text[at + 1] == 'U')))
		return (struct token){ TOKEN_NAME, { at, skip_name(text, at, end) } };
	if ((text[at] == '#' || (text[at] == '%' && text[at + 1] == ':')) && is_first_on_line(text, at))
		return (struct token){ TOKEN_DIRECTIVE, { at, skip_directive(text, at, end) } };
	return (struct token){ TOKEN_PUNCTUATION, { at, at + punctuation_size(text, at, end) } };
}

/* ---- all of them ---- */

enum { TOKEN_CELL = 32 };

void read_tokens(struct arena *arena, struct source *source)
{
	struct token token = { TOKEN_PUNCTUATION, { 0, 0 } };
	struct text all = { 0 };
	unsigned n_cells = 0;
	source->first_tokens = arena_alloc(arena, (source->size / TOKEN_CELL + 1) * sizeof *source->first_tokens);
	while (token.kind != TOKEN_END) {
		token = read_token(source->text, token.span.end, source->size);
		for (; n_cells * TOKEN_CELL <= token.span.start; n_cells++)
			source->first_tokens[n_cells] = source->tokens.n;
		if (token.kind == TOKEN_DIRECTIVE)
			list_add(arena, &source->directives, token.span);
		text_reserve(&all, sizeof token);
		((struct token *)all.data)[source->tokens.n++] = token;
		all.size += sizeof token;
	}
	source->tokens.at = (struct token *)arena_copy(arena, all.data, all.size);
	text_finish(&all);
}

/* The number of the token that begins at the offset, or before which the one before it ends there; -1: neither. */
static int token_at(const struct source *source, unsigned offset)
{
	const struct token *tokens = source->tokens.at;
	int i = source->first_tokens[offset / TOKEN_CELL];
	while (tokens[i].span.start < offset)
		i++;
	return tokens[i].span.start == offset || (i ? tokens[i - 1].span.end : 0) == offset ? i : -1;
}

struct token next_token(const struct source *source, unsigned offset, unsigned end)
{
	if (end > source->size)
		end = source->size;
	int number = offset < end ? token_at(source, offset) : -1;
	if (number < 0)
		return read_token(source->text, offset, end);
	struct token token = source->tokens.at[number];
	if (token.span.start >= end)
		return (struct token){ TOKEN_END, { end, end } };
	return token.span.end <= end ? token : read_token(source->text, offset, end);
}

int first_directive(const struct source *source, unsigned offset)
{
	return first_from(source->directives, struct span, start, offset);
}

/* +1 for an opening bracket, -1 for a closing one.  Digraphs are brackets too. */
static int bracket_depth(const struct source *source, struct token token)
{
	const char *text = source->text + token.span.start;
	bool is_digraph = token.span.end - token.span.start == 2;
	if (token.kind != TOKEN_PUNCTUATION)
		return 0;
	switch (text[0]) {
	case '(': case '[': case '{':
		return 1;
	case ')': case ']': case '}':
		return -1;
	case '<':
		return is_digraph && (text[1] == ':' || text[1] == '%');
	case ':': case '%':
		return is_digraph && text[1] == '>' ? -1 : 0;
	default:
		return 0;
	}
}

unsigned closing_bracket(const struct source *source, unsigned open, unsigned end)
{
	int depth = 0;
	struct token token = next_token(source, open, end);
	for (; token.kind != TOKEN_END; token = next_token(source, token.span.end, end)) {
		depth += bracket_depth(source, token);
		if (depth == 0)
			return token.span.start;
	}
	return end;
}
