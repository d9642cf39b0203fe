/* Documents: a builder of strings with its own formats, a reader of JSON into an arena of tagged unions, a printer, queries by path,
 * a merge, and a sort of members; errors come up through return values. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
	struct chunk *before;
	size_t used;
	_Alignas(16) char bytes[1000];
};
struct arena {
	struct chunk *last;
	int chunks;
};

static void *allocate(struct arena *arena, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (!arena->last || arena->last->used + size > sizeof arena->last->bytes) {
		struct chunk *chunk = malloc(sizeof *chunk);
		if (!chunk || size > sizeof chunk->bytes)
			exit(4);
		*chunk = (struct chunk){.before = arena->last};
		arena->last = chunk;
		arena->chunks++;
	}
	return arena->last->bytes + ((arena->last->used += size) - size);
}

static void free_arena(struct arena *arena)
{
	for (struct chunk *chunk = arena->last, *before; chunk; chunk = before) {
		before = chunk->before;
		free(chunk);
	}
}

/* ---- strings ---- */

struct string {
	size_t size, room;
	char *text;
};

static void add_bytes(struct string *s, const char *bytes, size_t n)
{
	if (s->size + n + 1 > s->room) {
		s->room = (s->size + n + 1) * 2;
		s->text = realloc(s->text, s->room);
	}
	memcpy(s->text + s->size, bytes, n);
	s->text[s->size += n] = 0;
}

static void add_quoted(struct string *s, const char *text)
{
	add_bytes(s, "\"", 1);
	static const char from[] = "\"\\\n\t", to[] = "\"\\nt";
	for (; *text; text++) {
		const char *special = strchr(from, *text);
		if (special)
			add_bytes(s, (char[]){'\\', to[special - from]}, 2);
		else
			add_bytes(s, text, 1);
	}
	add_bytes(s, "\"", 1);
}

/* %s, %d, %g, %q (quoted), %i (so many tabs). */
static void add_format(struct string *s, const char *format, ...)
{
	va_list list;
	char number[40];
	va_start(list, format);
	for (; *format; format++) {
		if (*format != '%') {
			add_bytes(s, format, 1);
			continue;
		}
		switch (*++format) {
		case 's': {
			const char *text = va_arg(list, const char *);
			add_bytes(s, text, strlen(text));
			break;
		}
		case 'q':
			add_quoted(s, va_arg(list, const char *));
			break;
		case 'd':
			add_bytes(s, number, sprintf(number, "%ld", va_arg(list, long)));
			break;
		case 'g':
			add_bytes(s, number, sprintf(number, "%.6g", va_arg(list, double)));
			break;
		case 'i':
			for (int n = va_arg(list, int); n > 0; n--)
				add_bytes(s, "\t", 1);
		}
	}
	va_end(list);
}

/* ---- values ---- */

typedef struct value value;
struct member {
	struct member *next;
	const char *name;
	value *value;
};
struct value {
	enum kind { NOTHING, TRUTH, NUMBER, STRING, ARRAY, OBJECT } kind;
	int n;
	union {
		_Bool truth;
		double number;
		const char *string;
		struct member *members; /* of arrays, too: without names */
	};
};

static value *new_value(struct arena *arena, enum kind kind)
{
	value *new = allocate(arena, sizeof *new);
	*new = (value){.kind = kind};
	return new;
}

static struct member **end_of(value *v)
{
	struct member **at = &v->members;
	while (*at)
		at = &(*at)->next;
	return at;
}

static void add_member(struct arena *arena, value *to, const char *name, value *what)
{
	struct member *new = allocate(arena, sizeof *new);
	*new = (struct member){NULL, name, what};
	*end_of(to) = new;
	to->n++;
}

struct parser {
	struct arena *arena;
	const char *at, *begin;
	int depth;
	const char *wrong;
};

static value *complain(struct parser *p, const char *wrong)
{
	if (!p->wrong)
		p->wrong = wrong;
	return NULL;
}

static char look(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
	return *p->at;
}

static _Bool accept_char(struct parser *p, char c)
{
	return look(p) == c && (p->at++, 1);
}

static const char *parse_string(struct parser *p)
{
	char *text = allocate(p->arena, strcspn(p->at + 1, "\n") + 2), *to = text;
	for (p->at++; *p->at != '"'; p->at++) {
		if (!*p->at)
			return complain(p, "a string has no end"), "";
		if (*p->at != '\\') {
			*to++ = *p->at;
			continue;
		}
		switch (*++p->at) {
		case 'n': *to++ = '\n'; break;
		case 't': *to++ = '\t'; break;
		case 'u': {
			unsigned code = 0, digits = 0;
			while (digits < 4 && isxdigit((unsigned char)p->at[1]))
				code = code * 16 + (isdigit((unsigned char)*++p->at) ? *p->at - '0' : (*p->at | 32) - 'a' + 10), digits++;
			if (digits < 4)
				return complain(p, "four digits are missing"), "";
			if (code < 0x80)
				*to++ = code;
			else if (code < 0x800)
				*to++ = 0xC0 | code >> 6, *to++ = 0x80 | (code & 63);
			else
				*to++ = 0xE0 | code >> 12, *to++ = 0x80 | (code >> 6 & 63), *to++ = 0x80 | (code & 63);
			break;
		}
		case '\0':
			return complain(p, "a string has no end"), "";
		default: *to++ = *p->at;
		}
	}
	p->at++;
	*to = 0;
	return text;
}

static value *parse(struct parser *p);

static value *parse_many(struct parser *p, enum kind kind, char close)
{
	value *many = new_value(p->arena, kind);
	p->at++;
	if (accept_char(p, close))
		return many;
	do {
		const char *name = NULL;
		if (kind == OBJECT) {
			if (look(p) != '"')
				return complain(p, "a name is missing");
			name = parse_string(p);
			if (!accept_char(p, ':'))
				return complain(p, "a colon is missing");
		}
		value *one = parse(p);
		if (!one)
			return NULL;
		add_member(p->arena, many, name, one);
	} while (accept_char(p, ','));
	return accept_char(p, close) ? many : complain(p, "a bracket is missing");
}

static value *parse(struct parser *p)
{
	static const struct { const char *word; value is; } words[] = {
		{"null", {NOTHING}}, {"true", {TRUTH, .truth = 1}}, {"false", {TRUTH}}};
	value *v = NULL;
	char *end;
	if (p->depth++ > 20)
		return complain(p, "too deep");
	switch (look(p)) {
	case '{': v = parse_many(p, OBJECT, '}'); break;
	case '[': v = parse_many(p, ARRAY, ']'); break;
	case '"':
		v = new_value(p->arena, STRING);
		v->string = parse_string(p);
		break;
	case '-': case '0' ... '9':
		(v = new_value(p->arena, NUMBER))->number = strtod(p->at, &end);
		p->at = end;
		break;
	default:
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (strncmp(p->at, words[i].word, strlen(words[i].word)) == 0) {
				*(v = new_value(p->arena, NOTHING)) = words[i].is;
				p->at += strlen(words[i].word);
				goto out;
			}
		complain(p, *p->at ? "what is this" : "it ends here");
	}
out:
	p->depth--;
	return p->wrong ? NULL : v;
}

/* ---- what is done with them ---- */

static void print(struct string *to, const value *v, int depth)
{
	switch (v->kind) {
	case NOTHING: add_format(to, "null"); return;
	case TRUTH: add_format(to, "%s", v->truth ? "true" : "false"); return;
	case NUMBER: add_format(to, "%g", v->number); return;
	case STRING: add_format(to, "%q", v->string); return;
	case ARRAY:
	case OBJECT:
		break;
	}
	_Bool flat = v->kind == ARRAY && v->n < 5;
	add_format(to, v->kind == ARRAY ? "[" : "{");
	for (struct member *m = v->members; m; m = m->next) {
		if (!flat)
			add_format(to, "\n%i", depth + 1);
		if (m->name)
			add_format(to, "%q: ", m->name);
		print(to, m->value, depth + 1);
		add_format(to, "%s", m->next ? flat ? ", " : "," : "");
	}
	if (!flat && v->n)
		add_format(to, "\n%i", depth);
	add_format(to, "%s", &"]\0}"[v->kind == OBJECT ? 2 : 0]);
}

static value *get(value *v, const char *path)
{
	while (v && *path) {
		size_t n = strcspn(path, ".");
		struct member *m = v->kind >= ARRAY ? v->members : NULL;
		if (v->kind == ARRAY)
			for (int i = atoi(path); m && i > 0; i--)
				m = m->next;
		else
			while (m && (strlen(m->name) != n || strncmp(m->name, path, n) != 0))
				m = m->next;
		v = m ? m->value : NULL;
		path += n + (path[n] == '.');
	}
	return v;
}

static void merge(struct arena *arena, value *to, value *from)
{
	if (to->kind != OBJECT || from->kind != OBJECT)
		return;
	for (struct member *m = from->members; m; m = m->next) {
		value *there = get(to, m->name);
		if (there && there->kind == OBJECT && m->value->kind == OBJECT)
			merge(arena, there, m->value);
		else if (there)
			*there = *m->value;
		else
			add_member(arena, to, m->name, m->value);
	}
}

static int order_of(const struct member *a, const struct member *b)
{
	return strcmp(a->name, b->name);
}

/* Merges lists of members, deepest values first. */
static struct member *sort(struct member *list, int n, int (*compare)(const struct member *, const struct member *))
{
	struct member *rest = list, *sorted, **to = &sorted;
	if (n < 2) {
		if (list)
			list->next = NULL;
		return list;
	}
	for (int i = 0; i < n / 2; i++)
		rest = rest->next;
	struct member *b = sort(rest, n - n / 2, compare), *a = sort(list, n / 2, compare);
	while (a && b) {
		struct member **least = compare(a, b) <= 0 ? &a : &b;
		*to = *least;
		to = &(*least)->next;
		*least = *to;
	}
	*to = a ?: b;
	return sorted;
}

static double add_up(const value *v)
{
	double sum = v->kind == NUMBER ? v->number : v->kind == TRUTH ? v->truth : 0;
	if (v->kind == ARRAY || v->kind == OBJECT)
		for (struct member *m = v->members; m; m = m->next)
			sum += add_up(m->value);
	return sum;
}

static value *read_text(struct arena *arena, const char *text)
{
	struct parser parser = {arena, text, text, 0, NULL};
	value *v = parse(&parser);
	if (v && look(&parser))
		v = complain(&parser, "something follows");
	if (!v)
		printf("at %d: %s\n", (int)(parser.at - parser.begin), parser.wrong);
	return v;
}

int main(void)
{
	struct arena arena = {0};
	struct string out = {0};
	value *one = read_text(&arena, "{\"name\": \"a \\\"test\\\"\\n\\u00e4\\u20ac\", \"list\": [1, 2.5, -3e2, true, null, []],"
	                               " \"inner\": {\"z\": 1, \"b\": {\"deep\": [[1], [2, [3]]]}, \"a\": \"x\\ty\"}}");
	value *two = read_text(&arena, "{\"inner\": {\"z\": [0.125], \"b\": {\"more\": {}}, \"m\": 7}, \"added\": false, \"name\": null}");
	static const char *const wrong[] = {"{\"a\": }", "[1, 2", "\"no end", "{1: 2}", "tru", "[1] 2", "\"\\u12\"", "",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (read_text(&arena, wrong[i]))
			printf("read: %s\n", wrong[i]);
	if (!one || !two)
		return 1;
	print(&out, one, 0);
	printf("%s\nsum %.3f\n", out.text, add_up(one));
	merge(&arena, one, two);
	one->members = sort(one->members, one->n, order_of);
	value *inner = get(one, "inner");
	inner->members = sort(inner->members, inner->n, order_of);
	out.size = 0;
	print(&out, one, 0);
	printf("%s\nsum %.3f, %zu bytes, %d chunks\n", out.text, add_up(one), out.size, arena.chunks);
	static const char *const paths[] = {"list.2", "inner.b.deep.1.1.0", "inner.z.0", "inner.none.x", "name", ""};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		value *found = get(one, paths[i]);
		printf("%s: %s %d\n", paths[i], found ? "found" : "none", found ? (int)found->kind : -1);
	}
	free(out.text);
	free_arena(&arena);
	return 0;
}
/* asyncify: plain add_format add_bytes add_quoted */
