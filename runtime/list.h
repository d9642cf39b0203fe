/* list.h: intrusive lists.  Included by runtime.h. */
#ifndef ASYNC_RUNTIME_LIST_H
#define ASYNC_RUNTIME_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* ---- Lists: circular, with a head; a node that is in no list has next == NULL ---- */

struct async__link {
	struct async__link *prev, *next;
};

static inline void async__list_init(struct async__link *head)
{
	head->prev = head->next = head;
}

static inline bool async__list_empty(const struct async__link *head)
{
	return head->next == head;
}

static inline bool async__linked(const struct async__link *link)
{
	return link->next != NULL;
}

static inline void async__list_append(struct async__link *head, struct async__link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* A node in no list is fine. */
static inline void async__list_remove(struct async__link *link)
{
	if (!link->next)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = NULL;
}

/* Moves all of from to the end of head, in order, in constant time. */
static inline void async__list_splice(struct async__link *head, struct async__link *from)
{
	if (async__list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	async__list_init(from);
}

/* ---- Rings: lists whose head is a pointer to their first node; NULL: none ---- */

static inline void async__ring_append(struct async__link **first, struct async__link *link)
{
	if (!*first) {
		async__list_init(link);
		*first = link;
	} else {
		async__list_append(*first, link);
	}
}

/* A node in no list is fine. */
static inline void async__ring_remove(struct async__link **first, struct async__link *link)
{
	if (*first == link)
		*first = link->next == link ? NULL : link->next;
	async__list_remove(link);
}

/* Moves all of a ring to the end of the list head, in order, in constant time. */
static inline void async__list_take_ring(struct async__link *head, struct async__link **ring)
{
	struct async__link *first = *ring, *last;

	if (!first)
		return;
	*ring = NULL;
	last = first->prev;
	first->prev = head->prev;
	head->prev->next = first;
	last->next = head;
	head->prev = last;
}
#endif
