/* lane.c: bytes on their way from one end of a connection to the other, and how that ends.
 * Completes: nothing; touches the ends for which something has changed.  Owns: bytes and segments.  Loop's thread. */
#include "network.h"

#include <signal.h>
#include <stdlib.h>

enum { FIRST_RETRY = 200000000 };
#define LONGEST_RETRY INT64_C(120000000000)
#define GIVE_UP INT64_C(900000000000)

static struct sim_segment *first(const struct sim_lane *lane)
{
	return async__container_of(lane->segments.next, struct sim_segment, listed);
}

static bool is_empty(const struct sim_lane *lane)
{
	return async__list_empty(&lane->segments);
}

/* ---- Time ---- */

int64_t async__net_draw(struct sim_network *net, int64_t least, int64_t most)
{
	return most <= least ? least : least + (int64_t)(async__sim_random(&net->chance) % (uint64_t)(most - least + 1));
}

int64_t async__net_latency(struct sim_network *net, const struct sim_end *to)
{
	return async__net_is_local(to->family) ? 0 : async__net_draw(net, net->least, net->most);
}

/* ---- Coming in ---- */

void async__lane_break(struct sim_network *net, struct sim_end *end, int error)
{
	if (!end->broken)
		end->error = error;
	end->broken = true;
	async__net_touch(net, end);
}

/* Who has read the end already hears of a reset only when it writes. */
static void arrive(struct sim_network *net, struct sim_end *end, const struct sim_segment *segment)
{
	if (segment->what == SIM_BYTES)
		end->lane.arrived += segment->size;
	else if (segment->what == SIM_FIN)
		end->lane.ended = true;
	else
		async__lane_break(net, end, end->lane.ended ? 0 : ECONNRESET);
	async__net_touch(net, end);
}

static void drop_first(struct sim_lane *lane)
{
	struct sim_segment *segment = first(lane);

	async__list_remove(&segment->listed);
	free(segment);
}

static void start_timer(struct sim_network *net, struct sim_lane *lane)
{
	if (!is_empty(lane))
		async__timer_start(net->loop, &lane->timer, first(lane)->due);
}

/* Nothing is acknowledged, nothing comes: each side finds out by itself, if it writes. */
static void give_up(struct sim_network *net, struct sim_end *end)
{
	struct sim_end *sender = end->peer;

	while (!is_empty(&end->lane))
		drop_first(&end->lane);
	end->lane.end = end->lane.begin + end->lane.arrived;
	if (!sender)
		return;
	end->peer = sender->peer = NULL;
	async__lane_break(net, sender, ETIMEDOUT);
}

/* The packet was lost: it is sent again, after a time that doubles. */
static void hold(struct sim_network *net, struct sim_end *end)
{
	struct sim_lane *lane = &end->lane;
	int64_t now = net->sim->clock, waited;

	if (lane->held_since < 0)
		lane->held_since = now;
	waited = now - lane->held_since;
	if (waited >= GIVE_UP) {
		give_up(net, end);
		return;
	}
	waited = waited < FIRST_RETRY ? FIRST_RETRY : waited > LONGEST_RETRY ? LONGEST_RETRY : waited;
	async__timer_start(net->loop, &lane->timer, now + waited);
}

static void come_in(struct sim_network *net, struct sim_end *end)
{
	struct sim_lane *lane = &end->lane;

	lane->held_since = -1;
	while (!is_empty(lane) && first(lane)->due <= net->sim->clock) {
		arrive(net, end, first(lane));
		drop_first(lane);
	}
	start_timer(net, lane);
}

static void run_timer(struct async__entry *entry)
{
	struct sim_end *end = async__container_of(entry, struct sim_end, lane.timer.entry);
	struct sim_network *net = async__sim(async__self.loop)->network;

	if (async__net_is_cut_off(net, &end->local, &end->remote))
		hold(net, end);
	else
		come_in(net, end);
}

/* ---- Life ---- */

void async__lane_init(struct sim_end *end)
{
	async__list_init(&end->lane.segments);
	async__timer_init(&end->lane.timer, run_timer);
	end->lane.held_since = -1;
}

void async__lane_finish(struct sim_network *net, struct sim_end *end)
{
	async__timer_stop(net->loop, &end->lane.timer);
	while (!is_empty(&end->lane))
		drop_first(&end->lane);
	free(end->lane.bytes);
}

/* ---- Sending ---- */

/* What comes at once, and overtakes nothing, needs no segment. */
static bool send_segment(struct sim_network *net, struct sim_end *to, enum sim_arrival what, size_t size)
{
	struct sim_lane *lane = &to->lane;
	int64_t due = net->sim->clock + async__net_latency(net, to);
	struct sim_segment *segment;

	due = due < lane->last_due ? lane->last_due : due;
	lane->last_due = due;
	if (is_empty(lane) && due <= net->sim->clock) {
		arrive(net, to, &(struct sim_segment){.what = what, .size = size});
		return true;
	}
	segment = malloc(sizeof *segment);
	if (!segment)
		return false;
	*segment = (struct sim_segment){.due = due, .what = what, .size = size};
	async__list_append(&lane->segments, &segment->listed);
	if (first(lane) == segment)
		start_timer(net, lane);
	return true;
}

void async__lane_send(struct sim_network *net, struct sim_end *to, enum sim_arrival what)
{
	if (!send_segment(net, to, what, 0))
		arrive(net, to, &(struct sim_segment){.what = what});
}

static size_t stored(const struct sim_lane *lane)
{
	return lane->end - lane->begin;
}

size_t async__lane_room(const struct sim_network *net, const struct sim_end *to)
{
	return stored(&to->lane) < net->buffer ? net->buffer - stored(&to->lane) : 0;
}

static bool make_room(struct sim_lane *lane, size_t size)
{
	size_t room = lane->room ? lane->room : 1024;
	char *bytes;

	if (lane->begin) {
		memmove(lane->bytes, lane->bytes + lane->begin, stored(lane));
		lane->end -= lane->begin;
		lane->begin = 0;
	}
	while (room < lane->end + size)
		room *= 2;
	bytes = room == lane->room ? lane->bytes : realloc(lane->bytes, room);
	if (!bytes)
		return false;
	lane->bytes = bytes;
	lane->room = room;
	return true;
}

/* How much of it is on its way: less without memory. */
static size_t cut_up(struct sim_network *net, struct sim_end *to, const char *bytes, size_t size)
{
	size_t sent = 0, piece;

	for (; sent < size; sent += piece) {
		piece = size - sent;
		if (net->segment && piece > 1)
			piece = (size_t)async__net_draw(net, 1, (int64_t)(piece < net->segment ? piece : net->segment));
		memcpy(to->lane.bytes + to->lane.end, bytes + sent, piece);
		to->lane.end += piece;
		if (!send_segment(net, to, SIM_BYTES, piece)) {
			to->lane.end -= piece;
			break;
		}
	}
	return sent;
}

static ssize_t fail(int err)
{
	errno = err;
	return -1;
}

/* Told once. */
static ssize_t take_error(struct sim_end *end)
{
	int err = end->error;

	end->error = 0;
	return fail(err);
}

/* The other one is gone, but we do not know it yet: what we send is answered by a reset, and no more fits until that has come. */
static ssize_t write_to_nobody(struct sim_network *net, struct sim_end *end, size_t size)
{
	if (async__net_is_local(end->family))
		return fail(EPIPE);
	if (end->lane.reset_sent)
		return fail(EAGAIN);
	end->lane.reset_sent = true;
	async__lane_send(net, end, SIM_RESET);
	return (ssize_t)(size < net->buffer ? size : net->buffer);
}

ssize_t async__lane_write(struct sim_network *net, struct sim_end *end, const void *bytes, size_t size)
{
	size_t room;

	if (end->kind != SIM_CONNECTED)
		return fail(end->kind == SIM_CONNECTING ? EAGAIN : EPIPE);
	if (end->error)
		return take_error(end);
	if (end->out_shut || end->broken)
		return fail(EPIPE);
	if (!end->peer)
		return write_to_nobody(net, end, size);
	room = async__lane_room(net, end->peer);
	if (!room && size)
		return fail(EAGAIN);
	size = size < room ? size : room;
	if (!make_room(&end->peer->lane, size))
		return fail(ENOBUFS);
	room = cut_up(net, end->peer, bytes, size);
	return room || !size ? (ssize_t)room : fail(ENOBUFS);
}

ssize_t async__lane_read(struct sim_network *net, struct sim_end *end, void *buffer, size_t size, bool peek)
{
	struct sim_lane *lane = &end->lane;
	size_t n = lane->arrived < size ? lane->arrived : size;

	if (end->kind != SIM_CONNECTED)
		return fail(end->kind == SIM_CONNECTING ? EAGAIN : ENOTCONN);
	if (!n && size) {
		if (end->error)
			return take_error(end);
		return lane->ended || end->broken || end->in_shut ? 0 : fail(EAGAIN);
	}
	if (n)
		memcpy(buffer, lane->bytes + lane->begin, n);
	if (peek)
		return (ssize_t)n;
	lane->begin += n;
	lane->arrived -= n;
	if (end->peer)
		async__net_touch(net, end->peer);
	return (ssize_t)n;
}

void async__lane_reset(struct sim_network *net, struct sim_end *end)
{
	struct sim_end *peer = end->peer;

	end->broken = true;
	end->lane.end = end->lane.begin + end->lane.arrived;
	async__timer_stop(net->loop, &end->lane.timer);
	while (!is_empty(&end->lane))
		drop_first(&end->lane);
	if (peer) {
		end->peer = peer->peer = NULL;
		peer->lane.reset_sent = true;
		async__lane_send(net, peer, SIM_RESET);
	}
	async__net_touch(net, end); /* another task may wait on it */
}
