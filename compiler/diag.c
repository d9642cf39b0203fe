/* diag.c: errors, warnings and notes as clang prints them: place, message, the line, a caret with tildes under the span.
 * Places are presumed ones, so a #line in the user's file counts. */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80; /* of a UTF-8 character: takes no column of its own */
}

/* What stands under text[start, at): as wide, tabs kept. */
static void pad_to(const struct source *source, unsigned start, unsigned at)
{
	for (unsigned i = start; i < at; i++)
		if (!is_continuation(source->text[i]))
			fputc(source->text[i] == '\t' ? '\t' : ' ', stderr);
}

static unsigned line_end(const struct source *source, unsigned start)
{
	unsigned end = start;
	while (end < source->size && source->text[end] != '\n')
		end++;
	return end > start && source->text[end - 1] == '\r' ? end - 1 : end;
}

static void show_line(const struct source *source, struct span where, const char *replacement)
{
	unsigned start = source_line_start(source, where.start), end = line_end(source, start);
	fprintf(stderr, "%.*s\n", (int)(end - start), source->text + start);
	pad_to(source, start, where.start);
	fputc('^', stderr);
	for (unsigned i = where.start + 1; i < where.end && i < end; i++)
		if (!is_continuation(source->text[i]))
			fputc('~', stderr);
	fputc('\n', stderr);
	if (!replacement)
		return;
	pad_to(source, start, where.start);
	fprintf(stderr, "%s\n", replacement);
}

static void say_place(const struct source *source, unsigned at, const char *severity)
{
	struct place place = source_place(source, at);
	fprintf(stderr, "%s:%u:%u: %s: ", strcmp(place.file, "-") ? place.file : "<stdin>", place.line, place.column, severity);
}

static void say(struct unit *unit, struct span where, const char *severity, const char *replacement, const char *format,
                va_list args)
{
	struct origin origin = origin_of(unit, where);
	say_place(origin.source, origin.span.start, severity);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	show_line(origin.source, origin.span, origin.macro ? NULL : replacement);
	if (!origin.macro)
		return;
	say_place(origin.source, origin.span.start, "note");
	fprintf(stderr, "expanded from macro '%s'\n", origin.macro);
	show_line(unit->source, where, replacement);
}

void error_at(struct unit *unit, struct span where, const char *format, ...)
{
	va_list args;
	unit->drops_notes = false;
	va_start(args, format);
	say(unit, where, "error", NULL, format, args);
	va_end(args);
	unit->errors++;
}

void error_in(struct unit *unit, const struct source *file, struct span where, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say_place(file, where.start, "error");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	show_line(file, where, NULL);
	va_end(args);
	unit->errors++;
}

void warning_at(struct unit *unit, struct span where, const char *format, ...)
{
	va_list args;
	unit->drops_notes = unit->is_lowered_again;
	if (unit->drops_notes)
		return;
	va_start(args, format);
	say(unit, where, "warning", NULL, format, args);
	va_end(args);
}

void note_at(struct unit *unit, struct span where, const char *format, ...)
{
	va_list args;
	if (unit->drops_notes)
		return;
	va_start(args, format);
	say(unit, where, "note", NULL, format, args);
	va_end(args);
}

void fixit_at(struct unit *unit, struct span where, const char *replacement, const char *format, ...)
{
	va_list args;
	if (unit->drops_notes)
		return;
	va_start(args, format);
	say(unit, where, "note", replacement, format, args);
	va_end(args);
}

void error_plain(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("asyncc: error: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void ice(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("asyncc: internal error: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\nasyncc: this is a bug of asyncc, not of your program; please report it with the source that shows it\n", stderr);
	va_end(args);
	exit(70);
}
