/* async_testing.h: testing.h for tests in async C (NAME_test.async.c):
 *
 *	static async void run_lines(void) { ... CHECK(await ...); }
 *	TEST(lines_come_one_by_one) { async_run(run_lines()); }
 *
 * The runtime's inside is there as well. */
#ifndef ASYNC_TESTING_H
#define ASYNC_TESTING_H

#include <async.h>

#include "runtime.h"
#include "testing.h"

/* libuv has descriptors for the process. */
void before_all(void)
{
	if (getenv("ASYNC_LOOP"))
		async_loop_close(async_loop_new(NULL));
}

/* Waits until the condition holds, for at most ten seconds: the machine may be busy. */
#define AWAIT_UNTIL(condition)                                                     \
	do {                                                                       \
		for (int tries = 0; !(condition) && tries < 10000; tries++)        \
			await async_sleep(0.001);                                  \
		CHECK(condition);                                                  \
	} while (0)

/* Are these the bytes, with a zero behind them? */
__attribute__((unused)) static bool is(async_bytes bytes, const char *text)
{
	if (bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0 && bytes.data[bytes.size] == '\0')
		return true;
	fprintf(stderr, "'%.*s' instead of '%s'\n", (int)bytes.size, bytes.data, text);
	return false;
}

#endif
