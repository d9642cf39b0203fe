/* testing.h: TEST(a_sentence_that_is_promised) { ... CHECK(condition); ... }
 * Each test runs in a process of its own, which must end well, within a minute, and with the descriptors it began with; the
 * sanitizers look for leaks when it ends.  A program of tests takes names of tests to run as its arguments; none: all.
 * TEST_DIES(name, "text") is for what must abort: the process is to end by SIGABRT, having said the text. */
#ifndef TESTING_H
#define TESTING_H

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct test {
	const char *name;
	void (*run)(void);
	const char *dies; /* what it must have said when it aborts; NULL: it must end well */
	struct test *next;
};

static struct test *first_test, **last_test = &first_test;

#define TEST_OF(test_name, text)                                                          \
	static void test_name(void);                                                      \
	static struct test test_name##_test = { #test_name, test_name, text, NULL };      \
	__attribute__((constructor)) static void test_name##_add(void)                    \
	{                                                                                 \
		*last_test = &test_name##_test;                                           \
		last_test = &test_name##_test.next;                                       \
	}                                                                                 \
	static void test_name(void)
#define TEST(test_name) TEST_OF(test_name, NULL)
#define TEST_DIES(test_name, text) TEST_OF(test_name, text)

#define CHECK(condition)                                                                          \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			fprintf(stderr, "%s:%d: %s is not so\n", __FILE__, __LINE__, #condition); \
			fflush(NULL);                                                             \
			_exit(9);                                                                 \
		}                                                                                 \
	} while (0)

/* Is this a run with ASYNC_EAGER=1, in which tasks begin when they are created?  QUEUED_OR_EAGER: what differs by that alone. */
__attribute__((unused)) static int eager(void)
{
	const char *text = getenv("ASYNC_EAGER");

	return text && *text && strcmp(text, "0");
}
#define QUEUED_OR_EAGER(queued, begun_at_once) (eager() ? (begun_at_once) : (queued))

static int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int n = 0;

	while (directory && readdir(directory))
		n++;
	if (directory)
		closedir(directory);
	return n;
}

static void in_child(const struct test *test, int output)
{
	int before = count_descriptors();

	if (test->dies) {
		signal(SIGABRT, SIG_DFL);
		dup2(output, STDERR_FILENO);
	}
	alarm(60);
	test->run();
	if (count_descriptors() != before) {
		fprintf(stderr, "%s: %d descriptors before, %d after\n", test->name, before, count_descriptors());
		exit(8);
	}
	exit(0);
}

static int said(int fd, const char *text)
{
	static char buffer[65536];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof buffer - 1 && (got = read(fd, buffer + n, sizeof buffer - 1 - n)) > 0)
		n += (size_t)got;
	buffer[n] = '\0';
	if (strstr(buffer, text))
		return 1;
	fprintf(stderr, "it said: %s\n", buffer);
	return 0;
}

static int run_test(const struct test *test)
{
	int status = 0, output[2] = { -1, -1 }, ok;
	pid_t child;

	fflush(NULL);
	if (test->dies && pipe(output))
		return 0;
	child = fork();
	if (child == 0) {
		if (test->dies)
			close(output[0]);
		in_child(test, output[1]);
	}
	if (test->dies)
		close(output[1]);
	ok = !test->dies || said(output[0], test->dies);
	if (test->dies)
		close(output[0]);
	waitpid(child, &status, 0);
	if (test->dies)
		ok = ok && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
	else
		ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	printf("%s %s", ok ? "ok  " : "FAIL", test->name);
	if (!ok && WIFSIGNALED(status))
		printf(" (%s)", strsignal(WTERMSIG(status)));
	else if (!ok)
		printf(" (exit status %d)", WEXITSTATUS(status));
	printf("\n");
	return ok;
}

static int asked_for(const struct test *test, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], test->name))
			return 1;
	return argc < 2;
}

/* Opens what stays open in a process, before anything is counted. */
void before_all(void) __attribute__((weak));

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	if (before_all)
		before_all();
	for (struct test *test = first_test; test; test = test->next) {
		if (!asked_for(test, argc, argv))
			continue;
		if (run_test(test))
			passed++;
		else
			failed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}

#endif
