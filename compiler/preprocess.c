/* preprocess.c: clang's executable as a preprocessor.  Its input and output are files without a name, so that nothing is left
 * behind whatever happens. */
#include "compiler.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static struct words command_line(struct unit *unit, const char *clang)
{
	struct words words = {0};
	const char *path = unit->source->path;
	int n;
	const char **options = clang_arguments(unit, &n);
	list_add(unit->arena, &words, clang);
	list_add(unit->arena, &words, "-E");
	list_add(unit->arena, &words, "-P");
	list_add(unit->arena, &words, "-w");
	/* The text comes from a pipe, but its headers are found from where the source lies. */
	const char *folder = base_name(path) == path ? "." : arena_copy(unit->arena, path, (size_t)(base_name(path) - path));
	list_add(unit->arena, &words, "-iquote");
	list_add(unit->arena, &words, folder);
	if (source_embeds(unit->source))
		list_add(unit->arena, &words, arena_printf(unit->arena, "--embed-dir=%s", folder));
	for (int i = 0; i < n; i++)
		list_add(unit->arena, &words, options[i]);
	list_add(unit->arena, &words, "-");
	list_add(unit->arena, &words, NULL);
	return words;
}

/* 0 or an errno value; *status is that of waitpid. */
static int run(char *const *words, int in, int out, int *status)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	int error = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return error;
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

/* The clang of the environment, or ours, or whichever there is. */
static int run_some_clang(struct unit *unit, int in, int out, int *status, const char **clang)
{
	const char *wanted = getenv("ASYNCC_CLANG");
	const char *candidates[] = {ASYNCC_CLANG, "clang"};
	int error = ENOENT;
	bool given = wanted && *wanted;
	for (int i = 0; i < (given ? 1 : 2) && error == ENOENT; i++) {
		*clang = given ? wanted : candidates[i];
		error = run((char **)command_line(unit, *clang).at, in, out, status);
	}
	if (error && !given)
		*clang = ASYNCC_CLANG;
	return error;
}

static char *read_all(FILE *file)
{
	struct text text = {0};
	char buffer[16384];
	rewind(file);
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, file));)
		text_add(&text, buffer, n);
	if (!text.data)
		text_puts(&text, "");
	return text.data;
}

char *run_preprocessor(struct unit *unit, const struct text *input, const struct dirty *why)
{
	FILE *in = tmpfile(), *out = tmpfile();
	const char *clang = NULL;
	char *output = NULL;
	int status = 0, error = in && out ? 0 : errno;
	if (!error && (fwrite(input->data, 1, input->size, in) != input->size || fflush(in)))
		error = errno;
	if (error) {
		error_plain("a temporary file: %s", strerror(error));
		unit->errors++;
		goto close_files;
	}
	rewind(in);
	error = run_some_clang(unit, fileno(in), fileno(out), &status, &clang);
	if (error) {
		error_at(unit, why->span, "macro '%s' %s: it has to be expanded, but '%s' does not run: %s", why->name, why->why, clang,
			 strerror(error));
		note_at(unit, why->span, "install clang, or let ASYNCC_CLANG in the environment be the path of one");
	} else if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		error_at(unit, why->span, "macro '%s' %s: '%s -E' could not expand it", why->name, why->why, clang);
	} else {
		output = read_all(out);
	}
close_files:
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return output;
}
