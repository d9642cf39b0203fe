/* handle.c: handles and the table behind them.
 * A handle is 32 bits of slot index and 32 bits of generation, so that one which outlives its object is noticed, always.
 * Slots live in chunks that are never freed.  A chunk belongs to one loop at a time, and only that loop's thread touches its
 * slots; which loop that is, any thread may ask: this is how a handle used on the wrong thread is noticed before harm is done.
 * The table of chunks is the process's only shared state here; its lock is taken when a loop needs another chunk. */
#include "runtime.h"

#define SLOT_BITS ASYNC__SLOT_BITS
#define PAGE_BITS 10
#define SLOTS ASYNC__SLOTS
#define PAGE (1u << PAGE_BITS)

/* A free slot has the generation of its next object's handle, never 0, the index of the loop's next free slot, and the lowest bit
 * set. */
static uintptr_t free_slot(uint32_t generation, uint32_t next)
{
	return (uintptr_t)generation << 32 | next << 1 | 1;
}

static uint32_t generation_of(uintptr_t free_slot)
{
	return free_slot >> 32;
}

static uint32_t next_free(uintptr_t free_slot)
{
	return (uint32_t)free_slot >> 1;
}

static struct {
	pthread_mutex_t lock;
	_Atomic(_Atomic(struct async__slots *) *) pages[PAGE];
	uint32_t n_chunks;
	struct async__slots *idle;
} async__table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct async__slots *chunk_of(uint32_t index)
{
	_Atomic(struct async__slots *) *page;

	if (index >> (SLOT_BITS + 2 * PAGE_BITS))
		return NULL;
	page = atomic_load_explicit(&async__table.pages[index >> (SLOT_BITS + PAGE_BITS)], memory_order_acquire);
	if (!page)
		return NULL;
	return atomic_load_explicit(&page[(index >> SLOT_BITS) & (PAGE - 1)], memory_order_acquire);
}

/* Under the table's lock. */
static struct async__slots *make_chunk(void)
{
	uint32_t number = async__table.n_chunks;
	_Atomic(struct async__slots *) *page;
	struct async__slots *chunk;

	if (number >> (2 * PAGE_BITS))
		return NULL; /* a thousand million handles */
	page = atomic_load(&async__table.pages[number >> PAGE_BITS]);
	if (!page) {
		page = async__alloc_zeroed(PAGE * sizeof *page);
		if (!page)
			return NULL;
		atomic_store_explicit(&async__table.pages[number >> PAGE_BITS], page, memory_order_release);
	}
	chunk = async__alloc(sizeof *chunk);
	if (!chunk)
		return NULL;
	atomic_init(&chunk->owner, NULL);
	chunk->number = number;
	for (uint32_t i = 0; i < SLOTS; i++)
		chunk->slots[i] = free_slot(1, ASYNC__NO_SLOT);
	atomic_store_explicit(&page[number & (PAGE - 1)], chunk, memory_order_release);
	async__table.n_chunks++;
	return chunk;
}

static int add_chunk(async_loop *loop)
{
	struct async__slots *chunk;

	pthread_mutex_lock(&async__table.lock);
	chunk = async__table.idle;
	if (chunk)
		async__table.idle = chunk->next;
	else
		chunk = make_chunk();
	pthread_mutex_unlock(&async__table.lock);
	if (!chunk)
		return ASYNC_NO_MEMORY;
	chunk->used = 0;
	chunk->next = loop->slots;
	loop->slots = chunk;
	atomic_store(&chunk->thread, loop->thread);
	atomic_store(&chunk->owner, loop);
	return 0;
}

__attribute__((noinline)) static uint32_t fresh_slot(async_loop *loop)
{
	if ((!loop->slots || loop->slots->used == SLOTS) && add_chunk(loop))
		return ASYNC__NO_SLOT;
	return loop->slots->number << SLOT_BITS | loop->slots->used++;
}

static uintptr_t *slot_of(uint32_t index)
{
	struct async__slots *chunk = async__self.found;

	if (!chunk || chunk->number != index >> SLOT_BITS)
		chunk = chunk_of(index);
	return &chunk->slots[index & (SLOTS - 1)];
}

static async_handle make_handle(uint32_t generation, uint32_t index)
{
	return (async_handle)((uintptr_t)generation << 32 | index);
}

int async__handle_new(async_loop *loop, struct async__object *object, enum async__kind kind)
{
	uint32_t index = loop->free_slot;
	uintptr_t *slot;

	if (index == ASYNC__NO_SLOT && (index = fresh_slot(loop)) == ASYNC__NO_SLOT)
		return ASYNC_NO_MEMORY;
	slot = slot_of(index);
	if (index == loop->free_slot)
		loop->free_slot = next_free(*slot);
	object->handle = make_handle(generation_of(*slot), index);
	object->kind = (uint8_t)kind;
	*slot = (uintptr_t)object;
	return 0;
}

/* Taken again at once, a slot that is freed often wears out after 2^32 generations: then it is left alone. */
void async__handle_free(struct async__object *object)
{
	async_loop *loop = async__loop_of(object);
	uint32_t index = (uint32_t)(uintptr_t)object->handle, generation = (uint32_t)((uintptr_t)object->handle >> 32) + 1;

	*slot_of(index) = free_slot(generation, loop->free_slot);
	if (generation)
		loop->free_slot = index;
}

async_loop *async__handle_owner(async_handle h)
{
	struct async__slots *chunk = chunk_of((uint32_t)(uintptr_t)h);

	return chunk ? atomic_load_explicit(&chunk->owner, memory_order_acquire) : NULL;
}

struct async__object *async__next_object(async_loop *loop, struct async__walk *walk)
{
	if (!walk->begun) {
		walk->chunk = loop->slots;
		walk->begun = true;
	}
	for (; walk->chunk; walk->chunk = walk->chunk->next, walk->at = 0) {
		while (walk->at < walk->chunk->used) {
			uintptr_t object = walk->chunk->slots[walk->at++];

			if (!(object & 1))
				return (struct async__object *)object;
		}
	}
	return NULL;
}

/* A loop's objects may be used while it runs on this thread, and on the thread that made it while none runs there. */
__attribute__((noinline)) static bool may_use(const struct async__slots *chunk)
{
	return !async__self.loop && pthread_equal(atomic_load(&chunk->thread), pthread_self());
}

__attribute__((noinline, cold)) static struct async__object *not_found(async_handle h, const char *what, int *error, int code)
{
	if (error)
		*error = code;
	if (what && code == ASYNC_WRONG_THREAD)
		async__report_value(async__self.loop, what, async__make_error(code, NULL), h);
	return NULL;
}

__attribute__((noinline)) static struct async__object *find_anywhere(async_handle h, const char *what, int *error)
{
	uintptr_t bits = (uintptr_t)h;
	struct async__slots *chunk = chunk_of((uint32_t)bits);
	async_loop *owner = chunk ? atomic_load_explicit(&chunk->owner, memory_order_acquire) : NULL;
	struct async__object *object;

	if (owner && owner != async__self.loop && h && !may_use(chunk))
		return not_found(h, what, error, ASYNC_WRONG_THREAD);
	if (owner && owner == async__self.loop)
		async__self.found = chunk;
	object = owner ? async__object_in(chunk, h) : NULL;
	return object ? object : not_found(h, what, error, ASYNC_STALE);
}

struct async__object *async__handle_find(async_handle h, const char *what, int *error)
{
	struct async__object *object = async__handle_near(h);

	return object ? object : find_anywhere(h, what, error);
}

struct async__future *async__find_future(async_handle h, const char *what, int *error)
{
	struct async__object *object = async__handle_find(h, what, error);

	if (object && (object->kind == ASYNC__FUTURE || object->kind == ASYNC__TASK))
		return (struct async__future *)object;
	if (object && error)
		*error = ASYNC_STALE;
	return NULL;
}

/* The loop runs on another thread from now on. */
void async__handles_move(async_loop *loop, pthread_t thread)
{
	for (struct async__slots *chunk = loop->slots; chunk; chunk = chunk->next)
		atomic_store(&chunk->thread, thread);
}

/* Every object has been freed.  Generations go on counting, so that the loop's handles stay stale under the chunks' next owner.  A worn
 * out slot begins anew: who still had a handle of its first generation has slept through four thousand million of them. */
static void retire(struct async__slots *chunk)
{
	for (uint32_t i = 0; i < chunk->used; i++)
		if (generation_of(chunk->slots[i]) == 0)
			chunk->slots[i] = free_slot(1, ASYNC__NO_SLOT);
	atomic_store(&chunk->owner, NULL);
}

void async__handles_close(async_loop *loop)
{
	struct async__slots *chunk;

	pthread_mutex_lock(&async__table.lock);
	while ((chunk = loop->slots)) {
		loop->slots = chunk->next;
		retire(chunk);
		chunk->next = async__table.idle;
		async__table.idle = chunk;
	}
	pthread_mutex_unlock(&async__table.lock);
	loop->free_slot = ASYNC__NO_SLOT;
}
