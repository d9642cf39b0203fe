/* What asyncified programs begin with.  asyncify_enter suspends as $SCHEDULE says: never, always, or a number that seeds a random
 * choice; at most 100,000 times, so that programs that call much still end.  With ASYNCIFY_SURE it suspends whatever happens, which
 * asyncc sees. */
#ifndef ASYNCIFY_SUSPEND_H
#define ASYNCIFY_SUSPEND_H
#include <async.h>
#include <stdlib.h>
#include <string.h>

static inline int asyncify_suspends(void)
{
	static unsigned long long state;
	static int left = 100000;
	const char *word = getenv("SCHEDULE");
	if (!word || !strcmp(word, "never") || left == 0)
		return 0;
	if (!state)
		state = strcmp(word, "always") ? strtoull(word, NULL, 0) * 2 + 1 : 0;
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	if (strcmp(word, "always") && state >> 61)
		return 0;
	left--;
	return 1;
}

static inline async void asyncify_enter(void)
{
#ifndef ASYNCIFY_SURE
	if (asyncify_suspends())
#endif
		await async_sleep(0);
}
#endif
