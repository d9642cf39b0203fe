/* database.c: -p DIR: how compile_commands.json says an input is to be read.  Uses libclang's reader of that file. */
#include "compiler.h"

#include <clang-c/CXCompilationDatabase.h>
#include <string.h>

static const char *keep(struct arena *arena, CXString string)
{
	const char *text = clang_getCString(string);
	char *copy = arena_copy(arena, text ? text : "", text ? strlen(text) : 0);
	clang_disposeString(string);
	return copy;
}

/* The value of an option that names a folder or a file, seen from `folder`, where the command would run. */
static const char *seen_from(struct arena *arena, const char *folder, const char *value)
{
	return value[0] == '/' ? value : arena_printf(arena, "%s/%s", folder, value);
}

/* The length of the option's name if its value is a folder or a file; 0: it is not. */
static size_t path_option(const char *option)
{
	static const char *const names[] = { "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-isysroot", "-I" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strncmp(option, names[i], strlen(names[i])))
			return strlen(names[i]);
	return 0;
}

/* Adds the option at words[i] (and its value) as it reads from here. */
static void add_option(struct arena *arena, struct words *to, const char *folder, const char *option, const char *value)
{
	size_t name = path_option(option);
	if (name && !value && option[name])
		option = arena_printf(arena, "%.*s%s", (int)name, option, seen_from(arena, folder, option + name));
	list_add(arena, to, option);
	if (value)
		list_add(arena, to, name ? seen_from(arena, folder, value) : value);
}

static void add_command(struct arena *arena, CXCompileCommand command, struct words *words)
{
	const char *folder = keep(arena, clang_CompileCommand_getDirectory(command));
	int n = (int)clang_CompileCommand_getNumArgs(command);
	for (int i = 1; i < n; i++) {
		const char *option = keep(arena, clang_CompileCommand_getArg(command, (unsigned)i)), *value = NULL;
		struct compiler_option known = compiler_option(option);
		if (known.words == 2 && i + 1 < n)
			value = keep(arena, clang_CompileCommand_getArg(command, (unsigned)++i));
		if (known.for_parsing)
			add_option(arena, words, folder, option, value);
	}
}

bool add_database_options(struct arena *arena, const char *folder, const char *input, struct words *words)
{
	CXCompilationDatabase_Error error;
	CXCompilationDatabase database = clang_CompilationDatabase_fromDirectory(folder, &error);
	if (error != CXCompilationDatabase_NoError) {
		error_plain("no compile_commands.json in '%s'", folder);
		return false;
	}
	CXCompileCommands commands = clang_CompilationDatabase_getCompileCommands(database, input);
	bool found = clang_CompileCommands_getSize(commands) > 0;
	if (found)
		add_command(arena, clang_CompileCommands_getCommand(commands, 0), words);
	else
		error_plain("'%s' is not in the compile_commands.json of '%s'", input, folder);
	clang_CompileCommands_dispose(commands);
	clang_CompilationDatabase_dispose(database);
	return found;
}
