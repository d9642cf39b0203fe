/* kv.c: a server that speaks Redis's protocol: strings, lists, expiry.  Try it with redis-cli and redis-benchmark.
 *
 *	kv [-p port]
 *
 * A client's task reads a command, obeys, and reads the next, as if each read blocked.  As long as a pipeline's commands are
 * there, no read waits, and their replies are sent together: the loop does that once the task waits.  Commands are in a table
 * of function pointers; BLPOP, the one that waits itself, is async, the others are not, and `await` does not mind. */
#include <async.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_ARGUMENTS (1 << 20)
#define LARGEST (512L << 20) /* bytes of an argument */
#define BEHIND (1 << 20)     /* bytes of replies a client may leave unread before it is not heard any more */

static void *get_memory(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);
	if (!memory) {
		perror("kv");
		exit(1);
	}
	return memory;
}

/* ---- Values ---- */

struct text {
	size_t size;
	char data[]; /* and a zero */
};

static struct text *new_text(const void *data, size_t size)
{
	struct text *text = get_memory(NULL, sizeof *text + size + 1);
	text->size = size;
	if (size)
		memcpy(text->data, data, size);
	text->data[size] = 0;
	return text;
}

struct list { /* a ring */
	struct text **at;
	size_t first, n, room; /* room: a power of two */
};

static struct text **list_at(const struct list *list, size_t i)
{
	return &list->at[(list->first + i) & (list->room - 1)];
}

static void list_grow(struct list *list)
{
	struct list more = {.n = list->n, .room = list->room ? 2 * list->room : 8};
	more.at = get_memory(NULL, more.room * sizeof *more.at);
	for (size_t i = 0; i < list->n; i++)
		more.at[i] = *list_at(list, i);
	free(list->at);
	*list = more;
}

static void list_push(struct list *list, struct text *text, bool left)
{
	if (list->n == list->room)
		list_grow(list);
	if (left)
		list->first = (list->first - 1) & (list->room - 1);
	list->n++;
	*list_at(list, left ? 0 : list->n - 1) = text;
}

static struct text *list_pop(struct list *list, bool left)
{
	struct text *text = *list_at(list, left ? 0 : list->n - 1);
	if (left)
		list->first = (list->first + 1) & (list->room - 1);
	list->n--;
	return text;
}

/* ---- The table ---- */

struct entry {
	struct entry *next;
	struct text *key, *string; /* string: NULL for a list */
	struct list list;	   /* never empty */
	int64_t expires;	   /* async_time; 0: never */
};

static struct entry **table;
static size_t n_slots, n_entries;

static size_t slot_of(const struct text *key)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < key->size; i++)
		hash = (hash ^ (unsigned char)key->data[i]) * 1099511628211u;
	return (hash ^ hash >> 32) & (n_slots - 1);
}

static void remove_at(struct entry **place)
{
	struct entry *e = *place;
	*place = e->next;
	for (size_t i = 0; i < e->list.n; i++)
		free(*list_at(&e->list, i));
	free(e->list.at);
	free(e->string);
	free(e->key);
	free(e);
	n_entries--;
}

/* The place of the pointer to it, or of the NULL where it would be.  What has expired is not there any more. */
static struct entry **find(const struct text *key)
{
	struct entry **place = &table[slot_of(key)];
	while (*place && ((*place)->key->size != key->size || memcmp((*place)->key->data, key->data, key->size) != 0))
		place = &(*place)->next;
	if (*place && (*place)->expires && (*place)->expires <= async_time()) {
		remove_at(place);
		return find(key);
	}
	return place;
}

static void grow_table(void)
{
	struct entry **old = table;
	size_t n = n_slots;
	n_slots = n ? 2 * n : 1024;
	table = get_memory(NULL, n_slots * sizeof *table);
	memset(table, 0, n_slots * sizeof *table);
	for (size_t i = 0; i < n; i++)
		for (struct entry *e = old[i], *next; e; e = next) {
			struct entry **place = &table[slot_of(e->key)];
			next = e->next;
			e->next = *place;
			*place = e;
		}
	free(old);
}

static struct entry *find_or_add(const struct text *key)
{
	struct entry **place = find(key), *e = *place;
	if (e)
		return e;
	if (n_entries++ == n_slots) {
		grow_table();
		place = find(key);
	}
	e = *place = get_memory(NULL, sizeof *e);
	*e = (struct entry){.key = new_text(key->data, key->size)};
	return e;
}

static void clear_table(void)
{
	for (size_t i = 0; i < n_slots; i++)
		while (table[i])
			remove_at(&table[i]);
}

/* Keys that nobody asks for again have to go as well. */
static async void sweep(void)
{
	for (size_t at = 0;; at = (at + 1024) % n_slots) {
		await async_sleep(0.1);
		for (size_t i = at; i < at + 1024 && i < n_slots; i++)
			for (struct entry **place = &table[i]; *place;)
				if ((*place)->expires && (*place)->expires <= async_time())
					remove_at(place);
				else
					place = &(*place)->next;
	}
}

/* ---- Clients ---- */

struct client {
	async_stream *stream;
	char *out; /* replies not handed to the stream yet */
	size_t n_out, out_room;
	bool will_flush, leaves;
	struct text **words; /* of the command: its name and arguments */
	long n_words;
};

static void flush(void *arg)
{
	struct client *c = arg;
	c->will_flush = false;
	async_stream_write_nowait(c->stream, c->out, c->n_out);
	c->n_out = 0;
}

/* The loop sends it when this step is over. */
static void say(struct client *c, const void *data, size_t size)
{
	if (c->n_out + size > c->out_room) {
		c->out_room = 2 * (c->n_out + size);
		c->out = get_memory(c->out, c->out_room);
	}
	memcpy(c->out + c->n_out, data, size);
	c->n_out += size;
	if (!c->will_flush)
		c->will_flush = async_call_soon(flush, c) != 0;
}

static __attribute__((format(printf, 2, 3))) void sayf(struct client *c, const char *format, ...)
{
	char text[256];
	va_list list;
	va_start(list, format);
	int n = vsnprintf(text, sizeof text - 2, format, list);
	va_end(list);
	n = n < (int)sizeof text - 2 ? n : (int)sizeof text - 3;
	memcpy(text + n, "\r\n", 2);
	say(c, text, (size_t)n + 2);
}

static void say_number(struct client *c, int64_t n)
{
	sayf(c, ":%" PRId64, n);
}

static void say_text(struct client *c, const struct text *text)
{
	if (!text) {
		sayf(c, "$-1");
		return;
	}
	sayf(c, "$%zu", text->size);
	say(c, text->data, text->size);
	say(c, "\r\n", 2);
}

static void say_wrong_type(struct client *c)
{
	sayf(c, "-WRONGTYPE Operation against a key holding the wrong kind of value");
}

/* ---- Commands; what they are called with is c->words ---- */

static bool number(const struct text *text, int64_t *n)
{
	char *end;
	errno = 0;
	*n = strtoll(text->data, &end, 10);
	return text->size && end == text->data + text->size && !isspace((unsigned char)text->data[0]) && !errno;
}

static bool number_or_say(struct client *c, const struct text *text, int64_t *n)
{
	if (number(text, n))
		return true;
	sayf(c, "-ERR value is not an integer or out of range");
	return false;
}

/* The entry if it is there and of the kind (or any kind may be), having said so if it is of the other one. */
static bool find_kind(struct client *c, const struct text *key, bool list, struct entry **e)
{
	*e = *find(key);
	if (!*e || !(*e)->string == list)
		return true;
	say_wrong_type(c);
	return false;
}

static void set_string(const struct text *key, struct text *value)
{
	struct entry **place = find(key);
	if (*place)
		remove_at(place);
	find_or_add(key)->string = value;
}

static void ping(struct client *c)
{
	if (c->n_words > 1)
		say_text(c, c->words[1]);
	else
		sayf(c, "+PONG");
}

static void get(struct client *c)
{
	struct entry *e;
	if (find_kind(c, c->words[1], false, &e))
		say_text(c, e ? e->string : NULL);
}

static void mget(struct client *c)
{
	sayf(c, "*%ld", c->n_words - 1);
	for (long i = 1; i < c->n_words; i++) {
		struct entry *e = *find(c->words[i]);
		say_text(c, e ? e->string : NULL);
	}
}

static void mset(struct client *c)
{
	if (c->n_words % 2 == 0) {
		sayf(c, "-ERR wrong number of arguments for 'mset' command");
		return;
	}
	for (long i = 1; i < c->n_words; i += 2)
		set_string(c->words[i], new_text(c->words[i + 1]->data, c->words[i + 1]->size));
	sayf(c, "+OK");
}

/* SET key value [NX | XX] [EX seconds | PX milliseconds] */
static void set(struct client *c)
{
	bool only_new = false, only_old = false;
	int64_t time = 0, unit = 0;
	for (long i = 3; i < c->n_words; i++) {
		const char *option = c->words[i]->data;
		bool seconds = strcasecmp(option, "EX") == 0, milliseconds = strcasecmp(option, "PX") == 0;
		if (strcasecmp(option, "NX") == 0) {
			only_new = true;
		} else if (strcasecmp(option, "XX") == 0) {
			only_old = true;
		} else if ((seconds || milliseconds) && i + 1 < c->n_words && !unit) {
			unit = seconds ? 1000000000 : 1000000;
			if (!number_or_say(c, c->words[++i], &time))
				return;
			if (time <= 0 || time > INT64_MAX / 2 / unit) {
				sayf(c, "-ERR invalid expire time in 'set' command");
				return;
			}
		} else {
			sayf(c, "-ERR syntax error");
			return;
		}
	}
	bool there = *find(c->words[1]);
	if ((only_new && there) || (only_old && !there)) {
		say_text(c, NULL);
		return;
	}
	set_string(c->words[1], new_text(c->words[2]->data, c->words[2]->size));
	if (unit)
		find_or_add(c->words[1])->expires = async_time() + time * unit;
	sayf(c, "+OK");
}

static void add(struct client *c, int64_t n)
{
	struct entry *e;
	int64_t value = 0;
	char text[24];
	if (!find_kind(c, c->words[1], false, &e) || (e && !number_or_say(c, e->string, &value)))
		return;
	if (__builtin_add_overflow(value, n, &value)) {
		sayf(c, "-ERR increment or decrement would overflow");
		return;
	}
	e = find_or_add(c->words[1]);
	free(e->string);
	e->string = new_text(text, (size_t)snprintf(text, sizeof text, "%" PRId64, value));
	say_number(c, value);
}

static void incr(struct client *c) { add(c, 1); }
static void decr(struct client *c) { add(c, -1); }
static void incrby(struct client *c)
{
	int64_t n;
	if (number_or_say(c, c->words[2], &n))
		add(c, n);
}

static void append(struct client *c)
{
	struct entry *e;
	if (!find_kind(c, c->words[1], false, &e))
		return;
	e = find_or_add(c->words[1]);
	size_t size = e->string ? e->string->size : 0;
	e->string = get_memory(e->string, sizeof *e->string + size + c->words[2]->size + 1);
	memcpy(e->string->data + size, c->words[2]->data, c->words[2]->size + 1);
	e->string->size = size + c->words[2]->size;
	say_number(c, (int64_t)e->string->size);
}

static void length_of_string(struct client *c)
{
	struct entry *e;
	if (find_kind(c, c->words[1], false, &e))
		say_number(c, e ? (int64_t)e->string->size : 0);
}

static void del(struct client *c)
{
	int64_t n = 0;
	for (long i = 1; i < c->n_words; i++) {
		struct entry **place = find(c->words[i]);
		if (*place) {
			remove_at(place);
			n++;
		}
	}
	say_number(c, n);
}

static void exists(struct client *c)
{
	int64_t n = 0;
	for (long i = 1; i < c->n_words; i++)
		n += *find(c->words[i]) != NULL;
	say_number(c, n);
}

static void type(struct client *c)
{
	struct entry *e = *find(c->words[1]);
	sayf(c, "+%s", !e ? "none" : e->string ? "string" : "list");
}

static void expire_in(struct client *c, int64_t unit)
{
	struct entry **place = find(c->words[1]);
	int64_t n;
	if (!number_or_say(c, c->words[2], &n))
		return;
	say_number(c, *place != NULL);
	if (!*place)
		return;
	if (n <= 0)
		remove_at(place);
	else
		(*place)->expires = n > INT64_MAX / 2 / unit ? 0 : async_time() + n * unit;
}

static void expire(struct client *c) { expire_in(c, 1000000000); }
static void pexpire(struct client *c) { expire_in(c, 1000000); }

static void say_time_left(struct client *c, int64_t unit)
{
	struct entry *e = *find(c->words[1]);
	say_number(c, !e ? -2 : !e->expires ? -1 : (e->expires - async_time() + unit / 2) / unit);
}

static void ttl(struct client *c) { say_time_left(c, 1000000000); }
static void pttl(struct client *c) { say_time_left(c, 1000000); }

static void persist(struct client *c)
{
	struct entry *e = *find(c->words[1]);
	say_number(c, e && e->expires);
	if (e)
		e->expires = 0;
}

static async_event pushed; /* something, for who waits in a BLPOP */

static void push(struct client *c, bool left)
{
	struct entry *e;
	if (!find_kind(c, c->words[1], true, &e))
		return;
	e = find_or_add(c->words[1]);
	for (long i = 2; i < c->n_words; i++)
		list_push(&e->list, new_text(c->words[i]->data, c->words[i]->size), left);
	say_number(c, (int64_t)e->list.n);
	async_event_set(&pushed);
}

static void lpush(struct client *c) { push(c, true); }
static void rpush(struct client *c) { push(c, false); }

/* One that has it; the entry goes with its last element. */
static void pop_one(struct client *c, const struct text *key, struct entry *e, bool left)
{
	struct text *text = list_pop(&e->list, left);
	say_text(c, text);
	free(text);
	if (!e->list.n)
		remove_at(find(key));
}

static void pop(struct client *c, bool left)
{
	struct entry *e;
	if (!find_kind(c, c->words[1], true, &e))
		return;
	if (e)
		pop_one(c, c->words[1], e, left);
	else
		say_text(c, NULL);
}

static void lpop(struct client *c) { pop(c, true); }
static void rpop(struct client *c) { pop(c, false); }

static void llen(struct client *c)
{
	struct entry *e;
	if (find_kind(c, c->words[1], true, &e))
		say_number(c, e ? (int64_t)e->list.n : 0);
}

static void lrange(struct client *c)
{
	struct entry *e;
	int64_t from, to;
	if (!number_or_say(c, c->words[2], &from) || !number_or_say(c, c->words[3], &to) || !find_kind(c, c->words[1], true, &e))
		return;
	int64_t n = e ? (int64_t)e->list.n : 0;
	from = from >= 0 ? from : from + n > 0 ? from + n : 0;
	to = to < 0 ? to + n : to < n ? to : n - 1;
	sayf(c, "*%" PRId64, from <= to ? to - from + 1 : 0);
	for (int64_t i = from; i <= to; i++)
		say_text(c, *list_at(&e->list, (size_t)i));
}

/* False: none of the keys has anything, or what it has is no list (which was said). */
static bool pop_any(struct client *c)
{
	for (long i = 1; i < c->n_words - 1; i++) {
		struct entry *e;
		if (!find_kind(c, c->words[i], true, &e))
			return true;
		if (e) {
			sayf(c, "*2");
			say_text(c, c->words[i]);
			pop_one(c, c->words[i], e, true);
			return true;
		}
	}
	return false;
}

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
	} async_except (err) {
		if (err.code != ASYNC_TIMEOUT)
			async_reraise();
		sayf(c, "*-1");
	}
}

static void dbsize(struct client *c) { say_number(c, (int64_t)n_entries); }
static void no_elements(struct client *c) { sayf(c, "*0"); } /* COMMAND, which redis-cli asks for help */

static void flushall(struct client *c)
{
	clear_table();
	sayf(c, "+OK");
}

/* CONFIG GET save, appendonly: redis-benchmark wants to know. */
static void config(struct client *c)
{
	if (c->n_words < 3 || strcasecmp(c->words[1]->data, "GET") != 0) {
		sayf(c, "-ERR only CONFIG GET is known here");
		return;
	}
	sayf(c, "*2");
	say_text(c, c->words[2]);
	sayf(c, "$0");
	sayf(c, "%s", "");
}

static void ok(struct client *c) { sayf(c, "+OK"); }

static void quit(struct client *c)
{
	ok(c);
	c->leaves = true;
}

static const struct command {
	const char *name;
	void (*run)(struct client *c);
	long least, most; /* words; most 0: any number */
} commands[] = {
	{"ping", ping, 1, 2}, {"echo", ping, 2, 2}, {"get", get, 2, 2}, {"set", set, 3, 0}, {"mget", mget, 2, 0}, {"mset", mset, 3, 0},
	{"incr", incr, 2, 2}, {"decr", decr, 2, 2}, {"incrby", incrby, 3, 3}, {"append", append, 3, 3}, {"strlen", length_of_string, 2, 2},
	{"del", del, 2, 0}, {"unlink", del, 2, 0}, {"exists", exists, 2, 0}, {"type", type, 2, 2}, {"expire", expire, 3, 3},
	{"pexpire", pexpire, 3, 3}, {"ttl", ttl, 2, 2}, {"pttl", pttl, 2, 2}, {"persist", persist, 2, 2}, {"lpush", lpush, 3, 0},
	{"rpush", rpush, 3, 0}, {"lpop", lpop, 2, 2}, {"rpop", rpop, 2, 2}, {"llen", llen, 2, 2}, {"lrange", lrange, 4, 4},
	{"blpop", blpop, 3, 0}, {"dbsize", dbsize, 1, 1}, {"flushall", flushall, 1, 2}, {"flushdb", flushall, 1, 2}, {"config", config, 2, 0},
	{"command", no_elements, 1, 0}, {"client", ok, 2, 0}, {"select", ok, 2, 2}, {"quit", quit, 1, 1},
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

static async void serve(async_stream *stream, void *arg)
{
	struct client c = {.stream = stream};
	(void)arg;
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
	} async_except (err) {
		if (err.code == ASYNC_CANCELLED)
			async_reraise(); /* anything else: it has gone in the middle of a command */
	} async_finally {
		if (c.will_flush)
			await async_sleep(0);
		forget_words(&c);
		free(c.words);
		free(c.out);
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
	clear_table();
	free(table);
	return 0;
}
