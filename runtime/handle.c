/* handle.c: handles and the table behind them.
 * A handle is 32 bits of slot index and 32 bits of generation, so that one which outlives its object is noticed, always.
 * Slots live in chunks that are never freed.  A chunk belongs to one loop at a time, and only that loop's thread touches its
 * slots; which loop that is, any thread may ask: this is how a handle used on the wrong thread is noticed before harm is done.
 * The table of chunks is the process's only shared state here; its lock is taken when a loop needs another chunk. */
#include "runtime.h"

#define SLOT_BITS 10
#define PAGE_BITS 11
#define SLOTS (1u << SLOT_BITS)
#define PAGE (1u << PAGE_BITS)

struct async__slots {
	_Atomic(async_loop *) owner; /* NULL while no loop has it */
	_Atomic(pthread_t) thread;   /* the owner's */
	struct async__slots *next;   /* the owner's next chunk, or the next idle one */
	uint32_t number;             /* its place in the table: the upper bits of its slots' indices */
	uint32_t used;               /* slots from here on were never used by the present owner */
	struct async__slot slots[SLOTS];
};

static struct {
	pthread_mutex_t lock;
	_Atomic(_Atomic(struct async__slots *) *) pages[PAGE];
	uint32_t n_chunks;
	struct async__slots *idle;
} async__table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct async__slots *chunk_of(uint32_t index)
{
	_Atomic(struct async__slots *) *page = atomic_load_explicit(&async__table.pages[index >> (SLOT_BITS + PAGE_BITS)], memory_order_acquire);

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
		return NULL; /* four thousand million handles */
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
		chunk->slots[i] = (struct async__slot){ .object = 1, .generation = 1, .index = number << SLOT_BITS | i };
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

__attribute__((noinline)) static struct async__slot *fresh_slot(async_loop *loop)
{
	if ((!loop->slots || loop->slots->used == SLOTS) && add_chunk(loop))
		return NULL;
	return &loop->slots->slots[loop->slots->used++];
}

int async__handle_new(async_loop *loop, struct async__object *object, enum async__kind kind)
{
	struct async__slot *slot = loop->free_slot;

	if (slot)
		loop->free_slot = (struct async__slot *)(slot->object & ~(uintptr_t)1);
	else if (!(slot = fresh_slot(loop)))
		return ASYNC_NO_MEMORY;
	slot->object = (uintptr_t)object;
	object->loop = loop;
	object->slot = slot;
	object->kind = (uint8_t)kind;
	return 0;
}

/* Taken again at once, a slot that is freed often wears out after 2^32 generations: then it is left alone. */
void async__handle_free(struct async__object *object)
{
	struct async__slot *slot = object->slot;

	slot->object = (uintptr_t)object->loop->free_slot | 1;
	if (++slot->generation)
		object->loop->free_slot = slot;
}

struct async__object *async__next_object(async_loop *loop, struct async__walk *walk)
{
	if (!walk->begun) {
		walk->chunk = loop->slots;
		walk->begun = true;
	}
	for (; walk->chunk; walk->chunk = walk->chunk->next, walk->at = 0) {
		while (walk->at < walk->chunk->used) {
			uintptr_t object = walk->chunk->slots[walk->at++].object;

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

/* NULL has generation 0, which no slot has. */
static inline struct async__object *object_in(struct async__slots *chunk, uintptr_t bits)
{
	struct async__slot *slot = &chunk->slots[bits & (SLOTS - 1)];

	return slot->generation == bits >> 32 && !(slot->object & 1) ? (struct async__object *)slot->object : NULL;
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
		owner->found = chunk;
	object = owner ? object_in(chunk, bits) : NULL;
	return object ? object : not_found(h, what, error, ASYNC_STALE);
}

struct async__object *async__handle_find(async_handle h, const char *what, int *error)
{
	async_loop *loop = async__self.loop;
	struct async__object *object = NULL;

	/* Most handles are the running loop's, and near the one before. */
	if (loop && loop->found && loop->found->number == (uint32_t)(uintptr_t)h >> SLOT_BITS)
		object = object_in(loop->found, (uintptr_t)h);
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

/* Generations go on counting, so that the loop's handles stay stale under the chunks' next owner.  A worn out slot begins anew:
 * who still had a handle of its first generation has slept through four thousand million of them. */
static void retire(struct async__slots *chunk)
{
	for (uint32_t i = 0; i < chunk->used; i++) {
		struct async__slot *slot = &chunk->slots[i];

		if (!(slot->object & 1))
			slot->generation++;
		if (slot->generation == 0)
			slot->generation = 1;
		slot->object = 1;
	}
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
	loop->free_slot = NULL;
	loop->found = NULL;
}
