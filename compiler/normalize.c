/* normalize.c: functions whose text is not yet what libclang's tree shows are rewritten until it is: an #include in a
 * function gives way to the file's text, conditionals to what they leave, a dirty macro invocation to its expansion, as
 * `clang -E` makes it.  Everything else stays byte for byte, on its line.  Needs clang's executable only for macros. */
#include "normalize.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROUNDS 100

/* ---- rewriting the text ---- */

void add_change(struct unit *unit, struct changes *changes, struct span span, const char *text, const char *macro)
{
	struct change change = {span, changes->n, text, macro};
	list_add(unit->arena, changes, change);
}

static int compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	if (x->span.start != y->span.start)
		return x->span.start > y->span.start ? 1 : -1;
	if (x->span.end != y->span.end)
		return x->span.end > y->span.end ? 1 : -1;
	return x->number - y->number;
}

struct text edited(const struct source *source, struct changes *changes)
{
	struct text text = {0};
	unsigned at = 0;
	if (changes->n)
		qsort(changes->at, changes->n, sizeof *changes->at, compare_changes);
	for (int i = 0; i < changes->n; i++) {
		text_add(&text, source->text + at, changes->at[i].span.start - at);
		text_puts(&text, changes->at[i].text);
		at = changes->at[i].span.end;
	}
	text_add(&text, source->text + at, source->size - at);
	return text;
}

/* The unit is read again, with the changes made. */
bool apply(struct unit *unit, struct changes *changes)
{
	struct text text = edited(unit->source, changes);
	struct replacements *replacements = replacements_begin(unit);
	for (int i = 0; i < changes->n; i++)
		replacements_add(unit, replacements, changes->at[i].span, (unsigned)strlen(changes->at[i].text), changes->at[i].macro);
	replacements_end(unit, replacements);
	unit->source = source_from_text(unit->arena, unit->source->path, text.data, text.size);
	text_finish(&text);
	clang_unit_destroy(unit->clang);
	unit->clang = parse_unit(unit);
	if (!unit->clang)
		return false;
	collect_functions(unit);
	return unit->errors == 0;
}

unsigned newlines_in(const struct source *source, struct span span)
{
	unsigned n = 0;
	for (unsigned i = span.start; i < span.end; i++)
		n += source->text[i] == '\n';
	return n;
}

void add_newlines(struct text *text, unsigned n)
{
	while (n--)
		text_puts(text, "\n");
}

const char *keep_text(struct unit *unit, struct text *text)
{
	const char *kept = arena_copy(unit->arena, text->data ? text->data : "", text->size);
	text_finish(text);
	return kept;
}

const char *line_directive(struct unit *unit, struct place place)
{
	struct text text = {0};
	text_printf(&text, "#line %u \"", place.line);
	for (const char *c = strcmp(place.file, "-") ? place.file : "<stdin>"; *c; c++) {
		if (*c == '"' || *c == '\\')
			text_puts(&text, "\\");
		text_add(&text, c, 1);
	}
	text_puts(&text, "\"\n");
	return keep_text(unit, &text);
}

/* ---- directives ---- */

/* From the # to the end of the line. */
static struct span whole_directive(const struct source *source, unsigned at)
{
	unsigned start = source_indent(source, at).end;
	return next_token(source, start, source->size).span;
}

/* How the source calls a file that was found as `path` from where the compiler runs. */
static const char *from_source(struct unit *unit, const char *path)
{
	const char *own = unit->source->path;
	size_t folder = strlen(own) - strlen(base_name(own));
	if (folder && strncmp(path, own, folder) == 0)
		return path + folder;
	char *real = folder && path[0] != '/' ? realpath(path, NULL) : NULL;
	const char *name = real ? arena_copy(unit->arena, real, strlen(real)) : path;
	free(real);
	return name;
}

/* The file's text.  What it includes is then looked for from another folder: so by what was found. */
static void add_file(struct unit *unit, struct text *text, const struct source *file)
{
	unsigned at = 0;
	for (int i = 0; i < unit->inclusions.n; i++) {
		const struct inclusion *inner = &unit->inclusions.at[i];
		if (!inner->in || strcmp(inner->in, file->path) != 0 || inner->span.start < at)
			continue;
		struct span span = whole_directive(file, inner->span.start);
		text_add(text, file->text + at, span.start - at);
		text_printf(text, "#include \"%s\"", from_source(unit, inner->path));
		add_newlines(text, newlines_in(file, span));
		at = span.end;
	}
	text_add(text, file->text + at, file->size - at);
	if (file->size && file->text[file->size - 1] != '\n')
		text_puts(text, "\n");
}

static bool include_text(struct unit *unit, struct changes *changes, const struct inclusion *inclusion)
{
	const struct source *source = unit->source, *file = source_read(unit->arena, inclusion->path);
	struct span span = whole_directive(source, inclusion->span.start);
	struct place after = source_place(source, span.end);
	struct text text = {0};
	if (!file) {
		error_at(unit, inclusion->span, "'%s' cannot be read again", inclusion->path);
		return false;
	}
	after.line++;
	text_puts(&text, line_directive(unit, (struct place){file->path, 1, 1}));
	add_file(unit, &text, file);
	const char *back = line_directive(unit, after);
	text_add(&text, back, strlen(back) - 1); /* the line's own end follows */
	add_change(unit, changes, span, keep_text(unit, &text), NULL);
	return true;
}

static bool settle_directives(struct unit *unit)
{
	struct changes changes = {0};
	for (int i = 0; i < unit->inclusions.n; i++)
		if (!unit->inclusions.at[i].in && !include_text(unit, &changes, &unit->inclusions.at[i]))
			return false;
	for (int i = 0; i < unit->conditionals.n && !unit->inclusions.n; i++) {
		struct text lines = {0};
		add_newlines(&lines, newlines_in(unit->source, unit->conditionals.at[i]));
		add_change(unit, &changes, unit->conditionals.at[i], keep_text(unit, &lines), NULL);
	}
	return apply(unit, &changes);
}

bool normalize_unit(struct unit *unit)
{
	for (int round = 1; unit->inclusions.n || unit->conditionals.n || unit->dirty.n; round++) {
		if (round > MAX_ROUNDS) {
			const struct dirty *dirty = unit->dirty.n ? &unit->dirty.at[0] : NULL;
			struct span span = dirty ? dirty->span : unit->inclusions.n ? unit->inclusions.at[0].span : unit->conditionals.at[0];
			error_at(unit, span, dirty ? "macro '%s' %s, and so again after %d expansions" : "%s%sno end of files after %d inclusions",
				 dirty ? dirty->name : "", dirty ? dirty->why : "", MAX_ROUNDS);
			return false;
		}
		bool directives = unit->inclusions.n || unit->conditionals.n;
		if (!(directives ? settle_directives(unit) : expand(unit, round)))
			return false;
	}
	return true;
}
