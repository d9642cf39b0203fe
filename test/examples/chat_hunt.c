/* chat_hunt.c: docs/examples/chat.c and guests of all kinds.  What a guest says comes to everybody in its room once, in order and without a
 * gap, as long as both are there; what is not broken on purpose does not break. */
#include "hunt.h"

#include <errno.h>

enum { GUESTS = 8, ROOMS = 2, LINES = 20, PORT = 7000 };
const unsigned long most_steps = 300000;

/* The server's main under another name. */
async int chat_main(int argc, char **argv);

static struct guest {
	int number, room;
	async_stream *stream;
	int said, heard[GUESTS]; /* heard[i]: lines of guest i */
	bool in_room, is_done, broken;
} guests[GUESTS];
static int n_ready;
static async_event everybody_ready;

/* "guestN: NUMBER LINE", and the server's own. */
static void hear(struct guest *g, const char *line)
{
	int from, said;
	char colon;

	if (strncmp(line, "* you are in room", 17) == 0) {
		g->in_room = true;
	} else if (sscanf(line, "%*[a-z0-9]%c %d %d", &colon, &from, &said) == 3 && colon == ':') {
		PROMISE(from >= 0 && from < GUESTS && from != g->number && guests[from].room == g->room);
		PROMISE(said == g->heard[from] && said < guests[from].said);
		g->heard[from]++;
	} else {
		PROMISE(line[0] == '*');
	}
}

static bool has_heard_all(const struct guest *g)
{
	for (int i = 0; i < GUESTS; i++)
		if (i != g->number && guests[i].room == g->room && g->heard[i] < LINES)
			return false;
	return true;
}

async void listen_to_others(struct guest *g)
{
	async_bytes line;

	while ((line = await async_stream_readline(g->stream)).size > 0)
		hear(g, line.data);
}

async void say(struct guest *g)
{
	char text[200];

	while (g->said < LINES) {
		int n = snprintf(text, sizeof text, "%d %d %.*s\n", g->number, g->said, (int)draw(100),
				 "a long text that is as good as any other to be cut into pieces, and put together again, by the network");

		g->said++;
		await async_stream_write(g->stream, text, (size_t)n);
		if (draw(3) == 0)
			await async_sleep(0.001 * (double)draw(200));
	}
}

/* Who has heard all leaves, each in its own way. */
async void leave(struct guest *g)
{
	switch (draw(4)) {
	case 0:
		await async_stream_write(g->stream, "/quit\n", 6);
		break;
	case 1:
		async_stream_write_eof(g->stream);
		break;
	case 2:
		async_sim_reset(async_stream_fd(g->stream));
		break;
	}
}

async void visit(struct guest *g)
{
	char text[64];

	g->stream = await async_open_connection("127.0.0.1", PORT);
	async_task(void) ears = async_create_task(listen_to_others(g));
	async_try {
		await async_stream_write(g->stream, text, (size_t)snprintf(text, sizeof text, "/join room%d\n", g->room));
		while (!g->in_room && !async_done(ears))
			await async_sleep(0.01);
		if (++n_ready == GUESTS)
			async_event_set(&everybody_ready);
		await async_wait_for(async_event_wait(&everybody_ready), may_break() ? 5 : 1000);
		await say(g);
		for (int i = 0; i < (may_break() ? 500 : 100000) && !has_heard_all(g) && !async_done(ears); i++)
			await async_sleep(0.01);
		PROMISE(may_break() || has_heard_all(g));
		g->is_done = true;
		await async_sleep(may_break() ? 1 : 100); /* the others have, too */
		await leave(g);
	} async_finally {
		async_stream_free(g->stream);
		async_cancel(ears);
		await async_catch(*ears);
	}
}

async void try_to_visit(struct guest *g)
{
	async_error err = await async_catch(visit(g));

	PROMISE(may_break() || err.code == 0 || (g->is_done && (err.code == ECONNRESET || err.code == EPIPE)));
}

async void story(async_loop *loop)
{
	char *arguments[] = {"chat", "-p", "7000", NULL};
	async_task(int) server = async_create_task(chat_main(3, arguments));
	async_task(void) tasks[GUESTS];

	async_event_init(&everybody_ready);
	await async_sleep(0.1);
	for (int i = 0; i < GUESTS; i++) {
		guests[i] = (struct guest){.number = i, .room = i % ROOMS};
		tasks[i] = async_create_task(try_to_visit(&guests[i]));
	}
	await see_through(loop, tasks, GUESTS, server);
}
