/* util.c: memory that is freed all at once, text that grows, arrays that grow.  Knows nothing of C.
 * Running out of memory ends the program: a compiler has nothing better to do. */
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
	if (memory)
		return memory;
	fputs("asyncc: error: out of memory\n", stderr);
	exit(1);
}

/* ---- arena ---- */

enum { BLOCK_SIZE = 64 * 1024, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *older;
	size_t used, size;
	_Alignas(ALIGNMENT) char data[];
};
struct arena {
	struct arena_block *newest;
};

struct arena *arena_create(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

void arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	for (struct arena_block *block = arena->newest, *older; block; block = older) {
		older = block->older;
		free(block);
	}
	free(arena);
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
	struct arena_block *block = must(calloc(1, sizeof *block + size));
	block->size = size;
	block->older = arena->newest;
	arena->newest = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->newest;
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!block || block->size - block->used < size)
		block = add_block(arena, size > BLOCK_SIZE ? size : BLOCK_SIZE);
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
	va_list again;
	va_copy(again, args);
	char most[256];
	size_t size = (size_t)vsnprintf(most, sizeof most, format, args);
	char *text = arena_alloc(arena, size + 1);
	if (size < sizeof most)
		memcpy(text, most, size);
	else
		vsnprintf(text, size + 1, format, again);
	va_end(again);
	return text;
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

static void text_reserve(struct text *text, size_t more)
{
	if (text->capacity - text->size > more)
		return;
	text->capacity = (text->size + more + 1) * 2;
	text->data = must(realloc(text->data, text->capacity));
}

void text_add(struct text *text, const char *data, size_t size)
{
	text_reserve(text, size);
	if (size)
		memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = 0;
}

void text_puts(struct text *text, const char *s)
{
	text_add(text, s, strlen(s));
}

void text_vprintf(struct text *text, const char *format, va_list args)
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

/* ---- list ---- */

/* Full exactly when n is a power of two, from 4: so the list need not keep its capacity. */
void *list_grow(struct arena *arena, void *at, size_t item_size, int n)
{
	if (n && (n < 4 || (n & (n - 1))))
		return at;
	void *larger = arena_alloc(arena, item_size * (n ? (size_t)n * 2 : 4));
	if (n)
		memcpy(larger, at, item_size * (size_t)n);
	return larger;
}
