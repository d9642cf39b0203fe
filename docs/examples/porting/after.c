/* A line server, any number of clients.  `upper TEXT` answers in capitals, `words FILE` counts a file's words,
 * `set KEY TEXT` and `get KEY` keep texts, `list` tells their keys, `ask PORT LINE` asks another server, `quit` ends the
 * connection.
 *
 *	server [port] */
#include <async.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
	int fd;
	size_t used; /* bytes in buffer */
	char buffer[1024];
};

/* The next line without its end; false at the end of the connection, or when the line is too long. */
static async bool read_line(struct client *c, char *line, size_t size)
{
	for (;;) {
		char *end = memchr(c->buffer, '\n', c->used);
		if (end) {
			size_t n = (size_t)(end - c->buffer);
			snprintf(line, size, "%.*s", (int)n, c->buffer);
			c->used -= n + 1;
			memmove(c->buffer, end + 1, c->used);
			return true;
		}
		if (c->used == sizeof c->buffer)
			return false;
		ssize_t n = await async_recv(c->fd, c->buffer + c->used, sizeof c->buffer - c->used, 0);
		if (n == 0)
			return false;
		c->used += (size_t)n;
	}
}

static async void send_line(struct client *c, const char *line)
{
	char text[1100];
	size_t size = (size_t)snprintf(text, sizeof text, "%s\n", line);
	await async_send_all(c->fd, text, size);
}

static long count_words(const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file)
		return -1;
	long words = 0;
	bool inside = false;
	for (int ch; (ch = getc(file)) != EOF; inside = !isspace(ch))
		words += !isspace(ch) && !inside;
	fclose(file);
	return words;
}

/* ---- What clients store ---- */

struct value {
	struct value *next;
	char *text;
	char key[32];
};

static struct value *values;

static struct value *find_value(const char *key)
{
	struct value *value = values;
	while (value && strcmp(value->key, key))
		value = value->next;
	return value;
}

static struct value *add_value(const char *key)
{
	struct value *value = calloc(1, sizeof *value);
	if (!value)
		return NULL;
	snprintf(value->key, sizeof value->key, "%s", key);
	value->next = values;
	values = value;
	return value;
}

static bool set_value(const char *key, const char *text)
{
	char *copy = strdup(text);
	struct value *value = copy ? find_value(key) : NULL;
	if (copy && !value)
		value = add_value(key);
	if (!value) {
		free(copy);
		return false;
	}
	free(value->text);
	value->text = copy;
	return true;
}

/* As many keys as there is room for, the latest first. */
static void list_keys(char *reply, size_t size)
{
	size_t used = 0;
	reply[0] = 0;
	for (const struct value *value = values; value && used < size; value = value->next)
		used += (size_t)snprintf(reply + used, size - used, "%s%s", used ? " " : "", value->key);
}

/* `set KEY TEXT`, `get KEY`, `list`; false: it is none of these. */
static bool answer_stored(const char *line, char *reply, size_t size)
{
	char key[sizeof values->key];
	int at = 0;
	if (sscanf(line, "set %31s %n", key, &at) == 1 && at) {
		snprintf(reply, size, "%s", set_value(key, line + at) ? "ok" : "no memory");
	} else if (sscanf(line, "get %31s", key) == 1) {
		const struct value *value = find_value(key);
		snprintf(reply, size, "%s", value ? value->text : "not there");
	} else if (!strcmp(line, "list")) {
		list_keys(reply, size);
	} else {
		return false;
	}
	return true;
}

/* ---- Other servers ---- */

/* The first line of what the server at a port of this machine answers; false: there is none. */
static async bool ask(int port, const char *question, char *reply, size_t size)
{
	async_stream *server = NULL;
	async_try {
		server = await async_open_connection("127.0.0.1", port);
		async_stream_printf_nowait(server, "%s\n", question);
		async_bytes answer = await async_stream_readline(server);
		snprintf(reply, size, "%.*s", (int)answer.size, answer.data);
		reply[strcspn(reply, "\n")] = 0;
		return answer.size > 0;
	} async_except_error(err) {
		return false;
	} async_finally {
		async_stream_free(server);
	}
}

/* ---- Clients ---- */

static async void answer(const char *line, char *reply, size_t size)
{
	int port, at = 0;
	if (answer_stored(line, reply, size))
		return;
	if (!strncmp(line, "upper ", 6)) {
		snprintf(reply, size, "%s", line + 6);
		for (char *p = reply; *p; p++)
			*p = (char)toupper((unsigned char)*p);
	} else if (sscanf(line, "ask %d %n", &port, &at) == 1 && at) {
		if (!await ask(port, line + at, reply, size))
			snprintf(reply, size, "no answer");
	} else if (!strncmp(line, "words ", 6)) {
		snprintf(reply, size, "%ld", await async_run_in_executor(NULL, count_words(line + 6)));
	} else {
		snprintf(reply, size, "what?");
	}
}

static async void serve(int fd)
{
	struct client c = {.fd = fd};
	char line[1024], reply[1024];
	async_try {
		while (await async_wait_for(read_line(&c, line, sizeof line), 60) && strcmp(line, "quit")) {
			await answer(line, reply, sizeof reply);
			await send_line(&c, reply);
		}
	} async_except(err) {
		fprintf(stderr, "client: %s\n", err.message);
	} async_finally {
		async_close(fd);
	}
}

static int listen_on(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, 10)) {
		perror("listen");
		exit(1);
	}
	getsockname(fd, (struct sockaddr *)&address, &length);
	printf("port %d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

async int main(int argc, char **argv)
{
	int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0);
	async_set_nonblocking(listener);
	for (;;) {
		int fd = await async_accept(listener, NULL, NULL);
		async_create_task(serve(fd));
	}
}
