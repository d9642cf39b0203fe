/* prefix.c: what files are called in the output: -ffile-prefix-map=OLD=NEW and its kin, as gcc and clang understand them, so
 * that a build that names its sources by absolute paths gets the same text wherever it runs. */
#include "compiler.h"

#include <string.h>

/* The OLD=NEW of an option; NULL: it is another option, or says nothing of this use. */
static const char *map_of(const char *option, enum name_use use)
{
	static const struct {
		const char *name;
		unsigned uses;
	} maps[] = {
		{ "-ffile-prefix-map=", 1u << NAME_IN_LINE | 1u << NAME_IN_MACRO | 1u << NAME_IN_DEBUG },
		{ "-fmacro-prefix-map=", 1u << NAME_IN_MACRO },
		{ "-fdebug-prefix-map=", 1u << NAME_IN_DEBUG },
	};
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		if (maps[i].uses & 1u << use && !strncmp(option, maps[i].name, strlen(maps[i].name)))
			return option + strlen(maps[i].name);
	return NULL;
}

bool maps_names(const struct options *options)
{
	for (int i = 0; i < options->n_clang_args; i++)
		if (strstr(options->clang_args[i], "-prefix-map="))
			return true;
	return false;
}

const char *mapped_name(struct arena *arena, const char *const *args, int n_args, enum name_use use, const char *file)
{
	while (n_args-- > 0) { /* the last one that fits counts */
		const char *map = map_of(args[n_args], use);
		const char *equals = map ? strchr(map, '=') : NULL;
		if (equals && !strncmp(file, map, (size_t)(equals - map)))
			return arena_printf(arena, "%s%s", equals + 1, file + (equals - map));
	}
	return file;
}

static void add_line(struct unit *unit, struct text *to, const char *line, size_t size)
{
	const char *file = NULL;
	size_t file_size = 0;
	unsigned number;
	if (!parse_line_directive(line, size, &number, &file, &file_size) || !file) {
		text_add(to, line, size);
		return;
	}
	text_add(to, line, (size_t)(file - line));
	const char *name = arena_copy(unit->arena, file, file_size);
	text_puts(to, mapped_name(unit->arena, unit->options->clang_args, unit->options->n_clang_args, NAME_IN_LINE, name));
	text_add(to, file + file_size, size - (size_t)(file + file_size - line));
}

struct text map_line_directives(struct unit *unit, const char *data, size_t size)
{
	struct text mapped = { 0 };
	for (const char *line = data, *next; line < data + size; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(data + size - line));
		next = newline ? newline + 1 : data + size;
		add_line(unit, &mapped, line, (size_t)(next - line));
	}
	return mapped;
}
