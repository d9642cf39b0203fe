/* ends.c: which end a descriptor stands for, who waits for it, and closing it.
 * Completes: waits, by telling the loop that a descriptor is ready, in a callback.  Owns: the ends; descriptors are the program's.
 * Loop's thread. */
#include "network.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct sim_network *async__network(void)
{
	struct sim_state *s = async__self.loop ? async__sim(async__self.loop) : NULL;

	return s ? s->network : NULL;
}

/* ---- By descriptor ---- */

/* Numbers are used again. */
static bool is_still(const struct sim_end *end)
{
	struct stat file;

	return !fstat(end->fd, &file) && file.st_dev == end->device && file.st_ino == end->inode;
}

static struct sim_end *named(const struct sim_network *net, int fd)
{
	return fd >= 0 && fd < net->n_by_fd ? net->by_fd[fd] : NULL;
}

struct sim_end *async__net_find(struct sim_network *net, int fd)
{
	struct sim_end *end = named(net, fd);

	if (!end || is_still(end))
		return end;
	async__net_end(net, end);
	return NULL;
}

static bool make_place(struct sim_network *net, int fd)
{
	int n = fd * 2 + 16;
	struct sim_end **by_fd = fd < net->n_by_fd ? net->by_fd : realloc(net->by_fd, (size_t)n * sizeof *by_fd);

	if (!by_fd)
		return false;
	if (fd >= net->n_by_fd) {
		memset(by_fd + net->n_by_fd, 0, (size_t)(n - net->n_by_fd) * sizeof *by_fd);
		net->n_by_fd = n;
	}
	net->by_fd = by_fd;
	return true;
}

bool async__net_name(struct sim_network *net, struct sim_end *end, int fd)
{
	struct sim_end *before = named(net, fd);
	struct stat file;

	if (before)
		async__net_end(net, before);
	if (fstat(fd, &file) || !make_place(net, fd))
		return false;
	end->fd = fd;
	end->device = file.st_dev;
	end->inode = file.st_ino;
	net->by_fd[fd] = end;
	net->n_open++;
	return true;
}

/* ---- Life ---- */

void async__net_become(struct sim_network *net, struct sim_end *end, enum sim_kind kind)
{
	end->kind = kind;
	async__list_remove(&end->listed);
	async__list_append(&net->ends[kind], &end->listed);
}

static void run_told(struct async__entry *entry);

struct sim_end *async__net_new(struct sim_network *net, int fd, int family, int type)
{
	struct sim_end *end = calloc(1, sizeof *end);

	if (!end || (fd >= 0 && !async__net_name(net, end, fd))) {
		free(end);
		errno = ENOMEM;
		return NULL;
	}
	if (fd < 0)
		end->fd = -1;
	end->family = family;
	end->type = type;
	end->told.run = async__runs(run_told);
	async__list_init(&end->pending);
	async__list_init(&end->messages);
	async__list_init(&end->flying);
	async__lane_init(end);
	async__net_become(net, end, type == SOCK_DGRAM ? SIM_MESSAGES : SIM_FRESH);
	return end;
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) ? -1 : value;
}

/* Of the kernel's sockets these have a counterpart here. */
static bool is_simulated(int family, int type)
{
	return (type == SOCK_STREAM && (family == AF_UNIX || family == AF_INET || family == AF_INET6)) ||
	       (type == SOCK_DGRAM && (family == AF_INET || family == AF_INET6));
}

static bool is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof peer;

	return !getpeername(fd, (struct sockaddr *)&peer, &length);
}

struct sim_end *async__net_adopt(struct sim_network *net, int fd)
{
	struct sim_end *end = async__net_find(net, fd);
	int family = end ? 0 : option(fd, SO_DOMAIN), type = end ? 0 : option(fd, SO_TYPE);

	if (end || net->mode == ASYNC_SIM_NETWORK_REAL || !is_simulated(family, type) || is_connected(fd))
		return end;
	return async__net_new(net, fd, family, type);
}

static void free_end(struct sim_network *net, struct sim_end *end)
{
	async__list_remove(&end->told.link);
	async__list_remove(&end->listed);
	async__list_remove(&end->waiting);
	async__timer_stop(net->loop, &end->attempt);
	async__lane_finish(net, end);
	async__net_drop_messages(net, end);
	if (end->fd >= 0) {
		net->by_fd[end->fd] = NULL;
		net->n_open--;
	}
	free(end);
}

/* SO_LINGER of no time asks for a reset instead of an end. */
static bool is_abrupt(const struct sim_end *end)
{
	struct linger linger = {0};
	socklen_t size = sizeof linger;

	return end->lane.arrived || (!getsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, &size) && linger.l_onoff && !linger.l_linger);
}

/* The other one reads the end; what we have not read is lost, and so the end is a hard one. */
static void leave_peer(struct sim_network *net, struct sim_end *end)
{
	struct sim_end *peer = end->peer;

	if (!peer)
		return;
	peer->peer = NULL;
	if (is_abrupt(end) && end->family != AF_UNSPEC) {
		peer->lane.reset_sent = true;
		async__lane_send(net, peer, SIM_RESET);
	} else if (!end->out_shut) {
		async__lane_send(net, peer, SIM_FIN);
	}
	async__net_touch(net, peer);
}

void async__net_end(struct sim_network *net, struct sim_end *end)
{
	if (end->kind == SIM_LISTENING)
		async__net_close_listener(net, end);
	leave_peer(net, end);
	free_end(net, end);
}

bool async__net_is_full(struct sim_network *net)
{
	if (net->most_open)
		async__net_sweep(net);
	if (!net->most_open || net->n_open < net->most_open)
		return false;
	errno = EMFILE;
	return true;
}

/* ---- Who waits ---- */

bool async__net_is_open_to_outside(const struct sim_network *net, const struct sim_end *end)
{
	return end->kind == SIM_OUTSIDE || (end->really_bound && net->mode == ASYNC_SIM_NETWORK_OPEN && end->kind == SIM_LISTENING) ||
	       (net->mode == ASYNC_SIM_NETWORK_OPEN && end->kind == SIM_MESSAGES);
}

static unsigned events_of_connection(const struct sim_network *net, const struct sim_end *end)
{
	unsigned both = ASYNC_READABLE | ASYNC_WRITABLE;

	if (end->error || end->broken)
		return both;
	return (end->lane.arrived || end->lane.ended || end->in_shut ? ASYNC_READABLE : 0u) |
	       (end->out_shut || (end->peer ? async__lane_room(net, end->peer) > 0 : !end->lane.reset_sent) ? ASYNC_WRITABLE : 0u) |
	       (end->family == AF_UNSPEC && !end->peer ? both : 0u);
}

/* An unconnected socket is told to be both, as the kernel does. */
static unsigned events_of(const struct sim_network *net, const struct sim_end *end)
{
	switch (end->kind) {
	case SIM_LISTENING:
		return end->n_pending ? ASYNC_READABLE : 0;
	case SIM_CONNECTED:
		return events_of_connection(net, end);
	case SIM_CONNECTING:
		return 0;
	case SIM_MESSAGES:
		return ASYNC_WRITABLE | (async__list_empty(&end->messages) ? 0u : ASYNC_READABLE);
	default:
		return ASYNC_READABLE | ASYNC_WRITABLE;
	}
}

void async__net_touch(struct sim_network *net, struct sim_end *end)
{
	if (end->fd >= 0 && events_of(net, end) & end->interest && !async__linked(&end->told.link))
		async__soon(net->loop, &end->told);
}

/* Who wants to hear of more asks again. */
static void run_told(struct async__entry *entry)
{
	struct sim_end *end = async__container_of(entry, struct sim_end, told);
	struct sim_network *net = async__network();
	unsigned events = events_of(net, end) & end->interest;

	end->interest &= ~events;
	if (events)
		async_loop_report(net->loop, end->fd, events);
}

bool async__net_watch(struct sim_network *net, int fd, unsigned events)
{
	struct sim_end *end = async__net_find(net, fd);

	if (!end || end->kind == SIM_OUTSIDE)
		return false;
	end->interest = events;
	async__net_touch(net, end);
	return !async__net_is_open_to_outside(net, end);
}

/* Who waits for a number without a file looks, and finds out. */
static bool sweep_kind(struct sim_network *net, enum sim_kind kind)
{
	bool found = false;

	for (struct async__link *link = net->ends[kind].next, *next; link != &net->ends[kind]; link = next) {
		struct sim_end *end = async__container_of(link, struct sim_end, listed);
		int fd = end->fd;

		next = link->next;
		if (fd < 0 || is_still(end))
			continue;
		async__net_end(net, end);
		async_loop_report(net->loop, fd, ASYNC_READABLE | ASYNC_WRITABLE);
		next = net->ends[kind].next; /* a listener takes others with it */
		found = true;
	}
	return found;
}

bool async__net_sweep(struct sim_network *net)
{
	bool found = false;

	for (int kind = 0; kind < SIM_N_KINDS; kind++)
		found |= sweep_kind(net, (enum sim_kind)kind);
	net->swept = net->sim->clock;
	return found;
}

bool async__net_only_inside(async_loop *loop)
{
	struct sim_network *net = async__sim(loop)->network;

	if (async__net_sweep(net))
		return false;
	for (int fd = 0; fd < loop->n_fds; fd++) {
		struct sim_end *end = async__list_empty(&loop->fds[fd].waits) ? NULL : named(net, fd);

		if (!async__list_empty(&loop->fds[fd].waits) && (!end || async__net_is_open_to_outside(net, end)))
			return false;
	}
	return true;
}

/* ---- The network ---- */

struct sim_network *async__net_open(async_loop *loop, struct sim_state *sim)
{
	struct sim_network *net = calloc(1, sizeof *net);

	if (!net)
		return NULL;
	net->loop = loop;
	net->sim = sim;
	net->mode = ASYNC_SIM_NETWORK_OPEN;
	for (int kind = 0; kind < SIM_N_KINDS; kind++)
		async__list_init(&net->ends[kind]);
	async__list_init(&net->names);
	net->least = 20000;
	net->most = 200000;
	net->buffer = 65536;
	return net;
}

void async__net_close(struct sim_network *net)
{
	for (int kind = 0; kind < SIM_N_KINDS; kind++)
		while (!async__list_empty(&net->ends[kind]))
			free_end(net, async__container_of(net->ends[kind].next, struct sim_end, listed));
	async__net_free_names(net);
	free(net->by_fd);
	free(net);
}
