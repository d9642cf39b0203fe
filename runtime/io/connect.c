/* connect.c: async_connect: finds a host's addresses and connects to the first that answers.
 * Completes: when a connection stands, or the last address has failed (that error is raised).  Owns: the addresses and the
 * socket of the attempt under way.  Thread: the loop's; names are looked up on the default pool.  Cancel: at once; a lookup
 * that runs is left to itself, and its answer freed when it comes. */
#include "io.h"
#include "../executors/job.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

/* ---- Looking a name up ---- */

struct found {
	struct addrinfo *addresses; /* to be freed */
	int err;                    /* getaddrinfo's, 0 if all is well */
	int system_error;           /* errno, for EAI_SYSTEM */
};

struct lookup_job {
	struct found result;
	char host[256];
	char port[8];
};

static struct found look_up(const char *host, const char *port, int flags)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
	struct found found = {0};

	found.err = getaddrinfo(host, port, &hints, &found.addresses);
	found.system_error = errno;
	if (found.err)
		found.addresses = NULL;
	return found;
}

static void run_lookup(void *memory)
{
	struct lookup_job *job = memory;

	job->result = look_up(job->host, job->port, 0);
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

/* ---- async_connect ---- */

struct async_connect__frame {
	async_frame base;
	int result;
	const char *host;
	int port;
	struct found found;
	struct addrinfo *next;                  /* address to try */
	async_handle lookup;
	int fd;                                 /* of the attempt under way */
	struct async_connect_fd__frame attempt; /* on fd */
};

enum { at_start, at_lookup, at_attempt };

static async_status raise_lookup_error(struct async_connect__frame *f)
{
	int err = f->found.err;
	const char *text = err == EAI_SYSTEM ? async_error_text(f->found.system_error) : gai_strerror(err);
	int code = err == EAI_SYSTEM ? f->found.system_error : err == EAI_MEMORY ? ASYNC_NO_MEMORY : EHOSTUNREACH;

	return async__raise(code, "connect: %s: %s", f->host, text);
}

static async_status end_lookup(struct async_connect__frame *f, async_status status)
{
	return async__await_end(f->lookup, status, &f->found, sizeof f->found);
}

/* ASYNC_SUSPENDED while a thread looks the name up; numbers need none. */
static async_status find_addresses(struct async_connect__frame *f)
{
	struct lookup_job *job;
	async_status status;
	char port[16];

	snprintf(port, sizeof port, "%d", f->port);
	if (f->port < 0 || f->port > 65535 || strlen(f->host) >= sizeof job->host)
		return async__raise(EINVAL, "connect: %s:%d is no address", f->host, f->port);
	f->found = look_up(f->host, port, AI_NUMERICHOST);
	if (f->found.err != EAI_NONAME)
		return ASYNC_DONE;
	job = async__new_job(NULL, &lookup_type);
	if (job) {
		memset(job, 0, sizeof *job);
		strcpy(job->host, f->host);
		strcpy(job->port, port);
	}
	f->lookup = async__submit_abandon(job, discard_lookup);
	f->base.state = at_lookup;
	status = async__await(&f->base, f->lookup);
	return status == ASYNC_SUSPENDED ? status : end_lookup(f, status);
}

/* The attempt has ended; with ASYNC_FAILED its error is in flight. */
static async_status end_attempt(struct async_connect__frame *f, async_status status)
{
	int on = 1;

	if (status == ASYNC_DONE) {
		setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		f->result = f->fd;
		return ASYNC_DONE;
	}
	close(f->fd);
	return ASYNC_FAILED;
}

/* Can the next address still help?  If so the error is forgotten. */
static bool go_on(struct async_connect__frame *f)
{
	async_caught caught = {NULL};
	async_error error;

	if (!f->next)
		return false;
	error = async__hold(&caught);
	if (error.code == ASYNC_CANCELLED) {
		async__reraise(&caught);
		return false;
	}
	async__drop(&caught);
	return true;
}

static async_status start_attempt(struct async_connect__frame *f)
{
	const struct addrinfo *address = f->next;

	f->next = address->ai_next;
	f->fd = async_socket(address->ai_family, address->ai_socktype, address->ai_protocol);
	if (f->fd < 0)
		return async__io_raise(errno, "connect: socket");
	async__prepare(&f->attempt.base, async_connect_fd__resume, &f->base);
	f->attempt.fd = f->fd;
	f->attempt.address = address->ai_addr;
	f->attempt.length = address->ai_addrlen;
	f->base.state = at_attempt;
	return async__start(&f->attempt.base);
}

/* Tries addresses until one answers, or one keeps us waiting. */
static async_status try_addresses(struct async_connect__frame *f)
{
	async_status status;

	do {
		f->fd = -1;
		status = start_attempt(f);
		if (status == ASYNC_SUSPENDED)
			return ASYNC_SUSPENDED;
		if (f->fd >= 0)
			status = end_attempt(f, status);
	} while (status == ASYNC_FAILED && go_on(f));
	return status;
}

static async_status async_connect__resume(async_frame *frame)
{
	struct async_connect__frame *f = (struct async_connect__frame *)frame;
	async_status status;

	switch (frame->state) {
	case at_start:
		status = find_addresses(f);
		if (status != ASYNC_DONE)
			return status;
		break;
	case at_lookup:
		status = end_lookup(f, (async_status)frame->status);
		if (status != ASYNC_DONE)
			return status;
		break;
	case at_attempt:
		status = end_attempt(f, (async_status)frame->status);
		if (status == ASYNC_FAILED && go_on(f))
			status = try_addresses(f);
		goto done;
	}
	if (f->found.err)
		return raise_lookup_error(f);
	f->next = f->found.addresses;
	status = try_addresses(f);
done:
	if (status != ASYNC_SUSPENDED)
		freeaddrinfo(f->found.addresses);
	return status;
}

static const async_await_point connect_awaits[] = {
	{.line = __LINE__, .awaited = "getaddrinfo(host)"},
	{.line = __LINE__, .awaited = "async_connect_fd(fd)", .callee = &async_connect_fd__async},
};

const async_function async_connect__async = {
	.abi = ASYNC_ABI_VERSION,
	.frame_size = sizeof(struct async_connect__frame),
	.frame_align = _Alignof(struct async_connect__frame),
	.result_offset = offsetof(struct async_connect__frame, result),
	.result_size = sizeof(int),
	.n_awaits = 2,
	.resume = async_connect__resume,
	.name = "async_connect",
	.file = __FILE__,
	.awaits = connect_awaits,
};

int async_connect(const char *host, int port)
{
	struct async_connect__frame *f = async__entry(&async_connect__async, (void (*)(void))async_connect);
	int result = -1;

	if (f) {
		f->host = host;
		f->port = port;
	}
	async__entry_run(f, &result, sizeof result);
	return result;
}
