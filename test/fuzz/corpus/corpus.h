/* What the programs here share.  PAUSE is where they may suspend: as $SCHEDULE says, never in the directly compiled twin. */
#ifndef CORPUS_H
#define CORPUS_H
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int pauses(void)
{
#ifdef TWIN
	return 0;
#else
	static unsigned long long state;
	const char *word = getenv("SCHEDULE");
	if (!word || !strcmp(word, "never"))
		return 0;
	if (!strcmp(word, "always"))
		return 1;
	if (!state)
		state = strtoull(word, NULL, 0) * 2 + 1;
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 61 == 0;
#endif
}

static inline async void pause_here(void)
{
	if (pauses())
		await async_sleep(0);
}

static inline unsigned next_random(void)
{
	static unsigned state = 12345;
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}
#endif
