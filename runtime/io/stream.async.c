/* stream.async.c: what of a stream waits: reading, and writing with back-pressure.
 * Completes: each read when it has what it wants, or never will.  Owns: nothing; a stream is used here only as long as
 * it is not given up (owners).  Thread: the loop's.  Cancel: at once, and what had come stays in the buffer. */
#include "io/stream.h"

#include <errno.h>
#include <unistd.h>

/* ---- Reading ---- */

/* An end that we made ourselves is the end of the input; an exception that was set is raised by the next look. */
static bool is_end(const async_stream *s, int code)
{
	return code == EBADF && (s->closing || s->error.code || !s->owners);
}

/* The one place where input comes in: how much, 0 at the end. */
static async size_t receive(async_stream *s, void *buffer, size_t size)
{
	ssize_t n = -1;
	bool freed = false;

	async__stream_flush_here(s);
	if (s->error.code)
		async_raise(s->error.code, "%s", s->error.message);
	if (s->reading)
		async_raise(ASYNC_INVALID_STATE, "another task waits for this stream's input");
	if (s->eof || s->closing)
		return 0;
	s->reading = true;
	s->users++;
	async_try {
		if (async__stream_reads_ahead(s))
			n = await async__stream_arrival(s, buffer, size);
		if (n < 0)
			n = s->is_socket ? await async_recv(s->fd, buffer, size, 0) : await async_read(s->fd, buffer, size);
		s->eof = n == 0;
	} async_except (err) {
		if (err.code > 0 && !is_end(s, err.code))
			async__stream_break(s, err.code, err.message);
		if (!is_end(s, err.code))
			async_reraise();
		n = 0;
	} async_finally {
		s->reading = false;
		s->users--;
		freed = !s->owners;
		async__stream_maybe_free(s);
	}
	if (freed)
		async_raise(ASYNC_CLOSED, "the stream was freed");
	if (s->error.code)
		async_raise(s->error.code, "%s", s->error.message);
	return (size_t)n;
}

/* Adds to the buffer: how much, 0 at the end. */
static async size_t fill(async_stream *s, size_t at_least)
{
	size_t n;

	if (!s->reading && !async__stream_reserve(s, at_least))
		async_raise(ASYNC_NO_MEMORY, "no memory for the stream's input");
	n = await receive(s, s->in.bytes + s->in.end, s->in.size - s->in.end);
	s->in.end += n;
	return n;
}

static size_t buffered(const async_stream *s)
{
	return async__held(&s->in);
}

static size_t copy_out(async_stream *s, void *buffer, size_t size)
{
	memcpy(buffer, s->in.bytes + s->in.begin, size);
	s->in.begin += size;
	return size;
}

async size_t async_stream_read(async_stream *s, void *buffer, size_t size)
{
	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	async__stream_uncover(s);
	if (size == 0)
		return 0;
	if (buffered(s) && !s->error.code)
		return copy_out(s, buffer, size < buffered(s) ? size : buffered(s));
	return await receive(s, buffer, size);
}

async async_bytes async_stream_read_all(async_stream *s)
{
	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	async__stream_uncover(s);
	while (await fill(s, 4096) > 0)
		;
	return async__stream_take(s, buffered(s));
}

async void async_stream_readexactly(async_stream *s, void *buffer, size_t size)
{
	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	async__stream_uncover(s);
	if (s->error.code)
		async_raise(s->error.code, "%s", s->error.message);
	while (buffered(s) < size) {
		size_t wanted = size - buffered(s);

		if (await fill(s, wanted < 65536 ? wanted : 65536) == 0) {
			s->partial = async__stream_take(s, buffered(s));
			async_raise(ASYNC_END_OF_FILE, "%zu bytes read of %zu expected", s->partial.size, size);
		}
	}
	if (size)
		copy_out(s, buffer, size);
}

static async_bytes in_front(const async_stream *s, size_t n)
{
	return (async_bytes){s->in.bytes ? s->in.bytes + s->in.begin : (char *)"", n};
}

/* Of a short separator the first byte is looked for: most input has few of it, and at worst each takes a comparison of a few bytes. */
static const char *find(const char *bytes, size_t n, const char *separator, size_t size)
{
	enum { SHORT = 8 };
	const char *end = bytes + n;

	if (size > SHORT)
		return memmem(bytes, n, separator, size);
	for (; (size_t)(end - bytes) >= size; bytes++) {
		bytes = memchr(bytes, *separator, (size_t)(end - bytes) - size + 1);
		if (!bytes || !memcmp(bytes, separator, size))
			return bytes;
	}
	return NULL;
}

async async_bytes async_stream_readuntil(async_stream *s, const void *separator, size_t size)
{
	size_t seen = 0; /* bytes in which no separator begins */

	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	async__stream_uncover(s);
	if (size == 0)
		async_raise(EINVAL, "a separator has at least one byte");
	if (s->error.code)
		async_raise(s->error.code, "%s", s->error.message);
	for (;;) {
		const char *begin = s->in.bytes ? s->in.bytes + s->in.begin : "";
		const char *found = buffered(s) < size ? NULL : find(begin + seen, buffered(s) - seen, separator, size);

		if (found && (size_t)(found - begin) <= s->limit)
			return async__stream_take(s, (size_t)(found - begin) + size);
		if (found) {
			s->partial = in_front(s, (size_t)(found - begin));
			async_raise(ASYNC_LIMIT, "separator is found, but chunk is longer than limit");
		}
		seen = buffered(s) < size ? 0 : buffered(s) + 1 - size;
		if (seen > s->limit) {
			s->partial = in_front(s, seen);
			async_raise(ASYNC_LIMIT, "separator is not found, and chunk exceeds the limit");
		}
		if (await fill(s, 1) == 0) {
			s->partial = async__stream_take(s, buffered(s));
			async_raise(ASYNC_END_OF_FILE, "%zu bytes read, and no separator", s->partial.size);
		}
	}
}

/* Of a line that is too long: all of it, if its end has come, else what there is. */
static void drop_line(async_stream *s)
{
	if (s->in.bytes[s->in.begin + s->partial.size] == '\n' && s->partial.size < buffered(s))
		s->in.begin += s->partial.size + 1;
	else
		s->in.begin = s->in.end;
	s->partial.size = 0;
}

async async_bytes async_stream_readline(async_stream *s)
{
	async_bytes line;

	async_try {
		line = await async_stream_readuntil(s, "\n", 1);
	} async_except (err) {
		if (err.code != ASYNC_LIMIT && err.code != ASYNC_END_OF_FILE)
			async_reraise(); /* cancelled: the stream may be gone */
		bool broken = s->error.code; /* by an error of that code */

		if (err.code == ASYNC_LIMIT && !broken)
			drop_line(s);
		if (err.code == ASYNC_LIMIT || broken)
			async_reraise();
		line = s->partial;
	}
	return line;
}

/* ---- Writing ---- */

async void async_stream_drain(async_stream *s)
{
	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	async__stream_flush_here(s);
	if (s->closing && !s->error.code)
		async_raise(ASYNC_CLOSED, "the stream is closed");
	while (s->paused && !s->error.code)
		await async__stream_wait(s);
	if (s->error.code)
		async_raise(s->error.code, "%s", s->error.message);
}

async void async_stream_write(async_stream *s, const void *data, size_t size)
{
	int err;

	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	err = async_stream_write_nowait(s, data, size);
	if (err)
		async_raise(err, "%s", s->error.code ? s->error.message : async_error_text(err));
	if (s->paused)
		await async_stream_drain(s);
}

async void async_stream_wait_closed(async_stream *s)
{
	if (!async__stream_is_ours(s, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	async__stream_flush_here(s);
	while (s->fd >= 0 && !s->error.code)
		await async__stream_wait(s);
	if (s->error.code)
		async_raise(s->error.code, "%s", s->error.message);
}

/* ---- Opening ---- */

static async async_stream *over(int fd)
{
	async_stream *s = async_stream_new(fd);
	int err = errno;

	if (!s) {
		async_close(fd);
		async_raise(err == ENOMEM ? ASYNC_NO_MEMORY : err, "no stream: %s", async_error_text(err));
	}
	return s;
}

async async_stream *async_open_connection(const char *host, int port)
{
	int fd = await async_connect(host, port);

	return await over(fd);
}

async async_stream *async_open_unix_connection(const char *path)
{
	int fd = await async_connect_unix(path);

	return await over(fd);
}
