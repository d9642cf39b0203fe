/* State machines: a tokenizer by goto, a machine by tables of labels, one by function pointers that give each other. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int lines, column;

static int next(const char **at)
{
	int c = (unsigned char)*(*at);
	if (!c)
		return -1;
	++*at;
	column++;
	if (c == '\n')
		lines++, column = 0;
	return c;
}

static void emit(const char *kind, const char *from, const char *to)
{
	printf("%s'%.*s' ", kind, (int)(to - from), from);
}

static int tokenize(const char *text)
{
	const char *at = text, *from;
	int c, depth = 0, errors = 0;
start:
	from = at;
	c = next(&at);
	if (c < 0)
		goto done;
	if (isspace(c))
		goto start;
	if (isdigit(c))
		goto number;
	if (isalpha(c) || c == '_')
		goto name;
	switch (c) {
	case '"': goto string;
	case '/':
		if (*at == '*') {
			next(&at);
			goto comment;
		}
		break;
	case '(': case '[': case '{': depth++; break;
	case ')': case ']': case '}':
		if (--depth < 0)
			goto error;
		break;
	case '#': goto error;
	}
	emit("op", from, at);
	goto start;
number:
	while (isdigit((unsigned char)*at) || (*at == '.' && isdigit((unsigned char)at[1])))
		next(&at);
	emit("num", from, at);
	goto start;
name:
	while (isalnum((unsigned char)*at) || *at == '_')
		next(&at);
	emit("name", from, at);
	goto start;
string:
	for (;;) {
		c = next(&at);
		if (c < 0)
			goto error;
		if (c == '\\')
			next(&at);
		else if (c == '"')
			break;
	}
	emit("str", from, at);
	goto start;
comment:
	while ((c = next(&at)) >= 0)
		if (c == '*' && *at == '/') {
			next(&at);
			goto start;
		}
error:
	errors++;
	printf("error at %d:%d ", lines + 1, column);
	if (c >= 0)
		goto start;
done:
	printf("depth %d\n", depth);
	return errors;
}

static int step(int v, int by)
{
	return v * 3 + by;
}

static int threaded(const char *program, int v)
{
	static void *const to[] = {&&add, &&twice, &&halve, &&jump, &&skip, &&stop};
	static const char letters[] = "+*/j?.";
	const char *at = program;
	int fuel = 100;
#define NEXT goto *to[fuel-- > 0 && *at && strchr(letters, *at) ? strchr(letters, *at++) - letters : 5]
	NEXT;
add:
	v = step(v, 1);
	NEXT;
twice:
	v += step(v, 0) - v * 2;
	NEXT;
halve:
	v /= 2;
	NEXT;
jump:
	at = program;
	NEXT;
skip:
	if (v % 2 == step(0, 0))
		at++;
	NEXT;
stop:
	return v;
}

struct lift;
typedef struct state { struct state (*go)(struct lift *, int call); } state;
struct lift {
	int floor, target, moves;
};

static state idle(struct lift *l, int call);

static state moving(struct lift *l, int call)
{
	l->moves++;
	l->floor += l->floor < l->target ? 1 : -1;
	if (call > l->target && l->floor < l->target)
		l->target = call;
	return (state){l->floor == l->target ? idle : moving};
}

static state idle(struct lift *l, int call)
{
	if (call == l->floor)
		return (state){idle};
	l->target = call;
	return moving(l, call);
}

int main(void)
{
	int errors = tokenize("int f(a) { return a[10] + 2.5; } /* no */ \"s\\\"t\" x_1");
	errors += tokenize("a # b ) \"open");
	errors += tokenize("/* never closed *");
	printf("%d errors in %d lines\n", errors, lines);
	printf("%d %d %d\n", threaded("++*/.", 1), threaded("+?*+j", 2), threaded("", 7));
	struct lift lift = {0, 0, 0};
	state now = {idle};
	for (int call = 0, i = 0; i < 40; i++) {
		if (i % 5 == 0)
			call = (i * 7 + 3) % 9;
		now = now.go(&lift, call);
		printf("%d%c", lift.floor, now.go == idle ? ' ' : '>');
	}
	printf("%d moves\n", lift.moves);
	return 0;
}
