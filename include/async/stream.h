/* async/stream.h: connections with buffers on both sides, and servers (asyncio's streams).
 *
 *	async_stream *s = await async_open_connection("example.org", 80);
 *	await async_stream_write(s, "GET / HTTP/1.0\r\n\r\n", 18);
 *	for (async_bytes line; (line = await async_stream_readline(s)).size > 0;)
 *		fputs(line.data, stdout);
 *	async_stream_free(s);
 *
 * A stream belongs to who opened it, until async_stream_free, and to the loop on which it was opened, or first used, until that is
 * closed: use from another one's thread is refused (ASYNC_WRONG_THREAD: answered, raised, or reported to the exception handler), and
 * changes nothing.  A thread that is to serve a connection is given its descriptor.  Errors of the connection are raised at the await, and stay: every later one raises
 * them again. */
#ifndef ASYNC_STREAM_H
#define ASYNC_STREAM_H

#include <async/base.h>
#include <async/error.h>

ASYNC_BEGIN_DECLS

/* StreamReader and StreamWriter in one. */
typedef struct async_stream async_stream;
/* Bytes inside of a stream's buffer: they may be changed in place, and last until the next read of that stream, or its end.  A
 * zero follows them, which size does not count.  data is never NULL. */
typedef struct async_bytes {
	char *data;
	size_t size;
} async_bytes;

/* ---- Opening ---- */

/* (asyncio.open_connection, open_unix_connection)  Raise as async_connect does. */
_Async async_stream *async_open_connection(const char *host, int port);
_Async async_stream *async_open_unix_connection(const char *path);
/* A stream over a socket, pipe or terminal.  It takes over fd, makes it non-blocking (not 0 to 2, which other programs share), and
 * closes it in the end.  NULL with errno set; fd is then still the caller's.  Does not wait. */
async_stream *async_stream_new(int fd);

/* ---- Reading: one task at a time; a second one meanwhile is ASYNC_INVALID_STATE ----
 * A read that was cancelled has taken nothing: what had come by then is there for the next one. */

/* At least one byte and at most size, copied into the caller's buffer; 0 at the end.  (StreamReader.read) */
_Async size_t async_stream_read(async_stream *s, void *buffer, size_t size);
/* All there is until the end, however much.  (StreamReader.read(-1)) */
_Async async_bytes async_stream_read_all(async_stream *s);
/* A line with its '\n'; the last one may have none; size 0 at the end.  One longer than the limit is thrown away, as far as it has
 * come, and is ASYNC_LIMIT. */
_Async async_bytes async_stream_readline(async_stream *s);
/* Up to and with the separator.  The end before that is ASYNC_END_OF_FILE; async_stream_partial then has what there was.  More
 * than the limit is ASYNC_LIMIT and takes nothing; async_stream_partial then has the bytes known to come before the separator. */
_Async async_bytes async_stream_readuntil(async_stream *s, const void *separator, size_t size);
/* Fills the caller's buffer, or is ASYNC_END_OF_FILE and async_stream_partial has what there was. */
_Async void async_stream_readexactly(async_stream *s, void *buffer, size_t size);
/* What the last read that failed is about (IncompleteReadError.partial, LimitOverrunError.consumed). */
async_bytes async_stream_partial(const async_stream *s);
/* The end has come, and nothing is left to read. */
bool async_stream_at_eof(const async_stream *s);
/* Bytes up to a separator, 65536 if nothing is said.  (Where the loop reads ahead, io_uring, it stops at as many, or at 16384.) */
void async_stream_set_limit(async_stream *s, size_t limit);
/* Breaks the connection: its tasks that wait, and all later ones, get this error.  (StreamReader.set_exception) */
void async_stream_set_exception(async_stream *s, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- Writing: any number of tasks ----
 * What is written is sent at once as far as the peer takes it; the rest is copied, and sent when it can be.  So the caller's bytes
 * are its own again at once, and a cancelled write has been written. */

/* Writes all of it, then waits as async_stream_drain does: a slow reader makes slow writers. */
_Async void async_stream_write(async_stream *s, const void *data, size_t size);
/* Writes without waiting; 0, ASYNC_NO_MEMORY, or the error that the next drain will raise.  (StreamWriter.write) */
int async_stream_write_nowait(async_stream *s, const void *data, size_t size);
int async_stream_printf_nowait(async_stream *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Waits while more than 64 KiB are unsent, until no more than 16 KiB are. */
_Async void async_stream_drain(async_stream *s);
/* When more than high bytes are unsent writers wait, until no more than low are (WriteTransport.set_write_buffer_limits). */
void async_stream_set_write_limits(async_stream *s, size_t high, size_t low);
/* Bytes not sent yet. */
size_t async_stream_unsent(const async_stream *s);
/* Nothing more will be written: the peer reads the end after what has been.  Reading goes on.  0, or why not. */
int async_stream_write_eof(async_stream *s);

/* ---- Closing ---- */

/* Closes it when all is sent.  Reading is over at once; a later write is ASYNC_CLOSED.  Any number of times. */
void async_stream_close(async_stream *s);
/* Closes it now, what is unsent is lost. */
void async_stream_abort(async_stream *s);
bool async_stream_is_closing(const async_stream *s);
/* Until it is closed; raises the error that broke it. */
_Async void async_stream_wait_closed(async_stream *s);
/* Gives it up: closes it, and frees it once that is done and nobody waits for it any more.  Where no loop runs, this blocks until
 * all is sent.  NULL is fine. */
void async_stream_free(async_stream *s);
/* One more owner, who will call async_stream_free. */
void async_stream_retain(async_stream *s);
/* The descriptor, for getpeername and its like, not to be read; -1 when closed. */
int async_stream_fd(const async_stream *s);

/* ---- Servers ---- */

typedef struct async_server async_server;
/* An async function, or an ordinary one, that serves a client as a task of its own.  The stream is closed and freed when it ends;
 * an error of its goes to the exception handler. */
typedef void async_client_connected(async_stream *client, void *arg);

/* Listens on every address of the host (NULL: all there are; port 0: one the system chooses) and serves who connects.  The server
 * is the caller's until async_server_free, or the end of the loop.  When descriptors run out, the exception handler hears of it and
 * accepting pauses for a second.  (asyncio.start_server, start_unix_server) */
_Async async_server *async_start_server(async_client_connected *serve, void *arg, const char *host, int port);
_Async async_server *async_start_unix_server(async_client_connected *serve, void *arg, const char *path);
/* The same on a socket that listens already; takes it over.  NULL with errno set. */
async_server *async_start_server_on(async_client_connected *serve, void *arg, int fd);
/* The port of its first socket, or -1. */
int async_server_port(const async_server *server);
/* Stops listening; connections go on.  Any number of times. */
void async_server_close(async_server *server);
/* async_stream_close, or async_stream_abort, for every connection. */
void async_server_close_clients(async_server *server);
void async_server_abort_clients(async_server *server);
/* Until it is closed and has no connection left.  As in asyncio, functions that served them may have something left to do, or wait for
 * something else: what they use has to outlive them, not just this, for instance by being freed when they have counted themselves out. */
_Async void async_server_wait_closed(async_server *server);
/* Until it is closed; closes it when cancelled, and then waits for its connections.  (Server.serve_forever) */
_Async void async_serve_forever(async_server *server);
/* Closes it; the memory goes with the last connection.  NULL is fine. */
void async_server_free(async_server *server);

ASYNC_END_DECLS

#endif
