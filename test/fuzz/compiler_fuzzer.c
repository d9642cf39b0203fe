/* compiler_fuzzer.c: any bytes into the compiler (libFuzzer).  What must come of it:
 *   status 0 and an output that clang accepts, and gcc, if it accepts the input;
 *   or status 1, a diagnostic that has a place, and no output.
 * A crash, a hang, a leak, "internal error" and any other end is a finding.  token_mutator.c makes the inputs. */
#include "../../compiler/compiler.h"

#include <fcntl.h>
#include <regex.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
void __sanitizer_set_report_fd(void *fd);
void __real_exit(int status);

static const char *const folders[] = {"test/lower", "test/check", "test/frame", "test/line", "test/dump", "test/run", "docs/examples"};
enum { N_FOLDERS = sizeof folders / sizeof *folders, N_OPTIONS = N_FOLDERS + 1, MAX_SIZE = 64 * 1024 };

static char input[64], output[64], folder[32];
static const char *options[N_OPTIONS] = {"-I" ASYNCC_SOURCE_ROOT "/include"};
static int users_stderr, captured = -1;
static bool in_compiler;

/* ---- what the compiler says ---- */

static void begin_capture(void)
{
	captured = memfd_create("stderr", MFD_CLOEXEC);
	dup2(captured, STDERR_FILENO);
	in_compiler = true;
}

static char *end_capture(void)
{
	fflush(stderr);
	dup2(users_stderr, STDERR_FILENO);
	in_compiler = false;
	off_t size = lseek(captured, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);
	if (pread(captured, text, (size_t)size, 0) != size)
		text[0] = 0;
	close(captured);
	return text;
}

static _Noreturn void finding(const char *what, const char *said)
{
	fprintf(stderr, "==== %s\n%s", what, said);
	abort();
}

/* libclang that has crashed has not freed what it had: from then on nobody can tell whose memory it is. */
static bool libclang_crashed;
static void remove_folder(void);

/* The compiler, or libFuzzer, exits: ice() is a finding. */
_Noreturn void __wrap_exit(int status)
{
	if (in_compiler)
		finding("the compiler exits", end_capture());
	if (libclang_crashed) {
		remove_folder();
		_exit(status); /* without a look for leaks */
	}
	__real_exit(status);
	abort();
}

static bool has_place(const char *said)
{
	static regex_t place;
	static bool ready;
	if (!ready)
		regcomp(&place, "^[^ ]+:[0-9]+:[0-9]+: (fatal )?error: ", REG_EXTENDED | REG_NEWLINE | REG_NOSUB), ready = true;
	return !regexec(&place, said, 0, NULL, 0);
}

int __real___lsan_do_recoverable_leak_check(void);
int __wrap___lsan_do_recoverable_leak_check(void)
{
	return libclang_crashed ? 0 : __real___lsan_do_recoverable_leak_check();
}

/* ---- does a compiler take it? ---- */

static bool accepts(const char *compiler, const char *source)
{
	const char *words[N_OPTIONS + 13];
	int n = 0;
	words[n++] = compiler;
	words[n++] = "-fsyntax-only";
	words[n++] = "-std=gnu17";
	words[n++] = "-w";
	words[n++] = "-Wno-return-mismatch"; /* an ordinary function's is left to the compiler of the output */
	words[n++] = "-fmax-errors=3";
	words[n++] = "-DASYNC_LOWERED"; /* the markers are harmless then */
	for (int i = 0; i < N_OPTIONS; i++)
		words[n++] = options[i];
	words[n++] = source;
	words[n] = NULL;
	pid_t pid;
	int status;
	if (posix_spawnp(&pid, compiler, NULL, NULL, (char *const *)words, environ))
		return true; /* not there */
	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void check_output(const char *said)
{
	if (access(output, F_OK))
		finding("status 0 without an output", said);
	begin_capture();
	bool fine = accepts(ASYNCC_CLANG, output);
	char *clang_said = end_capture();
	if (!fine)
		finding("clang does not accept the output", clang_said);
	free(clang_said);
	begin_capture();
	fine = accepts("gcc", output);
	char *gcc_said = end_capture();
	if (fine)
		goto done;
	begin_capture();
	fine = accepts("gcc", input);
	free(end_capture());
	if (fine)
		finding("gcc accepts the input, but not the output", gcc_said);
done:
	free(gcc_said);
}

static void check_refusal(const char *said)
{
	if (!access(output, F_OK))
		finding("status 1 with an output", said);
	if (!has_place(said) && !libclang_crashed) /* clang's bug, not ours */
		finding("status 1 without an error that has a place", said);
}

/* ---- libFuzzer's side ---- */

static void remove_folder(void)
{
	unlink(input);
	unlink(output);
	rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	users_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	__sanitizer_set_report_fd((void *)(intptr_t)users_stderr);
	strcpy(folder, "/tmp/asyncc-fuzz-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	sprintf(input, "%s/input.c", folder);
	sprintf(output, "%s/output.c", folder);
	for (int i = 0; i < N_FOLDERS; i++) {
		char *option = malloc(256);
		snprintf(option, 256, "-iquote" ASYNCC_SOURCE_ROOT "/%s", folders[i]);
		options[i + 1] = option;
	}
	atexit(remove_folder);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size <= MAX_SIZE ? fopen(input, "wb") : NULL;
	if (!file)
		return -1;
	fwrite(data, 1, size, file);
	fclose(file);
	unlink(output);
	struct options command = {
		.input = input, .output = output, .clang_args = options, .n_clang_args = N_OPTIONS, .lines = size % 2,
	};
	begin_capture();
	int status = compile_file(&command);
	char *said = end_capture();
	libclang_crashed |= strstr(said, "libclang: crash detected") || strstr(said, "libclang could not read");
	if (status == 0)
		check_output(said);
	else if (status == 1)
		check_refusal(said);
	else
		finding("a status that is neither 0 nor 1", said);
	free(said);
	return 0;
}
