/* httpd_hunt.c: docs/examples/httpd.c and clients of all kinds.  What comes back is the file that was asked for, in the order of the requests,
 * or the beginning of it if the connection broke; what is not broken on purpose does not break. */
#include "hunt.h"

#include <errno.h>

enum { CLIENTS = 8, REQUESTS = 6, FILES = 4, BIGGEST = 150000, PORT = 8080 };
const unsigned long most_steps = 1000000;

/* The server's main under another name. */
async int httpd_main(int argc, char **argv);

static const int sizes[FILES] = {0, 1, 5000, BIGGEST};
static char folder[] = "files.XXXXXX"; /* where hunt.py runs us, which removes them */

static char byte_of(int file, int at)
{
	return (char)(file * 31 + at * 7 + at / 253);
}

static void make_files(void)
{
	char path[64];

	PROMISE(mkdtemp(folder));
	for (int file = 0; file < FILES; file++) {
		snprintf(path, sizeof path, "%s/%d", folder, file);
		FILE *out = fopen(path, "w");

		for (int i = 0; i < sizes[file]; i++)
			putc(byte_of(file, i), out);
		PROMISE(fclose(out) == 0);
	}
}

struct client {
	async_stream *stream;
	int files[REQUESTS]; /* what it asks for, */
	int asked, answered;
	bool is_patient;     /* it waits for each answer, */
	bool is_slow;        /* and takes its time to read it */
};

/* Asks for all of them, in pieces of any size. */
async void ask(struct client *c)
{
	char text[128];

	while (c->asked < REQUESTS) {
		int n = snprintf(text, sizeof text, "GET /%d HTTP/1.1\r\nHost: there\r\n\r\n", c->files[c->asked++]), sent = 0;

		while (sent < n) {
			int piece = 1 + (int)draw((uint64_t)(n - sent));

			await async_stream_write(c->stream, text + sent, (size_t)piece);
			sent += piece;
			if (draw(4) == 0)
				await async_sleep(0.001 * (double)draw(100));
		}
		while (c->is_patient && c->answered < c->asked)
			await async_sleep(0.01);
	}
}

static async long read_head(struct client *c)
{
	long length = -1;
	async_bytes line = await async_stream_readline(c->stream);

	PROMISE(may_break() || line.size > 0);
	if (line.size == 0 || line.data[line.size - 1] != '\n')
		async_raise(ECONNRESET, "no answer");
	if (mood == CUT_OFF && strncmp(line.data, "HTTP/1.1 408", 12) == 0)
		async_raise(ETIMEDOUT, "the server has waited too long");
	PROMISE(strcmp(line.data, "HTTP/1.1 200 OK\r\n") == 0);
	do {
		line = await async_stream_readline(c->stream);
		sscanf(line.data, "Content-Length: %ld", &length);
	} while (line.size > 2);
	return length;
}

async void read_answer(struct client *c)
{
	int file = c->files[c->answered];
	long length = await read_head(c), at = 0;
	char bytes[4096];

	PROMISE(length == sizes[file] || (may_break() && async_stream_at_eof(c->stream)));
	while (at < length) {
		size_t n = await async_stream_read(c->stream, bytes, (size_t)(length - at < 4096 ? length - at : 4096));

		PROMISE(n > 0 || may_break());
		if (n == 0)
			async_raise(ECONNRESET, "half an answer");
		for (size_t i = 0; i < n; i++, at++)
			PROMISE(bytes[i] == byte_of(file, (int)at));
		if (c->is_slow && draw(10) == 0)
			await async_sleep(0.01);
	}
	c->answered++;
}

async void visit(struct client *c)
{
	int wanted = draw(4) ? REQUESTS : (int)draw(REQUESTS); /* or it goes away in the middle */

	c->stream = await async_open_connection("127.0.0.1", PORT);
	async_task(void) mouth = async_create_task(ask(c));
	async_try {
		while (c->answered < wanted)
			await read_answer(c);
		if (wanted == REQUESTS)
			await *mouth;
		if (wanted == REQUESTS && draw(2)) {
			async_stream_write_eof(c->stream);
			async_bytes rest = await async_stream_read_all(c->stream);

			PROMISE(rest.size == 0);
		}
	} async_finally {
		async_stream_free(c->stream);
		async_cancel(mouth);
		await async_catch(*mouth);
	}
}

async void try_to_visit(struct client *c)
{
	async_error err = await async_catch(async_wait_for(visit(c), 10000)); /* a peer that vanishes may never be heard of again */

	PROMISE(may_break() || err.code == 0);
}

async void story(async_loop *loop)
{
	char *arguments[] = {"httpd", "-p", "8080", "-d", folder, NULL};
	struct client clients[CLIENTS];
	async_task(void) tasks[CLIENTS];
	async_task(int) server;

	make_files();
	server = async_create_task(httpd_main(5, arguments));
	await async_sleep(0.1);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.is_patient = draw(2), .is_slow = draw(2)};
		for (int k = 0; k < REQUESTS; k++)
			clients[i].files[k] = (int)draw(FILES);
		tasks[i] = async_create_task(try_to_visit(&clients[i]));
	}
	await see_through(loop, tasks, CLIENTS, server);
}
