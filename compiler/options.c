/* options.c: what a C compiler's options mean to us: which take a value, which change how libclang must read the source.
 * Also response files, which asyncc and its compiler driver read as gcc does.  main.c and driver.c share it. */
#include "compiler.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum value { NONE, JOINED_OR_NEXT, NEXT, REST /* any text may follow */ };
enum use { PARSE /* libclang gets it too */, IGNORE /* asyncc takes it and does nothing */, COMPILER /* only `asyncc cc` has it */ };

/* The first match counts.  Warnings are the final compiler's to give, so -W is ignored, but for -Wno-, which may allow what
 * clang takes for an error. */
static const struct known_option {
	const char *name;
	enum value value;
	enum use use;
} known_options[] = {
	{ "-include", NEXT, PARSE }, { "-imacros", NEXT, PARSE }, { "-isystem", JOINED_OR_NEXT, PARSE },
	{ "-iquote", JOINED_OR_NEXT, PARSE }, { "-idirafter", JOINED_OR_NEXT, PARSE }, { "-isysroot", NEXT, PARSE },
	{ "-iprefix", NEXT, PARSE }, { "-iwithprefix", NEXT, PARSE }, { "-iwithprefixbefore", NEXT, PARSE },
	{ "--sysroot=", REST, PARSE }, { "--sysroot", NEXT, PARSE }, { "-resource-dir", NEXT, PARSE },
	{ "-I", JOINED_OR_NEXT, PARSE }, { "-D", JOINED_OR_NEXT, PARSE }, { "-U", JOINED_OR_NEXT, PARSE },
	{ "-std=", REST, PARSE }, { "-ansi", NONE, PARSE }, { "-nostdinc", NONE, PARSE }, { "-undef", NONE, PARSE },
	{ "-pthread", NONE, PARSE }, { "-O", REST, PARSE }, { "-g", REST, IGNORE },
	{ "--target=", REST, PARSE }, { "-target", NEXT, PARSE },
	{ "-m32", NONE, PARSE }, { "-m64", NONE, PARSE }, { "-mx32", NONE, PARSE }, { "-march=", REST, PARSE },
	{ "-mavx", REST, PARSE }, { "-msse", REST, PARSE }, { "-mssse3", NONE, PARSE }, { "-mbmi", REST, PARSE },
	{ "-mfma", NONE, PARSE }, { "-mpopcnt", NONE, PARSE }, { "-maes", NONE, PARSE }, { "-m", REST, IGNORE },
	{ "-funsigned-char", NONE, PARSE }, { "-fsigned-char", NONE, PARSE }, { "-fshort-enums", NONE, PARSE },
	{ "-fshort-wchar", NONE, PARSE }, { "-ffreestanding", NONE, PARSE }, { "-fhosted", NONE, PARSE },
	{ "-fno-builtin", REST, PARSE }, { "-fms-extensions", NONE, PARSE }, { "-fgnu89-inline", NONE, PARSE },
	{ "-fblocks", NONE, PARSE }, { "-fopenmp", REST, PARSE }, { "-fPIC", NONE, PARSE }, { "-fpic", NONE, PARSE },
	{ "-fPIE", NONE, PARSE }, { "-fpie", NONE, PARSE }, { "-fno-pic", NONE, PARSE }, { "-fno-pie", NONE, PARSE },
	{ "--embed-dir=", REST, PARSE }, { "-ffile-prefix-map=", REST, PARSE }, { "-fmacro-prefix-map=", REST, PARSE },
	{ "-fsanitize=", REST, PARSE }, { "-fno-sanitize=", REST, PARSE }, { "-fexceptions", NONE, PARSE }, { "-fwrapv", NONE, PARSE }, { "-ftrapv", NONE, PARSE },
	{ "-ffast-math", NONE, PARSE }, { "-fdollars-in-identifiers", NONE, PARSE },
	{ "-foptimize-sibling-calls", NONE, PARSE }, { "-fno-optimize-sibling-calls", NONE, PARSE }, { "-fbracket-depth=", REST, PARSE }, { "-f", REST, IGNORE },
	{ "-Wp,", REST, IGNORE }, { "-Wa,", REST, IGNORE }, { "-Wl,", REST, IGNORE },
	{ "-Wno-", REST, PARSE }, { "-W", REST, IGNORE }, { "-w", NONE, PARSE }, { "-pedantic", REST, IGNORE }, { "-pipe", NONE, IGNORE },
	{ "-ftrigraphs", NONE, PARSE }, { "-trigraphs", NONE, PARSE }, { "-Qunused-arguments", NONE, IGNORE },
	/* for the driver's compiler: what takes a value must be known, lest the value be taken for an input */
	{ "-x", JOINED_OR_NEXT, COMPILER }, { "-MF", JOINED_OR_NEXT, COMPILER }, { "-MT", JOINED_OR_NEXT, COMPILER },
	{ "-MQ", JOINED_OR_NEXT, COMPILER }, { "-L", JOINED_OR_NEXT, COMPILER }, { "-l", JOINED_OR_NEXT, COMPILER },
	{ "-T", JOINED_OR_NEXT, COMPILER }, { "-u", JOINED_OR_NEXT, COMPILER }, { "-z", JOINED_OR_NEXT, COMPILER },
	{ "-Xlinker", NEXT, COMPILER }, { "-Xpreprocessor", NEXT, COMPILER }, { "-Xassembler", NEXT, COMPILER }, { "-Xclang", NEXT, COMPILER },
	{ "-mllvm", NEXT, COMPILER }, { "--param", NEXT, COMPILER }, { "-aux-info", NEXT, COMPILER }, { "-dumpbase", NEXT, COMPILER },
	{ "-dumpbase-ext", NEXT, COMPILER }, { "-dumpdir", NEXT, COMPILER }, { "-A", JOINED_OR_NEXT, COMPILER },
	{ "-B", JOINED_OR_NEXT, COMPILER }, { "-e", JOINED_OR_NEXT, COMPILER }, { "-arch", NEXT, COMPILER }, { "-o", JOINED_OR_NEXT, COMPILER },
};

static bool matches(const struct known_option *option, const char *argument)
{
	if (option->value == NONE || option->value == NEXT)
		return !strcmp(argument, option->name);
	return !strncmp(argument, option->name, strlen(option->name));
}

struct compiler_option compiler_option(const char *argument)
{
	struct compiler_option found = { 1, false, false };
	for (size_t i = 0; i < sizeof known_options / sizeof *known_options; i++) {
		const struct known_option *option = &known_options[i];
		if (!matches(option, argument))
			continue;
		bool alone = !strcmp(argument, option->name);
		found.known = option->use != COMPILER;
		found.for_parsing = option->use == PARSE;
		found.words = option->value == NEXT || (option->value == JOINED_OR_NEXT && alone) ? 2 : 1;
		return found;
	}
	return found;
}

/* ---- response files ---- */

/* One word of a response file: blanks end it, quotes hold blanks, a backslash holds anything. */
static const char *next_word(const char *p, struct text *word)
{
	word->size = 0;
	text_puts(word, "");
	for (char quote = 0; *p && (quote || !isspace((unsigned char)*p)); p++) {
		if (*p == '\\' && p[1])
			text_add(word, ++p, 1);
		else if (quote ? *p == quote : *p == '"' || *p == '\'')
			quote = quote ? 0 : *p;
		else
			text_add(word, p, 1);
	}
	return p;
}

enum { MAX_NESTED = 32 };

static void expand(struct arena *arena, struct words *words, const char *argument, int depth)
{
	struct source *file = argument[0] == '@' && depth < MAX_NESTED ? source_read(arena, argument + 1) : NULL;
	if (!file) { /* as gcc: one that cannot be read is an argument of that name */
		list_add(arena, words, argument);
		return;
	}
	struct text word = { 0 };
	for (const char *p = file->text;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (!*p)
			break;
		p = next_word(p, &word);
		expand(arena, words, arena_copy(arena, word.data, word.size), depth + 1);
	}
	text_finish(&word);
}

struct words expand_response_files(struct arena *arena, int argc, char **argv)
{
	struct words words = { 0 };
	for (int i = 0; i < argc; i++)
		expand(arena, &words, argv[i], 0);
	return words;
}
