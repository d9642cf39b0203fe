/* kv.c: a server that speaks Redis's protocol: strings, lists, expiry.  Try it with redis-cli and redis-benchmark.
 *
 *	kv [-p port]
 *
 * A client's task reads a command, obeys, and reads the next, as if each read blocked.  As long as a pipeline's commands are
 * there, no read waits, and their replies are sent together: the loop does that once the task waits.  Commands are in a table
 * of function pointers; BLPOP, the one that waits itself, is async, the others (kv_commands.h) are not, and `await` does not
 * mind. */
#include "kv_commands.h"

#include <limits.h>
#include <math.h>
#include <signal.h>

#define MOST_ARGUMENTS (1 << 20)
#define LARGEST (512L << 20) /* bytes of an argument */
#define BEHIND (1 << 20)     /* bytes of replies a client may leave unread before it is not heard any more */

/* Keys that nobody asks for again have to go as well. */
static async void sweep(void)
{
	for (size_t at = 0;; at = at + 1024 < n_slots ? at + 1024 : 0) {
		await async_sleep(0.1);
		for (size_t i = at; i < at + 1024 && i < n_slots; i++)
			for (struct entry **place = &table[i]; *place;)
				if ((*place)->expires && (*place)->expires <= async_time())
					remove_at(place);
				else
					place = &(*place)->next;
	}
}

/* ---- Commands ---- */

/* BLPOP key... seconds: the only one that waits. */
static async void blpop(struct client *c)
{
	char *end;
	double seconds = strtod(c->words[c->n_words - 1]->data, &end);
	if (*end || !(seconds >= 0) || isinf(seconds)) {
		sayf(c, "-ERR timeout is not a float or out of range");
		return;
	}
	async_try {
		async_timeout (seconds > 0 ? seconds : ASYNC_FOREVER) {
			while (!pop_any(c)) {
				async_event_clear(&pushed);
				await async_event_wait(&pushed);
			}
		}
	} async_except(err) {
		if (err.code != ASYNC_TIMEOUT)
			async_reraise();
		sayf(c, "*-1");
	}
}

static const struct command {
	const char *name;
	void (*run)(struct client *c);
	long least, most; /* words; most 0: any number */
} commands[] = {
    {"ping", ping, 1, 2},
    {"echo", ping, 2, 2},
    {"get", get, 2, 2},
    {"set", set, 3, 0},
    {"mget", mget, 2, 0},
    {"mset", mset, 3, 0},
    {"incr", incr, 2, 2},
    {"decr", decr, 2, 2},
    {"incrby", incrby, 3, 3},
    {"append", append, 3, 3},
    {"strlen", length_of_string, 2, 2},
    {"del", del, 2, 0},
    {"unlink", del, 2, 0},
    {"exists", exists, 2, 0},
    {"type", type, 2, 2},
    {"expire", expire, 3, 3},
    {"pexpire", pexpire, 3, 3},
    {"ttl", ttl, 2, 2},
    {"pttl", pttl, 2, 2},
    {"persist", persist, 2, 2},
    {"lpush", lpush, 3, 0},
    {"rpush", rpush, 3, 0},
    {"lpop", lpop, 2, 2},
    {"rpop", rpop, 2, 2},
    {"llen", llen, 2, 2},
    {"lrange", lrange, 4, 4},
    {"blpop", blpop, 3, 0},
    {"dbsize", dbsize, 1, 1},
    {"flushall", flushall, 1, 2},
    {"flushdb", flushall, 1, 2},
    {"config", config, 2, 0},
    {"command", no_elements, 1, 0},
    {"client", ok, 2, 0},
    {"select", ok, 2, 2},
    {"quit", quit, 1, 1},
};

static async void obey(struct client *c)
{
	const char *name = c->words[0]->data;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *command = &commands[i];
		if (strcasecmp(command->name, name) != 0)
			continue;
		if (c->n_words < command->least || (command->most && c->n_words > command->most))
			sayf(c, "-ERR wrong number of arguments for '%s' command", command->name);
		else
			await command->run(c);
		return;
	}
	sayf(c, "-ERR unknown command '%.100s'", name);
}

/* ---- Reading ---- */

static void forget_words(struct client *c)
{
	for (long i = 0; i < c->n_words; i++)
		free(c->words[i]);
	c->n_words = 0;
}

static void add_word(struct client *c, struct text *word)
{
	if (!(c->n_words & (c->n_words - 1))) /* a power of two: full */
		c->words = get_memory(c->words, (size_t)(c->n_words ? 2 * c->n_words : 1) * sizeof *c->words);
	c->words[c->n_words++] = word;
}

static void split_line(struct client *c, const char *line)
{
	for (size_t n; line += strspn(line, " \t\r\n"), (n = strcspn(line, " \t\r\n")); line += n)
		add_word(c, new_text(line, n));
}

/* The number behind the sign; -1, having said so, if there is none. */
static long count_in(struct client *c, async_bytes line, char sign, long most)
{
	char *end;
	long n = line.data[0] == sign ? strtol(line.data + 1, &end, 10) : -1;
	if (n >= 0 && n <= most && end > line.data + 1 && (*end == '\r' || *end == '\n'))
		return n;
	sayf(c, "-ERR Protocol error: expected '%c' and a number", sign);
	return -1;
}

/* False: the client has gone, or should go. */
static async bool read_command(struct client *c)
{
	char end[2];
	async_bytes line = await async_stream_readline(c->stream);
	if (!line.size)
		return false;
	if (line.data[0] != '*') {
		split_line(c, line.data);
		return true;
	}
	long n = count_in(c, line, '*', MOST_ARGUMENTS);
	for (long i = 0; i < n; i++) {
		long size = count_in(c, await async_stream_readline(c->stream), '$', LARGEST);
		if (size < 0)
			return false;
		add_word(c, new_text("", 0));
		struct text *word = c->words[i] = get_memory(c->words[i], sizeof *word + (size_t)size + 1);
		word->size = (size_t)size;
		word->data[size] = 0;
		await async_stream_readexactly(c->stream, word->data, word->size);
		await async_stream_readexactly(c->stream, end, 2);
	}
	return n >= 0;
}

/* Who waits in a BLPOP when the server stops is cancelled after main has ended: the last one frees what all of them use. */
static int n_users = 1;

static void leave_table(void)
{
	if (--n_users == 0) {
		clear_table();
		free(table);
	}
}

static async void serve(async_stream *stream, void *arg)
{
	struct client c = {.stream = stream};
	(void)arg;
	n_users++;
	async_try {
		while (!c.leaves && await read_command(&c)) {
			if (c.n_words)
				await obey(&c);
			forget_words(&c);
			if (c.n_out > BEHIND || async_stream_unsent(stream) > BEHIND) {
				await async_sleep(0); /* it is handed over meanwhile */
				await async_stream_drain(stream);
			}
		}
	} async_except_error(err) { /* it has gone in the middle of a command */
	} async_finally {
		if (c.will_flush)
			await async_sleep(0);
		forget_words(&c);
		free(c.words);
		free(c.out);
		leave_table();
	}
}

/* ---- The server ---- */

static async_server *server;

static void stop(void *arg)
{
	(void)arg;
	async_server_close(server);
	async_server_abort_clients(server);
}

async int main(int argc, char **argv)
{
	int port = argc == 3 && strcmp(argv[1], "-p") == 0 ? atoi(argv[2]) : 6379;
	grow_table();
	async_error err = await async_catch(server = async_start_server(serve, NULL, "127.0.0.1", port));
	if (err.code) {
		fprintf(stderr, "kv: %s\n", err.message);
		free(table);
		return 1;
	}
	printf("listening on 127.0.0.1:%d\n", async_server_port(server));
	fflush(stdout);
	async_add_signal_handler(SIGINT, stop, NULL);
	async_add_signal_handler(SIGTERM, stop, NULL);
	async_task(void) sweeper = async_create_task(sweep());
	await async_server_wait_closed(server);
	async_cancel(sweeper);
	await async_catch(*sweeper);
	async_server_free(server);
	leave_table();
	return 0;
}
