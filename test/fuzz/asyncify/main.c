/* asyncify: makes an ordinary C program async.
 *	asyncify [--enter[=N]] INPUT [-o OUTPUT] [-- CLANG'S OPTIONS]
 * --enter: each function begins with `await asyncify_enter()` (suspend.h), with =N one in N.  What stays plain is told on stderr. */
#include "asyncify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(void)
{
	fputs("usage: asyncify [--enter[=N]] INPUT [-o OUTPUT] [-- OPTIONS]\n", stderr);
	exit(2);
}

struct command {
	const char *input, *output;
	unsigned enter_one_in;
	const char **arguments; /* clang's */
	int n_arguments;
};

static struct command read_command(int argc, char **argv)
{
	struct command command = {0};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			command.arguments = (const char **)argv + i + 1;
			command.n_arguments = argc - i - 1;
			break;
		}
		if (strcmp(argv[i], "--enter") == 0)
			command.enter_one_in = 1;
		else if (strncmp(argv[i], "--enter=", 8) == 0)
			command.enter_one_in = (unsigned)strtoul(argv[i] + 8, NULL, 10);
		else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
			command.output = argv[++i];
		else if (argv[i][0] == '-' || command.input)
			usage();
		else
			command.input = argv[i];
	}
	if (!command.input)
		usage();
	return command;
}

int main(int argc, char **argv)
{
	struct command command = read_command(argc, argv);
	struct program program = {.arena = arena_create()};
	program.source = source_read(program.arena, command.input);
	if (!program.source) {
		fprintf(stderr, "asyncify: %s: %s\n", command.input, strerror(errno));
		return 1;
	}
	if (!collect_program(&program, command.arguments, command.n_arguments))
		return 1;
	decide_what_stays_plain(&program);
	FILE *out = command.output ? fopen(command.output, "w") : stdout;
	if (!out) {
		fprintf(stderr, "asyncify: %s: %s\n", command.output, strerror(errno));
		return 1;
	}
	write_program(&program, command.enter_one_in, out);
	bool written = fflush(out) == 0 && !ferror(out) && (!command.output || fclose(out) == 0);
	if (!written)
		fprintf(stderr, "asyncify: %s: %s\n", command.output ? command.output : "standard output", strerror(errno));
	write_summary(&program, stderr);
	arena_destroy(program.arena);
	return !written;
}
