/* kv_values.h: what kv.c keeps: strings and lists in a hash table, whose entries may expire. */
#ifndef KV_VALUES_H
#define KV_VALUES_H

#include <async.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *get_memory(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);
	if (!memory) {
		perror("kv");
		exit(1);
	}
	return memory;
}

/* ---- Values ---- */

struct text {
	size_t size;
	char data[]; /* and a zero */
};

static struct text *new_text(const void *data, size_t size)
{
	struct text *text = get_memory(NULL, sizeof *text + size + 1);
	text->size = size;
	if (size)
		memcpy(text->data, data, size);
	text->data[size] = 0;
	return text;
}

struct list { /* a ring */
	struct text **at;
	size_t first, n, room; /* room: a power of two */
};

static struct text **list_at(const struct list *list, size_t i)
{
	return &list->at[(list->first + i) & (list->room - 1)];
}

static void list_grow(struct list *list)
{
	struct list more = {.n = list->n, .room = list->room ? 2 * list->room : 8};
	more.at = get_memory(NULL, more.room * sizeof *more.at);
	for (size_t i = 0; i < list->n; i++)
		more.at[i] = *list_at(list, i);
	free(list->at);
	*list = more;
}

static void list_push(struct list *list, struct text *text, bool left)
{
	if (list->n == list->room)
		list_grow(list);
	if (left)
		list->first = (list->first - 1) & (list->room - 1);
	list->n++;
	*list_at(list, left ? 0 : list->n - 1) = text;
}

static struct text *list_pop(struct list *list, bool left)
{
	struct text *text = *list_at(list, left ? 0 : list->n - 1);
	if (left)
		list->first = (list->first + 1) & (list->room - 1);
	list->n--;
	return text;
}

/* ---- The table ---- */

struct entry {
	struct entry *next;
	struct text *key, *string; /* string: NULL for a list */
	struct list list;	   /* never empty */
	int64_t expires;	   /* async_time; 0: never */
};

static struct entry **table;
static size_t n_slots, n_entries;

static size_t slot_of(const struct text *key)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < key->size; i++)
		hash = (hash ^ (unsigned char)key->data[i]) * 1099511628211u;
	return (hash ^ hash >> 32) & (n_slots - 1);
}

static void remove_at(struct entry **place)
{
	struct entry *e = *place;
	*place = e->next;
	for (size_t i = 0; i < e->list.n; i++)
		free(*list_at(&e->list, i));
	free(e->list.at);
	free(e->string);
	free(e->key);
	free(e);
	n_entries--;
}

/* The place of the pointer to it, or of the NULL where it would be.  What has expired is not there any more. */
static struct entry **find(const struct text *key)
{
	struct entry **place = &table[slot_of(key)];
	while (*place && ((*place)->key->size != key->size || memcmp((*place)->key->data, key->data, key->size) != 0))
		place = &(*place)->next;
	if (*place && (*place)->expires && (*place)->expires <= async_time()) {
		remove_at(place);
		return find(key);
	}
	return place;
}

static void grow_table(void)
{
	struct entry **old = table;
	size_t n = n_slots;
	n_slots = n ? 2 * n : 1024;
	table = get_memory(NULL, n_slots * sizeof *table);
	memset(table, 0, n_slots * sizeof *table);
	for (size_t i = 0; i < n; i++)
		for (struct entry *e = old[i], *next; e; e = next) {
			struct entry **place = &table[slot_of(e->key)];
			next = e->next;
			e->next = *place;
			*place = e;
		}
	free(old);
}

static struct entry *find_or_add(const struct text *key)
{
	struct entry **place = find(key), *e = *place;
	if (e)
		return e;
	if (n_entries++ == n_slots) {
		grow_table();
		place = find(key);
	}
	e = *place = get_memory(NULL, sizeof *e);
	*e = (struct entry){.key = new_text(key->data, key->size)};
	return e;
}

static void clear_table(void)
{
	for (size_t i = 0; i < n_slots; i++)
		while (table[i])
			remove_at(&table[i]);
}

#endif
