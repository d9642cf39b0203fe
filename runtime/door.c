/* door.c: how other threads reach a loop.
 * Posts are intrusive and kept in order; whoever posts onto an empty door wakes the loop, which takes all at once, unless
 * the loop has said that it will look by itself.  The door
 * outlives the loop as long as somebody has a reference, and then says that it is closed: a thread that ends late does no harm.
 * A post belongs to the loop's thread once it is accepted.  Posting: any thread.  The rest: the loop's. */
#include "runtime.h"

struct async__door *async__door_new(async_loop *loop)
{
	struct async__door *door = async__alloc(sizeof *door);

	if (!door)
		return NULL;
	atomic_init(&door->refs, 1);
	pthread_mutex_init(&door->lock, NULL);
	door->loop = loop;
	atomic_init(&door->watched, false);
	atomic_init(&door->posted, false);
	door->first = NULL;
	door->last = &door->first;
	return door;
}

struct async__door *async__door_ref(struct async__door *door)
{
	atomic_fetch_add(&door->refs, 1);
	return door;
}

void async__door_unref(struct async__door *door)
{
	if (atomic_fetch_sub(&door->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&door->lock);
	async__free(door);
}

/* The loop cannot close while we hold the lock, so its back end is there to be woken. */
bool async__door_post(struct async__door *door, struct async__post *post)
{
	async_loop *loop;
	bool first;

	post->next = NULL;
	pthread_mutex_lock(&door->lock);
	loop = door->loop;
	if (loop) {
		first = !door->first;
		*door->last = post;
		door->last = &post->next;
		atomic_store(&door->posted, true);
		atomic_store(&loop->attention, true);
		if (first && !atomic_load(&door->watched))
			loop->backend->wake(loop, loop->state);
	}
	pthread_mutex_unlock(&door->lock);
	return loop != NULL;
}

static struct async__post *take_all(struct async__door *door)
{
	struct async__post *first;

	pthread_mutex_lock(&door->lock);
	first = door->first;
	atomic_store_explicit(&door->posted, false, memory_order_relaxed);
	door->first = NULL;
	door->last = &door->first;
	pthread_mutex_unlock(&door->lock);
	return first;
}

void async__door_take(async_loop *loop)
{
	struct async__post *post = take_all(loop->door);

	while (post) {
		struct async__post *next = post->next;

		post->run(post);
		post = next;
	}
}

void async__door_close(async_loop *loop)
{
	struct async__door *door = loop->door;
	struct async__post *post;

	pthread_mutex_lock(&door->lock);
	door->loop = NULL;
	pthread_mutex_unlock(&door->lock);
	post = take_all(door);
	while (post) {
		struct async__post *next = post->next;

		if (post->drop)
			post->drop(post);
		post = next;
	}
	async__door_unref(door);
}

/* ---- async_call_soon_threadsafe ---- */

struct posted_call {
	struct async__post post;
	async_callback *fn;
	void *arg;
};

static void drop_call(struct async__post *post)
{
	async__free(post);
}

static void run_call(struct async__post *post)
{
	struct posted_call *call = async__container_of(post, struct posted_call, post);

	if (!async_call_soon(call->fn, call->arg))
		async__report_value(async__self.loop, "A call from another thread was lost", async__make_error(ASYNC_NO_MEMORY, NULL), NULL);
	async__free(call);
}

int async_call_soon_threadsafe(async_loop *loop, async_callback *fn, void *arg)
{
	struct posted_call *call;

	if (loop == async__self.loop && !loop->closing) /* keeps its order with async_call_soon */
		return async_call_soon(fn, arg) ? 0 : ASYNC_NO_MEMORY;
	call = async__alloc(sizeof *call);
	if (!call)
		return ASYNC_NO_MEMORY;
	call->post = (struct async__post){ .run = run_call, .drop = drop_call };
	call->fn = fn;
	call->arg = arg;
	if (async__door_post(loop->door, &call->post))
		return 0;
	async__free(call);
	return ASYNC_CLOSED;
}
