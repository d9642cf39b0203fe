/* stream.c: a stream's life, and sending in the background.
 * Completes: the waits of stream.async.c, when output has gone or the stream is closed or broken.  Owns: the descriptor and both
 * buffers.  Thread: that of its loop; of one that is nobody's, any one.  Cancel: nothing here can be. */
#include "stream.h"

#include "io.h"
#include "system.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- Life ---- */

/* Other programs use the standard descriptors too, so they stay as they are: they are asked before each call. */
static bool is_shared(int fd)
{
	return fd >= 0 && fd <= STDERR_FILENO;
}

async_stream *async_stream_new(int fd)
{
	async_stream *s;
	int type, err = is_shared(fd) ? 0 : async_set_nonblocking(fd);
	socklen_t size = sizeof type;

	if (err) {
		errno = err;
		return NULL;
	}
	s = async__alloc_zeroed(sizeof *s);
	if (!s) {
		errno = ENOMEM;
		return NULL;
	}
	async__stream_is_ours(s, NULL);
	s->fd = fd;
	s->owners = 1;
	s->is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
	s->is_connection = s->is_socket && type == SOCK_STREAM;
	s->limit = ASYNC__STREAM_LIMIT;
	s->high = ASYNC__STREAM_HIGH;
	s->low = ASYNC__STREAM_LOW;
	s->partial.data = (char *)"";
	async__list_init(&s->waiters);
	async__note_open(&s->note, "stream", "async_stream_free", &s->fd);
	return s;
}

void async__stream_maybe_free(async_stream *s)
{
	if (s->owners || s->users || s->fd >= 0)
		return;
	async__note_closed(&s->note);
	async__free(s->in.bytes);
	async__free(s->arrivals.kept.bytes);
	async__free(s->out.bytes);
	async__free(s);
}

void async_stream_retain(async_stream *s)
{
	if (async__stream_is_ours(s, "async_stream_retain"))
		s->owners++;
}

int async_stream_fd(const async_stream *s)
{
	return async__home_is_here(&s->home, "async_stream_fd") ? s->fd : -1;
}

/* ---- Output ---- */

static size_t unsent(const async_stream *s)
{
	return async__held(&s->out);
}

size_t async_stream_unsent(const async_stream *s)
{
	return async__home_is_here(&s->home, "async_stream_unsent") ? unsent(s) : 0;
}

/* The flush waits no more. */
static void unbind(async_stream *s)
{
	if (!s->loop)
		return;
	async__unwatch_fd(&s->writable);
	async__list_remove(&s->flush.link);
	async__list_remove(&s->closer.listed);
	s->loop = NULL;
}

/* Those who wait on the descriptor look again. */
static void rouse(async_stream *s)
{
	if (async__self.loop && s->fd >= 0)
		async__close_fd(async__self.loop, s->fd);
}

static void close_now(async_stream *s)
{
	unbind(s);
	s->closing = true;
	s->paused = false;
	s->out.begin = s->out.end = 0;
	async__stream_end_arrivals(s);
	if (s->fd >= 0)
		async_close(s->fd);
	s->fd = -1;
	async__stream_wake(s);
	if (s->server)
		async__server_forget(s);
}

void async__stream_break(async_stream *s, int code, const char *message)
{
	if (!s->error.code)
		s->error = async__make_error(code, "%s", message);
	unbind(s);
	s->paused = false;
	s->out.begin = s->out.end = 0;
	async__stream_wake(s);
	if (s->closing)
		close_now(s);
}

void async_stream_set_exception(async_stream *s, int code, const char *format, ...)
{
	char message[sizeof s->error.message];
	va_list arguments;

	if (!async__stream_is_ours(s, "async_stream_set_exception"))
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format ? format : async_error_text(code), arguments);
	va_end(arguments);
	async__stream_break(s, code ? code : ASYNC_ERROR, message);
	rouse(s);
}

/* write to a pipe that nobody reads would be a signal: it is taken back, unless it waited before. */
static ssize_t write_quietly(int fd, const void *data, size_t size)
{
	sigset_t pipe, before, pending;
	ssize_t n;
	int err;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	n = async__system->write(fd, data, size);
	err = errno;
	if (n < 0 && err == EPIPE && !sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}

/* How many bytes went: 0 when none can go now, -1 when the connection is broken. */
static ssize_t send_some(async_stream *s, const void *data, size_t size)
{
	ssize_t n;

	if (is_shared(s->fd) && async__io_would_block(s->fd, ASYNC_WRITABLE))
		return 0;
	if (is_shared(s->fd) && size > PIPE_BUF)
		size = PIPE_BUF;
	do
		n = s->is_socket ? async__system->send(s->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) : write_quietly(s->fd, data, size);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

/* True: nothing more can be sent for now. */
static bool send_output(async_stream *s)
{
	while (s->out.begin < s->out.end) {
		ssize_t n = send_some(s, s->out.bytes + s->out.begin, s->out.end - s->out.begin);

		if (n < 0) {
			async__stream_break(s, errno, async_error_text(errno));
			return false;
		}
		if (n == 0)
			return true;
		s->out.begin += (size_t)n;
	}
	s->out.begin = s->out.end = 0;
	return false;
}

static void end_output(async_stream *s)
{
	if (s->ending && !s->ended) {
		s->ended = true;
		if (s->is_socket)
			async__system->shutdown(s->fd, SHUT_WR);
		else
			s->closing = true; /* of a pipe's write end nothing else is left */
	}
	if (s->closing)
		close_now(s);
}

static void run_flush(struct async__entry *entry);

static void on_writable(struct async__fd_wait *wait, unsigned events)
{
	async_stream *s = async__container_of(wait, async_stream, writable);

	(void)events; /* also when roused: it is tried again */
	async__soon(s->loop, &s->flush);
}

/* The tasks that waited are gone, with the nodes of all lists. */
static void on_loop_closed(struct async__closer *closer)
{
	async_stream *s = async__container_of(closer, async_stream, closer);

	s->loop = NULL;
	s->users = 0;
	s->flush.link.next = NULL;
	s->writable.entry.link.next = NULL;
	async__list_init(&s->waiters);
	if (s->owners)
		return;
	async__stream_end_arrivals(s);
	close(s->fd); /* nobody is left who could send the rest */
	s->fd = -1;
	if (s->server)
		async__list_remove(&s->client);
	async__stream_maybe_free(s);
}

/* Waits for the descriptor, on the running loop; without one the output stays until the next operation that has one. */
static void await_writable(async_stream *s)
{
	int err;

	if (!async__self.loop)
		return;
	s->writable.ready = on_writable;
	err = async__watch_fd(async__self.loop, s->fd, ASYNC_WRITABLE, &s->writable);
	if (err) {
		async__stream_break(s, err, async_error_text(err));
		return;
	}
	s->flush.run = async__runs(run_flush);
	if (!s->loop) {
		s->loop = async__self.loop;
		s->closer.loop_closed = on_loop_closed;
		async__on_close(s->loop, &s->closer);
	}
}

/* Sends what it can, and sees to the rest. */
static void flush(async_stream *s)
{
	bool full = send_output(s);

	if (s->paused && unsent(s) <= s->low) {
		s->paused = false;
		async__stream_wake(s);
	}
	if (s->fd < 0)
		return;
	if (full) {
		await_writable(s);
		return;
	}
	unbind(s);
	end_output(s);
}

static void run_flush(struct async__entry *entry)
{
	async_stream *s = async__container_of(entry, async_stream, flush);

	flush(s);
	async__stream_maybe_free(s);
}

void async__stream_flush_slowly(async_stream *s)
{
	if (s->fd >= 0)
		flush(s);
}

static bool keep_for_later(async_stream *s, const void *data, size_t size)
{
	if (!async__buffer_reserve(&s->out, size, 4096))
		return false;
	memcpy(s->out.bytes + s->out.end, data, size);
	s->out.end += size;
	if (unsent(s) > s->high)
		s->paused = true;
	return true;
}

int async_stream_write_nowait(async_stream *s, const void *data, size_t size)
{
	ssize_t n = 0;

	if (!async__stream_is_ours(s, "async_stream_write_nowait"))
		return ASYNC_WRONG_THREAD;
	if (s->error.code)
		return s->error.code;
	if (s->closing || s->ending)
		return ASYNC_CLOSED;
	if (!unsent(s) && size) {
		n = send_some(s, data, size);
		if (n < 0) {
			async__stream_break(s, errno, async_error_text(errno));
			return s->error.code;
		}
	}
	if ((size_t)n == size)
		return 0;
	if (!keep_for_later(s, (const char *)data + n, size - (size_t)n)) {
		/* A part may have gone already: what follows it would be garbage. */
		if (n > 0)
			async__stream_break(s, ASYNC_NO_MEMORY, "no memory for what is unsent");
		return ASYNC_NO_MEMORY;
	}
	if (!s->loop)
		flush(s);
	return s->error.code;
}

int async_stream_printf_nowait(async_stream *s, const char *format, ...)
{
	char small[512], *text = small;
	va_list arguments, again;
	int n, err;

	va_start(arguments, format);
	va_copy(again, arguments);
	n = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (n >= (int)sizeof small) {
		text = async__alloc((size_t)n + 1);
		if (text)
			vsnprintf(text, (size_t)n + 1, format, again);
	}
	va_end(again);
	if (n < 0)
		return errno;
	if (!text)
		return ASYNC_NO_MEMORY;
	err = async_stream_write_nowait(s, text, (size_t)n);
	if (text != small)
		async__free(text);
	return err;
}

void async_stream_set_write_limits(async_stream *s, size_t high, size_t low)
{
	if (!async__stream_is_ours(s, "async_stream_set_write_limits"))
		return;
	s->high = high;
	s->low = low < high ? low : high;
	s->paused = unsent(s) > s->low && (s->paused || unsent(s) > s->high);
	if (!s->paused)
		async__stream_wake(s);
}

int async_stream_write_eof(async_stream *s)
{
	if (!async__stream_is_ours(s, "async_stream_write_eof"))
		return ASYNC_WRONG_THREAD;
	if (s->error.code)
		return s->error.code;
	if (s->closing)
		return ASYNC_CLOSED;
	s->ending = true;
	if (!unsent(s))
		end_output(s);
	return 0;
}

/* ---- Closing ---- */

void async_stream_close(async_stream *s)
{
	if (s->closing || !async__stream_is_ours(s, "async_stream_close"))
		return;
	s->closing = true;
	if (unsent(s)) {
		rouse(s);
		if (!s->loop)
			flush(s);
	} else {
		close_now(s);
	}
}

void async_stream_abort(async_stream *s)
{
	if (async__stream_is_ours(s, "async_stream_abort"))
		close_now(s);
}

bool async_stream_is_closing(const async_stream *s)
{
	return async__home_is_here(&s->home, "async_stream_is_closing") && (s->closing || s->error.code);
}

/* Ordinary C gives it up: nobody will send the rest in the background. */
static void send_all(async_stream *s)
{
	while (s->fd >= 0 && unsent(s)) {
		poll(&(struct pollfd){.fd = s->fd, .events = POLLOUT}, 1, -1);
		flush(s);
	}
}

void async_stream_free(async_stream *s)
{
	if (!s || !async__stream_is_ours(s, "async_stream_free") || --s->owners)
		return;
	async_stream_close(s);
	if (!s->loop)
		send_all(s);
	async__stream_wake(s);
	async__stream_maybe_free(s);
}
