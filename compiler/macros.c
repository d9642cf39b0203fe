/* macros.c: the macro invocations in the functions that asyncc rewrites, and what their definitions may bring along.  Knows
 * libclang's record of the preprocessor, which says what was expanded and where, but not into what: so a definition is judged
 * by its words and those of every macro it names, whichever definition of it.  That errs towards "may". */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

struct macro {
	const char *name;
	CXCursor cursor;
	bool is_function_like;
	int order;       /* in the unit */
	/* by read_definition() */
	bool read;
	unsigned effects; /* of its own words */
	bool is_operand; /* its own words are, if the one that begins them is */
	bool ends_in_name;
	bool is_itself;  /* #define X X */
	struct names names; /* identifiers in the body, parameters left out */
};

enum { STRINGIFIES = 1, PASTES = 2, HAS_KEYWORD = 4, COUNTS = 8 };

struct macros {
	struct macro *at; /* by name, then order */
	int n;
	struct { CXCursor *at; int n; } expansions; /* in the main file */
	struct { CXCursor *at; int n; } inclusions; /* anywhere */
	CXFile async_file, async_folder_file; /* async.h, and a header of the folder async */
};

/* async.h's own: the keywords, and the markers asyncc recognises in the tree. */
static const char *const own_macros[] = {
	"async", "await", "_Async", "_Await", "async_gather", "async_wait_for", "async_shield", "async_catch",
	"async_run_in_executor", "async_awaitable", "async_create_task", "async_create_task_eager", "async_coroutine",
	"async_run", "async_run_on", "async_raise", "async_reraise", "async_try", "async_except", "async_finally",
	"async_timeout", "async_task_group", "async_create_task_in", "async_run_coroutine_threadsafe", "async_raise_error", "async_queue_put", "async_queue_get",
	"async_queue_join", NULL,
};

const char *const *own_macro_names(void)
{
	return own_macros;
}

bool is_own_macro(const char *name)
{
	for (const char *const *own = own_macros; *own; own++)
		if (strcmp(*own, name) == 0)
			return true;
	return false;
}

/* ---- the record ---- */

static bool starts_in_main_file(struct unit *unit, CXCursor cursor)
{
	CXFile file;
	clang_getFileLocation(clang_getRangeStart(clang_getCursorExtent(cursor)), &file, NULL, NULL, NULL);
	return file && clang_File_isEqual(file, unit->clang->file);
}

static void note_entity(CXCursor cursor, void *arg)
{
	struct unit *unit = arg;
	struct macros *macros = unit->macros;
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	if (kind == CXCursor_MacroDefinition && !clang_Cursor_isMacroBuiltin(cursor)) {
		struct macro macro = {.cursor = cursor, .order = macros->n};
		macro.name = keep_string(unit, clang_getCursorSpelling(cursor));
		macro.is_function_like = clang_Cursor_isMacroFunctionLike(cursor);
		list_add(unit->arena, macros, macro);
	} else if (kind == CXCursor_MacroExpansion && starts_in_main_file(unit, cursor)) {
		list_add(unit->arena, &macros->expansions, cursor);
	} else if (kind == CXCursor_InclusionDirective) {
		list_add(unit->arena, &macros->inclusions, cursor);
	}
}

static int compare_macros(const void *a, const void *b)
{
	const struct macro *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : x->order - y->order;
}

/* The definitions of a name: [*first, result). */
static int definitions(const struct macros *macros, const char *name, int *first)
{
	int low = 0, high = macros->n;
	while (low < high) {
		int middle = (low + high) / 2;
		if (strcmp(macros->at[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (low < macros->n && strcmp(macros->at[low].name, name) == 0)
		low++;
	return low;
}

static CXFile file_of(CXCursor cursor)
{
	CXFile file;
	clang_getFileLocation(clang_getCursorLocation(cursor), &file, NULL, NULL, NULL);
	return file;
}

static CXFile home_of(const struct macros *macros, const char *name)
{
	int first, end = definitions(macros, name, &first);
	return end > first ? file_of(macros->at[first].cursor) : NULL;
}

/* ---- the words of a definition ---- */

struct words_of_macro {
	const char **at; /* the body's */
	enum CXTokenKind *kinds;
	int n;
	struct names params;
};

static bool has_name(const struct names *names, const char *name)
{
	for (int i = 0; i < names->n; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

static struct words_of_macro words_of(struct unit *unit, const struct macro *macro)
{
	struct words_of_macro words = {0};
	CXToken *tokens = NULL;
	unsigned n = 0, end, at;
	CXSourceRange extent = clang_getCursorExtent(macro->cursor);
	clang_getFileLocation(clang_getRangeEnd(extent), NULL, NULL, NULL, &end);
	clang_tokenize(unit->clang->tu, extent, &tokens, &n);
	words.at = arena_alloc(unit->arena, (n + 1) * sizeof *words.at);
	words.kinds = arena_alloc(unit->arena, (n + 1) * sizeof *words.kinds);
	bool in_params = macro->is_function_like;
	for (unsigned i = 1; i < n; i++) { /* the name is the first */
		enum CXTokenKind kind = clang_getTokenKind(tokens[i]);
		clang_getFileLocation(clang_getTokenLocation(unit->clang->tu, tokens[i]), NULL, NULL, NULL, &at);
		if (kind == CXToken_Comment || at >= end)
			continue;
		const char *word = keep_string(unit, clang_getTokenSpelling(unit->clang->tu, tokens[i]));
		if (in_params) {
			in_params = strcmp(word, ")") != 0;
			if (kind != CXToken_Punctuation)
				list_add(unit->arena, &words.params, word);
			continue;
		}
		words.kinds[words.n] = kind;
		words.at[words.n++] = word;
	}
	clang_disposeTokens(unit->clang->tu, tokens, n);
	return words;
}

static bool is_word(const struct words_of_macro *words, int i)
{
	return words->kinds[i] == CXToken_Identifier || words->kinds[i] == CXToken_Keyword;
}

/* After the bracket that closes the one at i; n + 1 if there is none. */
static int after_brackets(const struct words_of_macro *words, int i)
{
	int depth = 0;
	for (; i < words->n; i++) {
		if (strchr("([{", words->at[i][0]))
			depth++;
		if (strchr(")]}", words->at[i][0]) && --depth == 0)
			return i + 1;
	}
	return words->n + 1;
}

/* A primary expression with whatever can follow it: nothing around it can get between its words. */
static bool is_operand(const struct words_of_macro *words)
{
	int i = 1;
	if (words->n == 0 || (is_word(words, 0) && has_name(&words->params, words->at[0])))
		return false;
	if (words->at[0][0] == '(') {
		i = after_brackets(words, 0);
		if (i < words->n && words->at[i][0] == '{') /* a compound literal */
			i = after_brackets(words, i);
	} else if (words->kinds[0] == CXToken_Punctuation) {
		return false;
	}
	while (i < words->n)
		if (strcmp(words->at[i], ".") == 0 || strcmp(words->at[i], "->") == 0)
			i += 2;
		else if (words->at[i][0] == '(' || words->at[i][0] == '[')
			i = after_brackets(words, i);
		else
			return false;
	return i == words->n;
}

static void read_definition(struct unit *unit, struct macro *macro)
{
	if (macro->read)
		return;
	macro->read = true;
	struct words_of_macro words = words_of(unit, macro);
	for (int i = 0; i < words.n; i++) {
		const char *word = words.at[i];
		if (strcmp(word, "##") == 0 || strcmp(word, "%:%:") == 0)
			macro->effects |= PASTES;
		else if (macro->is_function_like && (strcmp(word, "#") == 0 || strcmp(word, "%:") == 0))
			macro->effects |= STRINGIFIES;
		if (strcmp(word, "__COUNTER__") == 0)
			macro->effects |= COUNTS;
		if (is_word(&words, i) && !has_name(&words.params, word) && !has_name(&macro->names, word))
			list_add(unit->arena, &macro->names, word);
	}
	macro->is_operand = is_operand(&words);
	macro->is_itself = words.n == 1 && strcmp(words.at[0], macro->name) == 0;
	macro->ends_in_name = words.n && is_word(&words, words.n - 1);
}

/* ---- with what a definition names ---- */

static void add_reachable(struct unit *unit, struct names *names, const char *name)
{
	if (has_name(names, name))
		return;
	list_add(unit->arena, names, name);
}

/* Adds to names whatever the macros among them name. */
static void close_names(struct unit *unit, struct names *names)
{
	struct macros *macros = unit->macros;
	for (int i = 0; i < names->n; i++) {
		int first, end = is_own_macro(names->at[i]) ? 0 : definitions(macros, names->at[i], &first);
		for (int j = end ? first : 0; j < end; j++) {
			read_definition(unit, &macros->at[j]);
			for (int k = 0; k < macros->at[j].names.n; k++)
				add_reachable(unit, names, macros->at[j].names.at[k]);
		}
	}
}

static unsigned effects_of(struct unit *unit, const struct names *names)
{
	struct macros *macros = unit->macros;
	unsigned effects = 0;
	for (int i = 0; i < names->n; i++) {
		if (is_own_macro(names->at[i])) {
			effects |= HAS_KEYWORD;
			continue;
		}
		int first, end = definitions(macros, names->at[i], &first);
		for (int j = first; j < end; j++)
			effects |= macros->at[j].effects;
	}
	return effects;
}

/* Every definition of the name is an operand, and so is what it begins with. */
static bool name_is_operand(struct unit *unit, const char *name, int depth)
{
	struct macros *macros = unit->macros;
	int first, end = definitions(macros, name, &first);
	for (int i = first; i < end; i++) {
		struct macro *macro = &macros->at[i];
		read_definition(unit, macro);
		if (!macro->is_operand || depth > 20)
			return false;
		struct words_of_macro words = words_of(unit, macro);
		if (is_word(&words, 0) && strcmp(words.at[0], name) != 0 && !name_is_operand(unit, words.at[0], depth + 1))
			return false;
	}
	return true;
}

/* The definition may end in the name of a function-like macro, whose arguments then follow the invocation. */
static bool may_take_more(struct unit *unit, const char *name, int depth)
{
	struct macros *macros = unit->macros;
	int first, end = definitions(macros, name, &first);
	for (int i = first; i < end; i++) {
		struct macro *macro = &macros->at[i];
		read_definition(unit, macro);
		if (!macro->ends_in_name || depth > 20)
			continue;
		struct words_of_macro words = words_of(unit, macro);
		const char *last = words.at[words.n - 1];
		int second, stop = definitions(macros, last, &second);
		for (int j = second; j < stop; j++)
			if (macros->at[j].is_function_like || (strcmp(last, name) != 0 && may_take_more(unit, last, depth + 1)))
				return true;
	}
	return false;
}

struct names names_in_invocation(struct unit *unit, const struct invocation *invocation)
{
	struct names names = {0};
	const struct source *source = unit->source;
	struct token token;
	for (unsigned at = invocation->span.start; (token = next_token(source, at, invocation->span.end)).kind != TOKEN_END;
	     at = token.span.end)
		if (token.kind == TOKEN_NAME)
			add_reachable(unit, &names, arena_copy(unit->arena, source->text + token.span.start,
							       token.span.end - token.span.start));
	close_names(unit, &names);
	return names;
}

static bool is_in_folder(CXFile file, const char *folder)
{
	CXString name = clang_getFileName(file);
	size_t size = strlen(folder);
	const char *path = clang_getCString(name);
	bool inside = path && strncmp(path, folder, size) == 0 && path[size] == '/';
	clang_disposeString(name);
	return inside;
}

static bool same_folder(CXFile a, CXFile b)
{
	CXString first = clang_getFileName(a), second = clang_getFileName(b);
	const char *one = clang_getCString(first), *other = clang_getCString(second);
	size_t size = strlen(one) - strlen(base_name(one));
	bool same = size == strlen(other) - strlen(base_name(other)) && strncmp(one, other, size) == 0;
	clang_disposeString(first);
	clang_disposeString(second);
	return same;
}

/* async.h's macros mean one thing here and another in the output; the compiler's own, such as stdatomic.h's, are made for
 * the compiler that reads them. */
bool macro_is_kept(struct unit *unit, const char *name)
{
	struct macros *macros = unit->macros;
	int first, end = definitions(macros, name, &first);
	if (is_own_macro(name))
		return true;
	/* A member and a va_list are no values that could be lifted; what these expand to means the same to every compiler. */
	if (strcmp(name, "offsetof") == 0 || strcmp(name, "va_arg") == 0)
		return false;
	for (int i = first; i < end; i++) {
		CXFile file = file_of(macros->at[i].cursor);
		if (!file)
			return false;
		bool is_async = (macros->async_file && clang_File_isEqual(file, macros->async_file)) ||
				(macros->async_folder_file && same_folder(file, macros->async_folder_file));
		if (!is_async && !(macros->at[i].is_function_like && is_in_folder(file, ASYNCC_RESOURCE_DIR)))
			return false;
	}
	return end > first;
}

bool may_expand(struct unit *unit, const char *name, bool before_parenthesis)
{
	struct macros *macros = unit->macros;
	int first, end = definitions(macros, name, &first);
	for (int i = first; i < end; i++) {
		struct macro *macro = &macros->at[i];
		read_definition(unit, macro);
		if (macro->is_function_like ? before_parenthesis : !macro->is_itself)
			return true;
	}
	return false;
}

/* ---- invocations ---- */

static bool is_in_a_function(struct unit *unit, struct span span)
{
	for (int i = 0; i < unit->fns.n; i++)
		if (span.start < unit->fns.at[i]->span.end && unit->fns.at[i]->span.start < span.end)
			return true;
	return false;
}

static bool is_in_directive(const struct source *source, unsigned offset)
{
	unsigned start = source_line_start(source, offset);
	while (start > 1 && source->text[start - 2] == '\\')
		start = source_line_start(source, start - 1);
	struct token first = next_token(source, start, offset);
	return first.kind == TOKEN_DIRECTIVE;
}

static struct span span_of(CXCursor cursor)
{
	struct span span;
	CXSourceRange extent = clang_getCursorExtent(cursor);
	clang_getFileLocation(clang_getRangeStart(extent), NULL, NULL, NULL, &span.start);
	clang_getFileLocation(clang_getRangeEnd(extent), NULL, NULL, NULL, &span.end);
	return span;
}

static void add_invocation(struct unit *unit, CXCursor expansion)
{
	struct invocation invocation = {.span = span_of(expansion)};
	const struct source *source = unit->source;
	if (!is_in_a_function(unit, invocation.span) || is_in_directive(source, invocation.span.start))
		return;
	invocation.name = keep_string(unit, clang_getCursorSpelling(expansion));
	if (is_own_macro(invocation.name)) {
		list_add(unit->arena, &unit->own_invocations, invocation.span);
		return;
	}
	struct token next = next_token(source, invocation.span.end, source->size);
	if (token_is(source, next, "(") && may_take_more(unit, invocation.name, 0))
		invocation.span.end = closing_bracket(source, next.span.start, source->size) + 1;
	struct names names = {0};
	add_reachable(unit, &names, invocation.name);
	close_names(unit, &names);
	unsigned effects = effects_of(unit, &names);
	invocation.stringifies = effects & (STRINGIFIES | PASTES);
	invocation.pastes = effects & PASTES;
	invocation.has_keyword = effects & HAS_KEYWORD;
	invocation.counts = effects & COUNTS || has_name(&names, "__COUNTER__");
	invocation.is_operand = name_is_operand(unit, invocation.name, 0);
	list_add(unit->arena, &unit->invocations, invocation);
}

static int compare_spans(struct span x, struct span y)
{
	if (x.start != y.start)
		return x.start > y.start ? 1 : -1;
	return (x.end < y.end) - (x.end > y.end);
}

static int compare_invocations(const void *a, const void *b)
{
	return compare_spans(((const struct invocation *)a)->span, ((const struct invocation *)b)->span);
}

static int compare_own(const void *a, const void *b)
{
	return compare_spans(*(const struct span *)a, *(const struct span *)b);
}

/* An argument may be expanded more than once. */
static void drop_doubles(struct unit *unit)
{
	int n = 0;
	for (int i = 0; i < unit->invocations.n; i++)
		if (n == 0 || unit->invocations.at[n - 1].span.start != unit->invocations.at[i].span.start)
			unit->invocations.at[n++] = unit->invocations.at[i];
	unit->invocations.n = n;
	n = 0;
	for (int i = 0; i < unit->own_invocations.n; i++)
		if (n == 0 || unit->own_invocations.at[n - 1].start != unit->own_invocations.at[i].start)
			unit->own_invocations.at[n++] = unit->own_invocations.at[i];
	unit->own_invocations.n = n;
}

/* For each, how far it and those before it reach: what may hold an offset is then found by halving. */
static void note_reach(struct unit *unit)
{
	int n = unit->invocations.n > unit->own_invocations.n ? unit->invocations.n : unit->own_invocations.n;
	unit->reach = arena_alloc(unit->arena, (n + 1) * sizeof *unit->reach);
	unit->own_reach = arena_alloc(unit->arena, (n + 1) * sizeof *unit->own_reach);
	for (int i = 0; i < unit->invocations.n; i++) {
		unsigned end = unit->invocations.at[i].span.end, before = i ? unit->reach[i - 1] : 0;
		unit->reach[i] = end > before ? end : before;
	}
	for (int i = 0; i < unit->own_invocations.n; i++) {
		unsigned end = unit->own_invocations.at[i].end, before = i ? unit->own_reach[i - 1] : 0;
		unit->own_reach[i] = end > before ? end : before;
	}
}

int first_reaching(const unsigned *reach, int n, unsigned offset)
{
	int low = 0, high = n;
	while (low < high) {
		int middle = (low + high) / 2;
		if (reach[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A keyword in an argument comes out of the macro as well. */
static void spread_keywords(struct unit *unit)
{
	for (int i = 0; i < unit->invocations.n; i++) {
		struct invocation *outer = &unit->invocations.at[i];
		int first = first_reaching(unit->own_reach, unit->own_invocations.n, outer->span.start);
		for (int j = first; j < unit->own_invocations.n && unit->own_invocations.at[j].start < outer->span.end; j++)
			outer->has_keyword |= span_contains(outer->span, unit->own_invocations.at[j]);
		for (int j = i + 1; j < unit->invocations.n && unit->invocations.at[j].span.start < outer->span.end; j++) {
			outer->has_keyword |= unit->invocations.at[j].has_keyword;
			outer->counts |= unit->invocations.at[j].counts;
		}
	}
}

/* ---- what is not in the text, or not all of it ---- */

static const char *path_of(struct unit *unit, CXFile file)
{
	return file ? keep_string(unit, clang_getFileName(file)) : "";
}

static bool is_included_in_a_function(const struct unit *unit, const char *path)
{
	for (int i = 0; i < unit->inclusions.n; i++)
		if (strcmp(unit->inclusions.at[i].path, path) == 0)
			return true;
	return false;
}

/* Files come before those that they include. */
static void add_inclusion(struct unit *unit, CXCursor directive)
{
	struct inclusion inclusion = {.span = span_of(directive)};
	CXFile file = clang_getIncludedFile(directive);
	bool is_inner = !starts_in_main_file(unit, directive);
	if (!file || (is_inner && unit->inclusions.n == 0))
		return;
	if (is_inner)
		inclusion.in = path_of(unit, file_of(directive));
	if (is_inner ? is_included_in_a_function(unit, inclusion.in) : is_in_a_function(unit, inclusion.span)) {
		inclusion.path = path_of(unit, file);
		list_add(unit->arena, &unit->inclusions, inclusion);
	}
}

static void collect_skipped(struct unit *unit)
{
	CXSourceRangeList *ranges = clang_getSkippedRanges(unit->clang->tu, unit->clang->file);
	for (unsigned i = 0; ranges && i < ranges->count; i++) {
		struct span span;
		clang_getFileLocation(clang_getRangeStart(ranges->ranges[i]), NULL, NULL, NULL, &span.start);
		clang_getFileLocation(clang_getRangeEnd(ranges->ranges[i]), NULL, NULL, NULL, &span.end);
		list_add(unit->arena, &unit->skipped, span);
	}
	clang_disposeSourceRangeList(ranges);
}

void collect_macros(struct unit *unit)
{
	struct macros *macros = unit->macros = arena_alloc(unit->arena, sizeof *macros);
	unit->invocations.n = unit->own_invocations.n = unit->inclusions.n = unit->skipped.n = 0;
	each_child(clang_getTranslationUnitCursor(unit->clang->tu), note_entity, unit);
	if (macros->n)
		qsort(macros->at, macros->n, sizeof *macros->at, compare_macros);
	macros->async_file = home_of(macros, "_Await");
	macros->async_folder_file = home_of(macros, "async_gather");
	for (int i = 0; i < macros->expansions.n; i++)
		add_invocation(unit, macros->expansions.at[i]);
	for (int i = 0; i < macros->inclusions.n; i++)
		add_inclusion(unit, macros->inclusions.at[i]);
	if (unit->invocations.n)
		qsort(unit->invocations.at, unit->invocations.n, sizeof *unit->invocations.at, compare_invocations);
	if (unit->own_invocations.n)
		qsort(unit->own_invocations.at, unit->own_invocations.n, sizeof *unit->own_invocations.at, compare_own);
	drop_doubles(unit);
	note_reach(unit);
	spread_keywords(unit);
	collect_skipped(unit);
}
