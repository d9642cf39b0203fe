/* macros.c: the macro invocations in the functions that asyncc rewrites, and what their definitions may bring along.  Knows
 * libclang's record of the preprocessor, which says what was expanded and where, but not into what: so a definition is judged
 * by its words and those of every macro it names, whichever definition of it.  That errs towards "may". */
#include "macros.h"

#include <stdlib.h>
#include <string.h>

/* async.h's own: the keywords, and the markers asyncc recognises in the tree. */
static const char *const own_macros[] = {
	"async", "await", "_Async", "_Await", "async_gather", "async_wait_for", "async_shield", "async_catch",
	"async_run_in_executor", "async_run_in_executor_abandon", "async_executor_map", "async_awaitable", "async_create_task", "async_create_task_eager", "async_coroutine",
	"async_run", "async_run_on", "async_raise", "async_reraise", "async_try", "async_except", "async_except_error", "async_finally",
	"async_timeout", "async_timeout_as", "async_task_group", "async_create_task_in", "async_run_coroutine_threadsafe", "async_raise_error", "async_queue_put", "async_queue_get",
	"async_queue_join", NULL,
};

bool names_have(const struct names *names, const char *name)
{
	for (int i = 0; i < names->n; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

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

static void note_definition(struct unit *unit, CXCursor cursor)
{
	if (clang_Cursor_isMacroBuiltin(cursor))
		return;
	struct macro macro = {.cursor = cursor, .order = unit->macros->n};
	macro.name = keep_string(unit, clang_getCursorSpelling(cursor));
	macro.is_function_like = clang_Cursor_isMacroFunctionLike(cursor);
	list_add(unit->arena, unit->macros, macro);
}

/* An input that includes itself is in two places at once. */
static void note_directive(struct unit *unit, CXCursor cursor)
{
	list_add(unit->arena, &unit->macros->inclusions, cursor);
	if (clang_File_isEqual(clang_getIncludedFile(cursor), unit->clang->file))
		unit->clang->first_location = 0;
}

static void note_entity(CXCursor cursor, void *arg)
{
	struct unit *unit = arg;
	unsigned offset;
	switch ((int)clang_getCursorKind(cursor)) {
	case CXCursor_MacroDefinition:
		note_definition(unit, cursor);
		break;
	case CXCursor_MacroExpansion:
		if (is_in_input(unit, clang_getCursorLocation(cursor), &offset))
			list_add(unit->arena, &unit->macros->expansions, cursor);
		break;
	case CXCursor_InclusionDirective:
		note_directive(unit, cursor);
		break;
	default:
		list_add(unit->arena, &unit->clang->declarations, cursor);
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

CXFile file_of(CXCursor cursor)
{
	CXFile file;
	clang_getFileLocation(clang_getCursorLocation(cursor), &file, NULL, NULL, NULL);
	return file;
}

bool is_defined_outside(struct unit *unit, const char *name, bool *is_function_like)
{
	bool found = false;
	int first, end = definitions(unit->macros, name, &first);
	for (int i = first; i < end; i++) {
		CXFile file = file_of(unit->macros->at[i].cursor);
		if (file && clang_File_isEqual(file, unit->clang->file))
			continue;
		*is_function_like = unit->macros->at[i].is_function_like;
		found = true;
	}
	return found;
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
	if (words->n == 0 || (is_word(words, 0) && names_have(&words->params, words->at[0])))
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
		if (is_word(&words, i) && !names_have(&words.params, word) && !names_have(&macro->names, word))
			list_add(unit->arena, &macro->names, word);
	}
	macro->is_operand = is_operand(&words);
	macro->is_itself = words.n == 1 && strcmp(words.at[0], macro->name) == 0;
	macro->ends_in_name = words.n && is_word(&words, words.n - 1);
}

/* ---- with what a definition names ---- */

void add_reachable(struct unit *unit, struct names *names, const char *name)
{
	if (names_have(names, name))
		return;
	list_add(unit->arena, names, name);
}

/* Adds to names whatever the macros among them name. */
void close_names(struct unit *unit, struct names *names)
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

unsigned effects_of(struct unit *unit, const struct names *names)
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
bool name_is_operand(struct unit *unit, const char *name, int depth)
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
bool may_take_more(struct unit *unit, const char *name, int depth)
{
	struct macros *macros = unit->macros;
	int first, end = definitions(macros, name, &first);
	for (int i = first; i < end; i++) {
		struct macro *macro = &macros->at[i];
		read_definition(unit, macro);
		if (!macro->ends_in_name)
			continue;
		if (depth > 20)
			return true; /* who knows */
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

enum keyword_use keywords_in(struct unit *unit, struct span span)
{
	struct names macros = {0};
	struct token token;
	for (unsigned at = span.start; (token = next_token(unit->source, at, span.end)).kind != TOKEN_END; at = token.span.end) {
		if (token.kind != TOKEN_NAME)
			continue;
		const char *name = arena_copy(unit->arena, unit->source->text + token.span.start, token.span.end - token.span.start);
		int first;
		if (is_own_macro(name))
			return KEYWORDS_WRITTEN;
		if (definitions(unit->macros, name, &first) > first)
			add_reachable(unit, &macros, name);
	}
	close_names(unit, &macros);
	return effects_of(unit, &macros) & HAS_KEYWORD ? KEYWORDS_POSSIBLE : KEYWORDS_NONE;
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

void record_macros(struct unit *unit)
{
	struct macros *macros = unit->macros = arena_alloc(unit->arena, sizeof *macros);
	each_child(clang_getTranslationUnitCursor(unit->clang->tu), note_entity, unit);
	if (macros->n)
		qsort(macros->at, macros->n, sizeof *macros->at, compare_macros);
	macros->async_file = home_of(macros, "_Await");
	macros->async_folder_file = home_of(macros, "async_gather");
}
