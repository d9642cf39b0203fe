/* depfile.c: the Make rule that -MD asks for: the output depends on the input and on every header it read. */
#include "compiler.h"

#include <string.h>

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
