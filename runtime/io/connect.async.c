/* connect.async.c: async_getaddrinfo, async_connect, async_connect_unix.
 * Completes: a lookup when the pool has answered; a connect when one address has, or the last has failed (that error is
 * raised).  Owns: the sockets of the attempts under way; the addresses.  Thread: the loop's; names are looked up on the default
 * pool.  Cancel: at once; a lookup that runs is left to itself, and its answer freed when it comes. */
#include <async.h>

#include "executors/job.h"
#include "io/system.h"
#include "runtime.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Looking a name up ---- */

struct found {
	struct addrinfo *addresses; /* to be freed */
	int err;                    /* getaddrinfo's, 0 if all is well */
	int system_error;           /* errno, for EAI_SYSTEM */
};

/* By value: its caller may be gone before it ends. */
struct lookup_job {
	struct found result;
	bool has_host, has_service, has_hints;
	char host[1025]; /* NI_MAXHOST */
	char service[32];
	struct addrinfo hints;
};

static struct found look_up(const char *host, const char *service, const struct addrinfo *hints)
{
	struct found found = {0};

	found.err = getaddrinfo(host, service, hints, &found.addresses);
	found.system_error = errno;
	if (found.err)
		found.addresses = NULL;
	return found;
}

static void run_lookup(void *memory)
{
	struct lookup_job *job = memory;

	job->result = look_up(job->has_host ? job->host : NULL, job->has_service ? job->service : NULL,
			      job->has_hints ? &job->hints : NULL);
}

static void discard_lookup(void *result)
{
	struct found *found = result;

	if (found->addresses)
		freeaddrinfo(found->addresses);
}

static const async_job_type lookup_type = {
	.name = "getaddrinfo",
	.run = run_lookup,
	.size = sizeof(struct lookup_job),
	.result_offset = offsetof(struct lookup_job, result),
	.result_size = sizeof(struct found),
	.has_pointers = true,
};

static async_handle submit_lookup(const char *host, const char *service, const struct addrinfo *hints)
{
	struct lookup_job *job = async__new_job(async__lookups(), &lookup_type);

	if (job) {
		memset(job, 0, sizeof *job);
		job->has_host = host;
		job->has_service = service;
		job->has_hints = hints;
		strcpy(job->host, host ? host : "");
		strcpy(job->service, service ? service : "");
		if (hints)
			job->hints = *hints;
	}
	return async__submit_abandon(job, discard_lookup);
}

/* Without a name there is nobody to ask. */
static struct found look_up_number(const char *host, const char *service, const struct addrinfo *hints)
{
	struct addrinfo numeric = hints ? *hints : (struct addrinfo){0};

	numeric.ai_flags |= AI_NUMERICHOST;
	return look_up(host, service, &numeric);
}

async struct addrinfo *async_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints)
{
	struct found found;
	async_task(struct found) lookup;

	if ((host && strlen(host) >= sizeof((struct lookup_job *)0)->host) ||
	    (service && strlen(service) >= sizeof((struct lookup_job *)0)->service))
		async_raise(EINVAL, "getaddrinfo: no host or service has such a long name");
	found = look_up_number(host, service, hints);
	if (found.err == EAI_NONAME && !(hints && hints->ai_flags & AI_NUMERICHOST) && host &&
	    async__system->look_up(host, service, hints, &found.addresses, &found.err)) {
		await async_sleep(0); /* an answer takes its time */
	} else if (found.err == EAI_NONAME && !(hints && hints->ai_flags & AI_NUMERICHOST)) {
		lookup = submit_lookup(host, service, hints);
		found = await *lookup;
	}
	if (found.err == EAI_SYSTEM)
		async_raise(found.system_error, "getaddrinfo: %s: %s", host ? host : "", async_error_text(found.system_error));
	if (found.err)
		async_raise(found.err == EAI_MEMORY ? ASYNC_NO_MEMORY : EHOSTUNREACH, "getaddrinfo: %s: %s", host ? host : "",
			    gai_strerror(found.err));
	return found.addresses;
}

/* ---- Connecting ---- */

enum { MOST_ADDRESSES = 32 };
#define NEXT_AFTER 0.25

static async int connect_to(const struct addrinfo *address)
{
	int fd = async_socket(address->ai_family, address->ai_socktype, address->ai_protocol);
	int on = 1;

	if (fd < 0)
		async_raise(errno, "connect: socket: %s", async_error_text(errno));
	async_try {
		await async_connect_fd(fd, address->ai_addr, address->ai_addrlen);
	} async_except (err) {
		async_close(fd);
		async_reraise();
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* The families in turn, each in the order that getaddrinfo gave it (RFC 8305, section 4). */
static size_t interleave(const struct addrinfo *first, const struct addrinfo **order)
{
	const struct addrinfo *same = first, *other = first;
	size_t n = 0;

	while ((same || other) && n < MOST_ADDRESSES) {
		while (same && same->ai_family != first->ai_family)
			same = same->ai_next;
		while (other && other->ai_family == first->ai_family)
			other = other->ai_next;
		if (same) {
			order[n++] = same;
			same = same->ai_next;
		}
		if (other && n < MOST_ADDRESSES) {
			order[n++] = other;
			other = other->ai_next;
		}
	}
	return n;
}

static void close_result(void *result)
{
	async_close(*(int *)result);
}

struct race {
	size_t n;                                      /* attempts under way */
	async_task(int) attempts[MOST_ADDRESSES];
};

static bool start_attempt(struct race *race, const struct addrinfo *address)
{
	async_task(int) attempt = async_create_task(connect_to(address));

	if (!attempt)
		return false;
	async_set_result_destructor(attempt, close_result); /* of a second winner */
	race->attempts[race->n++] = attempt;
	return true;
}

/* They end in a moment, and their sockets with them; nobody needs to wait for that. */
static void stop_attempts(struct race *race)
{
	for (size_t i = 0; i < race->n; i++) {
		async_cancel(race->attempts[i]);
		async_detach(race->attempts[i]);
	}
	race->n = 0;
}

/* Waits for an attempt to end, but not for longer than until the next may start.  The winner's descriptor, or -1. */
static async int judge(struct race *race, bool last, async_error *error)
{
	async_handle handles[MOST_ADDRESSES];
	size_t n_done;
	int fd = -1;

	for (size_t i = 0; i < race->n; i++)
		handles[i] = race->attempts[i];
	n_done = await async_wait(handles, race->n, ASYNC_FIRST_COMPLETED, last ? ASYNC_FOREVER : NEXT_AFTER);
	for (size_t i = 0; i < race->n; i++)
		race->attempts[i] = handles[i];
	while (n_done-- > 0) {
		async_task(int) attempt = race->attempts[0];

		memmove(race->attempts, race->attempts + 1, --race->n * sizeof *race->attempts);
		if (fd >= 0) {
			async_detach(attempt);
			continue;
		}
		async_error err = await async_catch(fd = *attempt);
		if (err.code)
			*error = err;
	}
	return fd;
}

static async int connect_to_first(const struct addrinfo **order, size_t n)
{
	struct race race = {0};
	async_error error = {0};
	size_t next = 0;
	int fd = -1;

	async_try {
		while (fd < 0 && (next < n || race.n)) {
			if (next < n && !start_attempt(&race, order[next++]))
				async_raise(ASYNC_NO_MEMORY, "connect: no memory for an attempt");
			fd = await judge(&race, next == n, &error);
		}
	} async_finally {
		stop_attempts(&race);
	}
	if (fd < 0)
		async_raise(error.code, "%s", error.message);
	return fd;
}

static async int connect_to_any(const struct addrinfo **order, size_t n)
{
	if (n == 1)
		return await connect_to(order[0]);
	return await connect_to_first(order, n);
}

async int async_connect(const char *host, int port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *addresses;
	const struct addrinfo *order[MOST_ADDRESSES];
	char service[16];
	size_t n;
	int fd;

	if (port < 0 || port > 65535)
		async_raise(EINVAL, "connect: %s:%d is no address", host, port);
	snprintf(service, sizeof service, "%d", port);
	addresses = await async_getaddrinfo(host, service, &hints);
	n = interleave(addresses, order);
	async_error err = await async_catch(fd = connect_to_any(order, n));
	freeaddrinfo(addresses);
	if (err.code > 0)
		async_raise(err.code, "connect: %s:%d: %s", host, port, async_error_text(err.code));
	if (err.code)
		async_raise_error(err);
	return fd;
}

/* ---- Unix sockets ---- */

/* The address's length; 0 with errno set: the path is empty, or too long. */
static socklen_t unix_address(struct sockaddr_un *address, const char *path)
{
	size_t length = strlen(path);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!length || length >= sizeof address->sun_path) {
		errno = length ? ENAMETOOLONG : EINVAL;
		return 0;
	}
	memcpy(address->sun_path, path, length);
	if (path[0] != '@')
		return sizeof *address;
	address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

async int async_connect_unix(const char *path)
{
	struct sockaddr_un address;
	socklen_t length = unix_address(&address, path);
	int fd;

	if (!length)
		async_raise(errno, "connect: %s: %s", path, strerror(errno));
	fd = async_socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		async_raise(errno, "connect: socket: %s", async_error_text(errno));
	async_error err = await async_catch(async_connect_fd(fd, (struct sockaddr *)&address, length));
	if (err.code)
		async_close(fd);
	if (err.code > 0)
		async_raise(err.code, "connect: %s: %s", path, async_error_text(err.code));
	if (err.code)
		async_raise_error(err);
	return fd;
}

/* A socket at which nobody listens any more: it only stands in the way. */
static bool is_stale(const struct sockaddr_un *address, socklen_t length)
{
	struct stat file;
	int fd = stat(address->sun_path, &file) || !S_ISSOCK(file.st_mode) ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)address, length) < 0 && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return refused;
}

int async_listen_unix(const char *path, int backlog)
{
	struct sockaddr_un address;
	socklen_t length = unix_address(&address, path);
	int fd, err;

	if (!length)
		return -1;
	fd = async_socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	err = async__system->bind(fd, (struct sockaddr *)&address, length) ? errno : 0;
	if (err == EADDRINUSE && path[0] != '@' && is_stale(&address, length) && unlink(path) == 0)
		err = async__system->bind(fd, (struct sockaddr *)&address, length) ? errno : 0;
	if (!err && async__system->listen(fd, backlog > 0 ? backlog : SOMAXCONN) == 0)
		return fd;
	err = err ? err : errno;
	async_close(fd);
	errno = err;
	return -1;
}
