/* driver.c: `asyncc cc COMPILER ...`: a C compiler that takes async C.  Each async input is lowered into a file of the same
 * name in a temporary folder, and the compiler is called with that in its place; everything else is passed through.
 * Knows the command lines of gcc and clang; the sources are scan.c's and compile_file's business. */
#include "driver.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the temporary folder ---- */

/* The same name for the same command, so that ccache sees the same command again. */
static uint64_t hash_of(const struct words *words)
{
	char folder[PATH_MAX] = "";
	uint64_t hash = 14695981039346656037u;
	if (!getcwd(folder, sizeof folder))
		folder[0] = 0;
	for (int i = -1; i < words->n; i++)
		for (const char *p = i < 0 ? folder : words->at[i]; ; p++) {
			hash = (hash ^ (unsigned char)*p) * 1099511628211u;
			if (!*p)
				break;
		}
	return hash;
}

static const char *make_folder(struct build *build)
{
	const char *base = getenv("TMPDIR");
	if (!base || !*base)
		base = "/tmp";
	char *folder = arena_printf(build->arena, "%s/asyncc-%016llx", base, (unsigned long long)hash_of(&build->words));
	if (!mkdir(folder, 0700))
		return folder;
	folder = arena_printf(build->arena, "%s/asyncc-XXXXXX", base); /* the same command runs right now, or was killed */
	if (mkdtemp(folder))
		return folder;
	error_plain("%s: %s", folder, strerror(errno));
	return NULL;
}

static const char *object_of(struct build *build, const struct input *input)
{
	return arena_printf(build->arena, "%s/%d.o", build->temporary, input->word);
}

static void remove_temporary(struct build *build)
{
	if (!build->temporary)
		return;
	for (int i = 0; i < build->inputs.n; i++) {
		struct input *input = &build->inputs.at[i];
		if (!input->place)
			continue;
		unlink(input->lowered);
		rmdir(input->place);
		unlink(object_of(build, input));
	}
	unlink(arena_printf(build->arena, "%s/words", build->temporary));
	rmdir(build->temporary);
}

/* ---- lowering ---- */

static const char *without_extension(struct arena *arena, const char *name)
{
	const char *dot = strrchr(name, '.');
	return arena_copy(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

static const char *lowered_name(struct build *build, const char *path)
{
	return arena_printf(build->arena, "%s.lowered.c", without_extension(build->arena, base_name(path)));
}

/* -save-temps: the lowered text stays, in the current folder as the compiler's own files do. */
static int save_lowered(struct build *build, struct input *input)
{
	struct source *text = source_read(build->arena, input->lowered);
	const char *name = lowered_name(build, input->path);
	int error = text ? write_file(name, text->text, text->size) : errno;
	if (error)
		error_plain("%s: %s", name, strerror(error));
	return error != 0;
}

static int lower_input(struct build *build, struct input *input)
{
	if (build->output && is_same_file(build->output, input->path)) { /* the compiler sees another input, and would not mind */
		error_plain("the output would replace the input '%s'", input->path);
		return 1;
	}
	if (!build->temporary && !(build->temporary = make_folder(build)))
		return 1;
	input->place = arena_printf(build->arena, "%s/%d", build->temporary, input->word);
	input->lowered = arena_printf(build->arena, "%s/%s", input->place, base_name(input->path));
	if (mkdir(input->place, 0700)) {
		error_plain("%s: %s", input->place, strerror(errno));
		return 1;
	}
	struct options options = {
		.input = input->path,
		.output = input->lowered,
		.own_name = lowered_name(build, input->path),
		.clang_args = build->parse.at,
		.n_clang_args = build->parse.n,
		.lines = true,
	};
	build->lowered++;
	const struct source *source = source_read(build->arena, input->path);
	input->embeds = source && source_embeds(source);
	int status = compile_file(&options);
	return !status && build->saves ? save_lowered(build, input) : status;
}

static int lower_inputs(struct build *build)
{
	int status = 0;
	for (int i = 0; i < build->inputs.n && !build->stops; i++) {
		struct input *input = &build->inputs.at[i];
		if (file_is_async(input->path, &build->quoted, &build->angled, &build->forced))
			status |= lower_input(build, input);
	}
	return status;
}

/* ---- running ---- */

static volatile sig_atomic_t child;

static void pass_on(int signal)
{
	if (child > 0)
		kill((pid_t)child, signal);
}

static const int passed_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* What is ignored, as under nohup, stays so. */
static void handle_signals(void (*handler)(int))
{
	for (size_t i = 0; i < sizeof passed_signals / sizeof *passed_signals; i++)
		if (signal(passed_signals[i], handler) == SIG_IGN)
			signal(passed_signals[i], SIG_IGN);
}

static _Noreturn void become(const char *const *argv)
{
	execvp(argv[0], (char *const *)argv);
	error_plain("%s: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* The wait status of the command. */
static int run(struct build *build, struct words *words)
{
	list_add(build->arena, words, NULL);
	words->n--;
	handle_signals(pass_on);
	pid_t pid = fork();
	if (pid == 0) {
		handle_signals(SIG_DFL);
		become(words->at);
	}
	if (pid < 0) {
		error_plain("fork: %s", strerror(errno));
		return 1 << 8;
	}
	child = pid;
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1 << 8;
	child = 0;
	handle_signals(SIG_DFL);
	return status;
}

/* ---- dependency files ---- */

static void replace_in_file(struct build *build, const char *path, const char *from, const char *to)
{
	struct source *file = source_read(build->arena, path);
	if (!file || !strstr(file->text, from))
		return;
	struct text text = { 0 };
	const char *rest = file->text;
	for (const char *found; (found = strstr(rest, from)); rest = found + strlen(from)) {
		text_add(&text, rest, (size_t)(found - rest));
		text_puts(&text, to);
	}
	text_puts(&text, rest);
	int error = write_file(path, text.data, text.size);
	if (error)
		error_plain("%s: %s", path, strerror(error));
	text_finish(&text);
}

/* The names that gcc and clang may have given to the dependency file. */
static struct words depfile_names(struct build *build, const struct input *input)
{
	struct arena *arena = build->arena;
	struct words names = { 0 };
	const char *source = without_extension(arena, base_name(input->path));
	if (build->depfile)
		list_add(arena, &names, build->depfile);
	list_add(arena, &names, arena_printf(arena, "%s.d", source));
	if (!build->output)
		return names;
	const char *folder = folder_of(arena, build->output);
	const char *output = without_extension(arena, base_name(build->output));
	list_add(arena, &names, arena_printf(arena, "%s/%s.d", folder, output));
	list_add(arena, &names, arena_printf(arena, "%s/%s-%s.d", folder, output, source));
	list_add(arena, &names, arena_printf(arena, "%s/%s-%s.d", folder, base_name(build->output), source));
	return names;
}

/* They must name the user's sources, not what stands in for them. */
static void correct_depfiles(struct build *build)
{
	for (int i = 0; i < build->inputs.n; i++) {
		const struct input *input = &build->inputs.at[i];
		if (!input->lowered)
			continue;
		struct words names = depfile_names(build, input);
		for (int k = 0; k < names.n; k++)
			replace_in_file(build, names.at[k], make_escape(build->arena, input->lowered), make_escape(build->arena, input->path));
	}
}

/* ---- putting it together ---- */

/* "header.h" means another file in each folder, so inputs from several folders cannot share a call. */
static bool folders_differ(const struct build *build)
{
	if (build->lowered == 0)
		return false;
	for (int i = 1; i < build->inputs.n; i++)
		if (strcmp(build->inputs.at[i].folder, build->inputs.at[0].folder))
			return true;
	return false;
}

/* Makes a call compile one input to an object of ours, with the dependency file that the link would have left. */
static void add_object(struct build *build, struct words *to, const struct input *input)
{
	struct arena *arena = build->arena;
	list_add(arena, to, "-c");
	list_add(arena, to, "-o");
	list_add(arena, to, object_of(build, input));
	if (!build->depends || build->depfile)
		return;
	const char *source = without_extension(arena, base_name(input->path));
	const char *program = build->output ? build->output : "a";
	list_add(arena, to, "-MF");
	list_add(arena, to, arena_printf(arena, "%s-%s.d", program, source));
	list_add(arena, to, "-MT");
	list_add(arena, to, arena_printf(arena, "%s.o", source));
}

/* Compiles each input to an object of ours, or to where it belongs if nothing is to be linked. */
static int compile_one_by_one(struct build *build)
{
	for (int i = 0; i < build->inputs.n; i++) {
		struct input *input = &build->inputs.at[i];
		struct words words = compiler_words(build, input);
		if (build->links) {
			if (!input->lowered)
				continue;
			add_object(build, &words, input);
		}
		int status = run(build, &words);
		if (status)
			return status;
	}
	return 0;
}

/* The link that follows: objects stand in for the lowered inputs. */
static struct words link_words(struct build *build)
{
	struct words words = { 0 };
	for (int i = 0; i < build->words.n; i++) {
		const struct input *input = input_at(build, i);
		list_add(build->arena, &words, input && input->lowered ? object_of(build, input) : build->words.at[i]);
	}
	return words;
}

static int run_job(struct build *build)
{
	if (folders_differ(build)) {
		int status = compile_one_by_one(build);
		if (status || !build->links)
			return status;
		struct words words = link_words(build);
		add_runtime(build, &words);
		return run(build, &words);
	}
	struct words words = compiler_words(build, NULL);
	if (needs_runtime(build))
		add_runtime(build, &words);
	return run(build, &words);
}

/* Ends as the command did. */
static int exit_status(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

int run_compiler(int argc, char **argv)
{
	if (argc < 1) {
		error_plain("'asyncc cc' needs a compiler: asyncc cc gcc ...");
		return 2;
	}
	struct build build = { .arena = arena_create() };
	build.words = expand_response_files(build.arena, argc, argv);
	read_words(&build);
	build.tree = find_tree(build.arena);
	int status = lower_inputs(&build);
	if (!status && !build.lowered && !build.stops && !needs_runtime(&build))
		become((const char *const *)argv);
	if (!status && !build.tree.include)
		error_plain("async.h is not where it was installed"), status = 1;
	if (!status) {
		status = run_job(&build);
		if (!status && build.depends)
			correct_depfiles(&build);
	} else {
		status = 1 << 8;
	}
	remove_temporary(&build);
	arena_destroy(build.arena);
	return exit_status(status);
}
