/* clang_diag.c: what clang itself has to say, printed as diag.c prints what we say. */
#include "parse.h"

#include <string.h>
#include <strings.h>

#define HANDLE "volatile __attribute__((address_space(42))) "

/* The quote that opens what the one at `close` ends. */
static const char *opening_quote(const char *start, const char *close)
{
	while (close > start && *--close != '\'')
		;
	return close;
}

/* The message with handles' types as the user writes them: 'async_task(int)' instead of how the header makes one. */
static const char *readable(struct unit *unit, const char *message)
{
	const char *at = strstr(message, "'" HANDLE), *type = at ? at + sizeof "'" HANDLE - 1 : NULL;
	const char *end = type ? strchr(type, '\'') : NULL;
	if (!end || end - type < 2 || memcmp(end - 2, " *", 2) != 0)
		return message;
	const char *rest = end + 1;
	if (at - message > 8 && memcmp(at - 7, "' (aka ", 7) == 0 && *rest == ')') {
		at = opening_quote(message, at - 7);
		rest++;
	}
	return arena_printf(unit->arena, "%.*s'async_task(%.*s)'%s", (int)(at - message), message, (int)(end - 2 - type), type,
			    readable(unit, rest));
}

/* Handles of different types are mixed up: to the compiler of the output they are pointers, which it may let pass. */
static bool mixes_handles(CXDiagnostic diagnostic, const char *message)
{
	CXString option = clang_getDiagnosticOption(diagnostic, NULL);
	const char *name = clang_getCString(option);
	bool about_pointers = name && (strcmp(name, "-Wincompatible-pointer-types") == 0 || strcmp(name, "-Wpointer-type-mismatch") == 0 ||
				       strcmp(name, "-Wcompare-distinct-pointer-types") == 0);
	clang_disposeString(option);
	return about_pointers && strstr(message, HANDLE);
}

/* Where it is in the unit's text, an invocation where it comes out of one.  False: in another file. */
static bool place_of(struct clang_unit *clang, CXDiagnostic diagnostic, struct span *where)
{
	CXFile file;
	CXSourceLocation location = clang_getDiagnosticLocation(diagnostic);
	clang_getExpansionLocation(location, &file, NULL, NULL, &where->start);
	where->end = where->start + 1;
	if (!file || !clang_File_isEqual(file, clang->file))
		return false;
	for (unsigned i = 0; i < clang_getDiagnosticNumRanges(diagnostic); i++) {
		unsigned start, end;
		CXSourceRange range = clang_getDiagnosticRange(diagnostic, i);
		clang_getExpansionLocation(clang_getRangeStart(range), NULL, NULL, NULL, &start);
		clang_getExpansionLocation(clang_getRangeEnd(range), NULL, NULL, NULL, &end);
		if (start == where->start && end > where->end)
			where->end = end;
	}
	return true;
}

/* Text that # or ## has made has no place of its own: that of the invocation will do. */
static void print_place_of_pasted_text(CXDiagnostic diagnostic)
{
	CXSourceLocation location = clang_getDiagnosticLocation(diagnostic);
	CXFile spelled, expanded;
	unsigned line, column;
	clang_getSpellingLocation(location, &spelled, NULL, NULL, NULL);
	clang_getExpansionLocation(location, &expanded, &line, &column, NULL);
	if (spelled || !expanded)
		return;
	CXString name = clang_getFileName(expanded);
	fprintf(stderr, "%s:%u:%u: ", clang_getCString(name), line, column);
	clang_disposeString(name);
}

typedef void report_at(struct unit *unit, struct span where, const char *format, ...);

static void print_diagnostic(struct unit *unit, struct clang_unit *clang, CXDiagnostic diagnostic, const char *message, report_at *report)
{
	struct span where;
	if (place_of(clang, diagnostic, &where)) {
		report(unit, where, "%s", readable(unit, message));
		return;
	}
	print_place_of_pasted_text(diagnostic);
	fprintf(stderr, "%s\n", readable(unit, keep_string(unit, clang_formatDiagnostic(diagnostic, clang_defaultDiagnosticDisplayOptions()))));
	unit->errors += report == error_at;
}

/* What clang refuses, and gcc does not. */
static void print_way_out(struct unit *unit, struct clang_unit *clang, CXDiagnostic diagnostic, const char *message)
{
	static const struct { const char *message, *way_out; } known[] = {
		{"illegal initializer type '_Atomic(", "clang, which reads the source for asyncc, takes no list for an _Atomic struct: assign it after the declaration"},
		{"function definition is not allowed here", "clang, which reads the source for asyncc, has no functions in functions: move it out"},
	};
	struct span where;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(message, known[i].message, strlen(known[i].message)) == 0 && place_of(clang, diagnostic, &where))
			note_at(unit, where, "%s", known[i].way_out);
}

/* What async.h is made of helps nobody. */
static bool is_about_the_header(struct unit *unit, const char *message)
{
	static const char start[] = "expanded from macro '";
	if (strncmp(message, start, sizeof start - 1) != 0)
		return false;
	const char *name = message + sizeof start - 1;
	return strncasecmp(name, "async_", 6) == 0 || is_own_macro(arena_copy(unit->arena, name, strcspn(name, "'")));
}

static void print_notes(struct unit *unit, struct clang_unit *clang, CXDiagnostic diagnostic)
{
	CXDiagnosticSet notes = clang_getChildDiagnostics(diagnostic);
	for (unsigned i = 0; i < clang_getNumDiagnosticsInSet(notes); i++) {
		CXDiagnostic note = clang_getDiagnosticInSet(notes, i);
		const char *message = keep_string(unit, clang_getDiagnosticSpelling(note));
		if (!is_about_the_header(unit, message))
			print_diagnostic(unit, clang, note, message, note_at);
		clang_disposeDiagnostic(note);
	}
}

/* Warnings are the final compiler's to give, as it sees the same text; but not of these: what they are about is gone then. */
static void keep_warning(struct unit *unit, CXFile input, CXDiagnostic diagnostic)
{
	static const char *const lost[] = {"-Wreturn-type", "-Wunused-result", "-Wunsequenced", "-Wformat", "-Wformat-extra-args",
					    "-Wformat-insufficient-args"};
	CXString enabled_by = clang_getDiagnosticOption(diagnostic, NULL);
	struct clang_warning warning = {.message = keep_string(unit, clang_getDiagnosticSpelling(diagnostic))};
	CXFile file;
	clang_getFileLocation(clang_getDiagnosticLocation(diagnostic), &file, NULL, NULL, &warning.at);
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
		if (strcmp(clang_getCString(enabled_by), lost[i]) != 0 || !file || !clang_File_isEqual(file, input))
			continue;
		warning.option = lost[i];
		list_add(unit->arena, &unit->clang_warnings, warning);
	}
	clang_disposeString(enabled_by);
}

void print_clang_errors(struct unit *unit, struct clang_unit *clang)
{
	unit->clang_warnings.n = 0;
	for (unsigned i = 0; i < clang_getNumDiagnostics(clang->tu); i++) {
		CXDiagnostic diagnostic = clang_getDiagnostic(clang->tu, i);
		const char *message = keep_string(unit, clang_getDiagnosticSpelling(diagnostic));
		if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error || mixes_handles(diagnostic, message)) {
			print_diagnostic(unit, clang, diagnostic, message, error_at);
			print_notes(unit, clang, diagnostic);
			print_way_out(unit, clang, diagnostic, message);
		} else {
			keep_warning(unit, clang->file, diagnostic);
		}
		clang_disposeDiagnostic(diagnostic);
	}
}
