/* parse.c: the libclang unit.  Knows libclang's parser and diagnostics; prints clang's own errors as clang does. */
#include "parse.h"

#include <string.h>

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
	for (int i = 0; i < options->n_clang_args && n < room - 2; i++)
		args[n++] = options->clang_args[i];
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

/* Prints what clang has to say; returns how many of it are errors. */
static int print_diagnostics(CXTranslationUnit tu)
{
	int errors = 0;
	for (unsigned i = 0; i < clang_getNumDiagnostics(tu); i++) {
		CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);
		enum CXDiagnosticSeverity severity = clang_getDiagnosticSeverity(diagnostic);
		if (severity >= CXDiagnostic_Error)
			errors++;
		/* Warnings are the final compiler's to give: it sees the same text. */
		if (severity >= CXDiagnostic_Error) {
			CXString text = clang_formatDiagnostic(diagnostic, clang_defaultDiagnosticDisplayOptions());
			fprintf(stderr, "%s\n", clang_getCString(text));
			clang_disposeString(text);
		}
		clang_disposeDiagnostic(diagnostic);
	}
	return errors;
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
		error_plain("libclang could not read '%s' (error %d)", name, (int)code);
		unit->errors++;
		clang_unit_destroy(clang);
		return NULL;
	}
	clang->file = clang_getFile(clang->tu, name);
	int errors = print_diagnostics(clang->tu);
	if (errors) {
		unit->errors += errors;
		clang_unit_destroy(clang);
		return NULL;
	}
	return clang;
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
