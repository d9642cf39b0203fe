/* A line server, any number of clients.  `upper TEXT` answers in capitals, `words FILE` counts a file's words,
 * `quit` ends the connection.
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

static async void answer(const char *line, char *reply, size_t size)
{
	if (!strncmp(line, "upper ", 6)) {
		snprintf(reply, size, "%s", line + 6);
		for (char *p = reply; *p; p++)
			*p = (char)toupper((unsigned char)*p);
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
