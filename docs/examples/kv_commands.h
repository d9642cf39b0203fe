/* kv_commands.h: kv.c's clients, what is said to them, and the commands that need not wait. */
#ifndef KV_COMMANDS_H
#define KV_COMMANDS_H

#include "kv_values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <strings.h>

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

#endif
