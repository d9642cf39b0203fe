/* scan.c: does a file have to do with async C?  `asyncc cc` asks before it calls libclang, so that all other files cost
 * nothing.  The answer is yes if async.h is included, by way of the user's own headers too, whatever #if says. */
#include "compiler.h"

#include <string.h>
#include <unistd.h>

struct scan {
	struct arena *arena;
	const struct words *quoted; /* folders for "name" */
	const struct words *angled; /* folders for <name> */
	struct words seen;
	bool has_async_names; /* in the file itself: then the system's folders are looked into as well */
};

static const struct words system_folders = { (const char *[]){ "/usr/local/include", "/usr/include" }, 2 };

static bool is_async_name(const struct source *source, struct token token)
{
	static const char *const names[] = { "async", "await", "_Async", "_Await" };
	for (int i = 0; i < 4; i++)
		if (token_is(source, token, names[i]))
			return true;
	return token.span.end - token.span.start > 6 && !memcmp(source->text + token.span.start, "async_", 6);
}

static bool has_async_names(const struct source *source)
{
	struct token token = next_token(source, 0, source->size);
	for (; token.kind != TOKEN_END; token = next_token(source, token.span.end, source->size)) {
		if (token.kind == TOKEN_NAME && is_async_name(source, token))
			return true;
		if (token.kind == TOKEN_DIRECTIVE) /* a macro's body may have them */
			token.span.end = token.span.start + 1;
	}
	return false;
}

static bool was_seen(struct scan *scan, const char *path)
{
	for (int i = 0; i < scan->seen.n; i++)
		if (!strcmp(scan->seen.at[i], path))
			return true;
	list_add(scan->arena, &scan->seen, path);
	return false;
}

static bool includes_async(struct scan *scan, const char *path);

static bool found_in(struct scan *scan, const struct words *folders, const char *name, bool *answer)
{
	for (int i = 0; i < folders->n; i++) {
		const char *path = arena_printf(scan->arena, "%s/%s", folders->at[i], name);
		if (access(path, R_OK))
			continue;
		*answer = includes_async(scan, path);
		return true;
	}
	return false;
}

/* Looks where the compiler would. */
static bool header_includes_async(struct scan *scan, const char *includer, const char *name, bool is_quoted)
{
	if (!strcmp(name, "async.h"))
		return true;
	const char *base = base_name(includer);
	const char *own[] = { base > includer ? arena_copy(scan->arena, includer, (size_t)(base - includer - 1)) : "." };
	bool answer = false;
	if (name[0] == '/')
		return includes_async(scan, name);
	if (is_quoted && (found_in(scan, &(struct words){ own, 1 }, name, &answer) || found_in(scan, scan->quoted, name, &answer)))
		return answer;
	if (!found_in(scan, scan->angled, name, &answer) && scan->has_async_names)
		found_in(scan, &system_folders, name, &answer);
	return answer;
}

static bool directive_includes_async(struct scan *scan, const struct source *source, struct span directive)
{
	struct token word = next_token(source, directive.start + 1, directive.end);
	if (!token_is(source, word, "include") && !token_is(source, word, "include_next") && !token_is(source, word, "import"))
		return false;
	struct token name = next_token(source, word.span.end, directive.end);
	unsigned start = name.span.start + 1, end = name.span.end - 1;
	if (token_is(source, name, "<"))
		for (end = start; end < directive.end && source->text[end] != '>';)
			end++;
	else if (name.kind != TOKEN_STRING || end < start)
		return scan->has_async_names; /* a macro's: who knows */
	return header_includes_async(scan, source->path, arena_copy(scan->arena, source->text + start, end - start),
				     name.kind == TOKEN_STRING);
}

static bool includes_async(struct scan *scan, const char *path)
{
	if (was_seen(scan, path))
		return false;
	struct source *source = source_read(scan->arena, path);
	if (!source)
		return false;
	if (scan->seen.n == 1)
		scan->has_async_names = has_async_names(source);
	struct token token = next_token(source, 0, source->size);
	for (; token.kind != TOKEN_END; token = next_token(source, token.span.end, source->size))
		if (token.kind == TOKEN_DIRECTIVE && directive_includes_async(scan, source, token.span))
			return true;
	return false;
}

bool file_is_async(const char *path, const struct words *quoted, const struct words *angled, const struct words *forced)
{
	struct scan scan = { .arena = arena_create(), .quoted = quoted, .angled = angled };
	bool answer = includes_async(&scan, path);
	for (int i = 0; !answer && i < forced->n; i++)
		answer = header_includes_async(&scan, "", forced->at[i], true);
	arena_destroy(scan.arena);
	return answer;
}

/* ---- objects and libraries ---- */

/* An object that has to do with the runtime names one of its functions. */
bool object_is_async(const char *path)
{
	FILE *file = fopen(path, "rb");
	bool answer = false;
	char buffer[65536 + 16];
	size_t kept = 0;
	for (size_t n; file && !answer && (n = fread(buffer + kept, 1, sizeof buffer - kept, file));) {
		size_t size = kept + n;
		answer = memmem(buffer, size, "async_", 6) != NULL;
		kept = size < 5 ? size : 5;
		memmove(buffer, buffer + size - kept, kept);
	}
	if (file)
		fclose(file);
	return answer;
}
