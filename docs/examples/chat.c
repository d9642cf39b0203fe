/* chat: a chat server with rooms.  Talk to it with `nc 127.0.0.1 PORT`.
 *
 *	chat [-p port]
 *
 * A client's task reads its lines.  What the others say to it goes into a buffer, which a second task sends for as long
 * as there is something to send: nobody ever waits for a slow reader, and who is too slow is dropped. */
#include <async.h>
#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#define LINE 1024	  /* bytes a line may have */
#define BACKLOG (1 << 16) /* bytes a client may be behind */
#define PATIENCE 5.0	  /* seconds for which it may take none of them */
#define NAME 24		  /* bytes of a name, with its end */

struct client {
	LIST_ENTRY(client) link;
	async_task(void) task;	 /* serve */
	async_task(void) sender; /* send_output; stale while there is nothing to send */
	int fd;
	char name[NAME], room[NAME];
	size_t n_input, n_output;
	char input[LINE], output[BACKLOG];
};

static LIST_HEAD(, client) clients;
static async_task(void) acceptor;
static bool stopping;

/* ---- Output ---- */

async void send_output(struct client *c)
{
	async_try {
		while (c->n_output > 0) {
			ssize_t n =
			    await async_wait_for(async_send(c->fd, c->output, c->n_output, MSG_NOSIGNAL), PATIENCE);
			c->n_output -= (size_t)n;
			memmove(c->output, c->output + n, c->n_output);
		}
	} async_except_error(err) {
		async_cancel(c->task);
	}
}

static void tell(struct client *c, const char *format, ...)
{
	char text[LINE + 2 * NAME + 64];
	va_list arguments;
	va_start(arguments, format);
	size_t n = (size_t)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (n > sizeof c->output - c->n_output) {
		async_cancel(c->task);
		return;
	}
	memcpy(c->output + c->n_output, text, n);
	c->n_output += n;
	if (c->n_output > n)
		return;
	c->sender = async_create_task(send_output(c));
	async_detach(c->sender);
}

/* Tells everybody in the client's room, but not the client. */
static void tell_room(const struct client *from, const char *before, const char *text)
{
	struct client *c;
	LIST_FOREACH (c, &clients, link)
		if (c != from && strcmp(c->room, from->room) == 0)
			tell(c, "%s%s%s\n", before, from->name, text);
}

/* ---- Input ---- */

static struct client *find(const char *name)
{
	struct client *c;
	LIST_FOREACH (c, &clients, link)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static void move(struct client *c, const char *room)
{
	tell_room(c, "* ", " leaves");
	snprintf(c->room, sizeof c->room, "%s", room);
	tell_room(c, "* ", " enters");
	tell(c, "* you are in %s\n", c->room);
}

static void rename_client(struct client *c, const char *name)
{
	char text[NAME + 16];
	if (strlen(name) >= NAME || find(name)) {
		tell(c, "* that name is taken or too long\n");
		return;
	}
	snprintf(text, sizeof text, " is now %s", name);
	tell_room(c, "* ", text);
	snprintf(c->name, sizeof c->name, "%s", name);
	tell(c, "* you are %s\n", name);
}

static void list_room(struct client *c)
{
	struct client *other;
	LIST_FOREACH (other, &clients, link)
		if (strcmp(other->room, c->room) == 0)
			tell(c, "* %s\n", other->name);
}

/* False: the client wants to go. */
static bool obey(struct client *c, char *line)
{
	char text[LINE + 2], word[NAME];
	for (char *p = line; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' '; /* terminals obey control characters */
	if (strcmp(line, "/quit") == 0)
		return false;
	if (sscanf(line, "/name %23s", word) == 1) {
		rename_client(c, word);
	} else if (sscanf(line, "/join %23s", word) == 1) {
		move(c, word);
	} else if (strcmp(line, "/who") == 0) {
		list_room(c);
	} else if (line[0] == '/') {
		tell(c, "* /name NAME, /join ROOM, /who, /quit\n");
	} else if (line[0]) {
		snprintf(text, sizeof text, ": %s", line);
		tell_room(c, "", text);
	}
	return true;
}

/* Does what the complete lines of the input say. */
static bool obey_lines(struct client *c)
{
	for (char *end; (end = memchr(c->input, '\n', c->n_input));) {
		*end = 0;
		if (end > c->input && end[-1] == '\r')
			end[-1] = 0;
		if (!obey(c, c->input))
			return false;
		size_t n = (size_t)(end + 1 - c->input);
		c->n_input -= n;
		memmove(c->input, end + 1, c->n_input);
	}
	return c->n_input < sizeof c->input;
}

/* ---- Clients and the server ---- */

async void serve(int fd)
{
	static int n_guests;
	struct client c = {.fd = fd, .task = async_current_task(), .room = "lobby"};
	snprintf(c.name, sizeof c.name, "guest%d", ++n_guests);
	LIST_INSERT_HEAD(&clients, &c, link);
	tell(&c, "* you are %s in %s; type /help\n", c.name, c.room);
	tell_room(&c, "* ", " enters");
	async_try {
		ssize_t n = 1;
		while (n > 0 && obey_lines(&c)) {
			n = await async_recv(fd, c.input + c.n_input, sizeof c.input - c.n_input, 0);
			c.n_input += (size_t)n;
		}
	} async_except(err) {
		if (err.code == ASYNC_CANCELLED && stopping)
			tell(&c, "* the server stops\n");
	} async_finally {
		tell_room(&c, "* ", " leaves");
		await async_catch(async_wait_for(*c.sender, 1));
		LIST_REMOVE(&c, link);
		async_close(fd);
	}
}

async void accept_clients(int listener)
{
	for (;;) {
		int fd;
		async_error err = await async_catch(fd = async_accept(listener, NULL, NULL));
		if (err.code == ASYNC_CANCELLED)
			return;
		if (err.code) {
			await async_sleep(0.1);
			continue;
		}
		async_task(void) task = async_create_task_eager(serve(fd));
		task ? async_detach(task) : (void)async_close(fd);
	}
}

static void stop(void *arg)
{
	(void)arg;
	struct client *c;
	stopping = true;
	async_cancel(acceptor);
	LIST_FOREACH (c, &clients, link)
		async_cancel(c->task);
}

async int main(int argc, char **argv)
{
	int port = argc == 3 && strcmp(argv[1], "-p") == 0 ? atoi(argv[2]) : 7000;
	int listener = async_listen("127.0.0.1", port, 128);
	if (listener < 0) {
		perror("chat");
		return 1;
	}
	printf("listening on 127.0.0.1:%d\n", async_local_port(listener));
	fflush(stdout);

	acceptor = async_create_task(accept_clients(listener));
	async_add_signal_handler(SIGINT, stop, NULL);
	async_add_signal_handler(SIGTERM, stop, NULL);
	await *acceptor;
	async_close(listener);
	while (!LIST_EMPTY(&clients))
		await async_catch(*LIST_FIRST(&clients)->task);
	return 0;
}
