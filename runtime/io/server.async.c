/* server.async.c: servers: accepting clients, and a task for each.
 * Completes: wait_closed, when nothing listens and no client is left.  Owns: its listening sockets; the streams belong to their
 * tasks.  Thread: its loop's.  Cancel: of an acceptor closes the server; that of a client's task is silent and closes its
 * connection. */
#include "io/stream.h"

#include "io/io.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_SOCKETS = 16, AT_A_TIME = 64 };

struct async_server {
	async_loop *loop;
	async_client_connected *serve;
	void *arg;
	size_t n_sockets;
	struct listener {
		int fd;
		async_task(void) acceptor;
	} sockets[MOST_SOCKETS];
	struct async__link clients; /* async_stream, by client: whose connection is not closed */
	struct async__link waiters; /* struct waiter */
	unsigned acceptors;         /* tasks that accept, and */
	unsigned users;             /* they and those that wait */
	bool closed;                /* listens no more */
	bool given_up;              /* async_server_free */
	struct async__closer closer;
};

static async_stream *stream_of(struct async__link *link)
{
	return async__container_of(link, async_stream, client);
}

/* ---- Life ---- */

static void destroy(async_server *server)
{
	for (struct async__link *link = server->clients.next; link != &server->clients; link = link->next)
		stream_of(link)->server = NULL;
	for (size_t i = 0; i < server->n_sockets && !server->closed; i++)
		close(server->sockets[i].fd);
	async__list_remove(&server->closer.listed);
	async__free(server);
}

static void on_loop_closed(struct async__closer *closer)
{
	destroy(async__container_of(closer, async_server, closer));
}

static void maybe_free(async_server *server)
{
	if (server->given_up && !server->users && async__list_empty(&server->clients))
		destroy(server);
}

static async_server *new_server(async_client_connected *serve, void *arg)
{
	async_loop *loop = async__need_loop("async_start_server");
	async_server *server = loop ? async__alloc_zeroed(sizeof *server) : NULL;

	if (!server) {
		errno = loop ? ENOMEM : EINVAL;
		return NULL;
	}
	server->loop = loop;
	server->serve = serve;
	server->arg = arg;
	async__list_init(&server->clients);
	async__list_init(&server->waiters);
	server->closer.loop_closed = on_loop_closed;
	async__on_close(loop, &server->closer);
	return server;
}

/* ---- Who waits for the end ---- */

struct waiter {
	struct async__link link; /* in server->waiters */
	async_future(void) changed;
};

static void wake_waiters(async_server *server)
{
	while (!async__list_empty(&server->waiters)) {
		struct waiter *waiter = async__container_of(server->waiters.next, struct waiter, link);

		async__list_remove(&waiter->link);
		async_set_done(waiter->changed);
	}
}

/* Until the server is closed, or has lost its last client or acceptor. */
static async void wait_for_change(async_server *server)
{
	struct waiter waiter = {.changed = async_create_future(void)};

	async__list_append(&server->waiters, &waiter.link);
	async_try {
		await *waiter.changed;
	} async_finally {
		async__list_remove(&waiter.link);
	}
}

static void leave(async_server *server)
{
	server->users--;
	maybe_free(server);
}

/* Also when only its acceptors, cancelled, still have to end: a loop that is closed next finds none. */
static bool is_in_use(const async_server *server)
{
	return !async__list_empty(&server->clients) || server->acceptors;
}

async void async_server_wait_closed(async_server *server)
{
	if (!async__loop_is_ours(server->loop, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	server->users++;
	async_try {
		while (!server->closed || is_in_use(server))
			await wait_for_change(server);
	} async_finally {
		leave(server);
	}
}

async void async_serve_forever(async_server *server)
{
	if (!async__loop_is_ours(server->loop, NULL))
		async_raise(ASYNC_WRONG_THREAD, "%s", async_error_text(ASYNC_WRONG_THREAD));
	server->users++;
	async_try {
		while (!server->closed)
			await wait_for_change(server);
	} async_finally {
		async_server_close(server);
		async_try {
			while (is_in_use(server))
				await wait_for_change(server);
		} async_finally {
			leave(server); /* also when it is cancelled once more */
		}
	}
}

/* ---- Clients ---- */

void async__server_adopt(async_server *server, async_stream *s)
{
	s->server = server;
	async__list_append(&server->clients, &s->client);
}

void async__server_forget(async_stream *s)
{
	async_server *server = s->server;

	s->server = NULL;
	async__list_remove(&s->client);
	if (async__list_empty(&server->clients))
		wake_waiters(server);
	maybe_free(server);
}

static async void serve_client(async_client_connected *serve, void *arg, async_stream *s)
{
	async_try {
		await serve(s, arg);
	} async_finally {
		async_stream_free(s);
	}
}

static void client_done(async_handle h, void *arg)
{
	struct async__future *future = async__find_future(h, "client_connected", NULL);

	(void)arg;
	if (!future || future->state != ASYNC__FAILED || future->retrieved)
		return;
	future->retrieved = true;
	async__report(async__loop_of(&future->object), "Unhandled exception in client_connected_cb", future->error, h);
}

static void complain(const char *message, int code)
{
	async_error_context context = {.message = message, .error = async__make_error(code, NULL), .trace = ""};

	async_call_exception_handler(&context);
}

static void start_client(async_server *server, int fd)
{
	async_stream *s = async_stream_new(fd);
	async_task(void) task;
	int on = 1;

	if (!s) {
		complain("No memory to serve a client", ASYNC_NO_MEMORY);
		async_close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
	async__server_adopt(server, s);
	task = async_create_task_eager(serve_client(server->serve, server->arg, s));
	if (!task) {
		complain("No memory to serve a client", ASYNC_NO_MEMORY);
		async_stream_free(s);
		return;
	}
	async_add_done_callback(task, client_done, NULL);
	async_detach(task);
}

/* ---- Listening ---- */

static bool out_of_resources(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

/* Ends when the server is closed.  It holds the server: a client may be the last to give that up. */
static async void accept_clients(async_server *server, int fd)
{
	server->users++;
	server->acceptors++;
	async_try {
		await async_sleep(0); /* an eager one, too, begins when all sockets listen: its failure closes them */
		for (unsigned n = 1; !server->closed; n++) {
			int client;
			async_error err = await async_catch(client = async_accept(fd, NULL, NULL));

			if (err.code == 0) {
				start_client(server, client);
			} else if (out_of_resources(err.code)) {
				complain("socket.accept() out of system resource", err.code);
				await async_sleep(1);
			} else if (err.code == ASYNC_CANCELLED || server->closed) {
				break;
			} else {
				complain("Accepting clients failed", err.code);
				break;
			}
			if (n % AT_A_TIME == 0)
				await async_sleep(0); /* many at once must not keep the others waiting */
		}
	} async_finally {
		async_server_close(server);
		if (--server->acceptors == 0)
			wake_waiters(server);
		leave(server);
	}
}

/* 0, and fd is the server's; or an errno value. */
static int listen_with(async_server *server, int fd)
{
	struct listener *listener = &server->sockets[server->n_sockets];

	if (server->n_sockets == MOST_SOCKETS)
		return ENOSPC;
	listener->fd = fd;
	listener->acceptor = async_create_task(accept_clients(server, fd));
	if (!listener->acceptor)
		return ENOMEM;
	async_detach(listener->acceptor);
	server->n_sockets++;
	return 0;
}

async_server *async_start_server_on(async_client_connected *serve, void *arg, int fd)
{
	async_server *server = new_server(serve, arg);
	int err = server ? async_set_nonblocking(fd) : errno;

	if (server && !err)
		err = listen_with(server, fd);
	if (err && server)
		destroy(server);
	errno = err;
	return err ? NULL : server;
}

/* What messages call the place: host:port, or a path (port -1). */
struct place {
	char name[100];
};

static struct place place_of(const char *host, int port)
{
	struct place place;

	if (port < 0)
		snprintf(place.name, sizeof place.name, "%s", host);
	else
		snprintf(place.name, sizeof place.name, "%s:%d", host && *host ? host : "*", port);
	return place;
}

/* The same; when that fails the socket is closed and the error raised. */
static async async_server *start_on(async_client_connected *serve, void *arg, int fd, const char *host, int port)
{
	async_server *server = fd < 0 ? NULL : async_start_server_on(serve, arg, fd);
	int err = errno;

	if (!server && fd >= 0)
		async_close(fd);
	if (!server)
		async_raise(err == ENOMEM ? ASYNC_NO_MEMORY : err, "start_server: %s: %s", place_of(host, port).name, async_error_text(err));
	return server;
}

async async_server *async_start_unix_server(async_client_connected *serve, void *arg, const char *path)
{
	return await start_on(serve, arg, async_listen_unix(path, 0), path, -1);
}

/* 0, or an errno value. */
static int listen_on(async_server *server, const struct addrinfo *address)
{
	int fd = async__listen_address(address, 0), err = fd < 0 ? errno : listen_with(server, fd);

	if (fd >= 0 && err)
		async_close(fd);
	return err;
}

/* Of a host's addresses those are left out that this machine has no protocol for. */
static async void listen_on_all(async_server *server, const struct addrinfo *addresses, const char *host, int port)
{
	int err = 0, first = 0;

	for (const struct addrinfo *address = addresses; address; address = address->ai_next) {
		err = listen_on(server, address);
		first = first ? first : err;
		if (err && err != EAFNOSUPPORT && err != EADDRNOTAVAIL)
			break;
	}
	if (server->n_sockets && (!err || err == EAFNOSUPPORT || err == EADDRNOTAVAIL))
		return;
	async_server_free(server);
	async_raise(first == ENOMEM ? ASYNC_NO_MEMORY : first, "start_server: %s: %s", place_of(host, port).name, async_error_text(first));
}

async async_server *async_start_server(async_client_connected *serve, void *arg, const char *host, int port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *addresses;
	async_server *server;
	char service[16];

	if (port < 0 || port > 65535)
		async_raise(EINVAL, "start_server: %s:%d is no address", host ? host : "", port);
	if (!host || !*host)
		return await start_on(serve, arg, async_listen(NULL, port, 0), host, port);
	snprintf(service, sizeof service, "%d", port);
	addresses = await async_getaddrinfo(host, service, &hints);
	async_try {
		server = new_server(serve, arg);
		if (!server)
			async_raise(ASYNC_NO_MEMORY, "no memory for a server");
		await listen_on_all(server, addresses, host, port);
	} async_finally {
		freeaddrinfo(addresses);
	}
	return server;
}

int async_server_port(const async_server *server)
{
	if (!async__loop_is_ours(server->loop, "async_server_port") || !server->n_sockets || server->closed)
		return -1;
	return async_local_port(server->sockets[0].fd);
}

/* ---- Closing ---- */

void async_server_close(async_server *server)
{
	if (server->closed || !async__loop_is_ours(server->loop, "async_server_close"))
		return;
	server->closed = true;
	for (size_t i = 0; i < server->n_sockets; i++) {
		async_cancel(server->sockets[i].acceptor);
		async_close(server->sockets[i].fd);
	}
	wake_waiters(server);
}

/* Closing may make a client the last one of a server that is given up. */
static void for_each_client(async_server *server, void (*do_to)(async_stream *))
{
	server->users++;
	for (struct async__link *link = server->clients.next, *next; link != &server->clients; link = next) {
		next = link->next;
		do_to(stream_of(link));
	}
	leave(server);
}

void async_server_close_clients(async_server *server)
{
	if (async__loop_is_ours(server->loop, "async_server_close_clients"))
		for_each_client(server, async_stream_close);
}

void async_server_abort_clients(async_server *server)
{
	if (async__loop_is_ours(server->loop, "async_server_abort_clients"))
		for_each_client(server, async_stream_abort);
}

void async_server_free(async_server *server)
{
	if (!server || !async__loop_is_ours(server->loop, "async_server_free"))
		return;
	async_server_close(server);
	server->given_up = true;
	maybe_free(server);
}
