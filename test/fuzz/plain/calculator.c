/* A parser by recursive descent with variables, and an optimiser of its trees. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tree {
	enum { NUMBER, VARIABLE, UNARY, BINARY, CHOICE } kind;
	char op;
	union {
		double number;
		int variable;
		struct { struct tree *a, *b, *c; };
	};
};

static struct parser {
	const char *at;
	const char *error;
} p;
static double variables[26];
static int trees;

static struct tree *new_tree(int kind, char op, struct tree *a, struct tree *b, struct tree *c)
{
	struct tree *t = calloc(1, sizeof *t);
	*t = (struct tree){.kind = kind, .op = op, .a = a, .b = b, .c = c};
	trees++;
	return t;
}

static void free_tree(struct tree *t)
{
	if (!t)
		return;
	switch (t->kind) {
	case CHOICE: free_tree(t->c); /* fall through */
	case BINARY: free_tree(t->b); /* fall through */
	case UNARY: free_tree(t->a); /* fall through */
	default: free(t), trees--;
	}
}

static int skip(void)
{
	while (isspace((unsigned char)*p.at))
		p.at++;
	return *p.at;
}

static int take(const char *set)
{
	return skip() && strchr(set, *p.at) ? *p.at++ : 0;
}

static struct tree *expression(void);

static struct tree *primary(void)
{
	struct tree *t;
	if (take("(")) {
		t = expression();
		if (!take(")"))
			p.error = "no )";
		return t;
	}
	if (isdigit(skip())) {
		t = new_tree(NUMBER, 0, NULL, NULL, NULL);
		t->number = strtod(p.at, (char **)&p.at);
		return t;
	}
	if (islower(skip())) {
		t = new_tree(VARIABLE, 0, NULL, NULL, NULL);
		t->variable = *p.at++ - 'a';
		return t;
	}
	int op = take("-!");
	if (op)
		return new_tree(UNARY, op, primary(), NULL, NULL);
	p.error = "what is that";
	return new_tree(NUMBER, 0, NULL, NULL, NULL);
}

static struct tree *binary(int level)
{
	static const char *const levels[] = {"<>", "+-", "*/%"};
	if (level == sizeof levels / sizeof *levels)
		return primary();
	struct tree *left = binary(level + 1);
	for (int op; !p.error && (op = take(levels[level]));)
		left = new_tree(BINARY, op, left, binary(level + 1), NULL);
	return left;
}

static struct tree *expression(void)
{
	struct tree *t = binary(0);
	if (!take("?"))
		return t;
	struct tree *then = expression();
	if (!take(":"))
		p.error = "no :";
	return new_tree(CHOICE, '?', t, then, expression());
}

static double apply(char op, double a, double b)
{
	switch (op) {
	case '+': return a + b;
	case '-': return a - b;
	case '*': return a * b;
	case '/': return b ? a / b : 0;
	case '%': return (int)b ? (int)a % (int)b : 0;
	case '<': return a < b;
	default: return a > b;
	}
}

static double evaluate(const struct tree *t)
{
	switch (t->kind) {
	case NUMBER: return t->number;
	case VARIABLE: return variables[t->variable];
	case UNARY: return t->op == '-' ? -evaluate(t->a) : !evaluate(t->a);
	case BINARY: { double a = evaluate(t->a), b = evaluate(t->b); return apply(t->op, a, b); }
	case CHOICE: return evaluate(evaluate(t->a) ? t->b : t->c);
	}
	return 0;
}

static struct tree *fold(struct tree *t)
{
	if (t->kind != BINARY && t->kind != UNARY)
		return t;
	t->a = fold(t->a);
	if (t->kind == BINARY)
		t->b = fold(t->b);
	if (t->a->kind != NUMBER || (t->kind == BINARY && t->b->kind != NUMBER))
		return t;
	double value = evaluate(t);
	struct tree *folded = new_tree(NUMBER, 0, NULL, NULL, NULL);
	folded->number = value;
	free_tree(t);
	return folded;
}

static void run(const char *text)
{
	int target = 0;
	p = (struct parser){.at = text};
	if (islower((unsigned char)text[0]) && text[1] == '=')
		target = text[0], p.at += 2;
	struct tree *t = fold(expression());
	if (!p.error && skip())
		p.error = "more than that";
	if (p.error)
		printf("%s: %s\n", text, p.error);
	else if (target)
		printf("%c is %g (%d)\n", target, variables[target - 'a'] = evaluate(t), t->kind);
	else
		printf("%s is %g (%d)\n", text, evaluate(t), t->kind);
	free_tree(t);
}

int main(void)
{
	static const char *const lines[] = {"1 + 2 * 3 - 4 / 8", "a=2*3", "b=a*a-(a+1)*-2", "b % 7 > 1 ? b < 50 ? 1 : 2 : 3", "!(a > 5) + 10",
		"(1 + ", "2 3", "a ? b", "((((a))))", "1-2-3-4", "2*-3*!0"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		run(lines[i]);
	printf("%d trees left\n", trees);
	return trees;
}
