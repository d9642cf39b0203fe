/* source.c: a file's text and its lines with the places they are presumed to be.  Needs nothing but the text: macros, types and
 * conditionals are libclang's business. */
#include "compiler.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static void find_line_starts(struct arena *arena, struct source *source);
static void find_places(struct arena *arena, struct source *source);

struct source *source_from_text(struct arena *arena, const char *path, const char *text, size_t size)
{
	struct source *source = arena_alloc(arena, sizeof *source);
	source->path = arena_copy(arena, path, strlen(path));
	source->text = arena_copy(arena, text, size);
	source->size = (unsigned)size;
	find_line_starts(arena, source);
	read_tokens(arena, source);
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
	unsigned low = 0, high = source->n_lines, near = *source->latest_line;
	if (source->line_starts[near] <= offset && (near + 1 == high || offset < source->line_starts[near + 1]))
		return near;
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		if (source->line_starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	*source->latest_line = low;
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
	source->latest_line = arena_alloc(arena, sizeof *source->latest_line);
	const char *end = source->text + source->size;
	unsigned line = 0;
	for (const char *p = source->text; (p = memchr(p, '\n', (size_t)(end - p)));)
		source->line_starts[++line] = (unsigned)(++p - source->text);
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

bool source_embeds(const struct source *source)
{
	for (int i = 0; i < source->directives.n; i++) {
		const char *start = source->text + source->directives.at[i].start;
		if (memmem(start, source->directives.at[i].end - source->directives.at[i].start, "embed", strlen("embed")))
			return true;
	}
	return false;
}
