/* timer.c: the deadlines of a loop, as a hierarchy of wheels over intrusive nodes: starting and stopping a timer cannot fail, and
 * takes constant time.  Wheel k has 64 slots of 64^k ns.  A timer is in the lowest wheel whose slots tell its deadline from the
 * moment the wheels have been turned to, so that all of a wheel comes before all of the next; when time enters its slot, it moves
 * to a lower wheel.  Due timers are queued by deadline, then in order of starting: equal deadlines fire first come first served, as
 * timers of one deadline are at any time in one slot, in that order, and sorting leaves it alone.
 * Who started a timer owns it.  Due, its entry goes to the ready queue; stopped, it leaves the wheel or that queue at once: its
 * callback never runs after async__timer_stop.  Loop's thread. */
#include "runtime.h"

#define IN_WHEEL 1u /* the lowest bit of entry.numbered */

static struct async_timer *timer_of(struct async__link *link)
{
	return (struct async_timer *)(void *)link;
}

/* ---- Wheels ---- */

static unsigned wheel_for(uint64_t turned_to, uint64_t deadline)
{
	return (unsigned)(63 - __builtin_clzll((turned_to ^ deadline) | 1)) / 6;
}

/* A slot whose bit is not set is empty, and may hold anything. */
static void put_in_slot(struct async__wheels *wheels, unsigned wheel, unsigned index, struct async_timer *timer)
{
	struct async__timer_slot *slot = &wheels->slots[wheel][index];
	uint64_t bit = (uint64_t)1 << index;

	if (!(wheels->used[wheel] & bit)) {
		wheels->used[wheel] |= bit;
		async__list_init(&slot->timers);
	}
	if (async__list_empty(&slot->timers) || timer->deadline < slot->earliest)
		slot->earliest = timer->deadline;
	async__list_append(&slot->timers, &timer->entry.link);
}

static void put(struct async__wheels *wheels, struct async_timer *timer)
{
	uint64_t deadline = (uint64_t)timer->deadline;
	unsigned wheel;

	if (timer->deadline <= wheels->turned_to) {
		async__list_append(&wheels->late, &timer->entry.link);
		return;
	}
	wheel = wheel_for((uint64_t)wheels->turned_to, deadline);
	put_in_slot(wheels, wheel, deadline >> 6 * wheel & 63, timer);
}

/* ---- Order of the due ones ---- */

static bool before(struct async__link *a, struct async__link *b)
{
	struct async_timer *x = timer_of(a), *y = timer_of(b);

	return x->deadline < y->deadline;
}

/* Of two sorted lists that end with NULL; prev is not looked after. */
static struct async__link *merge(struct async__link *a, struct async__link *b)
{
	struct async__link *first = NULL, **end = &first;

	while (a && b) {
		struct async__link **least = before(b, a) ? &b : &a;

		*end = *least;
		end = &(*least)->next;
		*least = *end;
	}
	*end = a ? a : b;
	return first;
}

/* Takes the longest sorted beginning off the list, and ends it with NULL. */
static struct async__link *take_run(struct async__link **list)
{
	struct async__link *first = *list, *last = first;

	while (last->next && !before(last->next, last))
		last = last->next;
	*list = last->next;
	last->next = NULL;
	return first;
}

/* runs[k] has been merged from 2^k runs: a list that is sorted already, as most are, is gone through once. */
static struct async__link *sort(struct async__link *list)
{
	struct async__link *runs[64] = { 0 }, *sorted = NULL;
	unsigned most = 0;

	while (list) {
		struct async__link *run = take_run(&list);
		unsigned k = 0;

		for (; runs[k]; k++) {
			run = merge(runs[k], run);
			runs[k] = NULL;
		}
		runs[k] = run;
		if (k > most)
			most = k;
	}
	for (unsigned k = 0; k <= most; k++)
		sorted = merge(runs[k], sorted);
	return sorted;
}

/* Unlinks all of it from the head: a list that ends with NULL. */
static struct async__link *take_all(struct async__link *head)
{
	struct async__link *first = head->next;

	if (async__list_empty(head))
		return NULL;
	head->prev->next = NULL;
	async__list_init(head);
	return first;
}

static void queue_sorted(async_loop *loop, struct async__link *due)
{
	while (due) {
		struct async__link *next = due->next;

		timer_of(due)->entry.numbered &= ~IN_WHEEL;
		loop->wheels.running--;
		async__soon(loop, &timer_of(due)->entry);
		due = next;
	}
}

/* A list too long to sort in the cache, unless it is sorted already. */
static bool is_long(struct async__link *list)
{
	enum { SHORT = 256 };
	bool sorted = true;

	for (unsigned n = 0; list->next; list = list->next, n++) {
		sorted = sorted && !before(list->next, list);
		if (n > SHORT && !sorted)
			return true;
	}
	return false;
}

/* All from one slot of the wheel.  A long list is dealt out to the slots of the wheel below first. */
static void queue_due(async_loop *loop, struct async__link *due, unsigned wheel)
{
	struct async__link *dealt[64] = { 0 }, **ends[64];

	if (!wheel || !is_long(due)) {
		queue_sorted(loop, due->next ? sort(due) : due);
		return;
	}
	wheel--;
	for (struct async__link *next; due; due = next) {
		unsigned index = (uint64_t)timer_of(due)->deadline >> 6 * wheel & 63;

		next = due->next;
		due->next = NULL;
		*(dealt[index] ? ends[index] : &dealt[index]) = due;
		ends[index] = &due->next;
	}
	for (unsigned index = 0; index < 64; index++)
		if (dealt[index])
			queue_due(loop, dealt[index], wheel);
}

/* ---- Turning ---- */

static inline void fetch(const struct async__link *link)
{
	__builtin_prefetch(&((const struct async_timer *)(const void *)link)->deadline);
}

/* The timers of a slot that time has entered or passed: due ones are queued, the others go where they belong now.  Many have not been in
 * the cache since they were started, and each is found by the one before; so the list is gone through from its other end at the same time,
 * to fetch from there what comes later. */
static void empty_slot(async_loop *loop, unsigned wheel, unsigned index)
{
	struct async__timer_slot *slot = &loop->wheels.slots[wheel][index];
	struct async__link *fetched = slot->timers.prev, *link = take_all(&slot->timers), *due = NULL, **end = &due;

	while (link) {
		struct async__link *next = link->next;

		if (fetched && fetched != link && fetched != next)
			fetch(fetched = fetched->prev);
		else
			fetched = NULL;
		if (timer_of(link)->deadline <= loop->wheels.turned_to) {
			*end = link;
			end = &link->next;
		} else {
			put(&loop->wheels, timer_of(link));
		}
		link = next;
	}
	*end = NULL;
	if (due)
		queue_due(loop, due, wheel);
}

/* The slots after `from` up to `to`, which are places on an endless strip of slots. */
static uint64_t passed(uint64_t from, uint64_t to)
{
	uint64_t some, at = (from + 1) & 63;

	if (to - from >= 64)
		return ~(uint64_t)0;
	some = ((uint64_t)1 << (to - from)) - 1;
	return some << at | some >> (-at & 63);
}

/* In order of time: no slot of a wheel that is left behind comes after one of the next wheel. */
static void turn_wheels(async_loop *loop, int64_t now)
{
	struct async__wheels *wheels = &loop->wheels;
	uint64_t from = (uint64_t)wheels->turned_to, to = (uint64_t)now;

	wheels->turned_to = now;
	for (unsigned wheel = 0; wheel < ASYNC__WHEELS && from != to; wheel++, from >>= 6, to >>= 6) {
		uint64_t hit = wheels->used[wheel] & passed(from, to);

		wheels->used[wheel] &= ~hit;
		for (; hit; hit &= hit - 1)
			empty_slot(loop, wheel, (unsigned)__builtin_ctzll(hit));
	}
}

void async__timers_expire(async_loop *loop, int64_t now)
{
	if (!async__list_empty(&loop->wheels.late))
		queue_sorted(loop, sort(take_all(&loop->wheels.late)));
	if (now > loop->wheels.turned_to)
		turn_wheels(loop, now);
}

int64_t async__timer_next(async_loop *loop)
{
	struct async__wheels *wheels = &loop->wheels;

	if (!wheels->running)
		return INT64_MAX;
	if (!async__list_empty(&wheels->late))
		return wheels->turned_to;
	for (unsigned wheel = 0; wheel < ASYNC__WHEELS; wheel++) {
		while (wheels->used[wheel]) {
			struct async__timer_slot *slot = &wheels->slots[wheel][__builtin_ctzll(wheels->used[wheel])];

			if (!async__list_empty(&slot->timers))
				return slot->earliest;
			wheels->used[wheel] &= wheels->used[wheel] - 1; /* all of its timers were stopped */
		}
	}
	return INT64_MAX; /* they are the back end's own */
}

/* ---- Starting and stopping ---- */

/* While there are no timers nobody turns the wheels, and the nearer they are the less a timer has to move. */
void async_timer_start_default(async_loop *loop, async_timer *timer)
{
	if (!loop->wheels.running && loop->seen > loop->wheels.turned_to)
		loop->wheels.turned_to = loop->seen;
	timer->entry.numbered |= IN_WHEEL;
	loop->wheels.running++;
	async__attend(loop);
	put(&loop->wheels, timer);
}

void async_timer_stop_default(async_loop *loop, async_timer *timer)
{
	timer->entry.numbered &= ~IN_WHEEL;
	loop->wheels.running--;
	async__list_remove(&timer->entry.link);
}

int64_t async_timer_deadline(const async_timer *timer)
{
	return timer->deadline;
}

void async__timer_init(struct async_timer *timer, void (*run)(struct async__entry *))
{
	timer->entry.link.next = NULL;
	timer->entry.run = async__runs(run);
	timer->entry.numbered = 0;
}

void async__timer_start(async_loop *loop, struct async_timer *timer, int64_t deadline)
{
	timer->deadline = deadline;
	if (loop->backend->timer_start) {
		timer->entry.numbered |= IN_WHEEL;
		loop->backend->timer_start(loop, loop->state, timer);
	} else {
		async_timer_start_default(loop, timer);
	}
}

void async__timer_stop(async_loop *loop, struct async_timer *timer)
{
	if (!(timer->entry.numbered & IN_WHEEL)) {
		async__list_remove(&timer->entry.link);
		return;
	}
	if (loop->backend->timer_stop)
		loop->backend->timer_stop(loop, loop->state, timer);
	else
		async_timer_stop_default(loop, timer);
	timer->entry.numbered &= ~IN_WHEEL;
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
