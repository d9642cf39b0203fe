/* source.c: a file's text, its lines with the places they are presumed to be, its tokens.  Needs nothing but the text:
 * macros, types and conditionals are libclang's business. */
#include "compiler.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static void find_line_starts(struct arena *arena, struct source *source);
static void find_directives(struct arena *arena, struct source *source);
static void find_places(struct arena *arena, struct source *source);

struct source *source_from_text(struct arena *arena, const char *path, const char *text, size_t size)
{
	struct source *source = arena_alloc(arena, sizeof *source);
	source->path = arena_copy(arena, path, strlen(path));
	source->text = arena_copy(arena, text, size);
	source->size = (unsigned)size;
	find_line_starts(arena, source);
	find_directives(arena, source);
	find_places(arena, source);
	return source;
}

static int read_all(FILE *file, struct text *text)
{
	char buffer[16384];
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, file));)
		text_add(text, buffer, n);
	return ferror(file) ? errno : 0;
}

struct source *source_read(struct arena *arena, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	if (!file)
		return NULL;
	struct text text = {0};
	int error = read_all(file, &text);
	if (!is_stdin)
		fclose(file);
	struct source *source = error ? NULL : source_from_text(arena, path, text.data, text.size);
	text_finish(&text);
	errno = error;
	return source;
}

/* ---- places ---- */

static unsigned count_lines(const struct source *source)
{
	unsigned n = 1;
	const char *end = source->text + source->size;
	for (const char *p = source->text; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

static unsigned line_index(const struct source *source, unsigned offset)
{
	unsigned low = 0, high = source->n_lines;
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		if (source->line_starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

bool parse_line_directive(const char *text, size_t size, unsigned *line, const char **file, size_t *file_size)
{
	const char *end = text + size, *p = skip_blanks(text, end);
	if (p == end || *p++ != '#')
		return false;
	p = skip_blanks(p, end);
	if (end - p > 4 && !memcmp(p, "line", 4))
		p = skip_blanks(p + 4, end);
	if (p == end || !isdigit((unsigned char)*p))
		return false;
	for (*line = 0; p < end && isdigit((unsigned char)*p); p++)
		*line = *line * 10 + (unsigned)(*p - '0');
	p = skip_blanks(p, end);
	*file = NULL;
	if (p == end || *p != '"')
		return true;
	*file = ++p;
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	*file_size = (size_t)(p - *file);
	return true;
}

/* The name that a quoted one stands for. */
static const char *unescape(struct arena *arena, const char *quoted, size_t size)
{
	char *name = arena_copy(arena, quoted, size), *to = name;
	for (const char *from = name; *from; *to++ = *from++)
		if (*from == '\\' && from[1])
			from++;
	*to = 0;
	return name;
}

/* Numbers the lines from `first` up to `end` as if the first were line `line` of `file`. */
static void number_lines(struct source *source, unsigned first, unsigned end, const char *file, unsigned line)
{
	for (unsigned i = first; i < end; i++)
		source->line_places[i] = (struct place){ file, line + (i - first), 1 };
}

static void find_line_starts(struct arena *arena, struct source *source)
{
	source->n_lines = count_lines(source);
	source->line_starts = arena_alloc(arena, source->n_lines * sizeof *source->line_starts);
	const char *end = source->text + source->size;
	unsigned line = 0;
	for (const char *p = source->text; (p = memchr(p, '\n', (size_t)(end - p)));)
		source->line_starts[++line] = (unsigned)(++p - source->text);
}

static void find_directives(struct arena *arena, struct source *source)
{
	struct token token = next_token(source, 0, source->size);
	for (; token.kind != TOKEN_END; token = next_token(source, token.span.end, source->size))
		if (token.kind == TOKEN_DIRECTIVE)
			list_add(arena, &source->directives, token.span);
}

static void find_places(struct arena *arena, struct source *source)
{
	const char *file = source->path;
	unsigned first = 0, line = 1;
	source->line_places = arena_alloc(arena, source->n_lines * sizeof *source->line_places);
	for (int i = 0; i < source->directives.n; i++) {
		struct span span = source->directives.at[i];
		const char *text = source->text + span.start, *new_file;
		unsigned new_line, next = line_index(source, span.end) + 1;
		size_t file_size;
		if (!parse_line_directive(text, span.end - span.start, &new_line, &new_file, &file_size))
			continue;
		number_lines(source, first, next, file, line);
		file = new_file ? unescape(arena, new_file, file_size) : file;
		first = next;
		line = new_line;
	}
	number_lines(source, first, source->n_lines, file, line);
}

struct place source_place(const struct source *source, unsigned offset)
{
	unsigned index = line_index(source, offset);
	struct place place = source->line_places[index];
	place.column = offset - source->line_starts[index] + 1;
	return place;
}

unsigned source_line_start(const struct source *source, unsigned offset)
{
	return source->line_starts[line_index(source, offset)];
}

struct span source_indent(const struct source *source, unsigned offset)
{
	unsigned start = source_line_start(source, offset), end = start;
	while (end < source->size && (source->text[end] == ' ' || source->text[end] == '\t'))
		end++;
	return (struct span){ start, end };
}

bool span_is(const struct source *source, struct span span, const char *text)
{
	size_t size = strlen(text);
	return span.end - span.start == size && !memcmp(source->text + span.start, text, size);
}

bool span_contains(struct span outer, struct span inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

/* ---- tokens ---- */

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
		before = at;
		at = skip_splices(text, at);
		while (at < end && isspace((unsigned char)text[at]))
			at++;
		at = skip_comment(text, at, end);
	}
	return at < end ? at : end;
}

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

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static unsigned skip_name(const char *text, unsigned at, unsigned end)
{
	while (at < end) {
		if (is_name_byte(text[at]))
			at++;
		else if (splice(text, at) && is_name_byte(text[skip_splices(text, at)]))
			at = skip_splices(text, at);
		else if (text[at] == '\\' && (text[at + 1] == 'u' || text[at + 1] == 'U'))
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
		if (is_name_byte(c) || c == '.' || ((c == '+' || c == '-') && exponent) || (c == '\'' && is_name_byte(text[at + 1])))
			before = c, at++;
		else if (splice(text, at) && is_name_byte(text[skip_splices(text, at)]))
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
	if (end - at < 2 || !memchr(second, text[at + 1], sizeof second - 1))
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
	unsigned n = text[at] == 'u' && text[at + 1] == '8' ? 2 : text[at] && strchr("uUL", text[at]) ? 1 : 0;
	return text[at + n] == '"' || text[at + n] == '\'' ? n : 0;
}

struct token next_token(const struct source *source, unsigned offset, unsigned end)
{
	const char *text = source->text;
	if (end > source->size)
		end = source->size;
	unsigned at = skip_space(text, offset, end);
	if (at >= end)
		return (struct token){ TOKEN_END, { end, end } };
	unsigned quote = at + quote_prefix(text, at);
	if (text[quote] == '"')
		return (struct token){ TOKEN_STRING, { at, skip_quoted(text, quote, end) } };
	if (text[quote] == '\'')
		return (struct token){ TOKEN_CHARACTER, { at, skip_quoted(text, quote, end) } };
	if (isdigit((unsigned char)text[at]) || (text[at] == '.' && isdigit((unsigned char)text[at + 1])))
		return (struct token){ TOKEN_NUMBER, { at, skip_number(text, at, end) } };
	if (is_name_byte(text[at]) || (text[at] == '\\' && (text[at + 1] == 'u' || text[at + 1] == 'U')))
		return (struct token){ TOKEN_NAME, { at, skip_name(text, at, end) } };
	if ((text[at] == '#' || !strncmp(text + at, "%:", 2)) && is_first_on_line(text, at))
		return (struct token){ TOKEN_DIRECTIVE, { at, skip_directive(text, at, end) } };
	return (struct token){ TOKEN_PUNCTUATION, { at, at + punctuation_size(text, at, end) } };
}

bool token_is(const struct source *source, struct token token, const char *text)
{
	return token.kind != TOKEN_END && span_is(source, token.span, text);
}

/* +1 for an opening bracket, -1 for a closing one.  Digraphs are brackets too. */
static int bracket_depth(const struct source *source, struct token token)
{
	static const char *const opening[] = { "(", "[", "{", "<:", "<%" }, *const closing[] = { ")", "]", "}", ":>", "%>" };
	if (token.kind != TOKEN_PUNCTUATION || !strchr("([{<)]}:%", source->text[token.span.start]))
		return 0;
	for (int i = 0; i < 5; i++) {
		if (token_is(source, token, opening[i]))
			return 1;
		if (token_is(source, token, closing[i]))
			return -1;
	}
	return 0;
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
