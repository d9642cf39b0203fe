/* spin.c: looking a little before sleeping.
 * To be put to sleep and woken by another thread costs some microseconds, so a waiter looks for as long as that takes before it
 * does, but never on a single processor.  Having looked in vain it lets some waits pass before it tries again, twice as many each
 * time: then waits are long, or the processors have other things to do, and who is waited for may be kept from running by who
 * looks for it.
 * Of two threads that wait for each other either may let waits pass: what the other one looks for then comes as late as a sleeper
 * wakes, which has to be soon enough for it to be found, or both end up asleep for most of the time.
 * Owns nothing.  Thread: the waiter's. */
#include "runtime.h"

#include <sched.h>
#include <time.h>

enum { LIMIT = 50000, /* ns: what it costs to be put to sleep and woken, about twice, on a virtual machine */
       LEAST_PASSED = 4,
       MOST_PASSED = 4096 };

unsigned async__processors(void)
{
	static atomic_uint known;
	unsigned n = atomic_load_explicit(&known, memory_order_relaxed);
	cpu_set_t set;

	if (n)
		return n;
	n = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
	atomic_store_explicit(&known, n, memory_order_relaxed);
	return n;
}

static int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static bool look(const atomic_int *word, int64_t longest)
{
	int64_t end = clock_now() + longest;

	do
		for (int i = 0; i < 10; i++) {
			if (atomic_load_explicit(word, memory_order_acquire))
				return true;
			relax();
		}
	while (clock_now() < end);
	return false;
}

bool async__spin(struct async__spin *spin, const atomic_int *word, int64_t longest)
{
	if (async__processors() == 1)
		return false;
	if (spin->passing) {
		spin->passing--;
		return false;
	}
	if (look(word, longest < LIMIT ? longest : LIMIT)) {
		spin->pass -= (spin->pass + 15) / 16;
		return true;
	}
	if (longest < LIMIT) /* it was a deadline that ended it, as it will often do */
		return false;
	spin->pass = spin->pass < MOST_PASSED / 2 ? 2 * spin->pass + LEAST_PASSED : MOST_PASSED;
	spin->passing = spin->pass;
	return false;
}
