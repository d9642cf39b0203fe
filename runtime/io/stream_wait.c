/* stream_wait.c: waiting until something has changed on a stream's writing side.
 * Completes: async__stream_wake, when output has gone or the stream is closed or broken.  Owns: nothing; it keeps the stream from being
 * freed.  Thread: the loop's.  Cancel: at once. */
#include "stream.h"

struct async__stream_wait__frame {
	async_frame base;
	async_stream *s;
	struct async__link link; /* in s->waiters */
	struct async__task *task;
};

void async__stream_wake(async_stream *s)
{
	while (!async__list_empty(&s->waiters)) {
		struct async__link *link = s->waiters.next;

		async__list_remove(link);
		async__wake(async__container_of(link, struct async__stream_wait__frame, link)->task);
	}
}

static enum async__abort abort_wait(async_frame *leaf)
{
	async__list_remove(&((struct async__stream_wait__frame *)leaf)->link);
	return ASYNC__ABORTED;
}

static async_status end_wait(struct async__stream_wait__frame *f, async_status status)
{
	bool gone = !f->s->owners;

	f->s->users--;
	async__stream_maybe_free(f->s);
	if (status != ASYNC_DONE)
		return ASYNC_FAILED;
	return gone ? async__raise(ASYNC_CLOSED, "the stream was freed") : ASYNC_DONE;
}

static async_status async__stream_wait__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__stream_wait__frame *f = (struct async__stream_wait__frame *)frame;

	if (at->state)
		return end_wait(f, status);
	f->task = async__self.task;
	f->s->users++;
	f->link.next = NULL;
	async__list_append(&f->s->waiters, &f->link);
	return async__park(frame, at + 1, abort_wait);
}

const async_function async__stream_wait__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async__stream_wait__frame),
	.frame_align = _Alignof(struct async__stream_wait__frame),
	.name = "async__stream_wait",
	.file = __FILE__,
	.points = ASYNC_POINTS(async__stream_wait__async, async__stream_wait__resume, "the peer"),
};

void async__stream_wait(async_stream *s)
{
	struct async__stream_wait__frame *f = async__entry(&async__stream_wait__async, (void (*)(void))async__stream_wait);

	if (f)
		f->s = s;
	async__entry_run(f, NULL, 0);
}
