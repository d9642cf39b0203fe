/* address.c: who is meant by an address, hosts and their names.
 * Completes, waits for nothing.  Owns: the names.  Loop's thread. */
#include "network.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>

bool async__net_is_local(int family)
{
	return family == AF_UNIX || family == AF_UNSPEC;
}

void async__net_set_address(struct sim_address *to, const struct sockaddr *address, socklen_t length)
{
	*to = (struct sim_address){0};
	to->length = length < sizeof to->local ? length : sizeof to->local;
	memcpy(&to->any, address, to->length);
}

void async__net_get_address(const struct sim_address *from, struct sockaddr *address, socklen_t *length)
{
	if (!address)
		return;
	memcpy(address, &from->any, *length < from->length ? *length : from->length);
	*length = from->length;
}

/* ---- Hosts ---- */

static struct in6_addr as_v6(struct in_addr v4)
{
	struct in6_addr v6 = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(v6.s6_addr + 12, &v4, sizeof v4);
	return v6;
}

struct sim_place async__net_place(const struct sim_address *address)
{
	struct sim_place place = {0};

	if (address->length && address->any.sa_family == AF_INET)
		place = (struct sim_place){as_v6(address->v4.sin_addr), ntohs(address->v4.sin_port)};
	else if (address->length && address->any.sa_family == AF_INET6)
		place = (struct sim_place){address->v6.sin6_addr, ntohs(address->v6.sin6_port)};
	return place;
}

static bool is_any_v4(const struct in6_addr *host)
{
	return IN6_IS_ADDR_V4MAPPED(host) && !memcmp(host->s6_addr + 12, "\0\0\0", 4);
}

static bool is_loopback(const struct in6_addr *host)
{
	return IN6_IS_ADDR_LOOPBACK(host) || (IN6_IS_ADDR_V4MAPPED(host) && host->s6_addr[12] == 127);
}

/* No host in particular, as where something is to go: this one. */
static struct in6_addr destination(struct in6_addr host)
{
	if (is_any_v4(&host))
		return as_v6((struct in_addr){htonl(INADDR_LOOPBACK)});
	return IN6_IS_ADDR_UNSPECIFIED(&host) ? in6addr_loopback : host;
}

/* The wildcard of IPv6 is both kinds', as async_listen asks for. */
static bool covers(const struct in6_addr *bound, const struct in6_addr *host)
{
	return IN6_IS_ADDR_UNSPECIFIED(bound) || (is_any_v4(bound) && IN6_IS_ADDR_V4MAPPED(host)) || IN6_ARE_ADDR_EQUAL(bound, host);
}

bool async__net_means(const struct sim_address *bound, const struct sim_address *to)
{
	struct sim_place here = async__net_place(bound), there = async__net_place(to);

	if (!bound->length || !to->length)
		return false;
	if (bound->any.sa_family == AF_UNIX || to->any.sa_family == AF_UNIX)
		return bound->any.sa_family == to->any.sa_family &&
		       !strncmp(bound->local.sun_path + 1, to->local.sun_path + 1, sizeof bound->local.sun_path - 1) &&
		       bound->local.sun_path[0] == to->local.sun_path[0];
	there.host = destination(there.host);
	return here.port && here.port == there.port && covers(&here.host, &there.host);
}

/* ---- Binding ---- */

bool async__net_ask_kernel(int fd, struct sim_address *local)
{
	struct sim_address address = {.length = sizeof address.local};

	if (getsockname(fd, &address.any, &address.length))
		return false;
	if (address.any.sa_family == AF_UNIX ? address.length <= sizeof(sa_family_t) : !async__net_place(&address).port)
		return false;
	*local = address;
	return true;
}

in_port_t async__net_new_port(struct sim_network *net)
{
	enum { FIRST = 49152 };

	if (net->next_port < FIRST)
		net->next_port = FIRST;
	return net->next_port++;
}

static void set_port(struct sim_address *address, in_port_t port)
{
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = htons(port);
	else if (address->any.sa_family == AF_INET6)
		address->v6.sin6_port = htons(port);
}

void async__net_choose_source(struct sim_network *net, struct sim_end *end, const struct sim_address *to)
{
	if (!end->local.length && !async__net_ask_kernel(end->fd, &end->local)) {
		end->local = *to;
		if (to->any.sa_family == AF_INET)
			end->local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		else
			end->local.v6.sin6_addr = IN6_IS_ADDR_V4MAPPED(&to->v6.sin6_addr)
				? as_v6((struct in_addr){htonl(INADDR_LOOPBACK)}) : in6addr_loopback;
		set_port(&end->local, async__net_new_port(net));
	}
}

static bool overlap(const struct sim_end *other, const struct sim_address *address)
{
	return other->local.length && (async__net_means(&other->local, address) || async__net_means(address, &other->local));
}

static bool is_taken(const struct sim_network *net, const struct sim_end *end, const struct sim_address *address)
{
	static const enum sim_kind kinds[] = {SIM_FRESH, SIM_LISTENING, SIM_MESSAGES};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (const struct async__link *head = &net->ends[kinds[i]], *link = head->next; link != head; link = link->next) {
			const struct sim_end *other = async__container_of(link, struct sim_end, listed);

			if (other != end && other->type == end->type && overlap(other, address))
				return true;
		}
	return false;
}

static int bind_in_memory(struct sim_network *net, struct sim_end *end, struct sim_address *address)
{
	if (!async__net_is_local(end->family) && !async__net_place(address).port)
		do
			set_port(address, async__net_new_port(net));
		while (is_taken(net, end, address));
	else if (is_taken(net, end, address))
		return EADDRINUSE;
	end->local = *address;
	return 0;
}

static struct sim_name *find_host(const struct sim_network *net, const struct in6_addr *host)
{
	for (struct async__link *link = net->names.next; link != &net->names; link = link->next) {
		struct sim_name *name = async__container_of(link, struct sim_name, listed);

		if (IN6_ARE_ADDR_EQUAL(&name->place.host, host))
			return name;
	}
	return NULL;
}

/* Open to the outside, the kernel is asked, but for hosts that it knows nothing of. */
int async__net_bind(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length)
{
	struct sim_address wanted;
	struct sim_place place;

	async__net_set_address(&wanted, address, length);
	place = async__net_place(&wanted);
	if (net->mode == ASYNC_SIM_NETWORK_CLOSED || find_host(net, &place.host))
		return bind_in_memory(net, end, &wanted);
	if (bind(end->fd, address, length))
		return errno;
	end->really_bound = true;
	async__net_ask_kernel(end->fd, &end->local);
	return 0;
}

/* ---- Known and cut off ---- */

static bool is_cut(const struct sim_network *net, const struct sim_address *address)
{
	struct sim_place place = async__net_place(address);
	const struct sim_name *name = address->length ? find_host(net, &place.host) : NULL;

	return name && name->cut_off;
}

bool async__net_is_cut_off(const struct sim_network *net, const struct sim_address *a, const struct sim_address *b)
{
	return net->any_cut_off && (is_cut(net, a) || is_cut(net, b));
}

static bool is_bound(const struct sim_network *net, enum sim_kind kind, const struct sim_place *place)
{
	for (const struct async__link *link = net->ends[kind].next; link != &net->ends[kind]; link = link->next) {
		struct sim_place local = async__net_place(&async__container_of(link, struct sim_end, listed)->local);

		if (IN6_ARE_ADDR_EQUAL(&local.host, &place->host))
			return true;
	}
	return false;
}

bool async__net_is_known(const struct sim_network *net, const struct sim_address *address)
{
	struct sim_place place = async__net_place(address);

	place.host = destination(place.host);
	return is_loopback(&place.host) || find_host(net, &place.host) || is_bound(net, SIM_LISTENING, &place) ||
	       is_bound(net, SIM_MESSAGES, &place);
}

/* ---- Names ---- */

static bool parse(const char *text, struct in6_addr *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		*host = as_v6(v4);
		return true;
	}
	return inet_pton(AF_INET6, text, host) == 1;
}

static struct sim_name *add_name(struct sim_network *net, const char *text, const struct in6_addr *host)
{
	struct sim_name *name = malloc(sizeof *name + strlen(text) + 1);

	if (!name)
		return NULL;
	*name = (struct sim_name){.place.host = *host};
	strcpy(name->name, text);
	async__list_append(&net->names, &name->listed);
	return name;
}

void async__net_free_names(struct sim_network *net)
{
	while (!async__list_empty(&net->names)) {
		struct sim_name *name = async__container_of(net->names.next, struct sim_name, listed);

		async__list_remove(&name->listed);
		free(name);
	}
}

/* getaddrinfo makes the list, so that freeaddrinfo can free it; it is glibc's, of single pieces. */
static int append(const struct in6_addr *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	struct addrinfo numeric = hints ? *hints : (struct addrinfo){0};
	char text[INET6_ADDRSTRLEN];
	int err;

	numeric.ai_flags |= AI_NUMERICHOST;
	numeric.ai_flags &= ~AI_CANONNAME;
	if (IN6_IS_ADDR_V4MAPPED(host))
		inet_ntop(AF_INET, host->s6_addr + 12, text, sizeof text);
	else
		inet_ntop(AF_INET6, host, text, sizeof text);
	while (*found)
		found = &(*found)->ai_next;
	err = getaddrinfo(text, service, &numeric, found);
	if (err)
		*found = NULL;
	return err == EAI_ADDRFAMILY ? EAI_NONAME : err;
}

/* Of several addresses some may be of a family that is not asked for. */
static int look_up_here(const struct sim_network *net, const char *host, const char *service, const struct addrinfo *hints,
			struct addrinfo **found)
{
	int err = EAI_NONAME;
	struct in6_addr loopback = as_v6((struct in_addr){htonl(INADDR_LOOPBACK)});

	*found = NULL;
	if (!strcmp(host, "localhost")) {
		err = append(&in6addr_loopback, service, hints, found);
		err = append(&loopback, service, hints, found) && err ? err : 0;
	}
	for (const struct async__link *link = net->names.next; link != &net->names; link = link->next) {
		const struct sim_name *name = async__container_of(link, struct sim_name, listed);

		if (!strcmp(name->name, host))
			err = append(&name->place.host, service, hints, found) && err ? err : 0;
	}
	return *found ? 0 : err;
}

bool async__net_look_up(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found, int *err)
{
	const struct sim_network *net = async__network();

	if (net->mode == ASYNC_SIM_NETWORK_REAL)
		return false;
	*err = look_up_here(net, host, service, hints, found);
	return !*err || net->mode == ASYNC_SIM_NETWORK_CLOSED;
}

/* ---- Options ---- */

static struct sim_network *ours(async_loop *loop, const char *what)
{
	struct sim_state *s = async__sim(loop);

	return s && async__loop_is_ours(loop, what) ? s->network : NULL;
}

int async_sim_host(async_loop *loop, const char *name, const char *address)
{
	struct sim_network *net = ours(loop, "async_sim_host");
	struct in6_addr host;

	if (!net)
		return async__sim(loop) ? ASYNC_WRONG_THREAD : 0;
	if (!parse(address, &host))
		return EINVAL;
	return add_name(net, name, &host) ? 0 : ASYNC_NO_MEMORY;
}

/* The first with that address says it for all its names. */
int async_sim_cut_off(async_loop *loop, const char *address, bool cut_off)
{
	struct sim_network *net = ours(loop, "async_sim_cut_off");
	struct sim_name *name;
	struct in6_addr host;

	if (!net)
		return async__sim(loop) ? ASYNC_WRONG_THREAD : 0;
	if (!parse(address, &host))
		return EINVAL;
	name = find_host(net, &host);
	if (!name)
		name = add_name(net, "", &host);
	if (!name)
		return ASYNC_NO_MEMORY;
	name->cut_off = cut_off;
	net->any_cut_off = true;
	return 0;
}

void async_sim_network(async_loop *loop, enum async_sim_network_mode mode)
{
	struct sim_network *net = ours(loop, "async_sim_network");

	if (net && (unsigned)mode <= ASYNC_SIM_NETWORK_CLOSED)
		net->mode = mode;
}

void async_sim_latency(async_loop *loop, double least, double most)
{
	struct sim_network *net = ours(loop, "async_sim_latency");

	if (!net || !(least >= 0) || !(most >= least))
		return;
	net->least = (int64_t)((least < 1e6 ? least : 1e6) * 1e9);
	net->most = (int64_t)((most < 1e6 ? most : 1e6) * 1e9);
}

void async_sim_segments(async_loop *loop, size_t most)
{
	struct sim_network *net = ours(loop, "async_sim_segments");

	if (net)
		net->segment = most;
}

void async_sim_buffer(async_loop *loop, size_t size)
{
	struct sim_network *net = ours(loop, "async_sim_buffer");

	if (net)
		net->buffer = size ? size : 1;
}

void async_sim_descriptors(async_loop *loop, size_t most)
{
	struct sim_network *net = ours(loop, "async_sim_descriptors");

	if (net)
		net->most_open = most;
}

size_t async_sim_open_descriptors(async_loop *loop)
{
	struct sim_network *net = ours(loop, "async_sim_open_descriptors");

	if (net)
		async__net_sweep(net);
	return net ? net->n_open : 0;
}
