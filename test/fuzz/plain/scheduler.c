/* A machine shop simulated: events in a heap, machines and workers as structs with tables of functions, queues as linked lists,
 * policies chosen at run time, statistics in unions. */
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define container_of(member_pointer, type, member) ((type *)((char *)(member_pointer)-offsetof(type, member)))
#define for_each(item, list) for (struct link *item = (list)->first, *following; item && (following = item->next, 1); item = following)

struct link {
	struct link *next;
};
struct list {
	struct link *first, **last;
	int n;
};

struct shop;
struct machine;
union argument {
	long number;
	void *pointer;
};
struct event {
	long at;
	unsigned order;
	void (*happen)(struct shop *shop, void *whom, union argument what);
	void *whom;
	union argument what;
};

enum kind { TURN, MILL, PAINT, N_KINDS };
static const char *const kind_names[N_KINDS] = {[TURN] = "turn", [MILL] = "mill", [PAINT] = "paint"};

struct job {
	struct link link;
	int number;
	unsigned priority : 4, n_steps : 4, step : 4, urgent : 1;
	long due, began, waited;
	struct { enum kind kind; short minutes; } steps[6];
};

struct machine_class {
	const char *name;
	long (*duration)(const struct machine *m, const struct job *job);
	_Bool (*breaks)(struct shop *shop, struct machine *m);
};

struct machine {
	const struct machine_class *class;
	enum kind kind;
	struct job *busy;
	long until, worked, broken;
	_Bool down;
	int done;
};

typedef struct job *policy(struct list *queue, long now);

struct shop {
	long now;
	struct event *heap;
	int n_events, room;
	unsigned order, dice;
	struct list queues[N_KINDS];
	struct machine machines[5];
	policy *choose;
	int finished, late;
	long lateness, most_late;
	struct { int lines; char text[400]; } log;
};

static unsigned roll(struct shop *shop, unsigned sides)
{
	shop->dice ^= shop->dice << 13;
	shop->dice ^= shop->dice >> 17;
	shop->dice ^= shop->dice << 5;
	return shop->dice % sides;
}

/* ---- lists ---- */

static void start_list(struct list *list)
{
	*list = (struct list){.last = &list->first};
}

static void append(struct list *list, struct link *link)
{
	link->next = NULL;
	*list->last = link;
	list->last = &link->next;
	list->n++;
}

static struct link *unlink_it(struct list *list, struct link *link)
{
	struct link **at = &list->first;
	while (*at && *at != link)
		at = &(*at)->next;
	if (!*at)
		return NULL;
	if (!(*at = link->next))
		list->last = at;
	list->n--;
	return link;
}

/* ---- events ---- */

static _Bool is_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void schedule(struct shop *shop, long in, void (*happen)(struct shop *, void *, union argument), void *whom, union argument what)
{
	if (shop->n_events == shop->room) {
		shop->room = shop->room ? 2 * shop->room : 4;
		shop->heap = realloc(shop->heap, shop->room * sizeof *shop->heap);
	}
	struct event new = {shop->now + in, shop->order++, happen, whom, what};
	int i = shop->n_events++;
	for (int parent; i && is_before(&new, &shop->heap[parent = (i - 1) / 2]); i = parent)
		shop->heap[i] = shop->heap[parent];
	shop->heap[i] = new;
}

static struct event next_event(struct shop *shop)
{
	struct event first = shop->heap[0], last = shop->heap[--shop->n_events];
	int i = 0;
	for (;;) {
		int kid = 2 * i + 1;
		if (kid >= shop->n_events)
			break;
		if (kid + 1 < shop->n_events && is_before(&shop->heap[kid + 1], &shop->heap[kid]))
			kid++;
		if (!is_before(&shop->heap[kid], &last))
			break;
		shop->heap[i] = shop->heap[kid];
		i = kid;
	}
	shop->heap[i] = last;
	return first;
}

/* ---- policies ---- */

static struct job *job_of(struct link *link)
{
	return container_of(link, struct job, link);
}

static struct job *first_come(struct list *queue, long now)
{
	(void)now;
	return queue->first ? job_of(unlink_it(queue, queue->first)) : NULL;
}

static long slack(const struct job *job, long now)
{
	long left = 0;
	for (int i = job->step; i < job->n_steps; i++)
		left += job->steps[i].minutes;
	return job->due - now - left;
}

static struct job *least_slack(struct list *queue, long now)
{
	struct job *best = NULL;
	long least = LONG_MAX;
	for_each (link, queue) {
		struct job *job = job_of(link);
		long its = slack(job, now) - (job->urgent ? 1000 : 0);
		if (its < least)
			best = job, least = its;
	}
	return best ? job_of(unlink_it(queue, &best->link)) : NULL;
}

static struct job *by_priority(struct list *queue, long now)
{
	struct job *best = NULL;
	for_each (link, queue)
		if (!best || job_of(link)->priority > best->priority || (job_of(link)->urgent && !best->urgent))
			best = job_of(link);
	(void)now;
	return best ? (unlink_it(queue, &best->link), best) : NULL;
}

/* ---- machines ---- */

static long steady(const struct machine *m, const struct job *job)
{
	(void)m;
	return job->steps[job->step].minutes;
}

static long slows_down(const struct machine *m, const struct job *job)
{
	return steady(m, job) * (10 + m->done) / 10;
}

static _Bool never(struct shop *shop, struct machine *m)
{
	return (void)shop, (void)m, 0;
}

static _Bool sometimes(struct shop *shop, struct machine *m)
{
	return m->done % 3 == 2 && roll(shop, 4) == 0;
}

static const struct machine_class old_lathe = {"old lathe", slows_down, sometimes}, new_lathe = {"new lathe", steady, never},
	mill = {"mill", steady, sometimes}, booth = {"booth", slows_down, never};

static void note(struct shop *shop, const char *format, ...)
{
	va_list list;
	size_t used = strlen(shop->log.text);
	va_start(list, format);
	if (sizeof shop->log.text - used > 40)
		vsnprintf(shop->log.text + used, sizeof shop->log.text - used, format, list);
	va_end(list);
	shop->log.lines++;
}

static void work(struct shop *shop, struct machine *m);

static void repaired(struct shop *shop, void *whom, union argument since)
{
	struct machine *m = whom;
	m->down = 0;
	m->broken += shop->now - since.number;
	work(shop, m);
}

static void enqueue(struct shop *shop, struct job *job)
{
	enum kind kind = job->steps[job->step].kind;
	append(&shop->queues[kind], &job->link);
	job->waited -= shop->now;
	for (struct machine *m = shop->machines; m < shop->machines + 5; m++)
		if (m->kind == kind && !m->busy && !m->down) {
			work(shop, m);
			break;
		}
}

static void step_done(struct shop *shop, void *whom, union argument what)
{
	struct machine *m = whom;
	struct job *job = what.pointer;
	m->busy = NULL;
	m->done++;
	if (++job->step < job->n_steps)
		enqueue(shop, job);
	else {
		long late = shop->now - job->due;
		shop->finished++;
		if (late > 0) {
			shop->late++, shop->lateness += late;
			if (late > shop->most_late)
				shop->most_late = late;
		}
		note(shop, "%d@%ld%s", job->number, shop->now, late > 0 ? "! " : " ");
		free(job);
	}
	if (m->class->breaks(shop, m)) {
		m->down = 1;
		schedule(shop, 30 + roll(shop, 40), repaired, m, (union argument){.number = shop->now});
	} else if (!m->busy)
		work(shop, m);
}

static void work(struct shop *shop, struct machine *m)
{
	struct job *job = m->down || m->busy ? NULL : shop->choose(&shop->queues[m->kind], shop->now);
	if (!job)
		return;
	job->waited += shop->now;
	m->busy = job;
	long takes = m->class->duration(m, job);
	m->worked += takes;
	schedule(shop, takes, step_done, m, (union argument){.pointer = job});
}

static void arrive(struct shop *shop, void *whom, union argument number)
{
	struct job *job = calloc(1, sizeof *job);
	(void)whom;
	job->number = (int)number.number;
	job->priority = roll(shop, 8);
	job->urgent = roll(shop, 6) == 0;
	job->began = shop->now;
	job->n_steps = 1 + roll(shop, 4);
	job->due = shop->now + 30;
	for (int i = 0; i < job->n_steps; i++) {
		job->steps[i].kind = roll(shop, N_KINDS);
		job->due += 2 * (job->steps[i].minutes = 5 + roll(shop, 30));
	}
	if (number.number < 40)
		schedule(shop, 4 + roll(shop, 18), arrive, NULL, (union argument){.number = number.number + 1});
	enqueue(shop, job);
}

static void simulate(const char *name, policy *choose, unsigned seed)
{
	struct shop shop = {.choose = choose, .dice = seed, .machines = {
		{&old_lathe, TURN}, {&new_lathe, TURN}, {&mill, MILL}, {&booth, PAINT}, {.class = &new_lathe, .kind = PAINT, .down = 1}}};
	for (enum kind k = 0; k < N_KINDS; k++)
		start_list(&shop.queues[k]);
	schedule(&shop, 0, arrive, NULL, (union argument){.number = 1});
	schedule(&shop, 200, repaired, &shop.machines[4], (union argument){.number = 0});
	int most_waiting = 0;
	while (shop.n_events) {
		struct event event = next_event(&shop);
		shop.now = event.at;
		event.happen(&shop, event.whom, event.what);
		int waiting = 0;
		for (int k = 0; k < N_KINDS; k++)
			waiting += shop.queues[k].n;
		most_waiting = waiting > most_waiting ? waiting : most_waiting;
	}
	printf("%s: %d finished at %ld, %d late by %ld, %ld at most; %d waited at once\n", name, shop.finished, shop.now, shop.late,
	       shop.lateness, shop.most_late, most_waiting);
	for (struct machine *m = shop.machines; m->class && m < &shop.machines[5]; m++)
		printf("  %-9s %-5s %2d steps, %4ld of work, %3ld broken\n", m->class->name, kind_names[m->kind], m->done, m->worked, m->broken);
	printf("  %d lines: %s\n", shop.log.lines, shop.log.text);
	free(shop.heap);
}

int main(void)
{
	static const struct {
		const char *name;
		policy *choose;
	} policies[] = {{"first come", first_come}, {"least slack", least_slack}, {"priority", by_priority}};
	for (unsigned seed = 1; seed <= 2; seed++)
		for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
			simulate(policies[i].name, policies[i].choose, seed * 77777);
	return 0;
}
