/* A matcher of regular expressions that backtracks: groups, classes, repetition, alternatives, anchors. */
#include <stdio.h>
#include <string.h>

struct match {
	const char *text;
	const char *end;   /* of what matched */
	int steps;
};

struct next { /* what has to match behind a part */
	const char *pattern, *end;
	const struct next *then;
};

static int match_from(struct match *m, const char *p, const char *end, const char *at, const struct next *then);

static const char *part_end(const char *p)
{
	int depth = 0;
	if (*p == '\\')
		return p + 2;
	if (*p == '[') {
		for (p++; *p != ']'; p++)
			if (*p == '\\')
				p++;
		return p + 1;
	}
	if (*p != '(')
		return p + 1;
	do {
		if (*p == '\\')
			p++;
		else
			depth += (*p == '(') - (*p == ')');
		p++;
	} while (depth);
	return p;
}

static int in_class(const char *p, char c)
{
	int inverted = *++p == '^', found = 0;
	for (p += inverted; *p != ']'; p++) {
		if (p[1] == '-' && p[2] != ']') {
			found |= p[0] <= c && c <= p[2];
			p += 2;
		} else {
			p += *p == '\\';
			found |= *p == c;
		}
	}
	return found != inverted;
}

static int matches_one(const char *p, char c)
{
	switch (c ? *p : 0) {
	case 0: return 0;
	case '.': return c != '\n';
	case '[': return in_class(p, c);
	case '\\':
		switch (p[1]) {
		case 'd': return c >= '0' && c <= '9';
		case 'w': return matches_one("[a-z]", c) || matches_one("[A-Z]", c) || c == '_' || matches_one("\\d", c);
		case 's': return c == ' ' || c == '\t';
		default: return p[1] == c;
		}
	default: return *p == c;
	}
}

static int match_next(struct match *m, const char *at, const struct next *then)
{
	if (!then) {
		m->end = at;
		return 1;
	}
	return match_from(m, then->pattern, then->end, at, then->then);
}

static const char *bar_in(const char *p, const char *end)
{
	while (p < end && *p != '|')
		p = part_end(p);
	return p < end ? p : NULL;
}

static int match_group(struct match *m, const char *p, const char *end, const char *at, const struct next *then)
{
	for (const char *bar; (bar = bar_in(p, end)); p = bar + 1)
		if (match_from(m, p, bar, at, then))
			return 1;
	return match_from(m, p, end, at, then);
}

static int match_part(struct match *m, const char *p, const char *end, const char *at, const struct next *then)
{
	if (*p == '(')
		return match_group(m, p + 1, end - 1, at, then);
	return matches_one(p, *at) && match_next(m, at + 1, then);
}

static int match_repeated(struct match *m, const char *p, const char *end, const char *at, const char *stop, const struct next *then)
{
	struct next after = {end + 1, stop, then}, again = {p, stop, then};
	char how = *end;
	if (how == '*' && match_part(m, p, end, at, &again) && m->end > at)
		return 1;
	if (how == '?' && match_part(m, p, end, at, &after))
		return 1;
	if (how == '+') {
		for (const char *q = at; *p != '(' && matches_one(p, *q); q++)
			if (!matches_one(p, q[1]))
				for (; q >= at; q--)
					if (match_next(m, q + 1, &after))
						return 1;
					else if (q == at)
						return 0;
		return *p == '(' && match_part(m, p, end, at, &after);
	}
	return match_next(m, at, &after);
}

static int match_from(struct match *m, const char *p, const char *end, const char *at, const struct next *then)
{
	if (m->steps++ > 20000)
		return 0;
	if (p == end)
		return match_next(m, at, then);
	if (*p == '^')
		return at == m->text && match_from(m, p + 1, end, at, then);
	if (*p == '$' && p + 1 == end)
		return !*at && match_next(m, at, then);
	const char *after = part_end(p);
	if (after < end && strchr("*?+", *after))
		return match_repeated(m, p, after, at, end, then);
	struct next next = {after, end, then};
	return match_part(m, p, after, at, &next);
}

static int search(const char *pattern, const char *text, int *start, int *length)
{
	for (const char *at = text;; at++) {
		struct match m = {text, NULL, 0};
		if (match_group(&m, pattern, pattern + strlen(pattern), at, NULL))
			return *start = (int)(at - text), *length = (int)(m.end - at), 1;
		if (!*at)
			return 0;
	}
}

int main(void)
{
	static const char *const cases[][2] = {
		{"abc", "xxabcxx"}, {"a.c", "a-c abc"}, {"a*b", "aaaab"}, {"^a+b?$", "aaa"}, {"[a-c]+d", "xxabcabd"},
		{"(ab|cd)*e", "ababcde"}, {"\\d+-\\d+", "call 555-1234 now"}, {"[^ ]+@[^ ]+\\.com", "mail to joe@example.com!"},
		{"(a|b|(c|d)x)+y", "cxy"}, {"x*", "aaa"}, {"(foo|bar)(baz)?$", "foobarbaz"}, {"\\w+\\s\\w+", "  hello world "},
		{"q", "nothing"}, {"(a*)*b", "aaaaaaaaaaaac"}, {"^$", ""}, {"a?a?a?aaa", "aaa"}, {"[\\]x]+", "a]x]b"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int start, length;
		if (search(cases[i][0], cases[i][1], &start, &length))
			printf("%-20s in %-26s at %d: '%.*s'\n", cases[i][0], cases[i][1], start, length, cases[i][1] + start);
		else
			printf("%-20s in %-26s no\n", cases[i][0], cases[i][1]);
	}
	return 0;
}
