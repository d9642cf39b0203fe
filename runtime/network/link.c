/* link.c: connections and how they come about: listening, connecting, accepting; and pairs that are connected from the first.
 * Completes: a connect, by timers, when its host has answered, or never will.  Owns: ends that nobody has accepted are their listener's.
 * Loop's thread. */
#include "network.h"

#include <stdlib.h>
#include <unistd.h>

enum { MOST_BACKLOG = 4096, SECOND = 1000000000, ATTEMPTS = 7 };

static int fail(int err)
{
	errno = err;
	return -1;
}

/* ---- Listening ---- */

static int kernel_listens(int fd)
{
	int on = 0;
	socklen_t size = sizeof on;

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) && on;
}

static void start_listening(struct sim_network *net, struct sim_end *end, int backlog)
{
	end->backlog = backlog <= 0 ? 1 : backlog > MOST_BACKLOG ? MOST_BACKLOG : (unsigned)backlog;
	async__net_become(net, end, SIM_LISTENING);
}

void async__net_notice_listening(struct sim_network *net, struct sim_end *end)
{
	if (end->kind != SIM_FRESH || !kernel_listens(end->fd) || !async__net_ask_kernel(end->fd, &end->local))
		return;
	end->really_bound = true;
	start_listening(net, end, MOST_BACKLOG);
}

int async__net_listen(struct sim_network *net, struct sim_end *end, int backlog)
{
	if (!end->local.length && async__net_ask_kernel(end->fd, &end->local))
		end->really_bound = true;
	if (end->really_bound && net->mode == ASYNC_SIM_NETWORK_OPEN && listen(end->fd, backlog))
		return -1;
	if (!end->local.length)
		return fail(EDESTADDRREQ);
	start_listening(net, end, backlog);
	return 0;
}

static struct sim_end *find_listener(struct sim_network *net, const struct sim_address *to)
{
	struct async__link *head = &net->ends[SIM_FRESH], *next;

	for (struct async__link *link = head->next; link != head; link = next) {
		next = link->next;
		async__net_notice_listening(net, async__container_of(link, struct sim_end, listed));
	}
	head = &net->ends[SIM_LISTENING];
	for (struct async__link *link = head->next; link != head; link = link->next) {
		struct sim_end *end = async__container_of(link, struct sim_end, listed);

		if (async__net_means(&end->local, to))
			return async__net_find(net, end->fd);
	}
	return NULL;
}

static struct sim_end *first_pending(struct sim_end *listener)
{
	return async__container_of(listener->pending.next, struct sim_end, waiting);
}

static void take_pending(struct sim_end *listener, struct sim_end *end)
{
	async__list_remove(&end->waiting);
	listener->n_pending--;
}

static void lose_pending(struct sim_network *net, struct sim_end *listener)
{
	struct sim_end *nobodys = first_pending(listener);

	take_pending(listener, nobodys);
	async__lane_reset(net, nobodys);
	async__net_end(net, nobodys);
}

/* Nobody will ever accept them. */
void async__net_close_listener(struct sim_network *net, struct sim_end *end)
{
	while (end->n_pending)
		lose_pending(net, end);
}

bool async__net_lose_pending(int fd)
{
	struct sim_network *net = async__network();
	struct sim_end *end = async__net_find(net, fd);

	if (!end || !end->n_pending)
		return false;
	lose_pending(net, end);
	return true;
}

/* ---- Connecting ---- */

static void become_connected(struct sim_network *net, struct sim_end *end)
{
	async__net_become(net, end, SIM_CONNECTED);
	async__net_touch(net, end);
}

static void join(struct sim_end *a, struct sim_end *b)
{
	a->peer = b;
	b->peer = a;
}

/* The end that the listener's program will get; false without memory. */
static bool put_to_listener(struct sim_network *net, struct sim_end *listener, struct sim_end *end)
{
	struct sim_end *other = async__net_new(net, -1, listener->family, SOCK_STREAM);

	if (!other)
		return false;
	other->local = end->remote;
	other->remote = end->local;
	async__net_become(net, other, SIM_CONNECTED);
	join(end, other);
	async__list_append(&listener->pending, &other->waiting);
	listener->n_pending++;
	async__net_touch(net, listener);
	return true;
}

/* The outcome is known, or the question is to be asked again: after this time. */
static void step(struct sim_network *net, struct sim_end *end, void (*run)(struct async__entry *), int64_t after)
{
	end->attempt.entry.run = async__runs(run);
	async__timer_start(net->loop, &end->attempt, net->sim->clock + after);
}

static void hear_answer(struct async__entry *entry)
{
	struct sim_end *end = async__container_of(entry, struct sim_end, attempt.entry);
	struct sim_network *net = async__network();

	if (end->error)
		end->broken = true;
	become_connected(net, end);
}

static void refuse(struct sim_network *net, struct sim_end *end, int err, int64_t after)
{
	end->error = err;
	step(net, end, hear_answer, after);
}

static bool is_full(const struct sim_end *listener)
{
	return listener->n_pending > listener->backlog;
}

/* The packet has come, or is lost. */
static void ask(struct async__entry *entry)
{
	struct sim_end *end = async__container_of(entry, struct sim_end, attempt.entry), *listener;
	struct sim_network *net = async__network();
	bool lost = async__net_is_cut_off(net, &end->local, &end->remote);

	listener = lost ? NULL : find_listener(net, &end->remote);
	if (lost || (listener && (is_full(listener) || !put_to_listener(net, listener, end)))) {
		if (++end->attempts >= ATTEMPTS)
			refuse(net, end, ETIMEDOUT, 0);
		else
			step(net, end, ask, (int64_t)SECOND << (end->attempts - 1));
		return;
	}
	if (listener)
		step(net, end, hear_answer, async__net_latency(net, end));
	else
		refuse(net, end, async__net_is_known(net, &end->remote) ? ECONNREFUSED : EHOSTUNREACH, async__net_latency(net, end));
}

static int connect_at_once(struct sim_network *net, struct sim_end *end, struct sim_end *listener)
{
	if (is_full(listener))
		return fail(EAGAIN);
	if (!put_to_listener(net, listener, end))
		return fail(ENOBUFS);
	become_connected(net, end);
	return 0;
}

static int connect_outside(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length)
{
	async__net_become(net, end, SIM_OUTSIDE);
	return connect(end->fd, address, length);
}

static int is_not_fresh(const struct sim_end *end)
{
	static const int errors[] = {
		[SIM_LISTENING] = EINVAL, [SIM_CONNECTING] = EALREADY, [SIM_CONNECTED] = EISCONN, [SIM_N_KINDS] = 0};

	return errors[end->kind];
}

int async__net_connect(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length)
{
	struct sim_end *listener;

	if (is_not_fresh(end))
		return fail(is_not_fresh(end));
	async__net_set_address(&end->remote, address, length);
	listener = end->kind == SIM_OUTSIDE ? NULL : find_listener(net, &end->remote);
	if (end->kind == SIM_OUTSIDE || (!listener && net->mode == ASYNC_SIM_NETWORK_OPEN && !async__net_is_cut_off(net, &end->remote, &end->remote)))
		return connect_outside(net, end, address, length);
	if (async__net_is_local(end->family))
		return listener ? connect_at_once(net, end, listener) : fail(ECONNREFUSED);
	async__net_choose_source(net, end, &end->remote);
	async__net_become(net, end, SIM_CONNECTING);
	async__timer_init(&end->attempt, ask);
	step(net, end, ask, async__net_latency(net, end));
	return fail(EINPROGRESS);
}

/* ---- Accepting ---- */

int async__net_accept(struct sim_network *net, struct sim_end *end, struct sockaddr *address, socklen_t *length, int flags)
{
	struct sim_end *other = first_pending(end);
	int fd;

	if (async__net_is_full(net))
		return -1;
	fd = socket(end->family, SOCK_STREAM | flags, 0);
	if (fd < 0)
		return -1;
	if (!async__net_name(net, other, fd)) {
		close(fd);
		return fail(ENOBUFS);
	}
	take_pending(end, other);
	async__net_get_address(&other->remote, address, length);
	return fd;
}

/* ---- Pairs ---- */

/* A pipe's first end reads, the second writes. */
static struct sim_end *connected(struct sim_network *net, int fd, bool is_pipe)
{
	struct sim_end *end = async__net_new(net, fd, is_pipe ? AF_UNSPEC : AF_UNIX, SOCK_STREAM);

	if (end)
		async__net_become(net, end, SIM_CONNECTED);
	return end;
}

int async__net_pair(int fds[2], bool is_pipe)
{
	struct sim_network *net = async__network();
	struct sim_end *a, *b;

	if (is_pipe ? async__real_system.pipe(fds) : async__real_system.socketpair(fds))
		return -1;
	if (net->mode == ASYNC_SIM_NETWORK_REAL)
		return 0;
	a = async__net_is_full(net) ? NULL : connected(net, fds[0], is_pipe);
	b = a && !async__net_is_full(net) ? connected(net, fds[1], is_pipe) : NULL;
	if (b) {
		join(a, b);
		a->out_shut = b->in_shut = is_pipe;
		return 0;
	}
	if (a)
		async__net_end(net, a);
	close(fds[0]);
	close(fds[1]);
	return -1;
}
