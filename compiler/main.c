/* main.c: the options, then the phases as a flat list.  Exit status: 0, 1 after an error in a source or a file, 2 after one
 * in the command line. */
#include "compiler.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the phases ---- */

static int dump(struct unit *unit)
{
	static const struct {
		const char *name;
		void (*print)(struct unit *unit, FILE *to);
	} dumps[] = {
		{ "tree", dump_tree }, { "ops", dump_ops }, { "live", dump_liveness }, { "frames", dump_frames }, { "graph", dump_graph },
	};
	const struct options *options = unit->options;
	const char *wanted = options->frames ? "frames" : options->graph ? "graph" : options->dump;
	for (size_t i = 0; i < sizeof dumps / sizeof *dumps; i++)
		if (!strcmp(wanted, dumps[i].name))
			dumps[i].print(unit, stdout);
	if (fflush(stdout)) {
		error_plain("standard output: %s", strerror(errno));
		return 1;
	}
	return 0;
}

/* What #line calls our own lines: the output as given, but never an absolute path, so that the text is the same wherever
 * it is made. */
static const char *own_name(struct arena *arena, const struct options *options)
{
	if (options->own_name)
		return options->own_name;
	const char *output = options->output;
	if (output && strcmp(output, "-"))
		return output[0] == '/' ? base_name(output) : output;
	const char *input = base_name(strcmp(options->input, "-") ? options->input : "stdin.c");
	const char *dot = strrchr(input, '.');
	return arena_printf(arena, "%.*s.lowered.c", dot ? (int)(dot - input) : (int)strlen(input), input);
}

static int write_output(struct unit *unit)
{
	const struct options *options = unit->options;
	struct output *output = output_create(own_name(unit->arena, options), options->lines, unit->source->size);
	emit_unit(unit, output);
	if (unit->has_new_clashes) {
		output_destroy(output);
		return 0;
	}
	size_t size;
	const char *data = output_data(output, &size);
	struct text mapped = { 0 };
	check_budgets(unit, data, size);
	if (options->maps_lines && maps_names(options)) {
		mapped = map_line_directives(unit, data, size);
		data = mapped.data, size = mapped.size;
	}
	const char *path = options->output ? options->output : "-";
	int error = unit->errors ? 0 : write_file(path, data, size);
	output_destroy(output);
	text_finish(&mapped);
	if (!error && !unit->errors && options->depfile) {
		path = options->depfile;
		error = write_depfile(unit);
	}
	if (error)
		error_plain("%s: %s", strcmp(path, "-") ? path : "standard output", strerror(error));
	return error || unit->errors;
}

static int run_phases(struct unit *unit)
{
	if (!unit->source)
		unit->source = source_read(unit->arena, unit->options->input);
	if (!unit->source) {
		error_plain("%s: %s", unit->options->input, strerror(errno));
		return 1;
	}
	unit->clang = parse_unit(unit);
	if (!unit->clang)
		return 1;
	collect_functions(unit);
	if (unit->errors || !normalize_unit(unit) || !adopt_header_functions(unit))
		return 1;
	check_clashes(unit);
	check_handlers(unit);
	for (int i = 0; i < unit->fns.n; i++)
		check_function(unit, unit->fns.at[i]);
	if (!unit->errors)
		warn_functions(unit);
	if (unit->errors)
		return 1;
	for (int i = 0; i < unit->fns.n; i++) {
		struct async_fn *fn = unit->fns.at[i];
		lower_function(unit, fn);
		struct cfg *cfg = build_cfg(unit, fn);
		check_arguments(unit, cfg);
		compute_liveness(unit, cfg);
		layout_frame(unit, fn);
		find_saves(unit, cfg);
		find_poisoned(unit, cfg);
		keep_ops(unit, fn);
		arena_clear(unit->scratch);
	}
	if (unit->errors)
		return 1;
	const struct options *options = unit->options;
	return options->dump || options->frames || options->graph ? dump(unit) : write_output(unit);
}

/* With the file's own text, and the names known that it and ours cannot share. */
static void start_again(struct unit *unit)
{
	struct source *source = unit->user_source ? unit->user_source : unit->source;
	clang_unit_destroy(unit->clang);
	*unit = (struct unit){ .arena = unit->arena, .scratch = unit->scratch, .options = unit->options, .source = source, .clashes = unit->clashes, .is_lowered_again = true };
}

int compile_file(const struct options *options)
{
	static struct unit unit; /* the last one is left to the system, which is quicker at taking it apart */
	clang_unit_destroy(unit.clang);
	arena_destroy(unit.arena);
	arena_destroy(unit.scratch);
	unit = (struct unit){ .arena = arena_create(), .scratch = arena_create(), .options = options };
	unit.clashes = arena_alloc(unit.arena, sizeof *unit.clashes);
	int status = run_phases(&unit);
	while (unit.has_new_clashes) {
		start_again(&unit);
		status = run_phases(&unit);
	}
	return status;
}

/* ---- memory ---- */

/* Little is given back before the end: so it is taken from the system in few large pieces, and for libclang's threads from the
 * same ones.  Only quicker; where the system knows no such thing, nothing happens. */
static void take_memory_in_large_pieces(void)
{
#ifdef __GLIBC__
	enum { PIECE = 32 * 1024 * 1024 };
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 2 * PIECE);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_TOP_PAD, PIECE);
#endif
}

/* ---- the command line ---- */

static const char usage[] =
	"usage: asyncc [options] FILE.c... [-o OUT.c]    lower async C to plain C\n"
	"       asyncc cc COMPILER [its options]         compile async C in one step\n"
	"\n"
	"  -o OUT.c        write there; - is standard output, which is also the default for one\n"
	"                  input.  Several inputs become NAME.lowered.c each, or go to -o FOLDER/\n"
	"  -I -D -U -std= -isystem -iquote -include --embed-dir= -f* -m* -W* -O* -g*\n"
	"                  as for a C compiler; after --, options for libclang as they are\n"
	"  -p FOLDER       take these options from the compile_commands.json in FOLDER\n"
	"  -MD -MMD -MF FILE -MT TARGET -MQ TARGET -MP\n"
	"                  write a dependency file for make and ninja\n"
	"  --no-line       no #line directives: errors and debuggers show the output\n"
	"  --frames        print each frame: its bytes, and which await needs them, instead\n"
	"  --graph         print each state machine as a Graphviz graph instead\n"
	"  --dump=PHASE    print what a phase has found instead: tree, ops, live, frames, graph\n"
	"  --cflags, --libs, --make-rules, --gdb-script\n"
	"                  print compile options, link options, the file for a Makefile, for gdb -x\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0, 1 after errors in a source, 2 after one in the options.  @FILE reads options\n"
	"from FILE.  The manual: man asyncc\n";

struct command {
	struct options options;
	struct words inputs, clang_args, targets;
	const char *database;
	const char *depfile;
	bool depend;
	struct arena *arena;
};

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static _Noreturn void refuse(const char *message, const char *what)
{
	error_plain(message, what);
	fputs("asyncc: note: 'asyncc --help' lists the options\n", stderr);
	exit(2);
}

static _Noreturn void print_and_exit(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout)) {
		error_plain("standard output: %s", strerror(errno));
		exit(1);
	}
	exit(0);
}

#define FOR_SHELLS " \t\"'\\$`&|;<>()[]{}*?!#~" /* and recipes of Makefiles */
#define FOR_MAKE " \t" /* behind a $(shell ...) */

static const char *escape(struct arena *arena, const char *path, const char *special)
{
	struct text text = { 0 };
	for (; *path; path++) {
		if (strchr(special, *path))
			text_puts(&text, "\\");
		text_add(&text, path, 1);
	}
	const char *word = arena_copy(arena, text.data, text.size);
	text_finish(&text);
	return word;
}

/* %I is the include folder, %L the library's, as a shell takes them; %S that of the Make rules, as make does; %G that of gdb's commands. */
static _Noreturn void print_tree_and_exit(struct arena *arena, const char *format)
{
	struct tree tree = find_tree(arena);
	if (!tree.include)
		error_plain("async.h is not where it was installed"), exit(1);
	struct text text = { 0 };
	for (const char *p = format; *p; p++) {
		if (*p == '%')
			text_puts(&text, *++p == 'I' ? escape(arena, tree.include, FOR_SHELLS) : *p == 'L' ? escape(arena, tree.lib, FOR_SHELLS) :
					 *p == 'S' ? escape(arena, tree.share, FOR_MAKE) : tree.gdb);
		else
			text_add(&text, p, 1);
	}
	print_and_exit(text.data);
}

static const char *value_of(const struct words *words, int *i, const char *option)
{
	const char *word = words->at[*i];
	if (word[strlen(option)])
		return word + strlen(option);
	if (++*i == words->n)
		refuse("'%s' needs a value", option);
	return words->at[*i];
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool take_dependency_option(struct command *command, const struct words *words, int *i)
{
	const char *word = words->at[*i];
	if (!strcmp(word, "-MD") || !strcmp(word, "-MMD"))
		command->depend = true, command->options.dep_user_only = word[2] == 'M';
	else if (!strcmp(word, "-MP"))
		command->options.dep_phony = true;
	else if (starts_with(word, "-MF"))
		command->depfile = value_of(words, i, "-MF");
	else if (starts_with(word, "-MT"))
		list_add(command->arena, &command->targets, value_of(words, i, "-MT"));
	else if (starts_with(word, "-MQ"))
		list_add(command->arena, &command->targets, make_escape(command->arena, value_of(words, i, "-MQ")));
	else
		return false;
	return true;
}

static const char *dump_phase(const char *name)
{
	static const char *const phases[] = { "tree", "ops", "live", "frames", "graph" };
	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
		if (!strcmp(name, phases[i]))
			return name;
	refuse("no phase '%s' to dump: tree, ops, live, frames, graph", name);
}

static bool take_own_option(struct command *command, const struct words *words, int *i)
{
	const char *word = words->at[*i];
	struct options *options = &command->options;
	if (!strcmp(word, "--no-line"))
		options->lines = false;
	else if (!strcmp(word, "--frames"))
		options->frames = true;
	else if (!strcmp(word, "--graph"))
		options->graph = true;
	else if (starts_with(word, "--dump="))
		options->dump = dump_phase(word + strlen("--dump="));
	else if (starts_with(word, "-o"))
		options->output = value_of(words, i, "-o");
	else if (starts_with(word, "-p") && !starts_with(word, "-pthread") && !starts_with(word, "-pedantic") && strcmp(word, "-pipe"))
		command->database = value_of(words, i, "-p");
	else
		return false;
	return true;
}

static void take_question(struct arena *arena, const char *word)
{
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		print_and_exit(usage);
	if (!strcmp(word, "--version"))
		print_and_exit("asyncc " ASYNCC_VERSION "\n");
	if (!strcmp(word, "--cflags"))
		print_tree_and_exit(arena, "-I%I\n");
	if (!strcmp(word, "--libs"))
		print_tree_and_exit(arena, "%L/libasyncc.a -pthread " ASYNCC_LINK_LIBRARIES "\n");
	if (!strcmp(word, "--make-rules"))
		print_tree_and_exit(arena, "%S/asyncc.mk\n");
	if (!strcmp(word, "--gdb-script"))
		print_tree_and_exit(arena, "%G/asyncc-gdb.py\n");
}

static void take_compiler_option(struct command *command, const struct words *words, int *i)
{
	const char *word = words->at[*i];
	struct compiler_option option = compiler_option(word);
	if (!option.known)
		refuse("unknown option '%s'", word);
	if (option.words == 2 && *i + 1 == words->n)
		refuse("'%s' needs a value", word);
	for (int k = 0; k < option.words; k++)
		if (option.for_parsing)
			list_add(command->arena, &command->clang_args, words->at[*i + k]);
	*i += option.words - 1;
}

static void read_command(struct command *command, const struct words *words)
{
	for (int i = 1; i < words->n; i++) {
		const char *word = words->at[i];
		take_question(command->arena, word);
		if (!strcmp(word, "--")) {
			while (++i < words->n)
				list_add(command->arena, &command->clang_args, words->at[i]);
			return;
		}
		if (word[0] != '-' || !word[1])
			list_add(command->arena, &command->inputs, word);
		else if (!take_dependency_option(command, words, &i) && !take_own_option(command, words, &i))
			take_compiler_option(command, words, &i);
	}
}

/* ---- one input after the other ---- */

static bool is_folder(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* Without its last extension. */
static const char *stem(struct arena *arena, const char *path)
{
	const char *dot = strrchr(base_name(path), '.');
	return arena_copy(arena, path, dot ? (size_t)(dot - path) : strlen(path));
}

static const char *output_for(struct command *command, const char *input)
{
	const char *output = command->options.output;
	const char *name = strcmp(input, "-") ? base_name(input) : "stdin.c";
	if (output && is_folder(output))
		return arena_printf(command->arena, "%s%s%s", output, output[strlen(output) - 1] == '/' ? "" : "/", name);
	if (command->inputs.n == 1)
		return output;
	return arena_printf(command->arena, "%s.lowered.c", stem(command->arena, name));
}

static const char *depfile_for(struct command *command, const char *output)
{
	if (!command->depend && !command->depfile)
		return NULL;
	if (command->depfile)
		return command->depfile;
	if (!output || !strcmp(output, "-"))
		refuse("%s needs -MF or -o", "-MD");
	return arena_printf(command->arena, "%s.d", stem(command->arena, output));
}

static const char *joined_targets(struct command *command)
{
	const char *joined = NULL;
	for (int i = 0; i < command->targets.n; i++)
		joined = arena_printf(command->arena, "%s%s%s", joined ? joined : "", joined ? " " : "", command->targets.at[i]);
	return joined;
}

static int compile_input(struct command *command, const char *input)
{
	struct options options = command->options;
	struct words args = { 0 };
	if (command->database && !add_database_options(command->arena, command->database, input, &args))
		return 1;
	for (int i = 0; i < command->clang_args.n; i++)
		list_add(command->arena, &args, command->clang_args.at[i]);
	options.input = input;
	options.clang_args = args.at;
	options.n_clang_args = args.n;
	options.output = output_for(command, input);
	options.depfile = depfile_for(command, options.output);
	options.deptarget = joined_targets(command);
	return compile_file(&options);
}

/* An output never takes its input's place, nor another output's. */
static void check_outputs(struct command *command)
{
	const struct options *options = &command->options;
	if (options->dump || options->frames || options->graph)
		return;
	struct words outputs = { 0 };
	for (int i = 0; i < command->inputs.n; i++) {
		const char *output = output_for(command, command->inputs.at[i]);
		if (output && is_same_file(output, command->inputs.at[i]))
			refuse("the output would replace the input '%s'", command->inputs.at[i]);
		for (int k = 0; k < i; k++)
			if (!strcmp(output, outputs.at[k]))
				refuse("two inputs would become '%s'", output);
		list_add(command->arena, &outputs, output);
	}
}

static void check_command(struct command *command)
{
	const char *output = command->options.output;
	if (command->inputs.n == 0)
		refuse("no input%s", "");
	if (command->inputs.n > 1 && output && !is_folder(output))
		refuse("several inputs do not fit into one output '%s'; a folder would do", output);
	if (command->inputs.n > 1 && command->depfile)
		refuse("several inputs do not fit into one dependency file '%s'", command->depfile);
	check_outputs(command);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "cc"))
		return run_compiler(argc - 2, argv + 2);
	take_memory_in_large_pieces();
	struct command command = { .arena = arena_create(), .options.lines = true, .options.maps_lines = true };
	struct words words = expand_response_files(command.arena, argc, argv);
	read_command(&command, &words);
	check_command(&command);
	int status = 0;
	for (int i = 0; i < command.inputs.n; i++)
		status |= compile_input(&command, command.inputs.at[i]);
	arena_destroy(command.arena);
	return status;
}
