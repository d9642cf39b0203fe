/* What every generated program stands on: a hash of everything it notes, fuel that bounds its run, and leaves that suspend
 * as $SCHEDULE says (never, always, or a number that seeds a random choice).  -DTWIN: the sequential program, compiled
 * without asyncc.  $TRACE prints each note. */
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long hash;
static int fuel;
static int tracing;
static unsigned long long schedule; /* 0: never suspends; 1: always */

static void mix(unsigned long long v)
{
	hash = (hash ^ v) * 0x9E3779B97F4A7C15ull;
	hash ^= hash >> 29;
}

static int note(int id, long long v)
{
	if (tracing)
		printf("%d: %lld\n", id, v);
	mix((unsigned)id);
	mix((unsigned long long)v);
	return (int)v;
}

static double note_d(int id, double v)
{
	unsigned long long bits = 0;
	if (v != v)
		v = 0.25; /* one NaN is as good as another */
	memcpy(&bits, &v, sizeof v);
	if (tracing)
		printf("%d: %a\n", id, v);
	mix((unsigned)id);
	mix(bits);
	return v;
}

static int burn(void)
{
	return fuel > 0 ? fuel-- : 0;
}

static int to_int(double d)
{
	return d > -1e9 && d < 1e9 ? (int)d : 7;
}

static int suspends(void)
{
#ifdef TWIN
	return 0;
#else
	if (schedule < 2)
		return (int)schedule;
	schedule = schedule * 6364136223846793005ull + 1442695040888963407ull;
	schedule |= 2;
	return schedule >> 62 == 0;
#endif
}

/* SURE: the leaves suspend whatever happens, which asyncc sees. */
#if defined SURE && !defined TWIN
#define IF_SUSPENDS (void)suspends();
#else
#define IF_SUSPENDS if (suspends())
#endif

static async int step(int v)
{
	IF_SUSPENDS
		await async_sleep(0);
	return v;
}

static async long step_l(long v)
{
	return await step(1) ? v : -1;
}

static async double step_d(double v)
{
	IF_SUSPENDS
		await async_sleep(0);
	return v;
}

static async void step_v(void)
{
	await step(0);
}

static async int risky(int v)
{
	IF_SUSPENDS
		await async_sleep(0);
#ifndef TWIN
	if (!(v & 3))
		async_raise(9, "a risk");
#endif
	return v;
}

static int plain(int v)
{
	return v ^ 5;
}

static int plain2(int a, long b)
{
	return (int)(a - b * 3);
}

static int note_text(const char *text, long long v)
{
	int sum = 0;
	while (*text)
		sum = sum * 31 + *text++;
	return note(sum & 0xffff, v);
}

/* Macros that lowering has to see through. */
#define STEP(e) (await step(e))
#define BOTH(a, b) ((a), (b))
#define MAYBE(c, e) ((c) ? (e) : 0)
#define SHOW(e) note_text(#e, (e))
#define EXCHANGE(a, b) \
	do { \
		__typeof__(a) saved = (a); \
		(a) = (b); \
		(b) = saved; \
	} while (0)
#define RETURN_IF(c, ...) \
	if (c) \
		return __VA_ARGS__

static void drop(int *v)
{
	note(-1, *v);
}

static void start_run(void)
{
	const char *word = getenv("SCHEDULE");
	tracing = getenv("TRACE") != NULL;
	schedule = !word || !strcmp(word, "never") ? 0 : !strcmp(word, "always") ? 1 : strtoull(word, NULL, 0) * 2 + 12345;
	(void)note_d, (void)burn, (void)to_int, (void)plain, (void)plain2, (void)drop, (void)note_text;
	(void)step, (void)risky, (void)step_l, (void)step_d, (void)step_v;
	setvbuf(stdout, NULL, _IOLBF, 0);
}
