/* stream_input.c: a stream's input buffer.
 * Completes, waits for and cancels nothing.  Owns: the buffer; what a read gave away of it stays there until the next read. */
#include "stream.h"

bool async__stream_reserve(async_stream *s, size_t more)
{
	size_t have = s->in_end - s->in_begin, size = s->in_size ? s->in_size : 4096;
	char *in;

	if (s->in_size - s->in_end >= more && s->in)
		return true;
	if (s->in_begin) {
		memmove(s->in, s->in + s->in_begin, have);
		s->in_begin = 0;
		s->in_end = have;
	}
	if (more > PTRDIFF_MAX / 2 - have)
		return false;
	while (size < have + more)
		size *= 2;
	if (size == s->in_size)
		return true;
	in = async__realloc(s->in, size + 1);
	if (!in)
		return false;
	s->in = in;
	s->in_size = size;
	return true;
}

async_bytes async__stream_take(async_stream *s, size_t n)
{
	if (!s->in)
		return (async_bytes){(char *)"", 0};
	async_bytes bytes = {s->in + s->in_begin, n};

	s->in_begin += n;
	s->zero = bytes.data + n;
	s->under_zero = *s->zero;
	*s->zero = '\0';
	return bytes;
}

async_bytes async_stream_partial(const async_stream *s)
{
	return async__home_is_here(&s->home, "async_stream_partial") ? s->partial : (async_bytes){(char *)"", 0};
}

bool async_stream_at_eof(const async_stream *s)
{
	return async__home_is_here(&s->home, "async_stream_at_eof") && s->in_begin == s->in_end && (s->eof || s->closing);
}

void async_stream_set_limit(async_stream *s, size_t limit)
{
	if (async__stream_is_ours(s, "async_stream_set_limit"))
		s->limit = limit;
}
