/* parse.c: the libclang unit.  Knows libclang's parser. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

/* libclang shows little of a region once it has read its directive: openmp.c reads directives, and libclang only what is in them. */
static const char *openmp_option(const char *option)
{
	return strcmp(option, "-fopenmp-simd") == 0 ? "-Wno-unknown-pragmas" : "-D_OPENMP=201511";
}

/* clang makes a graph of each function to tell which ends lack a return, a twelfth of its time.  17 and 18 count a `return;`
 * that lacks its value among them, which is an error. */
static bool can_do_without_graphs(void)
{
	CXString version = clang_getClangVersion();
	const char *number = strstr(clang_getCString(version), "version ");
	bool can = number && atoi(number + strlen("version ")) >= 19;
	clang_disposeString(version);
	return can;
}

/* What asyncc adds to the user's options: the builtin headers of the clang it was built with, and the parse mode. */
static int build_arguments(struct unit *unit, const char **args, int room)
{
	const struct options *options = unit->options;
	int n = 0;
	bool has_standard = false;
	for (int i = 0; i < options->n_clang_args; i++)
		if (strncmp(options->clang_args[i], "-std=", 5) == 0)
			has_standard = true;
	args[n++] = "-xc";
	if (!has_standard)
		args[n++] = "-std=gnu17";
	args[n++] = "-DASYNC_PARSING=1";
	args[n++] = "-resource-dir";
	args[n++] = ASYNCC_RESOURCE_DIR;
	if (!unit->asks_for_returns && can_do_without_graphs())
		args[n++] = "-Wno-return-type";
	for (int i = 0; i < options->n_clang_args && n < room - 2; i++)
		args[n++] = strncmp(options->clang_args[i], "-fopenmp", 8) ? options->clang_args[i] : openmp_option(options->clang_args[i]);
	struct tree tree = find_tree(unit->arena);
	if (tree.include) {
		args[n++] = "-I";
		args[n++] = tree.include;
	}
	return n;
}

const char **clang_arguments(struct unit *unit, int *n)
{
	const char **args = arena_alloc(unit->arena, (unit->options->n_clang_args + 16) * sizeof *args);
	*n = build_arguments(unit, args, unit->options->n_clang_args + 14);
	return args;
}

/* A place is a number, as libclang's documents do not say: so it is looked at, and where it is not, libclang is asked each time. */
static void note_locations(struct unit *unit, struct clang_unit *clang)
{
	unsigned size = unit->source->size;
	CXSourceLocation first = clang_getLocationForOffset(clang->tu, clang->file, 0);
	CXSourceLocation last = clang_getLocationForOffset(clang->tu, clang->file, size);
	if (last.int_data - first.int_data != size)
		return;
	clang->first_location = first.int_data;
	clang->file_size = size;
}

/* Options that it cannot make sense of: asked again, it prints what it has against them. */
static void say_why(const char *name, const char **args, int n)
{
	CXTranslationUnit none = NULL;
	CXIndex index = clang_createIndex(0, 1);
	fflush(stdout);
	clang_parseTranslationUnit2(index, name, args, n, NULL, 0, CXTranslationUnit_None, &none);
	if (none)
		clang_disposeTranslationUnit(none);
	clang_disposeIndex(index);
}

struct clang_unit *parse_unit(struct unit *unit)
{
	struct clang_unit *clang = arena_alloc(unit->arena, sizeof *clang);
	int n;
	const char **args = clang_arguments(unit, &n);
	const char *name = strcmp(unit->source->path, "-") ? unit->source->path : "stdin.c";
	struct CXUnsavedFile file = {.Filename = name, .Contents = unit->source->text, .Length = unit->source->size};
	unsigned flags = CXTranslationUnit_DetailedPreprocessingRecord | CXTranslationUnit_KeepGoing |
			 CXTranslationUnit_VisitImplicitAttributes;
	clang->index = clang_createIndex(0, 0);
	enum CXErrorCode code = clang_parseTranslationUnit2(clang->index, name, args, n, &file, 1, flags, &clang->tu);
	if (code != CXError_Success) {
		say_why(name, args, n);
		error_plain(code == CXError_ASTReadError ? "libclang cannot make sense of the options for '%s' (what is wrong with them, 'clang -fsyntax-only' says)"
							 : "libclang could not read '%s'", name);
		unit->errors++;
		clang_unit_destroy(clang);
		return NULL;
	}
	clang->file = clang_getFile(clang->tu, name);
	note_locations(unit, clang);
	int errors = unit->errors;
	print_clang_errors(unit, clang);
	if (unit->errors > errors) {
		clang_unit_destroy(clang);
		return NULL;
	}
	return clang;
}

void warn_of_returns_too(struct unit *unit)
{
	if (unit->asks_for_returns || !can_do_without_graphs())
		return;
	unit->asks_for_returns = true;
	clang_unit_destroy(parse_unit(unit));
}

void clang_unit_destroy(struct clang_unit *clang)
{
	if (!clang)
		return;
	if (clang->tu)
		clang_disposeTranslationUnit(clang->tu);
	if (clang->index)
		clang_disposeIndex(clang->index);
	clang->tu = NULL;
	clang->index = NULL;
}
