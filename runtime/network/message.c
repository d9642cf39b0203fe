/* message.c: datagrams: each on its way by itself, lost, doubled and overtaken as the faults say.
 * Completes: nothing; touches the receiver when one has come.  Owns: the messages, which are their receiver's.  Loop's thread. */
#include "network.h"

#include <stdlib.h>

enum { BIGGEST = 65507, MOST_QUEUED = 212992, MUCH_LATER = 10 };

struct sim_message {
	struct async__link listed;  /* receiver->flying, then receiver->messages */
	struct async_timer timer;
	struct sim_end *to;
	struct sim_address from;
	size_t size;
	char bytes[];
};

static ssize_t fail(int err)
{
	errno = err;
	return -1;
}

static void drop(struct sim_network *net, struct async__link *link)
{
	struct sim_message *message = async__container_of(link, struct sim_message, listed);

	async__timer_stop(net->loop, &message->timer);
	async__list_remove(&message->listed);
	free(message);
}

void async__net_drop_messages(struct sim_network *net, struct sim_end *end)
{
	while (!async__list_empty(&end->messages))
		drop(net, end->messages.next);
	while (!async__list_empty(&end->flying))
		drop(net, end->flying.next);
}

/* ---- Coming ---- */

static void come_in(struct async__entry *entry)
{
	struct sim_message *message = async__container_of(entry, struct sim_message, timer.entry);
	struct sim_network *net = async__network();
	struct sim_end *to = message->to;

	async__list_remove(&message->listed);
	if (to->queued + message->size > MOST_QUEUED) {
		free(message);
		return;
	}
	to->queued += message->size;
	async__list_append(&to->messages, &message->listed);
	async__net_touch(net, to);
}

/* One that is cut is gone for the rest. */
ssize_t async__net_recvfrom(struct sim_end *end, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	struct sim_message *message;
	size_t whole, n;

	if (async__list_empty(&end->messages))
		return fail(EAGAIN);
	message = async__container_of(end->messages.next, struct sim_message, listed);
	whole = message->size;
	n = whole < size ? whole : size;
	if (n)
		memcpy(buffer, message->bytes, n);
	async__net_get_address(&message->from, address, length);
	if (!(flags & MSG_PEEK)) {
		end->queued -= whole;
		async__list_remove(&message->listed);
		free(message);
	}
	return (ssize_t)(flags & MSG_TRUNC ? whole : n);
}

/* ---- Going ---- */

static void send_one(struct sim_network *net, struct sim_end *end, struct sim_end *to, const void *bytes, size_t size)
{
	struct sim_message *message = malloc(sizeof *message + size);
	int64_t due = net->sim->clock + async__net_latency(net, to);

	if (!message)
		return; /* lost, as it may be */
	*message = (struct sim_message){.to = to, .from = end->local, .size = size};
	if (size)
		memcpy(message->bytes, bytes, size);
	if (async__sim_strikes(net->sim, ASYNC_SIM_OVERTAKEN))
		due += async__net_draw(net, net->most, net->most * MUCH_LATER);
	else
		to->last_due = due = due < to->last_due ? to->last_due : due;
	async__list_append(&to->flying, &message->listed);
	async__timer_init(&message->timer, come_in);
	async__timer_start(net->loop, &message->timer, due);
}

/* What the program has bound by itself, we hear of when we ask. */
static void know_address(struct sim_end *end)
{
	if (!end->local.length && async__net_ask_kernel(end->fd, &end->local))
		end->really_bound = true;
}

/* A connected one hears nobody else. */
static struct sim_end *find_receiver(struct sim_network *net, const struct sim_end *from, const struct sim_address *to)
{
	struct async__link *head = &net->ends[SIM_MESSAGES];

	for (struct async__link *link = head->next; link != head; link = link->next) {
		struct sim_end *end = async__container_of(link, struct sim_end, listed);

		know_address(end);
		if (async__net_means(&end->local, to) && (!end->remote.length || async__net_means(&from->local, &end->remote)))
			return async__net_find(net, end->fd);
	}
	return NULL;
}

static void send_message(struct sim_network *net, struct sim_end *end, struct sim_end *to, const void *bytes, size_t size)
{
	int n = 1 + async__sim_strikes(net->sim, ASYNC_SIM_TWICE);

	if (async__sim_strikes(net->sim, ASYNC_SIM_LOST) || async__net_is_cut_off(net, &end->local, &to->local))
		return;
	while (n--)
		send_one(net, end, to, bytes, size);
}

ssize_t async__net_sendto(struct sim_network *net, struct sim_end *end, const void *bytes, size_t size, const struct sockaddr *address,
			  socklen_t length)
{
	struct sim_address there = end->remote;
	struct sim_end *to;

	if (address)
		async__net_set_address(&there, address, length);
	if (!there.length)
		return fail(EDESTADDRREQ);
	if (size > BIGGEST)
		return fail(EMSGSIZE);
	know_address(end);
	to = find_receiver(net, end, &there);
	if (!to && net->mode == ASYNC_SIM_NETWORK_OPEN && (address || !end->connected_here))
		return fail(ENETUNREACH); /* the kernel may know */
	async__net_choose_source(net, end, &there);
	if (to)
		send_message(net, end, to, bytes, size);
	return (ssize_t)size;
}

/* Somebody in here, or the kernel is told as well. */
int async__net_connect_messages(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length)
{
	struct sim_address there;
	bool is_here;

	async__net_set_address(&there, address, length);
	know_address(end);
	is_here = find_receiver(net, end, &there) || net->mode == ASYNC_SIM_NETWORK_CLOSED;
	if (!is_here && connect(end->fd, address, length))
		return -1;
	async__net_choose_source(net, end, &there);
	end->remote = there;
	end->connected_here = is_here;
	return 0;
}
