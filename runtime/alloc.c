/* alloc.c: memory: the one door to malloc, task blocks, and the frame arena of each task.
 * An arena grows by chunks, which go back to the loop when empty; it is last in, first out, as awaits are.  A pushed frame has
 * a header in front that names its function (for dumps) and the push below it (which also catches a pop out of order).
 * Everything but async__alloc and its like belongs to the loop's thread. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef ASYNC__ASAN
#include <sanitizer/asan_interface.h>
#define poison(memory, size) __asan_poison_memory_region((memory), (size))
#define unpoison(memory, size) __asan_unpoison_memory_region((memory), (size))
enum { keep_chunks = 0 }; /* each use after free shows */
#else
#define poison(memory, size) ((void)(memory), (void)(size))
#define unpoison(memory, size) ((void)(memory), (void)(size))
enum { keep_chunks = 64 }; /* of each size */
#endif

/* ---- malloc, and failing on purpose ---- */

__thread struct async__allocs_made async__allocs_made;

void async__fail_alloc(unsigned long n)
{
	async__allocs_made = (struct async__allocs_made){ .left = n, .fail_at = n };
}

unsigned long async__allocs(void)
{
	return async__allocs_made.fail_at - async__allocs_made.left;
}

void *async__alloc(size_t size)
{
	return async__alloc_fails() ? NULL : malloc(size);
}

void *async__alloc_zeroed(size_t size)
{
	return async__alloc_fails() ? NULL : calloc(1, size);
}

void *async__alloc_aligned(size_t align, size_t size)
{
	return async__alloc_fails() ? NULL : aligned_alloc(align, (size + align - 1) & ~(align - 1));
}

void *async__realloc(void *memory, size_t size)
{
	return async__alloc_fails() ? NULL : realloc(memory, size);
}

void async__free(void *memory)
{
	free(memory);
}

static char *align_up(char *p, size_t align)
{
	return p + (-(uintptr_t)p & (align - 1));
}

/* ---- Blocks for tasks and futures ----
 * Blocks of one size share slabs, which a loop keeps while one of their blocks is in use; the last empty one stays. */

enum { SLAB = ASYNC__SLAB, STEP = ASYNC__STEP, LARGEST = ASYNC__STORES * STEP };
_Static_assert((int)ASYNC__LARGEST <= (int)LARGEST, "a store for each size");

static bool has_room(const struct async__slab *slab)
{
	return slab->free || slab->size <= (size_t)((const char *)slab + SLAB - slab->fresh);
}

static void list_slab(struct async__slab *slab)
{
	slab->prev = NULL;
	slab->next = slab->store->slabs;
	if (slab->next)
		slab->next->prev = slab;
	slab->store->slabs = slab;
}

static void unlist_slab(struct async__slab *slab)
{
	if (slab->next)
		slab->next->prev = slab->prev;
	*(slab->prev ? &slab->prev->next : &slab->store->slabs) = slab->next;
}

static void *map(size_t size, int flags)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* From the kernel, aligned to its size: what malloc aligns it surrounds with gaps. */
static void *map_slab(int flags)
{
	char *memory = map(SLAB, flags), *aligned;

	if (memory != MAP_FAILED && ((uintptr_t)memory & (SLAB - 1))) {
		munmap(memory, SLAB);
		memory = map(2 * SLAB, 0);
		aligned = align_up(memory, SLAB);
		if (memory != MAP_FAILED && aligned != memory)
			munmap(memory, (size_t)(aligned - memory));
		if (memory != MAP_FAILED)
			munmap(aligned + SLAB, (size_t)(memory + SLAB - aligned));
		memory = memory == MAP_FAILED ? memory : aligned;
	}
	return memory == MAP_FAILED ? NULL : memory;
}

/* Where there is one that is full, as none has room, this one will fill, too: its pages come at once, not by a fault for each. */
__attribute__((noinline)) static struct async__slab *new_slab(struct async__store *store, size_t size)
{
	struct async__slab *slab = map_slab(store->has_slabs ? MAP_POPULATE : 0);

	if (!slab)
		return NULL;
	store->has_slabs = true;
	slab->store = store;
	slab->free = NULL;
	slab->fresh = slab->blocks;
	slab->size = (uint32_t)size;
	slab->used = 0;
	list_slab(slab);
	return slab;
}

static void *take_block(struct async__slab *slab)
{
	void *block = slab->free;

	if (block) {
		slab->free = *(void **)block;
	} else {
		block = slab->fresh;
		slab->fresh += slab->size;
	}
	slab->used++;
	if (!has_room(slab))
		unlist_slab(slab);
	return block;
}

void *async__block_new(async_loop *loop, size_t size)
{
	struct async__store *store;
	struct async__slab *slab;

	if (async__is_large(size))
		return async__alloc(size);
	if (async__alloc_fails())
		return NULL;
	store = async__store_for(loop, size);
	slab = store->slabs;
	if (!slab && !(slab = new_slab(store, (size + STEP - 1) & ~(size_t)(STEP - 1))))
		return NULL;
	return take_block(slab);
}

void async__block_free(void *block, bool large)
{
	struct async__slab *slab = async__slab_of(block);

	if (large) {
		async__free(block);
		return;
	}
	if (!has_room(slab))
		list_slab(slab);
	*(void **)block = slab->free;
	slab->free = block;
	slab->used--;
	if (slab->used || (!slab->next && !slab->prev))
		return;
	unlist_slab(slab);
	munmap(slab, SLAB);
}

/* When every block is free. */
void async__blocks_free(async_loop *loop)
{
	for (size_t i = 0; i < ASYNC__STORES; i++)
		if (loop->stores[i].slabs)
			munmap(loop->stores[i].slabs, SLAB);
}

/* ---- Arenas ---- */

struct async__chunk {
	struct async__ground ground; /* what generated code works on by itself; of class: size 1 KiB << 2 * class; OVERSIZE: made to measure */
#ifdef ASYNC__ASAN
	struct async__arena watched; /* the real one; the open one is empty, so that each push and pop comes here */
#endif
	union {
		struct async__ground *below; /* another chunk (the first frame in this one has no header below), or the bottom */
		struct async__chunk *next; /* that the loop keeps */
	};
	struct async__pushed bottom; /* below everything in the task's first chunk */
};

enum { N_CLASSES = 4, OVERSIZE = N_CLASSES };

/* Of a task that has nothing. */
struct async__ground async__bare;

/* NULL: it is none. */
static struct async__chunk *chunk_at(struct async__ground *ground)
{
	return ground->kind == ASYNC__CHUNK ? (struct async__chunk *)(void *)ground : NULL;
}

/* Without room, if it is no chunk's. */
static struct async__arena *arena_of(struct async__ground *ground)
{
#ifdef ASYNC__ASAN
	struct async__chunk *chunk = chunk_at(ground);

	return chunk ? &chunk->watched : &ground->open;
#else
	return &ground->open;
#endif
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
		loop->chunks[class] = chunk->next;
		loop->n_chunks[class]--;
		return chunk;
	}
	size = class < OVERSIZE ? class_size(class) : needed;
	chunk = async__alloc(size);
	if (!chunk)
		return NULL;
	chunk->ground = (struct async__ground){ .kind = ASYNC__CHUNK, .class = class };
	arena_of(&chunk->ground)->end = (char *)chunk + size;
	return chunk;
}

static void give_chunk_back(async_loop *loop, struct async__chunk *chunk)
{
	uint32_t class = chunk->ground.class;

	unpoison(chunk, (size_t)(arena_of(&chunk->ground)->end - (char *)chunk));
	if (class == OVERSIZE || loop->n_chunks[class] + 1 > keep_chunks) {
		async__free(chunk);
		return;
	}
	chunk->next = loop->chunks[class];
	loop->chunks[class] = chunk;
	loop->n_chunks[class]++;
}

void async__put_ground(struct async__task *task, struct async__ground **noted, struct async__ground *ground)
{
	*noted = ground;
	if (async__self.task == task)
		async__self.arena = &task->future.ground->open;
}

static void use_ground(struct async__task *task, struct async__ground *ground)
{
	async__put_ground(task, &task->future.ground, ground);
}

struct async__ground **async__bottom(struct async__task *task)
{
	struct async__ground **noted = &task->future.ground;

	while (chunk_at(*noted))
		noted = &chunk_at(*noted)->below;
	return noted;
}

static int add_chunk(struct async__task *task, size_t needed)
{
	struct async__ground *below = task->future.ground;
	bool first = !chunk_at(below);
	uint32_t class = first ? 0 : below->class + 1 < N_CLASSES ? below->class + 1 : N_CLASSES - 1;
	struct async__chunk *chunk = take_chunk(async__loop_of(&task->future.object), class, sizeof *chunk + 15 + needed);
	struct async__arena *arena;

	if (!chunk)
		return ASYNC_NO_MEMORY;
	chunk->below = below;
	chunk->bottom = (struct async__pushed){ 0 };
	arena = arena_of(&chunk->ground);
	arena->top = align_up((char *)(chunk + 1), 16);
	arena->pushed = first ? &chunk->bottom : NULL;
	poison(arena->top, (size_t)(arena->end - arena->top));
	use_ground(task, &chunk->ground);
	return 0;
}

static bool fits(const struct async__arena *arena, size_t align, size_t size)
{
	char *memory = align_up(arena->top + sizeof(struct async__pushed), align);

	return memory <= arena->end && size <= (size_t)(arena->end - memory);
}

/* Every top is 16-aligned. */
void *async__push(struct async__task *task, size_t size, size_t align)
{
	struct async__arena *arena = arena_of(task->future.ground);
	struct async__pushed *header;
	char *memory;

	if (align < 16)
		align = 16;
	if (size > PTRDIFF_MAX / 2)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!arena->top || !fits(arena, align, size)) {
		if (add_chunk(task, sizeof *header + align + size))
			return NULL;
		arena = arena_of(task->future.ground);
	}
	memory = align_up(arena->top + sizeof *header, align);
	header = (struct async__pushed *)(void *)memory - 1;
	unpoison(header, sizeof *header + size);
	header->below = arena->pushed;
	arena->pushed = header;
	arena->top = memory + size;
	return memory;
}

void async__pop(struct async__task *task, void *memory)
{
	struct async__pushed *header = (struct async__pushed *)memory - 1, *below;
	struct async__arena *arena = arena_of(task->future.ground);
	struct async__chunk *chunk;

	if (header != arena->pushed) {
		fputs("asyncc: a frame was popped that is not the last one pushed\n", stderr);
		abort();
	}
	below = header->below;
	if (!below) {
		chunk = chunk_at(task->future.ground);
		use_ground(task, chunk->below);
		give_chunk_back(async__loop_of(&task->future.object), chunk);
		return;
	}
	poison(header, (size_t)(arena->top - (char *)header));
	arena->pushed = below;
	arena->top = (char *)header;
}

void async__arena_free(struct async__task *task)
{
	struct async__chunk *chunk;

	while ((chunk = chunk_at(task->future.ground))) {
		use_ground(task, chunk->below);
		give_chunk_back(async__loop_of(&task->future.object), chunk);
	}
}

void async__chunks_free(async_loop *loop)
{
	for (int class = 0; class < N_CLASSES; class++) {
		struct async__chunk *chunk;

		while ((chunk = loop->chunks[class])) {
			loop->chunks[class] = chunk->next;
			async__free(chunk);
		}
	}
}

/* ---- What generated code calls ---- */

void *async__push_frame_slowly(const async_function *function)
{
	async_frame *frame = async__push(async__self.task, function->frame_size, function->frame_align);

	if (!frame)
		async__raise(ASYNC_NO_MEMORY, "no memory for a call of %s", function->name);
	return frame;
}

void async__pop_frame_slowly(void *frame)
{
	if (frame)
		async__pop(async__self.task, frame);
}

void *async__pushed_frame_slowly(void)
{
	return arena_of(async__self.task->future.ground)->pushed + 1;
}
