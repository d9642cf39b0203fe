/* normalize.c: functions whose text is not yet what libclang's tree shows are rewritten until it is: an #include in a
 * function gives way to the file's text, conditionals to what they leave, a dirty macro invocation to its expansion, as
 * `clang -E` makes it.  Everything else stays byte for byte, on its line.  Needs clang's executable only for macros. */
#include "compiler.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROUNDS 100

/* ---- rewriting the text ---- */

struct change {
	struct span span;
	int number; /* decides which comes first at one place */
	const char *text;
	const char *macro; /* what it is the expansion of; NULL: of none */
};
struct changes {
	struct change *at;
	int n;
};

static void add_change(struct unit *unit, struct changes *changes, struct span span, const char *text, const char *macro)
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

static struct text edited(const struct source *source, struct changes *changes)
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
static bool apply(struct unit *unit, struct changes *changes)
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

static unsigned newlines_in(const struct source *source, struct span span)
{
	unsigned n = 0;
	for (unsigned i = span.start; i < span.end; i++)
		n += source->text[i] == '\n';
	return n;
}

static void add_newlines(struct text *text, unsigned n)
{
	while (n--)
		text_puts(text, "\n");
}

static const char *keep_text(struct unit *unit, struct text *text)
{
	const char *kept = arena_copy(unit->arena, text->data ? text->data : "", text->size);
	text_finish(text);
	return kept;
}

static const char *line_directive(struct unit *unit, struct place place)
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

/* ---- macros that stay, whose arguments cannot ----
 * `atomic_store(&x, await f())`: what gcc's stdatomic.h makes of it is not clang's to say.  Such a macro takes values, so they
 * are put into variables before it, in order. */

struct arguments {
	struct span *at;
	int n;
	int n_lifted; /* those up to the last that has to be */
};

static bool has_to_be_lifted(const struct unit *unit, struct span argument)
{
	for (int i = 0; i < unit->own_invocations.n; i++)
		if (span_contains(argument, unit->own_invocations.at[i]))
			return true;
	return memchr(unit->source->text + argument.start, '{', argument.end - argument.start) != NULL;
}

static struct arguments arguments_of(struct unit *unit, struct span invocation)
{
	const struct source *source = unit->source;
	struct arguments arguments = {0};
	struct token token = next_token(source, next_token(source, invocation.start, invocation.end).span.end, invocation.end);
	if (!token_is(source, token, "("))
		return arguments;
	struct span argument = {token.span.end, token.span.end};
	while ((token = next_token(source, token.span.end, invocation.end)).kind != TOKEN_END) {
		bool is_last = token.span.end == invocation.end;
		if (strchr("([{", source->text[token.span.start])) {
			token.span.end = closing_bracket(source, token.span.start, invocation.end) + 1;
		} else if (is_last || token_is(source, token, ",")) {
			argument.end = token.span.start;
			list_add(unit->arena, &arguments, argument);
			if (has_to_be_lifted(unit, argument))
				arguments.n_lifted = arguments.n;
			argument.start = token.span.end;
		}
	}
	return arguments;
}

static bool is_literal(const struct source *source, struct span argument)
{
	struct token token = next_token(source, argument.start, argument.end);
	return token.kind != TOKEN_NAME && next_token(source, token.span.end, argument.end).kind == TOKEN_END;
}

/* "atomic_store_1": for the first argument. */
static const char *name_of_argument(struct unit *unit, const struct dirty *dirty, int i)
{
	const char *name = arena_printf(unit->arena, "%s_%d", dirty->name, i + 1);
	for (int n = 2; name_is_used(unit, name); n++)
		name = arena_printf(unit->arena, "%s_%d_%d", dirty->name, i + 1, n);
	return name;
}

static const char *lifted(struct unit *unit, const struct dirty *dirty, const struct arguments *arguments)
{
	const struct source *source = unit->source;
	struct text text = {0}, call = {0};
	text_puts(&text, "__extension__ ({");
	text_printf(&call, "%s(", dirty->name);
	for (int i = 0; i < arguments->n; i++) {
		struct span span = arguments->at[i];
		int size = (int)(span.end - span.start);
		text_puts(&call, i ? "," : "");
		if (i >= arguments->n_lifted || is_literal(source, span)) {
			text_printf(&call, "%.*s", size, source->text + span.start);
			continue;
		}
		const char *name = name_of_argument(unit, dirty, i);
		text_printf(&text, " __auto_type %s =%s%.*s;", name, isspace((unsigned char)source->text[span.start]) ? "" : " ", size,
			    source->text + span.start);
		text_printf(&call, "%s%s", i ? " " : "", name);
	}
	text_printf(&text, " %s); })", call.data);
	text_finish(&call);
	return keep_text(unit, &text);
}

/* False if there is no such macro. */
static bool lift_arguments(struct unit *unit, struct changes *changes)
{
	for (int i = 0; i < unit->dirty.n; i++) {
		const struct dirty *dirty = &unit->dirty.at[i];
		if (!macro_is_kept(unit, dirty->name))
			continue;
		struct arguments arguments = arguments_of(unit, dirty->span);
		if (arguments.n_lifted)
			add_change(unit, changes, dirty->span, lifted(unit, dirty, &arguments), dirty->name);
	}
	return changes->n > 0;
}

/* ---- what the preprocessor is given ----
 * The whole text, with a pragma before and after each invocation to be expanded.  Around their functions the macros that
 * stay are undefined, so that they are left as they stand; and _Pragma, which would become lines of its own. */

struct stretch { /* of the text, around a function and the macro that it comes from */
	struct span span;
	struct names kept;
};

static void add_name(struct unit *unit, struct names *names, const char *name)
{
	for (int i = 0; i < names->n; i++)
		if (strcmp(names->at[i], name) == 0)
			return;
	list_add(unit->arena, names, name);
}

static bool has_name(const struct names *names, const char *name)
{
	for (int i = 0; i < names->n; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

static struct names names_in_dirty(struct unit *unit, const struct dirty *dirty)
{
	struct invocation invocation = {.span = dirty->span};
	return names_in_invocation(unit, &invocation);
}

static bool is_dirty_name(const struct unit *unit, const char *name)
{
	for (int i = 0; i < unit->dirty.n; i++)
		if (strcmp(unit->dirty.at[i].name, name) == 0)
			return true;
	return false;
}

static struct stretch stretch_of(struct unit *unit, const struct async_fn *fn)
{
	struct stretch stretch = {.span = fn->span};
	for (const char *const *own = own_macro_names(); *own; own++)
		add_name(unit, &stretch.kept, *own);
	add_name(unit, &stretch.kept, "_Pragma");
	for (int i = 0; i < unit->dirty.n; i++) {
		const struct dirty *dirty = &unit->dirty.at[i];
		if (dirty->fn != fn)
			continue;
		if (dirty->span.start < stretch.span.start)
			stretch.span.start = dirty->span.start;
		if (dirty->span.end > stretch.span.end)
			stretch.span.end = dirty->span.end;
		struct names names = names_in_dirty(unit, dirty);
		for (int j = 0; j < names.n; j++)
			if (macro_is_kept(unit, names.at[j]) && !is_dirty_name(unit, names.at[j]))
				add_name(unit, &stretch.kept, names.at[j]);
	}
	return stretch;
}

static bool has_dirt(const struct unit *unit, const struct async_fn *fn)
{
	for (int i = 0; i < unit->dirty.n; i++)
		if (unit->dirty.at[i].fn == fn)
			return true;
	return false;
}

static void hide_names(struct unit *unit, struct changes *changes, const struct stretch *stretch)
{
	struct text before = {0}, after = {0};
	text_puts(&before, "\n");
	text_puts(&after, "\n");
	for (int i = 0; i < stretch->kept.n; i++) {
		const char *name = stretch->kept.at[i];
		text_printf(&before, "#pragma push_macro(\"%s\")\n#undef %s\n", name, name);
		text_printf(&after, "#pragma pop_macro(\"%s\")\n", name);
	}
	add_change(unit, changes, (struct span){stretch->span.start, stretch->span.start}, keep_text(unit, &before), NULL);
	add_change(unit, changes, (struct span){stretch->span.end, stretch->span.end}, keep_text(unit, &after), NULL);
}

static void frame_invocation(struct unit *unit, struct changes *changes, int number)
{
	const struct source *source = unit->source;
	struct span span = unit->dirty.at[number].span;
	struct text text = {0};
	text_printf(&text, "\n#pragma asyncc begin %d\n%s", number, line_directive(unit, source_place(source, span.start)));
	text_add(&text, source->text + span.start, span.end - span.start);
	text_printf(&text, "\n#pragma asyncc end %d\n", number);
	add_change(unit, changes, span, keep_text(unit, &text), NULL);
}

/* The numbers of __COUNTER__ that become text are none that the compiler will give. */
static void skip_numbers(struct unit *unit, struct changes *changes, int round)
{
	struct text text = {0};
	bool counts = false;
	for (int i = 0; i < unit->dirty.n; i++)
		counts |= unit->dirty.at[i].counts;
	for (int i = 0; counts && i < 1000 * round; i++)
		text_puts(&text, "__COUNTER__\n");
	text_puts(&text, line_directive(unit, (struct place){unit->source->path, 1, 1}));
	add_change(unit, changes, (struct span){0, 0}, keep_text(unit, &text), NULL);
}

static struct text preprocessor_input(struct unit *unit, int round)
{
	struct changes changes = {0};
	skip_numbers(unit, &changes, round);
	for (int i = 0; i < unit->fns.n; i++)
		if (has_dirt(unit, unit->fns.at[i])) {
			struct stretch stretch = stretch_of(unit, unit->fns.at[i]);
			hide_names(unit, &changes, &stretch);
		}
	for (int i = 0; i < unit->dirty.n; i++)
		frame_invocation(unit, &changes, i);
	return edited(unit->source, &changes);
}

/* ---- what it makes of that ---- */

struct expanded { /* where in the output; NULL: it is not there */
	const char *start, *end;
};

static void note_pragma(const char *line, struct expanded *all, int n)
{
	static const char begin[] = "#pragma asyncc begin ", end[] = "#pragma asyncc end ";
	bool is_begin = strncmp(line, begin, sizeof begin - 1) == 0;
	if (!is_begin && strncmp(line, end, sizeof end - 1) != 0)
		return;
	long number = strtol(line + (is_begin ? sizeof begin : sizeof end) - 1, NULL, 10);
	if (number < 0 || number >= n)
		return;
	if (is_begin)
		all[number].start = strchr(line, '\n') + 1;
	else
		all[number].end = line;
}

static struct expanded *find_expanded(struct unit *unit, const char *output)
{
	struct expanded *all = arena_alloc(unit->arena, (unit->dirty.n + 1) * sizeof *all);
	for (const char *line = output, *next; (next = strchr(line, '\n')); line = next + 1)
		note_pragma(line, all, unit->dirty.n);
	return all;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The expansion on one line, then the newlines that the invocation had. */
static const char *expansion(struct unit *unit, struct expanded expanded, struct span invocation)
{
	const char *start = expanded.start, *end = expanded.end;
	struct text text = {0};
	while (start < end && is_blank(*start))
		start++;
	while (end > start && is_blank(end[-1]))
		end--;
	for (; start < end; start++)
		text_add(&text, *start == '\n' || *start == '\r' ? " " : start, 1);
	add_newlines(&text, newlines_in(unit->source, invocation));
	return keep_text(unit, &text);
}

static bool find_expansions(struct unit *unit, const char *output, struct changes *changes)
{
	struct expanded *all = find_expanded(unit, output);
	changes->n = 0;
	for (int i = 0; i < unit->dirty.n; i++) {
		const struct dirty *dirty = &unit->dirty.at[i];
		if (!all[i].start || !all[i].end) {
			error_at(unit, dirty->span, "macro '%s' %s, and clang did not expand it", dirty->name, dirty->why);
			return false;
		}
		add_change(unit, changes, dirty->span, expansion(unit, all[i], dirty->span), dirty->name);
	}
	return true;
}

/* ---- names that would be expanded once more ----
 * A macro's own name in its expansion stays what it is.  In the text it would not: the function then has the macro undefined
 * around it, and whatever else in the function wants it is expanded as well. */

static void add_painted(struct unit *unit, struct names *names, const char *text)
{
	const struct source *source = source_from_text(unit->arena, "-", text, strlen(text));
	struct token token;
	for (unsigned at = 0; (token = next_token(source, at, source->size)).kind != TOKEN_END; at = token.span.end) {
		if (token.kind != TOKEN_NAME)
			continue;
		const char *name = arena_copy(unit->arena, source->text + token.span.start, token.span.end - token.span.start);
		bool called = token_is(source, next_token(source, token.span.end, source->size), "(");
		if (!macro_is_kept(unit, name) && may_expand(unit, name, called))
			add_name(unit, names, name);
	}
}

static bool is_dirty(const struct unit *unit, const struct invocation *invocation)
{
	for (int i = 0; i < unit->dirty.n; i++)
		if (span_contains(unit->dirty.at[i].span, invocation->span))
			return true;
	return false;
}

/* True if there is more to expand now. */
static bool spread(struct unit *unit, struct async_fn *fn, const struct names *painted)
{
	int before = unit->dirty.n;
	for (int i = 0; i < unit->invocations.n; i++) {
		const struct invocation *invocation = &unit->invocations.at[i];
		if (!span_contains(fn->span, invocation->span) || is_dirty(unit, invocation))
			continue;
		struct names names = names_in_invocation(unit, invocation);
		for (int j = 0; j < painted->n; j++)
			if (has_name(&names, painted->at[j]))
				add_dirty(unit, fn, invocation, "names a macro that has to be undefined here");
	}
	return unit->dirty.n > before;
}

static struct names painted_in(struct unit *unit, const struct async_fn *fn, const struct changes *changes)
{
	struct names painted = {0};
	for (int i = 0; i < unit->dirty.n; i++)
		if (unit->dirty.at[i].fn == fn)
			add_painted(unit, &painted, changes->at[i].text);
	return painted;
}

static void guard_function(struct unit *unit, struct changes *changes, const struct async_fn *fn, const struct names *painted)
{
	struct text before = {0}, after = {0};
	struct span span = stretch_of(unit, fn).span;
	text_puts(&before, "\n");
	text_puts(&after, "\n");
	for (int i = 0; i < painted->n; i++) {
		text_printf(&before, "#pragma push_macro(\"%s\")\n#undef %s\n", painted->at[i], painted->at[i]);
		text_printf(&after, "#pragma pop_macro(\"%s\")\n", painted->at[i]);
	}
	text_puts(&before, line_directive(unit, source_place(unit->source, span.start)));
	text_puts(&after, line_directive(unit, source_place(unit->source, span.end)));
	add_change(unit, changes, (struct span){span.start, span.start}, keep_text(unit, &before), NULL);
	add_change(unit, changes, (struct span){span.end, span.end}, keep_text(unit, &after), NULL);
}

/* ---- the rounds ---- */

static bool preprocess(struct unit *unit, int round, struct changes *changes)
{
	struct text input = preprocessor_input(unit, round);
	char *output = run_preprocessor(unit, &input, &unit->dirty.at[0]);
	text_finish(&input);
	bool good = output && find_expansions(unit, output, changes);
	free(output);
	return good;
}

static bool expand(struct unit *unit, int round)
{
	struct changes changes = {0};
	bool more = true;
	if (lift_arguments(unit, &changes))
		return apply(unit, &changes);
	while (more) {
		more = false;
		if (!preprocess(unit, round, &changes))
			return false;
		for (int i = 0; i < unit->fns.n; i++) {
			struct names painted = painted_in(unit, unit->fns.at[i], &changes);
			more |= painted.n && spread(unit, unit->fns.at[i], &painted);
		}
	}
	for (int i = 0; i < unit->fns.n; i++) {
		struct names painted = painted_in(unit, unit->fns.at[i], &changes);
		if (painted.n)
			guard_function(unit, &changes, unit->fns.at[i], &painted);
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
