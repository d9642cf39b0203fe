/* stream_arrivals.c: input that the loop brings a stream as it comes (async_loop_backend.receive), whether somebody reads or not.
 * Completes: a read that waits, from the back end's wait.  Owns: what has come and no read has taken, 16 KiB of it, or the stream's limit, and
 * what was on its way when that was reached: the loop is then asked to stop, until somebody reads again.  Thread: the loop's.  Cancel: at
 * once; nothing was taken, as a read takes what has come when it goes on, not when it comes. */
#include "stream.h"

#include "io.h"
#include "system.h"

static size_t unread(const struct async__arrivals *a)
{
	return a->end - a->begin;
}

/* ---- What comes ---- */

/* Room for n bytes more; false without memory. */
static bool reserve(struct async__arrivals *a, size_t n)
{
	size_t size = a->size ? a->size : 512;
	char *bytes;

	if (a->size - a->end >= n)
		return true;
	if (a->begin)
		memmove(a->bytes, a->bytes + a->begin, unread(a));
	a->end = unread(a);
	a->begin = 0;
	while (size < a->end + n)
		size *= 2;
	bytes = async__realloc(a->bytes, size);
	if (!bytes)
		return false;
	a->bytes = bytes;
	a->size = size;
	return true;
}

static void end(struct async__arrivals *a, int error)
{
	a->ended = true;
	a->error = error;
}

static void stop(async_stream *s)
{
	struct async__arrivals *a = &s->arrivals;

	if (!a->coming || a->stopping)
		return;
	a->stopping = true;
	a->loop->backend->stop_receiving(a->loop, a->loop->state, s->fd);
}

/* Nobody will read any more when the stream is closing or broken.  Much at once is read with less copying by the next reads themselves. */
static void keep(async_stream *s, const void *bytes, size_t n)
{
	enum { MOST = 16384, LARGE = 4096, FOR_A_WHILE = 4096 };
	struct async__arrivals *a = &s->arrivals;
	bool wanted = !s->closing && !s->error.code && !a->ended;

	if (wanted && reserve(a, n)) {
		memcpy(a->bytes + a->end, bytes, n);
		a->end += n;
	} else if (wanted) {
		end(a, ASYNC_NO_MEMORY);
	}
	if (n >= LARGE || unread(a) >= MOST)
		a->by_calls = FOR_A_WHILE;
	if (!wanted || a->ended || a->by_calls || unread(a) >= s->limit)
		stop(s);
}

static void on_received(async_loop *loop, async_receiver *receiver, const void *bytes, ssize_t n)
{
	struct async__arrivals *a = async__container_of(receiver, struct async__arrivals, receiver);
	struct async__fd_wait *reader = a->reader;

	if (n > 0)
		keep(async__container_of(a, async_stream, arrivals), bytes, (size_t)n);
	else
		a->coming = false;
	if (n == -ENOSYS)
		a->refused = true;
	else if (n <= 0 && n != -ECANCELED && !a->ended)
		end(a, (int)-n);
	a->reader = NULL;
	if (reader && async__linked(&reader->entry.link) && !loop->closing)
		async__end_wait(reader, ASYNC_READABLE);
}

/* ---- Its beginning and end ---- */

/* Who reads for the first time on this loop may do it once only: in ordinary C each read has a loop of its own. */
bool async__stream_reads_ahead(async_stream *s)
{
	struct async__arrivals *a = &s->arrivals;
	async_loop *loop = async__self.loop;
	bool again = a->loop == loop;

	if (a->begin != a->end || a->ended || a->coming)
		return true;
	a->loop = loop;
	if (a->by_calls) {
		a->by_calls--;
		return false;
	}
	if (async__any_left() && async__has_left(s->fd))
		return false; /* of the first read, which was cancelled */
	return again && s->is_connection && !a->refused && loop->backend->receive && async__system == &async__real_system;
}

static bool begin(async_stream *s)
{
	struct async__arrivals *a = &s->arrivals;

	a->receiver.received = on_received;
	a->stopping = false;
	a->coming = !async__receive(a->loop, s->fd, &a->receiver);
	a->refused = !a->coming;
	return a->coming;
}

void async__stream_end_arrivals(async_stream *s)
{
	struct async__arrivals *a = &s->arrivals;

	if (a->coming && a->loop->fork_count == async__forks())
		a->loop->backend->release(a->loop, a->loop->state, s->fd);
	a->coming = false;
}

/* ---- async__stream_arrival ---- */

struct async__stream_arrival__frame {
	async_frame base;
	ssize_t result;
	async_stream *s;
	void *buffer;
	size_t size;
	struct async__io_wait wait;
};

static enum async__abort stop_waiting(async_frame *leaf)
{
	struct async__stream_arrival__frame *f = (struct async__stream_arrival__frame *)leaf;

	f->s->arrivals.reader = NULL;
	return async__io_stop(leaf, &f->wait);
}

static size_t take(struct async__arrivals *a, void *buffer, size_t size)
{
	enum { KEPT = 4096 }; /* of the memory, for the next bytes */
	size_t n = unread(a) < size ? unread(a) : size;

	memcpy(buffer, a->bytes + a->begin, n);
	a->begin += n;
	if (a->begin != a->end)
		return n;
	a->begin = a->end = 0;
	if (a->size > KEPT) {
		async__free(a->bytes);
		a->bytes = NULL;
		a->size = 0;
	}
	return n;
}

static async_status wait_for_more(struct async__stream_arrival__frame *f)
{
	struct async__arrivals *a = &f->s->arrivals;

	f->wait.fd_wait.ready = async__io_ready;
	f->wait.task = async__self.task;
	f->wait.closed = false;
	async__wait_without_event(a->loop, f->s->fd, &f->wait.fd_wait);
	a->reader = &f->wait.fd_wait;
	f->base.state = ASYNC__IO_READY;
	return async__park(&f->base, stop_waiting);
}

static async_status async__stream_arrival__resume(async_frame *frame)
{
	struct async__stream_arrival__frame *f = (struct async__stream_arrival__frame *)frame;
	struct async__arrivals *a = &f->s->arrivals;

	a->reader = NULL;
	if (async__io_begin(frame, &f->wait, "recv") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (f->s->fd < 0)
		return async__io_raise(EBADF, "recv");
	f->result = -1;
	if (a->begin != a->end)
		f->result = (ssize_t)take(a, f->buffer, f->size);
	else if (a->ended && a->error)
		return async__io_raise(a->error, "recv");
	else if (a->ended)
		f->result = 0;
	else if (a->coming || (!a->refused && !a->by_calls && begin(f->s)))
		return wait_for_more(f);
	return ASYNC_DONE;
}

static const async_await_point arrival_awaits[] = {{.line = __LINE__, .awaited = "the peer"}};

const async_function async__stream_arrival__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async__stream_arrival__frame),
	.frame_align = _Alignof(struct async__stream_arrival__frame),
	.result_offset = offsetof(struct async__stream_arrival__frame, result),
	.result_size = sizeof(ssize_t),
	.n_awaits = 1,
	.resume = async__stream_arrival__resume,
	.name = "async__stream_arrival",
	.file = __FILE__,
	.awaits = arrival_awaits,
};

ssize_t async__stream_arrival(async_stream *s, void *buffer, size_t size)
{
	struct async__stream_arrival__frame *f = async__entry(&async__stream_arrival__async, (void (*)(void))async__stream_arrival);
	ssize_t result = -1;

	if (f) {
		f->s = s;
		f->buffer = buffer;
		f->size = size;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}
