/* stream_input.c: a stream's buffers, and what is read from that of its input.
 * Completes, waits for and cancels nothing.  Owns: the buffer; what a read gave away of it stays there until the next read. */
#include "stream.h"

bool async__buffer_reserve(struct async__buffer *buffer, size_t more, size_t least)
{
	size_t have = async__held(buffer), size = buffer->size ? buffer->size : least;
	char *bytes;

	if (buffer->bytes && buffer->size - buffer->end >= more)
		return true;
	if (buffer->begin) {
		memmove(buffer->bytes, buffer->bytes + buffer->begin, have);
		buffer->begin = 0;
		buffer->end = have;
	}
	if (more > PTRDIFF_MAX / 2 - have)
		return false;
	while (size < have + more)
		size *= 2;
	if (size == buffer->size)
		return true;
	bytes = async__realloc(buffer->bytes, size + 1);
	if (!bytes)
		return false;
	buffer->bytes = bytes;
	buffer->size = size;
	return true;
}

bool async__stream_reserve(async_stream *s, size_t more)
{
	return async__buffer_reserve(&s->in, more, 4096);
}

async_bytes async__stream_take(async_stream *s, size_t n)
{
	if (!s->in.bytes)
		return (async_bytes){(char *)"", 0};
	async_bytes bytes = {s->in.bytes + s->in.begin, n};

	s->in.begin += n;
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
	return async__home_is_here(&s->home, "async_stream_at_eof") && !async__held(&s->in) && (s->eof || s->closing);
}

void async_stream_set_limit(async_stream *s, size_t limit)
{
	if (async__stream_is_ours(s, "async_stream_set_limit"))
		s->limit = limit;
}
