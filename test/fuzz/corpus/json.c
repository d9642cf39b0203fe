/* JSON: read into a tree of values, changed, and written again; errors by goto. */
#include "corpus.h"
#include <ctype.h>

struct value {
	enum kind { NONE, TRUE, FALSE, NUMBER, TEXT, LIST, OBJECT } kind;
	double number;
	char *text;      /* of TEXT; a member's name otherwise */
	char *name;
	struct value *first, *next;
};
struct reader {
	const char *at, *start;
	int line;
};
struct writer {
	char *at, *end;
};

static async int peek(struct reader *r)
{
	for (; isspace((unsigned char)*r->at); r->at++)
		r->line += *r->at == '\n';
	await pause_here();
	return (unsigned char)*r->at;
}

static async _Bool skip(struct reader *r, char c)
{
	return await peek(r) == c && r->at++;
}

static async char *string(struct reader *r)
{
	char *text = NULL;
	size_t n = 0, room = 0;
	if (!await skip(r, '"'))
		return NULL;
	while (*r->at != '"') {
		char c = *r->at++;
		if (c == '\0')
			goto fail;
		if (c == '\\')
			switch (c = *r->at++) {
			case 'n': c = '\n'; break;
			case 't': c = '\t'; break;
			case '"': case '\\': case '/': break;
			default: goto fail;
			}
		if (n + 2 > room)
			text = realloc(text, room = room ? room * 2 : 4);
		text[n++] = c;
		if (n % 3 == 0)
			await pause_here();
	}
	r->at++;
	return text ? text[n] = '\0', text : strdup("");
fail:
	free(text);
	return NULL;
}

static async void destroy(struct value *v)
{
	while (v) {
		struct value *next = v->next;
		await destroy(v->first);
		free(v->text), free(v->name), free(v);
		v = next;
	}
}

static async struct value *value(struct reader *r)
{
	struct value *v = calloc(1, sizeof *v), **last = &v->first;
	static const struct { const char *word; enum kind kind; } words[] = {{"null", NONE}, {"true", TRUE}, {"false", FALSE}};
	int c;
	switch (c = await peek(r)) {
	case '"':
		v->kind = TEXT;
		if (!(v->text = await string(r)))
			goto fail;
		return v;
	case '-':
	case '0' ... '9': {
		char *end;
		v->kind = NUMBER;
		v->number = strtod(r->at, &end);
		r->at = end;
		return v;
	}
	case '[':
	case '{':
		v->kind = c == '[' ? LIST : OBJECT;
		r->at++;
		if (await skip(r, (char)(c + 2)))
			return v;
		do {
			char *name = NULL;
			if (c == '{' && (!(name = await string(r)) || !await skip(r, ':'))) {
				free(name);
				goto fail;
			}
			*last = await value(r);
			if (!*last) {
				free(name);
				goto fail;
			}
			(*last)->name = name;
			last = &(*last)->next;
		} while (await skip(r, ','));
		if (await skip(r, (char)(c + 2)))
			return v;
		break;
	default:
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (!strncmp(r->at, words[i].word, strlen(words[i].word))) {
				r->at += strlen(words[i].word);
				v->kind = words[i].kind;
				return v;
			}
	}
fail:
	await destroy(v);
	return NULL;
}

static async void put(struct writer *w, const char *text)
{
	while (*text && w->at < w->end)
		*w->at++ = *text++;
	*w->at = '\0';
	await pause_here();
}

static async void write_value(struct writer *w, const struct value *v, int depth)
{
	char number[32];
	if (v->name)
		await put(w, "\""), await put(w, v->name), await put(w, "\":");
	switch (v->kind) {
	case NONE: await put(w, "null"); break;
	case TRUE: await put(w, "true"); break;
	case FALSE: await put(w, "false"); break;
	case NUMBER: await put(w, (snprintf(number, sizeof number, "%g", v->number), number)); break;
	case TEXT: await put(w, "\""); await put(w, v->text); await put(w, "\""); break;
	case LIST: case OBJECT:
		await put(w, v->kind == LIST ? "[" : "{");
		for (const struct value *kid = v->first; kid; kid = kid->next, kid ? await put(w, ",") : (void)0)
			await write_value(w, kid, depth + 1);
		await put(w, v->kind == LIST ? "]" : "}");
	}
}

static async double total(const struct value *v)
{
	double sum = v->kind == NUMBER ? v->number : 0;
	for (const struct value *kid = v->first; kid; kid = kid->next)
		sum += await total(kid);
	return sum;
}

async int main(void)
{
	static const char *const texts[] = {
		"{\"a\": [1, 2.5, -3e2], \"b\": {\"c\": null, \"d\": [true, false]},\n \"e\\n\": \"x\\ty\"}",
		"[]", "[1, [2, [3, [4, {}]]]]", "{\"a\": }", "[1, 2", "\"open", "{\"a\" 1}", "nul", "[\"\\q\"]", "7",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct reader r = {texts[i], texts[i], 1};
		struct value *v = await value(&r);
		if (!v || await peek(&r)) {
			printf("error in line %d at %d\n", r.line, (int)(r.at - r.start));
		} else {
			char out[256];
			struct writer w = {out, out + sizeof out - 1};
			await write_value(&w, v, 0);
			printf("%s %g\n", out, await total(v));
		}
		await destroy(v);
	}
	return 0;
}
