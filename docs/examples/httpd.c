/* httpd: an HTTP/1.1 server for static files, in async C.
 *
 *	httpd [-a address] [-p port] [-d directory] [-t timeout in seconds] [-v]
 *
 * Every connection is a task; a request is read, answered and forgotten before the next one.  One thread. */
#define _GNU_SOURCE
#include <async.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX 8192  /* bytes of a request's line and headers */
#define BODY_MAX 65536 /* bytes of a body, which is ignored */
#define CHUNK 65536    /* a file is sent in pieces of this size */
#define HEX "0123456789abcdefABCDEF"
#define GRACE 10.0 /* seconds that requests in progress get at shutdown */

struct server {
	int fd;		 /* listens */
	int root;	 /* the directory that is served */
	double patience; /* seconds a client may take to send a request, or to take a chunk */
	bool verbose, stopping;
	async_task(void) acceptor;	     /* the task of accept_connections */
	LIST_HEAD(, connection) connections; /* the open ones */
};

struct connection {
	struct server *server;
	LIST_ENTRY(connection) link; /* in server->connections */
	async_task(void) task;
	int fd;
	bool idle;     /* waits for a request of which nothing has arrived */
	size_t length; /* bytes in input */
	char input[HEAD_MAX];
};

struct request {
	char *method, *target; /* target: without scheme, host and the slash in front */
	bool head_only, keep_alive;
	int n_hosts;	/* Host headers */
	long long body; /* Content-Length; -1: not said */
};

/* ---- Parsing ---- */

/* The length of the token at s: a method, or the name of a header. */
static size_t token(const char *s)
{
	return strspn(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* Cuts one line off; NULL when a CR or LF stands alone. */
static char *next_line(char **text)
{
	char *line = *text, *end = line + strcspn(line, "\r\n");
	if (end[0] != '\r' || end[1] != '\n')
		return NULL;
	*text = end + 2;
	*end = 0;
	return line;
}

/* A request is refused with the status that its answer begins with; NULL: it is fine. */
typedef const char *refusal;

static refusal parse_header(struct request *r, const char *name, const char *value)
{
	if (strcasecmp(name, "Transfer-Encoding") == 0)
		return "501 Not Implemented";
	if (strcasecmp(name, "Host") == 0 && r->n_hosts++ > 0)
		return "400 Bad Request";
	if (strcasecmp(name, "Connection") == 0)
		r->keep_alive = !strcasestr(value, "close") && (r->keep_alive || strcasestr(value, "keep-alive"));
	if (strcasecmp(name, "Content-Length") == 0) {
		size_t digits = strspn(value, "0123456789");
		if (r->body >= 0 || digits == 0 || value[digits + strspn(value + digits, " \t")])
			return "400 Bad Request";
		r->body = digits > 18 ? BODY_MAX + 1 : atoll(value);
	}
	return NULL;
}

/* Reads a head of n bytes, which ends in an empty line and becomes strings. */
static refusal parse_head(struct request *r, char *head, size_t n)
{
	int major, minor;
	if (memchr(head, 0, n))
		return "400 Bad Request";
	head[n - 2] = 0;
	r->method = next_line(&head);
	size_t length = r->method ? token(r->method) : 0;
	char *version = length && r->method[length] == ' ' ? strchr(r->method + length + 1, ' ') : NULL;
	if (!version || sscanf(version, " HTTP/%1d.%1d%c", &major, &minor, &(char){0}) != 2)
		return "400 Bad Request";
	if (major != 1)
		return "505 HTTP Version Not Supported";
	r->method[length] = *version = 0;
	r->target = r->method + length + 1;
	r->keep_alive = minor > 0;
	if (strncasecmp(r->target, "http://", 7) == 0)
		r->target += 7 + strcspn(r->target + 7, "/");
	else if (*r->target != '/')
		return "400 Bad Request";
	r->target += strspn(r->target, "/");

	while (*head) {
		char *name = next_line(&head), *value = name ? name + token(name) : name;
		if (value == name || *value != ':')
			return "400 Bad Request";
		*value++ = 0;
		refusal why = parse_header(r, name, value + strspn(value, " \t"));
		if (why)
			return why;
	}
	if (minor > 0 && !r->n_hosts)
		return "400 Bad Request";
	return r->body > BODY_MAX ? "413 Content Too Large" : NULL;
}

/* Stores the path that the target names: no query, and %xx decoded. */
static bool decode_path(const char *target, char *path)
{
	for (; *target && *target != '?'; target++, path++) {
		*path = *target;
		if (*target != '%')
			continue;
		if (strspn(target + 1, HEX) < 2 || sscanf(target + 1, "%2hhx", (unsigned char *)path) != 1 || !*path)
			return false;
		target += 2;
	}
	*path = 0;
	return true;
}

/* ---- Files ---- */

static const char *content_type(const char *path)
{
	static const char *const types[][2] = {
	    {"html", "text/html; charset=utf-8"},
	    {"css", "text/css; charset=utf-8"},
	    {"js", "text/javascript; charset=utf-8"},
	    {"txt", "text/plain; charset=utf-8"},
	    {"c", "text/plain; charset=utf-8"},
	    {"json", "application/json"},
	    {"png", "image/png"},
	    {"svg", "image/svg+xml"},
	    {"pdf", "application/pdf"},
	};
	const char *dot = strrchr(path, '.');
	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (strcasecmp(dot + 1, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

/* Opens what the target names, of a directory its index.html, and stores the path.  It is the kernel that refuses what
 * leaves the root: by .., by an absolute path, or by a symbolic link. */
static refusal open_target(int root, const char *target, char *path, int *fd, off_t *size)
{
	struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
	struct stat st;
	if (!decode_path(target, path))
		return "400 Bad Request";
	bool directory = !*path || path[strlen(path) - 1] == '/';
	if (directory)
		strcat(path, "index.html");
	*fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	if (*fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG ? "404 Not Found"
		       : errno == EACCES || errno == EXDEV || errno == ELOOP	    ? "403 Forbidden"
										    : "500 Internal Server Error";
	fstat(*fd, &st);
	*size = st.st_size;
	if (S_ISREG(st.st_mode))
		return NULL;
	close(*fd);
	return S_ISDIR(st.st_mode) && !directory ? "301 Moved Permanently" : "403 Forbidden";
}

/* ---- Answering ---- */

static size_t write_head(char *out, const struct request *r, const char *status, const char *type, long long length)
{
	char date[40];
	time_t now = time(NULL);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
	const char *format =
	    "HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %lld\r\nConnection: %s\r\n";
	return (size_t)sprintf(out, format, status, date, type, length, r->keep_alive ? "keep-alive" : "close");
}

async void send_refusal(struct connection *c, const struct request *r, refusal why)
{
	char out[HEAD_MAX + 512];
	size_t n = write_head(out, r, why, "text/plain", (long long)strlen(why) + 1);
	if (atoi(why) == 405)
		n += (size_t)sprintf(out + n, "Allow: GET, HEAD\r\n");
	if (atoi(why) == 301)
		n += (size_t)sprintf(out + n, "Location: /%.*s/\r\n", (int)strcspn(r->target, "?"), r->target);
	n += (size_t)sprintf(out + n, "\r\n%s\n", why);
	await async_wait_for(async_send_all(c->fd, out, n - (r->head_only ? strlen(why) + 1 : 0)), c->server->patience);
}

/* The first chunk shares its buffer, and so its packet, with the head. */
async void send_file(struct connection *c, const struct request *r, int fd, off_t size, const char *type)
{
	char chunk[CHUNK];
	size_t n = write_head(chunk, r, "200 OK", type, size);
	n += (size_t)sprintf(chunk + n, "\r\n");
	off_t left = r->head_only ? 0 : size;
	for (;; n = 0) {
		if (left > 0) {
			off_t room = (off_t)(sizeof chunk - n);
			ssize_t got = await async_read(fd, chunk + n, (size_t)(left < room ? left : room));
			if (got == 0)
				async_raise(EIO, "the file became shorter while it was sent");
			n += (size_t)got;
			left -= got;
		}
		await async_wait_for(async_send_all(c->fd, chunk, n), c->server->patience);
		if (left == 0)
			return;
		await async_sleep(0); /* a client that takes all we have must not keep the others waiting */
	}
}

async void answer(struct connection *c, struct request *r)
{
	char path[HEAD_MAX];
	int fd;
	off_t size;
	refusal why = "405 Method Not Allowed";
	r->head_only = strcmp(r->method, "HEAD") == 0;
	if (r->head_only || strcmp(r->method, "GET") == 0)
		why = open_target(c->server->root, r->target, path, &fd, &size);
	if (c->server->verbose)
		fprintf(stderr, "%s %s: %s\n", r->method, r->target, why ? why : "200 OK");
	if (why) {
		await send_refusal(c, r, why);
		return;
	}
	async_try {
		await send_file(c, r, fd, size, content_type(path));
	} async_finally {
		close(fd);
	}
}

/* ---- Connections and the server ---- */

/* Reads until the head is complete and stores its size. */
async refusal read_head(struct connection *c, size_t *size)
{
	char *end;
	while (!(end = memmem(c->input, c->length, "\r\n\r\n", 4))) {
		if (c->length == sizeof c->input)
			return "431 Request Header Fields Too Large";
		c->idle = c->length == 0;
		if (c->idle && c->server->stopping)
			async_raise(ASYNC_SHUT_DOWN, "the server stops");
		ssize_t n = await async_recv(c->fd, c->input + c->length, sizeof c->input - c->length, 0);
		c->idle = false;
		if (n == 0)
			async_raise(ASYNC_END_OF_FILE, "closed by the client");
		c->length += (size_t)n;
	}
	*size = (size_t)(end + 4 - c->input);
	return NULL;
}

/* What the client is still sending would make the kernel reset the connection, and lose our last answer with it. */
async void linger(struct connection *c)
{
	async_shutdown(c->fd, SHUT_WR);
	async_timeout (2) {
		while (await async_recv(c->fd, c->input, sizeof c->input, 0) > 0)
			await async_sleep(0);
	}
}

async void answer_requests(struct connection *c)
{
	for (bool keep_alive = true; keep_alive;) {
		struct request r = {.target = "", .body = -1};
		size_t size = 0;
		refusal why = NULL;
		async_error err = await async_catch(why = async_wait_for(read_head(c, &size), c->server->patience));
		if (err.code == ASYNC_TIMEOUT && c->length > 0)
			why = "408 Request Timeout";
		else if (err.code)
			return;
		if (!why)
			why = parse_head(&r, c->input, size);
		keep_alive = r.keep_alive = r.keep_alive && !why && r.body <= 0 && !c->server->stopping;
		if (why)
			await send_refusal(c, &r, why);
		else
			await answer(c, &r);
		if (why || r.body > 0)
			await linger(c);
		c->length -= size;
		memmove(c->input, c->input + size, c->length);
		if (c->length > 0)
			await async_sleep(0); /* nor may one that sends many requests at once */
	}
}

async void serve(struct server *server, int fd)
{
	struct connection c = {.server = server, .fd = fd, .task = async_current_task()};
	LIST_INSERT_HEAD(&server->connections, &c, link);
	async_try {
		await answer_requests(&c);
	} async_except(err) {
		if (server->verbose)
			fprintf(stderr, "connection %d: %s\n", fd, err.message);
	} async_finally {
		LIST_REMOVE(&c, link);
		async_close(fd);
	}
}

async void accept_connections(struct server *server)
{
	for (;;) {
		int fd;
		async_error err = await async_catch(fd = async_accept(server->fd, NULL, NULL));
		if (err.code == 0) {
			async_task(void) task = async_create_task_eager(serve(server, fd));
			task ? async_detach(task) : (void)async_close(fd);
		} else if (err.code == EMFILE || err.code == ENFILE || err.code == ENOMEM || err.code == ENOBUFS)
			await async_sleep(0.1); /* until a connection has ended */
		else if (err.code != ECONNABORTED)
			async_raise(err.code, "%s", err.message);
	}
}

/* The first signal ends what waits for a request; what is being answered goes on.  The second one ends everything. */
static void stop(void *arg)
{
	struct server *server = arg;
	async_cancel(server->acceptor);
	for (struct connection *c = LIST_FIRST(&server->connections); c; c = LIST_NEXT(c, link))
		if (c->idle || server->stopping)
			async_cancel(c->task);
	server->stopping = true;
}

async void finish_connections(struct server *server)
{
	while (!LIST_EMPTY(&server->connections))
		await *LIST_FIRST(&server->connections)->task;
}

async int main(int argc, char **argv)
{
	const char *options[128] = {['a'] = "127.0.0.1", ['p'] = "8080", ['d'] = ".", ['t'] = "15"};
	for (int option; (option = getopt(argc, argv, "a:p:d:t:v")) != -1;) {
		if (option == '?')
			return 2;
		options[option] = optarg ? optarg : "";
	}
	struct server server = {.patience = atof(options['t']), .verbose = options['v']};
	server.root = open(options['d'], O_PATH | O_DIRECTORY | O_CLOEXEC);
	server.fd = server.root < 0 ? -1 : async_listen(options['a'], atoi(options['p']), 1024);
	if (server.fd < 0) {
		perror("httpd");
		return 1;
	}
	setsockopt(server.fd, SOL_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* the connections inherit it */
	printf("listening on http://%s:%d/\n", options['a'], async_local_port(server.fd));
	fflush(stdout);
	server.acceptor = async_create_task(accept_connections(&server));
	async_add_signal_handler(SIGINT, stop, &server);
	async_add_signal_handler(SIGTERM, stop, &server);
	async_error err = await async_catch(*server.acceptor);
	async_close(server.fd);
	if (!server.stopping) {
		fprintf(stderr, "httpd: %s\n", err.message);
		stop(&server);
	}
	await async_catch(async_wait_for(finish_connections(&server), GRACE));
	stop(&server);
	await finish_connections(&server);
	close(server.root);
	return err.code == ASYNC_CANCELLED ? 0 : 1;
}
