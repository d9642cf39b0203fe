/* output.c: the text of the generated file.  It alone knows which line we are on, ours and the user's, so a #line is
 * computed, never guessed; and it alone touches the disk.
 *
 * `file` and `line` are what a compiler that reads the output believes of the line being written.  Without #line
 * directives (--no-line) they are tracked all the same: the layout is the same but for the directives. */
#include "compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 64 }; /* tabs of ours: a chain of a thousand ?: would be all indentation */
enum { GROWTH = 16 }; /* how much longer the text of functions full of awaits becomes */

struct output {
	struct text text;
	size_t line_start;     /* offset of the line being written */
	unsigned physical;     /* its number in the generated file, from 1 */
	const char *own_name;
	struct text file;      /* the user's file, escaped as in a string literal; empty: we are in our own lines */
	unsigned line;         /* the user's line */
	struct text last_file; /* where the user's text was left last, written like `file` */
	unsigned last_line;    /* behind the last line of it */
	const char *place_file; /* the file of the user's place asked for last */
	struct text place_name; /* ... written like `file` */
	bool ours;             /* what stands on the user's line is a line of ours */
	bool lines;
};

struct output *output_create(const char *own_name, bool lines, size_t source_size)
{
	struct output *output = calloc(1, sizeof *output);
	if (!output)
		ice("out of memory");
	output->own_name = own_name;
	output->lines = lines;
	output->physical = 1;
	text_reserve(&output->text, GROWTH * source_size);
	text_puts(&output->text, "");
	text_puts(&output->file, "");
	return output;
}

void output_destroy(struct output *output)
{
	if (!output)
		return;
	text_finish(&output->text);
	text_finish(&output->file);
	text_finish(&output->last_file);
	text_finish(&output->place_name);
	free(output);
}

/* ---- counting ---- */

static bool is_own(const struct output *output)
{
	return output->file.size == 0;
}

/* The line just written may be a #line of the user's. */
static void obey_line_directive(struct output *output, size_t end)
{
	const char *file;
	size_t size;
	unsigned line;
	const char *text = output->text.data + output->line_start;
	if (is_own(output) || !memchr(text, '#', end - output->line_start) || !parse_line_directive(text, end - output->line_start, &line, &file, &size))
		return;
	output->line = line - 1;
	if (file) {
		output->file.size = 0;
		text_add(&output->file, file, size);
	}
}

/* The line being written ends before `next`. */
static void end_line(struct output *output, size_t next)
{
	obey_line_directive(output, next - 1);
	output->line_start = next;
	output->physical++;
	output->line++;
}

/* Takes note of the newlines in what was added from `from` on. */
static void count_lines(struct output *output, size_t from)
{
	const char *data = output->text.data, *newline;
	while ((newline = memchr(data + from, '\n', output->text.size - from))) {
		from = (size_t)(newline - data) + 1;
		end_line(output, from);
	}
}

void output_text(struct output *output, const char *text, size_t size)
{
	size_t from = output->text.size;
	text_add(&output->text, text, size);
	count_lines(output, from);
}

void output_vprintf(struct output *output, const char *format, va_list args)
{
	size_t from = output->text.size;
	text_vprintf(&output->text, format, args);
	count_lines(output, from);
}

void output_printf(struct output *output, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	output_vprintf(output, format, args);
	va_end(args);
}

/* ---- going to a line ---- */

static void put(struct text *text, char c)
{
	if (text->size + 1 >= text->capacity)
		text_reserve(text, 1);
	text->data[text->size++] = c;
}

/* Ends the line, if anything but blanks is on it; blanks at its end are dropped. */
static void fresh_line(struct output *output)
{
	struct text *text = &output->text;
	while (text->size > output->line_start && (text->data[text->size - 1] == ' ' || text->data[text->size - 1] == '\t'))
		text->size--;
	if (text->size == output->line_start)
		return;
	put(text, '\n');
	end_line(output, text->size);
}

static void escape(struct text *to, const char *name)
{
	for (size_t n; *name; name += n) {
		if (*name == '"' || *name == '\\')
			text_add(to, "\\", 1);
		n = 1 + strcspn(name + 1, "\"\\");
		text_add(to, name, n);
	}
}

static void line_directive(struct output *output, unsigned line, const char *escaped_file)
{
	if (!output->lines)
		return;
	text_printf(&output->text, "#line %u \"%s\"\n", line, escaped_file);
	output->line_start = output->text.size;
	output->physical++;
}

static void leave_user(struct output *output)
{
	if (is_own(output))
		return;
	output->last_file.size = 0;
	text_add(&output->last_file, output->file.data, output->file.size);
	output->last_line = output->line;
	output->file.size = 0;
	output->file.data[0] = 0;
	struct text name = {0};
	escape(&name, output->own_name);
	line_directive(output, output->physical + 1, name.data ? name.data : "");
	text_finish(&name);
}

static void indent_line(struct output *output, struct span indent, int deeper, const struct source *source)
{
	if (source && indent.start < indent.end)
		text_add(&output->text, source->text + indent.start, indent.end - indent.start);
	for (int i = 0; i < deeper && i < DEEPEST; i++)
		put(&output->text, '\t');
}

void output_own(struct output *output, struct span indent, int deeper, const struct source *source)
{
	fresh_line(output);
	leave_user(output);
	output->ours = false;
	indent_line(output, indent, deeper, source);
}

static bool stands_at(const struct output *output, const struct text *file, unsigned line)
{
	return !is_own(output) && output->line == line && !strcmp(output->file.data, file->data);
}

/* The place's file as #line names it. */
static const struct text *name_of_file(struct output *output, const struct place *place)
{
	if (output->place_file != place->file) {
		output->place_file = place->file;
		output->place_name.size = 0;
		text_puts(&output->place_name, "");
		escape(&output->place_name, strcmp(place->file, "-") ? place->file : "<stdin>");
	}
	return &output->place_name;
}

/* A line that begins belongs to the user's. */
static void enter_user(struct output *output, const struct text *file, unsigned line)
{
	if (stands_at(output, file, line))
		return;
	line_directive(output, line, file->data);
	output->file.size = 0;
	text_add(&output->file, file->data, file->size);
	output->line = line;
}

void output_own_at(struct output *output, struct span indent, int deeper, const struct source *source, unsigned offset, unsigned user_text)
{
	struct place place = source_place(source, offset);
	const struct text *file = name_of_file(output, &place);
	fresh_line(output);
	bool is_there = is_own(output) ? output->last_line == place.line + 1 && output->last_file.size && !strcmp(output->last_file.data, file->data)
				       : output->line == place.line + 1 && !strcmp(output->file.data, file->data);
	if (is_there && user_text) {
		place = source_place(source, user_text);
		enter_user(output, name_of_file(output, &place), place.line);
	} else if (is_there) {
		leave_user(output);
	} else {
		enter_user(output, file, place.line);
	}
	output->ours = true;
	indent_line(output, indent, deeper, source);
}

void output_user(struct output *output, const struct source *source, unsigned offset)
{
	struct place place = source_place(source, offset);
	const struct text *file = name_of_file(output, &place);
	if (!output->ours && stands_at(output, file, place.line))
		return;
	output->ours = false;
	fresh_line(output);
	enter_user(output, file, place.line);
	struct span indent = source_indent(source, offset);
	if (indent.end <= offset)
		output_text(output, source->text + indent.start, indent.end - indent.start);
}

size_t output_size(const struct output *output)
{
	return output->text.size;
}

const char *output_data(struct output *output, size_t *size)
{
	text_add(&output->text, "", 0);
	*size = output->text.size;
	return output->text.data;
}

/* ---- the disk ---- */

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Straight into a device, a pipe or an open terminal. */
static int write_through(const char *path, const char *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int error = write_all(fd, data, size);
	if (close(fd) && !error)
		error = errno;
	return error;
}

static bool has_content(const char *path, const char *data, size_t size)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	char buffer[16384];
	size_t done = 0, n;
	while ((n = fread(buffer, 1, sizeof buffer, file)) && n <= size - done && !memcmp(buffer, data + done, n))
		done += n;
	bool same = !n && done == size && !ferror(file);
	fclose(file);
	return same;
}

static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int write_renamed(const char *path, const char *data, size_t size, mode_t mode)
{
	struct text temporary = {0};
	text_printf(&temporary, "%s.XXXXXX", path);
	int error = 0, fd = mkstemp(temporary.data);
	if (fd < 0)
		error = errno;
	if (error)
		goto free_name;
	error = write_all(fd, data, size);
	if (!error && fchmod(fd, mode))
		error = errno;
	if (close(fd) && !error)
		error = errno;
	if (!error && rename(temporary.data, path))
		error = errno;
	if (error)
		unlink(temporary.data);
free_name:
	text_finish(&temporary);
	return error;
}

bool is_same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;
	return !stat(a, &of_a) && !stat(b, &of_b) && S_ISREG(of_a.st_mode) && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

int write_file(const char *path, const char *data, size_t size)
{
	if (!strcmp(path, "-"))
		return write_all(STDOUT_FILENO, data, size);
	struct stat info;
	if (stat(path, &info))
		return errno == ENOENT ? write_renamed(path, data, size, new_file_mode()) : errno;
	if (S_ISDIR(info.st_mode))
		return EISDIR;
	if (!S_ISREG(info.st_mode))
		return write_through(path, data, size);
	if (access(path, W_OK))
		return errno;
	if (has_content(path, data, size))
		return 0;
	char *target = realpath(path, NULL); /* a symbolic link stays one */
	int error = target ? write_renamed(target, data, size, info.st_mode & 07777) : errno;
	free(target);
	return error;
}
