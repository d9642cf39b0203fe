/* depfile.c: the Make rule that -MD asks for: the output depends on the input, on every header it read, and on what #embed takes in. */
#include "compiler.h"

#include <string.h>
#include <unistd.h>

/* As gcc writes it: blanks and # get a backslash, $ doubles; backslashes before a blank double too. */
char *make_escape(struct arena *arena, const char *name)
{
	struct text text = { 0 };
	text_puts(&text, "");
	for (const char *p = name; *p; p++) {
		if (*p == ' ' || *p == '\t') {
			for (const char *q = p; q > name && q[-1] == '\\'; q--)
				text_add(&text, "\\", 1);
			text_add(&text, "\\", 1);
		} else if (*p == '#') {
			text_add(&text, "\\", 1);
		} else if (*p == '$') {
			text_add(&text, "$", 1);
		}
		text_add(&text, p, 1);
	}
	char *escaped = arena_copy(arena, text.data, text.size);
	text_finish(&text);
	return escaped;
}

/* What -MMD leaves out. */
static bool is_system_header(const char *path)
{
	static const char *const folders[] = { "/usr/include/", "/usr/lib/", "/usr/local/include/", ASYNCC_RESOURCE_DIR "/" };
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}

/* ---- what #embed takes in, which libclang does not tell of ---- */

static bool add_if_there(struct unit *unit, const char *path)
{
	if (access(path, R_OK))
		return false;
	for (int i = 0; i < unit->dependencies.n; i++)
		if (strcmp(unit->dependencies.at[i], path) == 0)
			return true;
	list_add(unit->arena, &unit->dependencies, path);
	return true;
}

/* Beside the file that has the directive, then in the folders of --embed-dir, as clang looks. */
static void add_embedded(struct unit *unit, const char *includer, const char *name, bool is_quoted)
{
	const char *option = "--embed-dir=", *const *args = unit->options->clang_args;
	int beside = (int)(base_name(includer) - includer);
	if (name[0] == '/') {
		add_if_there(unit, name);
		return;
	}
	if (is_quoted && add_if_there(unit, arena_printf(unit->arena, "%.*s%s", beside, includer, name)))
		return;
	for (int i = 0; i < unit->options->n_clang_args; i++)
		if (strncmp(args[i], option, strlen(option)) == 0 &&
		    add_if_there(unit, arena_printf(unit->arena, "%s/%s", args[i] + strlen(option), name)))
			return;
}

static void add_embedded_by(struct unit *unit, const struct source *source, const char *path)
{
	for (int i = 0; i < source->directives.n; i++) {
		struct span directive = source->directives.at[i];
		struct token word = next_token(source, directive.start + 1, directive.end);
		struct token name = next_token(source, word.span.end, directive.end);
		const char *text = source->text + name.span.start;
		const char *end = token_is(source, name, "<") ? memchr(text, '>', directive.end - name.span.start) : source->text + name.span.end - 1;
		if (token_is(source, word, "embed") && end && (name.kind == TOKEN_STRING || *text == '<'))
			add_embedded(unit, path, arena_copy(unit->arena, text + 1, (size_t)(end - text - 1)), *text == '"');
	}
}

static void find_embedded(struct unit *unit)
{
	int n = unit->dependencies.n;
	add_embedded_by(unit, unit->source, unit->options->input);
	for (int i = 1; i < n; i++) {
		const char *path = unit->dependencies.at[i];
		const struct source *header = is_system_header(path) ? NULL : source_read(unit->arena, path);
		if (header && source_embeds(header))
			add_embedded_by(unit, header, path);
	}
}

static bool is_listed(const struct unit *unit, int i)
{
	return i == 0 || !unit->options->dep_user_only || !is_system_header(unit->dependencies.at[i]);
}

static const char *rule_target(const struct unit *unit)
{
	const struct options *options = unit->options;
	if (options->deptarget)
		return options->deptarget;
	return make_escape(unit->arena, options->output ? options->output : "-");
}

int write_depfile(struct unit *unit)
{
	struct text rule = { 0 };
	find_embedded(unit);
	text_printf(&rule, "%s:", rule_target(unit));
	for (int i = 0; i < unit->dependencies.n; i++)
		if (is_listed(unit, i))
			text_printf(&rule, " \\\n  %s", make_escape(unit->arena, unit->dependencies.at[i]));
	text_puts(&rule, "\n");
	for (int i = 1; unit->options->dep_phony && i < unit->dependencies.n; i++)
		if (is_listed(unit, i))
			text_printf(&rule, "\n%s:\n", make_escape(unit->arena, unit->dependencies.at[i]));
	int error = write_file(unit->options->depfile, rule.data, rule.size);
	text_finish(&rule);
	return error;
}
