/* timer.c: the deadlines of a loop, as a pairing heap of intrusive nodes: starting and stopping a timer cannot fail.
 * Ordered by deadline, then by order of starting, so that equal deadlines fire first come first served.  Who started a timer
 * owns it.  Due, its entry goes to the ready queue; stopped, it leaves the heap or that queue at once: its callback never runs
 * after async__timer_stop.  Loop's thread. */
#include "runtime.h"

enum { IN_HEAP = 1 }; /* the lowest bit of sequence */

/* In the heap, link.next is the right sibling, link.prev the left one or, for a first child, the parent; NULL at the ends. */
static struct async_timer *right(const struct async_timer *timer)
{
	return (struct async_timer *)(void *)timer->entry.link.next;
}

static struct async_timer *left(const struct async_timer *timer)
{
	return (struct async_timer *)(void *)timer->entry.link.prev;
}

static void set_right(struct async_timer *timer, struct async_timer *to)
{
	timer->entry.link.next = (struct async__link *)(void *)to;
}

static void set_left(struct async_timer *timer, struct async_timer *to)
{
	timer->entry.link.prev = (struct async__link *)(void *)to;
}

static bool before(const struct async_timer *a, const struct async_timer *b)
{
	return a->deadline < b->deadline || (a->deadline == b->deadline && a->sequence < b->sequence);
}

/* Both are roots, alone or NULL; so is the answer. */
static struct async_timer *meld(struct async_timer *a, struct async_timer *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (before(b, a)) {
		struct async_timer *t = a;

		a = b;
		b = t;
	}
	set_right(b, a->child);
	if (a->child)
		set_left(a->child, b);
	set_left(b, a);
	a->child = b;
	return a;
}

/* One heap of the list of siblings that begins with first: in pairs from left to right, then all into one from right to
 * left, which is what makes the next pops cheap. */
static struct async_timer *meld_siblings(struct async_timer *first)
{
	struct async_timer *pairs = NULL, *heap = NULL;

	while (first) {
		struct async_timer *a = first, *b = right(a), *rest = b ? right(b) : NULL;

		set_left(a, NULL);
		set_right(a, NULL);
		if (b) {
			set_left(b, NULL);
			set_right(b, NULL);
		}
		a = meld(a, b);
		set_right(a, pairs);
		pairs = a;
		first = rest;
	}
	while (pairs) {
		struct async_timer *next = right(pairs);

		set_right(pairs, NULL);
		heap = meld(heap, pairs);
		pairs = next;
	}
	return heap;
}

void async_timer_start_default(async_loop *loop, async_timer *timer)
{
	timer->child = NULL;
	set_left(timer, NULL);
	set_right(timer, NULL);
	timer->sequence |= IN_HEAP;
	loop->timers = meld(loop->timers, timer);
}

static void unlink_from_siblings(struct async_timer *timer)
{
	struct async_timer *l = left(timer), *r = right(timer);

	if (l->child == timer)
		l->child = r;
	else
		set_right(l, r);
	if (r)
		set_left(r, l);
}

void async_timer_stop_default(async_loop *loop, async_timer *timer)
{
	struct async_timer *children = meld_siblings(timer->child);

	if (timer == loop->timers) {
		loop->timers = children;
	} else {
		unlink_from_siblings(timer);
		loop->timers = meld(loop->timers, children);
	}
	timer->child = NULL;
	set_left(timer, NULL);
	set_right(timer, NULL);
	timer->sequence &= ~(uint64_t)IN_HEAP;
}

int64_t async_timer_deadline(const async_timer *timer)
{
	return timer->deadline;
}

void async__timer_init(struct async_timer *timer, void (*run)(struct async__entry *))
{
	memset(timer, 0, sizeof *timer);
	timer->entry.run = run;
}

void async__timer_start(async_loop *loop, struct async_timer *timer, int64_t deadline)
{
	timer->deadline = deadline;
	timer->sequence = loop->timer_sequence++ << 1;
	if (loop->backend->timer_start) {
		timer->sequence |= IN_HEAP;
		loop->backend->timer_start(loop, loop->state, timer);
	} else {
		async_timer_start_default(loop, timer);
	}
}

void async__timer_stop(async_loop *loop, struct async_timer *timer)
{
	if (!(timer->sequence & IN_HEAP)) {
		async__list_remove(&timer->entry.link);
		return;
	}
	if (loop->backend->timer_stop)
		loop->backend->timer_stop(loop, loop->state, timer);
	else
		async_timer_stop_default(loop, timer);
	timer->sequence &= ~(uint64_t)IN_HEAP;
}

int64_t async__timer_next(async_loop *loop)
{
	return loop->timers ? loop->timers->deadline : INT64_MAX;
}

void async__timers_expire(async_loop *loop, int64_t now)
{
	struct async_timer *timer;

	while ((timer = loop->timers) && timer->deadline <= now) {
		async__timer_stop(loop, timer);
		async__soon(loop, &timer->entry);
	}
}

/* Rounded up, so that no timer is early. */
static int64_t whole(double ns)
{
	int64_t floor = (int64_t)ns;

	return floor + (ns > (double)floor);
}

int64_t async__deadline(async_loop *loop, double seconds)
{
	double ns = seconds * 1e9;
	int64_t deadline;

	if (ns >= 9.2e18)
		return INT64_MAX;
	if (ns <= -9.2e18)
		return INT64_MIN;
	if (__builtin_add_overflow(async__now(loop), whole(ns), &deadline))
		return ns > 0 ? INT64_MAX : INT64_MIN;
	return deadline;
}
