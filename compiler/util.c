/* util.c: memory that is freed all at once, text that grows, arrays that grow.  Knows nothing of C.
 * Running out of memory ends the program: a compiler has nothing better to do. */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *must(void *memory)
{
	if (memory)
		return memory;
	fputs("asyncc: error: out of memory\n", stderr);
	exit(1);
}

/* ---- arena ---- */

/* Blocks come from the system as zeroes, and need not be cleared again: all pages of one at a time, as one at a time costs more.
 * Huge pages would too: the time that they take to be cleared varies by as much as all of asyncc's. */
enum { FIRST_BLOCK = 64 * 1024, LARGEST_BLOCK = 1024 * 1024, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *older;
	size_t used, size;
	_Alignas(ALIGNMENT) char data[];
};
struct arena {
	struct arena_block *newest;
	struct text scratch; /* arena_vprintf's */
};

struct arena *arena_create(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

static void free_blocks(struct arena_block *block)
{
	for (struct arena_block *older; block; block = older) {
		older = block->older;
		munmap(block, sizeof *block + block->size);
	}
}

void arena_clear(struct arena *arena)
{
	struct arena_block *block = arena->newest;
	if (!block)
		return;
	free_blocks(block->older);
	block->older = NULL;
	memset(block->data, 0, block->used);
	block->used = 0;
}

void arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->newest);
	text_finish(&arena->scratch);
	free(arena);
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
	size_t whole = sizeof(struct arena_block) + size;
	void *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct arena_block *block = must(memory == MAP_FAILED ? NULL : memory);
	block->size = size;
	block->older = arena->newest;
	arena->newest = block;
	return block;
}

static size_t next_size(const struct arena_block *newest)
{
	size_t size = newest ? 2 * (newest->size + sizeof *newest) : FIRST_BLOCK;
	return (size < LARGEST_BLOCK ? size : LARGEST_BLOCK) - sizeof *newest;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->newest;
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!block || block->size - block->used < size)
		block = add_block(arena, size > next_size(block) ? size : next_size(block));
	void *memory = block->data + block->used;
	block->used += size;
	return memory;
}

char *arena_copy(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);
	if (size)
		memcpy(copy, text, size);
	return copy; /* the arena's memory is zeroed */
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	arena->scratch.size = 0;
	text_vprintf(&arena->scratch, format, args);
	return arena_copy(arena, arena->scratch.data, arena->scratch.size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

/* ---- text ---- */

void text_reserve(struct text *text, size_t more)
{
	if (text->capacity - text->size > more)
		return;
	text->capacity = (text->size + more + 1) * 2;
	text->data = must(realloc(text->data, text->capacity));
}

/* Leaves the text without its terminating zero. */
static inline void append(struct text *text, const char *data, size_t size)
{
	if (text->capacity - text->size <= size)
		text_reserve(text, size);
	if (size)
		memcpy(text->data + text->size, data, size);
	text->size += size;
}

void text_add(struct text *text, const char *data, size_t size)
{
	append(text, data, size);
	text->data[text->size] = 0;
}

void text_puts(struct text *text, const char *s)
{
	text_add(text, s, strlen(s));
}

static void add_any(struct text *text, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	text_reserve(text, 128);
	size_t room = text->capacity - text->size, size = (size_t)vsnprintf(text->data + text->size, room, format, args);
	if (size >= room) {
		text_reserve(text, size);
		vsnprintf(text->data + text->size, size + 1, format, again);
	}
	text->size += size;
	va_end(again);
}

static void append_number(struct text *text, long number)
{
	char digits[24], *p = digits + sizeof digits;
	unsigned long rest = number < 0 ? -(unsigned long)number : (unsigned long)number;
	do
		*--p = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--p = '-';
	append(text, p, (size_t)(digits + sizeof digits - p));
}

/* Nearly all of what asyncc writes comes by here, and nearly all of it is %s and %d: what is not, vsnprintf can do. */
void text_vprintf(struct text *text, const char *format, va_list args)
{
	const char *s, *percent;
	for (;; format = percent + 2) {
		percent = strchrnul(format, '%');
		append(text, format, (size_t)(percent - format));
		if (!*percent)
			break;
		switch (percent[1]) {
		case 's': s = va_arg(args, const char *), append(text, s, strlen(s)); break;
		case 'd': append_number(text, va_arg(args, int)); break;
		case 'u': append_number(text, va_arg(args, unsigned)); break;
		default:
			add_any(text, percent, args);
			return;
		}
	}
	text->data[text->size] = 0;
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	text_vprintf(text, format, args);
	va_end(args);
}

void text_finish(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

/* ---- index ---- */

static size_t hash(const struct index *index, const void *key)
{
	size_t h = (size_t)key;
	if (index->of_names)
		for (const char *p = key + (h = 0); *p; p++)
			h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	return h * 0x9e3779b97f4a7c15u >> 32;
}

static struct index_entry *find_entry(const struct index *index, const void *key)
{
	for (size_t i = hash(index, key);; i++) {
		struct index_entry *entry = &index->at[i & (index->capacity - 1)];
		if (!entry->key || entry->key == key || (index->of_names && !strcmp(entry->key, key)))
			return entry;
	}
}

void *index_get(const struct index *index, const void *key)
{
	return index->capacity ? find_entry(index, key)->value : NULL;
}

void index_put(struct arena *arena, struct index *index, const void *key, void *value)
{
	if (2 * index->n >= index->capacity) {
		struct index larger = { .of_names = index->of_names, .n = index->n };
		larger.capacity = index->capacity ? 2 * index->capacity : 16;
		larger.at = arena_alloc(arena, larger.capacity * sizeof *larger.at);
		for (size_t i = 0; i < index->capacity; i++)
			if (index->at[i].key)
				*find_entry(&larger, index->at[i].key) = index->at[i];
		*index = larger;
	}
	struct index_entry *entry = find_entry(index, key);
	index->n += !entry->key;
	*entry = (struct index_entry){ key, value };
}

/* ---- list ---- */

/* Full exactly when n is a power of two: so the list need not keep its capacity. */
void *list_grow(struct arena *arena, void *at, size_t item_size, int n)
{
	if (n & (n - 1))
		return at;
	void *larger = arena_alloc(arena, item_size * (n ? (size_t)n * 2 : 1));
	if (n)
		memcpy(larger, at, item_size * (size_t)n);
	return larger;
}

int find_first(const void *at, int n, size_t size, size_t key, unsigned offset)
{
	int low = 0, high = n;
	while (low < high) {
		int middle = low + (high - low) / 2;
		if (*(const unsigned *)(const void *)((const char *)at + (size_t)middle * size + key) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
