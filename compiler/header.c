/* header.c: static async functions that are defined in headers.  One that an async function of the file names is taken over: its
 * text goes before that function, under a name of ours and with #line to the header, and is lowered there.  The header's own
 * text stays as it is, a plain function that does the same one step after the other, for calls from ordinary C.  Where the file
 * takes the function's address, that is our name's: an entry's.
 * Knows libclang. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "async__adopted_"

struct search {
	struct unit *unit;
	bool found;
	CXCursor function;
	unsigned at; /* of the function that names it first, or whatever has its address first */
};

const char *adopted_name(const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0 ? name + strlen(PREFIX) : NULL;
}

static bool is_defined_here(struct unit *unit, const char *name)
{
	for (int i = 0; i < unit->fns.n; i++)
		if (strcmp(unit->fns.at[i]->name, name) == 0)
			return true;
	return false;
}

static bool names(struct unit *unit, const struct async_fn *fn, const char *name)
{
	struct token token;
	for (unsigned at = fn->body.start; (token = next_token(unit->source, at, fn->body.end)).kind != TOKEN_END;
	     at = token.span.end)
		if (token.kind == TOKEN_NAME && token_is(unit->source, token, name))
			return true;
	return false;
}

static struct async_fn *first_user(struct unit *unit, const char *name)
{
	for (int i = 0; i < unit->fns.n; i++)
		if (names(unit, unit->fns.at[i], name))
			return unit->fns.at[i];
	return NULL;
}

static void consider(CXCursor cursor, void *arg)
{
	struct search *search = arg;
	struct unit *unit = search->unit;
	const char *name = keep_string(unit, clang_getCursorSpelling(cursor));
	if (search->found || !is_header_async(unit, cursor) || is_defined_here(unit, name) || !name_is_used(unit, name))
		return;
	const struct async_fn *user = first_user(unit, name);
	search->at = user ? user->span.start : ~0u;
	struct addresses addresses = find_addresses(unit, false);
	for (int i = 0; i < addresses.n; i++)
		if (strcmp(addresses.at[i].name, name) == 0 && addresses.at[i].top < search->at)
			search->at = addresses.at[i].top;
	search->function = cursor;
	search->found = search->at != ~0u;
}

static void add_line_directive(struct text *text, const char *file, unsigned line)
{
	text_printf(text, "#line %u \"", line);
	for (; *file; file++) {
		if (*file == '"' || *file == '\\')
			text_puts(text, "\\");
		text_add(text, file, 1);
	}
	text_puts(text, "\"\n");
}

static unsigned offset_in_header(CXSourceLocation location, CXFile *file, unsigned *line)
{
	unsigned offset;
	clang_getFileLocation(location, file, line, NULL, &offset);
	return offset;
}

/* The function's text with its name changed, between #line directives; false if that is not how it stands there. */
static bool copy_function(struct unit *unit, CXCursor function, unsigned at, struct text *text)
{
	CXFile file;
	unsigned line, size_of_name;
	size_t size = 0;
	CXSourceRange range = clang_getCursorExtent(function);
	unsigned start = offset_in_header(clang_getRangeStart(range), &file, &line);
	unsigned end = offset_in_header(clang_getRangeEnd(range), NULL, NULL);
	unsigned name_at = offset_in_header(clang_getCursorLocation(function), NULL, NULL);
	const char *header = text_of_file(unit, file, &size);
	const char *name = keep_string(unit, clang_getCursorSpelling(function));
	size_of_name = (unsigned)strlen(name);
	if (!header || end > size || name_at < start || name_at + size_of_name > end ||
	    strncmp(header + name_at, name, size_of_name) != 0 || header[end - 1] != '}')
		return false;
	add_line_directive(text, keep_string(unit, clang_getFileName(file)), line);
	text_add(text, header + start, name_at - start);
	text_puts(text, PREFIX);
	text_add(text, header + name_at, end - name_at);
	text_puts(text, "\n");
	struct place place = source_place(unit->source, at);
	add_line_directive(text, strcmp(place.file, "-") ? place.file : "<stdin>", place.line);
	return true;
}

/* The unit from its changed text, which is finished. */
static bool read_again(struct unit *unit, struct text *text)
{
	unit->source = source_from_text(unit->arena, unit->source->path, text->data, text->size);
	text_finish(text);
	clang_unit_destroy(unit->clang);
	unit->clang = parse_unit(unit);
	if (unit->clang)
		collect_functions(unit);
	return unit->clang && !unit->errors && normalize_unit(unit);
}

/* Takes one function over and reads the unit again.  False: none is left, or there was an error. */
static bool adopt_next(struct unit *unit)
{
	struct search search = {.unit = unit};
	struct text text = {0};
	if (unit->clang->has_header_async)
		each_declaration(unit, consider, &search);
	if (!search.found)
		return false;
	unsigned at = source_line_start(unit->source, search.at);
	const char *name = keep_string(unit, clang_getCursorSpelling(search.function));
	struct span where = {search.at, search.at};
	if (clang_Cursor_getStorageClass(search.function) != CX_SC_Static) {
		error_at(unit, where, "'%s', which is named here, is an async function defined in an included file: it has to be static", name);
		return false;
	}
	text_add(&text, unit->source->text, at);
	if (!copy_function(unit, search.function, at, &text)) {
		error_at(unit, where, "'%s', which is named here, is an async function that a macro of an included file defines", name);
		text_finish(&text);
		return false;
	}
	struct replacements *replacements = replacements_begin(unit);
	replacements_add(unit, replacements, (struct span){at, at}, (unsigned)text.size - at, NULL);
	replacements_end(unit, replacements);
	text_add(&text, unit->source->text + at, unit->source->size - at);
	return read_again(unit, &text);
}

/* ---- its address ---- */

/* The entry may be named before the place where the function is lowered: by another that was taken over. */
static void declare_before(struct unit *unit, const struct async_fn *fn, unsigned at, struct text *text)
{
	unsigned end = fn->body.start;
	while (strchr(" \t\r\n", unit->source->text[end - 1]))
		end--;
	text_add(text, unit->source->text + fn->span.start, end - fn->span.start);
	text_puts(text, ";\n");
	struct place place = source_place(unit->source, at);
	add_line_directive(text, strcmp(place.file, "-") ? place.file : "<stdin>", place.line);
}

/* One function's references name the lowered function's entry instead of the header's text. */
static bool redirect(struct unit *unit, const struct async_fn *fn, const struct addresses *addresses)
{
	struct text text = {0};
	struct replacements *replacements = replacements_begin(unit);
	unsigned at = 0, size = (unsigned)strlen(fn->name);
	for (int i = 0; i < addresses->n; i++) {
		const struct address *address = &addresses->at[i];
		unsigned line = source_line_start(unit->source, address->top);
		if (strcmp(address->name, fn->name) != 0 || address->at < at)
			continue;
		if (!at && address->top < fn->span.start) {
			text_add(&text, unit->source->text, line);
			declare_before(unit, fn, line, &text);
			replacements_add(unit, replacements, (struct span){line, line}, (unsigned)text.size - line, NULL);
			at = line;
		}
		text_add(&text, unit->source->text + at, address->at - at);
		text_puts(&text, PREFIX);
		text_puts(&text, fn->name);
		at = address->at + size;
		replacements_add(unit, replacements, (struct span){address->at, at}, (unsigned)strlen(PREFIX) + size, NULL);
	}
	replacements_end(unit, replacements);
	text_add(&text, unit->source->text + at, unit->source->size - at);
	return read_again(unit, &text);
}

static int by_offset(const void *a, const void *b)
{
	const struct address *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static const struct async_fn *first_addressed(struct unit *unit, const struct addresses *addresses)
{
	for (int i = 0; i < unit->fns.n; i++)
		for (int j = 0; j < addresses->n; j++)
			if (unit->fns.at[i]->is_adopted && strcmp(unit->fns.at[i]->name, addresses->at[j].name) == 0)
				return unit->fns.at[i];
	return NULL;
}

static bool redirect_addresses(struct unit *unit)
{
	for (bool warn = true; unit->clang->has_header_async; warn = false) {
		struct addresses addresses = find_addresses(unit, warn);
		const struct async_fn *fn = first_addressed(unit, &addresses);
		if (!fn)
			return true;
		qsort(addresses.at, addresses.n, sizeof *addresses.at, by_offset);
		if (!redirect(unit, fn, &addresses))
			return false;
	}
	return true;
}

const char *entry_name(struct unit *unit, const struct async_fn *fn)
{
	return fn->is_adopted ? arena_printf(unit->arena, PREFIX "%s", fn->name) : fn->name;
}

bool needs_entry(struct unit *unit, const struct async_fn *fn)
{
	return !fn->is_adopted || occurrences_in(unit, (struct span){0, unit->source->size}, entry_name(unit, fn)).n > 1;
}

/* The twin in the header has variables of its own. */
static void refuse_static_locals(struct unit *unit, const struct async_fn *fn)
{
	struct token token;
	for (unsigned at = fn->body.start; (token = next_token(unit->source, at, fn->body.end)).kind != TOKEN_END;
	     at = token.span.end)
		if (token_is(unit->source, token, "static"))
			error_at(unit, token.span, "a static variable in an async function of a header: ordinary C that calls '%s' would have another one",
				 fn->name);
}

/* Nobody would lower it: who awaits it in another file would not link.  (Of an inline one there is nothing to link with.) */
static void refuse_external(CXCursor cursor, void *arg)
{
	struct unit *unit = arg;
	CXFile file;
	unsigned line;
	size_t size;
	if (!is_header_async(unit, cursor) || clang_getCursorLinkage(cursor) != CXLinkage_External || clang_Cursor_isFunctionInlined(cursor))
		return;
	const char *name = keep_string(unit, clang_getCursorSpelling(cursor));
	unsigned at = offset_in_header(clang_getCursorLocation(cursor), &file, &line);
	const char *text = text_of_file(unit, file, &size);
	error_in(unit, source_from_text(unit->arena, keep_string(unit, clang_getFileName(file)), text, size), (struct span){at, at + (unsigned)strlen(name)},
		 "'%s' is an async function defined in an included file: it has to be static", name);
}

bool adopt_header_functions(struct unit *unit)
{
	while (adopt_next(unit))
		;
	if (!unit->errors && unit->clang->has_header_async)
		each_declaration(unit, refuse_external, unit);
	if (unit->errors || !redirect_addresses(unit))
		return false;
	for (int i = 0; i < unit->fns.n && !unit->errors; i++)
		if (unit->fns.at[i]->is_adopted)
			refuse_static_locals(unit, unit->fns.at[i]);
	return unit->errors == 0;
}
