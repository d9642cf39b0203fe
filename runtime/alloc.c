/* alloc.c: memory: the one door to malloc, task blocks, and the frame arena of each task.
 * An arena grows by chunks, which go back to the loop when empty; it is last in, first out, as awaits are.  A pushed frame has
 * a header in front that names its function (for dumps) and the push below it (which also catches a pop out of order).
 * Everything but async__alloc and its like belongs to the loop's thread. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#ifdef ASAN
#include <sanitizer/asan_interface.h>
#define poison(memory, size) __asan_poison_memory_region((memory), (size))
#define unpoison(memory, size) __asan_unpoison_memory_region((memory), (size))
enum { keep_blocks = 0, keep_chunks = 0 }; /* each use after free shows */
#else
#define poison(memory, size) ((void)(memory), (void)(size))
#define unpoison(memory, size) ((void)(memory), (void)(size))
enum { keep_blocks = 1024, keep_chunks = 64 }; /* of each size */
#endif

/* ---- malloc, and failing on purpose ---- */

static __thread unsigned long n_allocs, fail_at;

void async__fail_alloc(unsigned long n)
{
	n_allocs = 0;
	fail_at = n;
}

unsigned long async__allocs(void)
{
	return n_allocs;
}

static bool fails(void)
{
	return ++n_allocs == fail_at;
}

void *async__alloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

void *async__alloc_zeroed(size_t size)
{
	return fails() ? NULL : calloc(1, size);
}

void *async__alloc_aligned(size_t align, size_t size)
{
	return fails() ? NULL : aligned_alloc(align, (size + align - 1) & ~(align - 1));
}

void *async__realloc(void *memory, size_t size)
{
	return fails() ? NULL : realloc(memory, size);
}

void async__free(void *memory)
{
	free(memory);
}

/* ---- Task blocks ---- */

#define BLOCK_STEP 64
#define N_SIZES (sizeof(((async_loop *)0)->blocks) / sizeof(void *))

static size_t size_class(size_t size)
{
	return (size - 1) / BLOCK_STEP;
}

void *async__block_new(async_loop *loop, size_t size)
{
	size_t class = size_class(size);
	void **block;

	if (class >= N_SIZES)
		return async__alloc(size);
	block = loop->blocks[class];
	if (!block)
		return async__alloc((class + 1) * BLOCK_STEP);
	if (fails())
		return NULL;
	loop->blocks[class] = *block;
	loop->n_blocks[class]--;
	return block;
}

void async__block_free(async_loop *loop, void *block, size_t size)
{
	size_t class = size_class(size);

	if (class >= N_SIZES || loop->n_blocks[class] + 1 > keep_blocks) {
		async__free(block);
		return;
	}
	*(void **)block = loop->blocks[class];
	loop->blocks[class] = block;
	loop->n_blocks[class]++;
}

void async__blocks_free(async_loop *loop)
{
	for (size_t class = 0; class < N_SIZES; class++) {
		void **block;

		while ((block = loop->blocks[class])) {
			loop->blocks[class] = *block;
			async__free(block);
		}
	}
}

/* ---- Arenas ---- */

struct async__chunk {
	struct async__chunk *prev; /* the chunk below, or the next one the loop keeps */
	char *end;                 /* one past its last byte */
	char *prev_top;            /* where the chunk below was full up to */
	uint32_t class;            /* size 1 KiB << 2 * class; OVERSIZE: made to measure */
};

struct async__pushed {
	struct async__pushed *below;
	const async_function *function; /* NULL: plain memory */
};

enum { N_CLASSES = 4, OVERSIZE = N_CLASSES };

static char *align_up(char *p, size_t align)
{
	return p + (-(uintptr_t)p & (align - 1));
}

static size_t class_size(uint32_t class)
{
	return (size_t)1024 << 2 * class;
}

static struct async__chunk *take_chunk(async_loop *loop, uint32_t class, size_t needed)
{
	struct async__chunk *chunk;
	size_t size;

	while (class < OVERSIZE && class_size(class) < needed)
		class++;
	if (class < OVERSIZE && (chunk = loop->chunks[class])) {
		loop->chunks[class] = chunk->prev;
		loop->n_chunks[class]--;
		return chunk;
	}
	size = class < OVERSIZE ? class_size(class) : needed;
	chunk = async__alloc(size);
	if (!chunk)
		return NULL;
	chunk->end = (char *)chunk + size;
	chunk->class = class;
	return chunk;
}

static void give_chunk_back(async_loop *loop, struct async__chunk *chunk)
{
	uint32_t class = chunk->class;

	unpoison(chunk, (size_t)(chunk->end - (char *)chunk));
	if (class == OVERSIZE || loop->n_chunks[class] + 1 > keep_chunks) {
		async__free(chunk);
		return;
	}
	chunk->prev = loop->chunks[class];
	loop->chunks[class] = chunk;
	loop->n_chunks[class]++;
}

static int add_chunk(struct async__task *task, size_t needed)
{
	struct async__chunk *prev = task->chunk;
	uint32_t class = !prev ? 0 : prev->class + 1 < N_CLASSES ? prev->class + 1 : N_CLASSES - 1;
	struct async__chunk *chunk = take_chunk(task->future.object.loop, class, sizeof *chunk + needed);

	if (!chunk)
		return ASYNC_NO_MEMORY;
	chunk->prev = prev;
	chunk->prev_top = task->top;
	task->chunk = chunk;
	task->top = (char *)(chunk + 1);
	poison(task->top, (size_t)(chunk->end - task->top));
	return 0;
}

static bool fits(const struct async__task *task, size_t align, size_t size)
{
	char *memory = align_up(task->top + sizeof(struct async__pushed), align);

	return memory <= task->chunk->end && size <= (size_t)(task->chunk->end - memory);
}

void *async__push(struct async__task *task, size_t size, size_t align, const async_function *function)
{
	struct async__pushed *header;
	char *memory;

	if (align < 16)
		align = 16;
	if (size > PTRDIFF_MAX / 2)
		return NULL;
	if (!task->chunk || !fits(task, align, size))
		if (add_chunk(task, sizeof *header + align + size))
			return NULL;
	memory = align_up(task->top + sizeof *header, align);
	header = (struct async__pushed *)(void *)memory - 1;
	unpoison(header, sizeof *header + size);
	header->below = task->pushed;
	header->function = function;
	task->pushed = header;
	task->top = memory + size;
	return memory;
}

static bool in_chunk(const struct async__chunk *chunk, const struct async__pushed *header)
{
	return (char *)header > (char *)chunk && (char *)header < chunk->end;
}

void async__pop(struct async__task *task, void *memory)
{
	struct async__pushed *header = (struct async__pushed *)memory - 1, *below;
	struct async__chunk *chunk = task->chunk;

	if (header != task->pushed) {
		fputs("asyncc: a frame was popped that is not the last one pushed\n", stderr);
		abort();
	}
	below = header->below;
	task->pushed = below;
	if (chunk->prev && !(below && in_chunk(chunk, below))) {
		task->chunk = chunk->prev;
		task->top = chunk->prev_top;
		give_chunk_back(task->future.object.loop, chunk);
		return;
	}
	poison(header, (size_t)(task->top - (char *)header));
	task->top = (char *)header;
}

void async__arena_free(struct async__task *task)
{
	struct async__chunk *chunk;

	while ((chunk = task->chunk)) {
		task->chunk = chunk->prev;
		give_chunk_back(task->future.object.loop, chunk);
	}
	task->pushed = NULL;
	task->top = NULL;
}

void async__chunks_free(async_loop *loop)
{
	for (int class = 0; class < N_CLASSES; class++) {
		struct async__chunk *chunk;

		while ((chunk = loop->chunks[class])) {
			loop->chunks[class] = chunk->prev;
			async__free(chunk);
		}
	}
}

const async_function *async__pushed_function(const struct async__task *task, const async_frame *frame)
{
	for (const struct async__pushed *header = task->pushed; header; header = header->below)
		if ((const void *)(header + 1) == (const void *)frame)
			return header->function;
	return NULL;
}

/* ---- What generated code calls ---- */

void *async__push_frame(const async_function *function, async_frame *caller)
{
	async_frame *frame = async__push(async__self.task, function->frame_size, function->frame_align, function);

	if (!frame) {
		async__raise(ASYNC_NO_MEMORY, "no memory for a call of %s", function->name);
		return NULL;
	}
	async__prepare(frame, function->resume, caller);
	return frame;
}

void async__pop_frame(void *frame)
{
	if (frame && frame != &async__self.task->no_memory)
		async__pop(async__self.task, frame);
}
