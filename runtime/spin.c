/* spin.c: looking a little before sleeping.
 * To be woken by another thread costs some microseconds; who expects it sooner than that is better off looking.  Each waiter
 * remembers how long its waits have been of late, and looks only if they were short, a little longer than usual, and never
 * on a single processor.  Having looked in vain it lets some waits pass before it tries again, twice as many each time: when
 * the processors have other things to do, the one that is waited for may be kept from running by who looks for it.
 * Owns nothing.  Thread: the waiter's. */
#include "runtime.h"

#include <sched.h>
#include <time.h>

enum { LIMIT = 50000, /* ns: what it costs to be put to sleep and woken, about twice, on a virtual machine */
       LEAST = 5000,
       LONG = 8 * LIMIT, /* longer waits are as good as this one */
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

static int64_t budget(const struct async__spin *spin, int64_t longest)
{
	int64_t most = 4 * spin->usual;

	if (most < LEAST)
		most = LEAST;
	if (most > LIMIT)
		most = LIMIT;
	return most < longest ? most : longest;
}

static bool look(const struct async__spin *spin, const atomic_int *word, int64_t longest)
{
	int64_t end = spin->began + budget(spin, longest);

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
	spin->began = clock_now();
	if (spin->usual > LIMIT || async__processors() == 1)
		return false;
	if (spin->passing) {
		spin->passing--;
		return false;
	}
	if (look(spin, word, longest)) {
		spin->pass -= (spin->pass + 15) / 16;
		return true;
	}
	spin->pass = spin->pass < MOST_PASSED / 2 ? 2 * spin->pass + 16 : MOST_PASSED;
	spin->passing = spin->pass;
	return false;
}

void async__spin_end(struct async__spin *spin, bool came)
{
	int64_t waited = came ? clock_now() - spin->began : LONG;

	if (waited > LONG)
		waited = LONG;
	spin->usual += (waited - spin->usual) / 4;
}
