/* network.h: the simulated loop's network: sockets and pipes that live in its memory.
 *
 * An *end* is what a descriptor of the program's stands for.  The descriptor itself is a real one, of the same kind, that the kernel
 * believes to be connected to nothing: so its number is nobody else's, options can be set and asked for, fstat tells what it is, and
 * close(2) is noticed, if late, as the number has no file any more, or another one (sweep).
 *
 * The two ends of a connection know each other.  Each owns what is on its way to it, the *lane*: bytes that have come, and
 * segments that are still under way, each until a time of the loop's clock.  What comes in is a timer of the loop's.
 *
 *   ends.c      descriptors and ends, who waits for them, closing      lane.c      bytes on their way, and their end
 *   address.c   who is meant by an address, names, hosts cut off       link.c      listening, connecting, accepting, pairs
 *   message.c   datagrams                                              kernel.c    the system calls, for an end or a real descriptor
 *
 * Invariants:
 *   - by_fd[end->fd] == end, or end->fd is -1 and the end waits in exactly one listener's pending;
 *   - a->peer == b exactly when b->peer == a;  a peer that is gone is NULL;
 *   - a lane's segments are in order of due, which is also the order in which they were sent; its timer runs while there are any;
 *   - bytes [begin, begin + arrived) of a lane may be read, the rest up to end are those of its segments, in order;
 *   - stored bytes are never more than net->buffer: who writes is told to wait;
 *   - an end's entry `told` is queued only while there is something to tell.
 *
 * The memory is the kernel's part, not the library's: it comes from malloc, so that an allocation that fails on purpose is none of these.
 * Loop's thread. */
#ifndef ASYNC_NETWORK_INTERNAL_H
#define ASYNC_NETWORK_INTERNAL_H

#include "../io/system.h"
#include "../loops/sim.h"
#include <async/sim_network.h>

#include <netinet/in.h>
#include <sys/un.h>

struct sim_address {
	socklen_t length; /* 0: none */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	};
};

/* Where a packet goes to: IPv4 as IPv6 has it. */
struct sim_place {
	struct in6_addr host;
	in_port_t port; /* the host's order */
};

enum sim_arrival { SIM_BYTES, SIM_FIN, SIM_RESET };

struct sim_segment {
	struct async__link listed;
	int64_t due;
	enum sim_arrival what;
	size_t size;
};

struct sim_lane {
	char *bytes;
	size_t room, begin, end, arrived;
	struct async__link segments;
	struct async_timer timer;  /* of the first one */
	int64_t last_due;          /* of the last one, even if it has come */
	int64_t held_since;        /* the first one cannot come through; -1: it can */
	bool ended;                /* the end has come */
	bool reset_sent;           /* one is under way */
};

enum sim_kind {
	SIM_FRESH,      /* neither bound for real nor connected, or so it seemed */
	SIM_OUTSIDE,    /* connected for real */
	SIM_LISTENING,
	SIM_CONNECTING,
	SIM_CONNECTED,  /* or was; also both ends of a pipe */
	SIM_MESSAGES,   /* datagrams */
	SIM_N_KINDS
};

struct sim_end {
	int fd;
	dev_t device;                /* what file the descriptor's number stood for */
	ino_t inode;
	enum sim_kind kind;
	struct async__link listed;   /* net->ends[kind] */
	int family, type;            /* AF_UNSPEC: a pipe */
	bool really_bound;           /* the kernel, too, may have something for it */
	bool connected_here;         /* of datagrams: to one of the loop's own, the kernel has not been told */
	struct sim_address local, remote;
	unsigned interest;
	struct async__entry told;
	int error;                   /* to be told once */
	bool broken;                 /* and after that: reads end, writes fail */
	bool in_shut, out_shut;
	struct sim_end *peer;
	struct sim_lane lane;        /* to us */
	struct async_timer attempt;  /* while connecting: the next step */
	unsigned attempts;
	struct async__link pending;  /* of a listener: ends that nobody has accepted, by waiting */
	struct async__link waiting;
	unsigned n_pending, backlog;
	struct async__link messages; /* struct sim_message that have come, */
	struct async__link flying;   /* and that are under way */
	size_t queued;               /* bytes in messages */
	int64_t last_due;            /* of messages */
};

struct sim_name {
	struct async__link listed;
	struct sim_place place;
	bool cut_off;
	char name[]; /* empty: a host without a name */
};

struct sim_network {
	async_loop *loop;
	struct sim_state *sim;
	enum async_sim_network_mode mode;
	struct async__link ends[SIM_N_KINDS];
	struct sim_end **by_fd;
	int n_by_fd;
	size_t n_open, most_open;    /* descriptors; 0: any number */
	struct async__link names;    /* struct sim_name */
	bool any_cut_off;
	uint64_t chance;             /* state of the random numbers for latency and segments */
	int64_t least, most;         /* latency in ns */
	size_t segment, buffer;
	in_port_t next_port;
	int64_t swept;               /* when we last looked for descriptors that are closed */
};

/* ---- ends.c ---- */

/* The running loop's; NULL: it is over another back end. */
struct sim_network *async__network(void);
/* The end that the descriptor stands for; NULL: a real one. */
struct sim_end *async__net_find(struct sim_network *net, int fd);
/* The same; one is made for a socket that the program has made by itself, unless all are to be real. */
struct sim_end *async__net_adopt(struct sim_network *net, int fd);
/* fd -1: for no descriptor yet.  NULL without memory, and errno set. */
struct sim_end *async__net_new(struct sim_network *net, int fd, int family, int type);
/* It stands for this descriptor from now on; false without memory. */
bool async__net_name(struct sim_network *net, struct sim_end *end, int fd);
void async__net_become(struct sim_network *net, struct sim_end *end, enum sim_kind kind);
/* There may be something to tell. */
void async__net_touch(struct sim_network *net, struct sim_end *end);
/* Its descriptor is closed. */
void async__net_end(struct sim_network *net, struct sim_end *end);
/* Does the kernel, too, have to be asked? */
bool async__net_is_open_to_outside(const struct sim_network *net, const struct sim_end *end);
/* True, and errno is EMFILE: there are enough of them. */
bool async__net_is_full(struct sim_network *net);

/* ---- lane.c ---- */

void async__lane_init(struct sim_end *end);
void async__lane_finish(struct sim_network *net, struct sim_end *end);
size_t async__lane_room(const struct sim_network *net, const struct sim_end *to);
/* As recv and send on a connection, or a pipe. */
ssize_t async__lane_read(struct sim_network *net, struct sim_end *end, void *buffer, size_t size, bool peek);
ssize_t async__lane_write(struct sim_network *net, struct sim_end *end, const void *bytes, size_t size);
/* Something without bytes, behind all that is under way.  Without memory it is there at once. */
void async__lane_send(struct sim_network *net, struct sim_end *to, enum sim_arrival what);
/* The connection is dead, for this end at once and for the other when it hears of it. */
void async__lane_reset(struct sim_network *net, struct sim_end *end);
/* This end has been told so, or the kernel gives it up. */
void async__lane_break(struct sim_network *net, struct sim_end *end, int error);
/* How long a packet takes to such an end. */
int64_t async__net_latency(struct sim_network *net, const struct sim_end *to);
int64_t async__net_draw(struct sim_network *net, int64_t least, int64_t most);

/* ---- address.c ---- */

bool async__net_is_local(int family);
void async__net_set_address(struct sim_address *to, const struct sockaddr *address, socklen_t length);
/* As getsockname hands an address out. */
void async__net_get_address(const struct sim_address *from, struct sockaddr *address, socklen_t *length);
struct sim_place async__net_place(const struct sim_address *address);
/* Does what is sent to the address come to who is bound to this one? */
bool async__net_means(const struct sim_address *bound, const struct sim_address *to);
/* What the kernel knows, if it is bound. */
bool async__net_ask_kernel(int fd, struct sim_address *local);
/* A port that the system chooses, and the address that the host of the other end is called from, if it has none. */
in_port_t async__net_new_port(struct sim_network *net);
void async__net_choose_source(struct sim_network *net, struct sim_end *end, const struct sim_address *to);
/* 0, or an errno value. */
int async__net_bind(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length);
bool async__net_is_cut_off(const struct sim_network *net, const struct sim_address *a, const struct sim_address *b);
bool async__net_is_known(const struct sim_network *net, const struct sim_address *address);
/* A name of the network's: true, and err is getaddrinfo's. */
bool async__net_look_up(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found, int *err);
void async__net_free_names(struct sim_network *net);

/* ---- link.c: as the system calls of that name ---- */

int async__net_listen(struct sim_network *net, struct sim_end *end, int backlog);
int async__net_connect(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length);
int async__net_accept(struct sim_network *net, struct sim_end *end, struct sockaddr *address, socklen_t *length, int flags);
int async__net_pair(int fds[2], bool is_pipe);
/* The kernel says that it listens: so it does. */
void async__net_notice_listening(struct sim_network *net, struct sim_end *end);
void async__net_close_listener(struct sim_network *net, struct sim_end *end);

/* ---- message.c ---- */

ssize_t async__net_recvfrom(struct sim_end *end, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length);
/* -1 with errno set to ENETUNREACH: it is for the outside. */
ssize_t async__net_sendto(struct sim_network *net, struct sim_end *end, const void *bytes, size_t size, const struct sockaddr *address,
			  socklen_t length);
int async__net_connect_messages(struct sim_network *net, struct sim_end *end, const struct sockaddr *address, socklen_t length);
void async__net_drop_messages(struct sim_network *net, struct sim_end *end);

/* ---- kernel.c ---- */

extern const struct async__system async__network_system;

/* ---- For sim.c and faults.c ---- */

/* NULL without memory. */
struct sim_network *async__net_open(async_loop *loop, struct sim_state *sim);
void async__net_close(struct sim_network *net);
/* True: it is the network's alone. */
bool async__net_watch(struct sim_network *net, int fd, unsigned events);
/* Ends what belongs to descriptors that the program has closed by itself; true: there was such. */
bool async__net_sweep(struct sim_network *net);
/* Nobody waits for anything that comes from outside. */
bool async__net_only_inside(async_loop *loop);
/* The connection breaks, if fd is one. */
void async__net_strike(int fd);
/* The connection that would be accepted next is lost; false: there is none. */
bool async__net_lose_pending(int listener);

#endif
