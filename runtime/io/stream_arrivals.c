/* stream_arrivals.c: input that the loop brings a stream as it comes (async_loop_backend.receive), whether somebody reads or not.
 * Completes: a read that waits, from the back end's wait.  Owns: what has come and no read has taken, 16 KiB of it, or the stream's limit, and
 * what was on its way when that was reached: the loop is then asked to stop, until somebody reads again.  Thread: the loop's.  Cancel: at
 * once; nothing was taken, as a read takes what has come when it goes on, not when it comes. */
#include "stream.h"

#include "io.h"
#include "system.h"

static size_t unread(const struct async__arrivals *a)
{
	return async__held(&a->kept);
}

/* ---- What comes ---- */

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

	if (wanted && async__buffer_reserve(&a->kept, n, 512)) {
		memcpy(a->kept.bytes + a->kept.end, bytes, n);
		a->kept.end += n;
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

	if (unread(a) || a->ended || a->coming)
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
	union { /* the result is stored last */
		ssize_t result;
		struct {
			async_stream *s;
			void *buffer;
			size_t size;
		};
	};
	struct async__io_wait wait;
};
ASYNC__RESULT_SHARES(struct async__stream_arrival__frame, s);

static enum async__abort stop_waiting(async_frame *leaf)
{
	struct async__stream_arrival__frame *f = (struct async__stream_arrival__frame *)leaf;

	f->s->arrivals.reader = NULL;
	return async__io_stop(&f->wait);
}

static size_t take(struct async__arrivals *a, void *buffer, size_t size)
{
	enum { KEPT = 4096 }; /* of the memory, for the next bytes */
	size_t n = unread(a) < size ? unread(a) : size;

	memcpy(buffer, a->kept.bytes + a->kept.begin, n);
	a->kept.begin += n;
	if (unread(a))
		return n;
	a->kept.begin = a->kept.end = 0;
	if (a->kept.size > KEPT) {
		async__free(a->kept.bytes);
		a->kept.bytes = NULL;
		a->kept.size = 0;
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
	async__io_stand(&f->wait, ASYNC__IO_READY);
	return async__park(&f->base, f->wait.at, stop_waiting);
}

static async_status async__stream_arrival__resume(async_frame *frame, async_status status, const async_point *at)
{
	struct async__stream_arrival__frame *f = (struct async__stream_arrival__frame *)frame;
	struct async__arrivals *a = &f->s->arrivals;

	f->wait.at = at;
	a->reader = NULL;
	if (async__io_begin(&f->wait, status, "recv") != ASYNC_DONE)
		return ASYNC_FAILED;
	if (f->s->fd < 0)
		return async__io_raise(EBADF, "recv");
	if (unread(a))
		f->result = (ssize_t)take(a, f->buffer, f->size);
	else if (a->ended && a->error)
		return async__io_raise(a->error, "recv");
	else if (a->ended)
		f->result = 0;
	else if (a->coming || (!a->refused && !a->by_calls && begin(f->s)))
		return wait_for_more(f);
	else
		f->result = -1;
	return ASYNC_DONE;
}

const async_function async__stream_arrival__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async__stream_arrival__frame),
	.frame_align = _Alignof(struct async__stream_arrival__frame),
	.result_offset = offsetof(struct async__stream_arrival__frame, result),
	.result_size = sizeof(ssize_t),
	.name = "async__stream_arrival",
	.file = __FILE__,
	.points = (const async_point[])ASYNC__IO_POINTS(async__stream_arrival, "the peer"),
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
