/* A recursive descent parser and evaluator of arithmetic, character by awaited character. */
#include "corpus.h"
#include <ctype.h>

struct reader {
	const char *at;
	int depth;
	const char *error;
};

static async int peek(struct reader *r)
{
	while (*r->at == ' ')
		r->at++;
	await pause_here();
	return (unsigned char)*r->at;
}

static async int take(struct reader *r)
{
	int c = await peek(r);
	if (c)
		r->at++;
	return c;
}

static async long sum(struct reader *r);

static async long primary(struct reader *r)
{
	int c;
	switch (c = await peek(r)) {
	case '0' ... '9': {
		long n = 0;
		while (isdigit(c = await peek(r)))
			n = n * 10 + (await take(r) - '0');
		return n;
	}
	case '(': {
		long inner;
		await take(r);
		r->depth++;
		inner = await sum(r);
		r->depth--;
		if (await take(r) != ')')
			r->error = r->error ?: "missing )";
		return inner;
	}
	case '-':
		return await take(r), -await primary(r);
	case '!':
		await take(r);
		return !await primary(r);
	default:
		r->error = r->error ?: "expected a number";
		return 0;
	}
}

static async long power(struct reader *r)
{
	long base = await primary(r), result = 1;
	if (await peek(r) != '^')
		return base;
	await take(r);
	for (long n = await power(r) & 15; n-- > 0;)
		result *= base;
	return result;
}

static async long product(struct reader *r)
{
	long left = await power(r);
	for (int op; (op = await peek(r)) == '*' || op == '/' || op == '%';) {
		await take(r);
		long right = await power(r);
		if (op == '*')
			left *= right;
		else if (!right)
			r->error = "division by zero", right = 1;
		else
			left = op == '/' ? left / right : left % right;
	}
	return left;
}

static async long sum(struct reader *r)
{
	long left = await product(r);
again:
	switch (await peek(r)) {
	case '+':
		await take(r);
		left += await product(r);
		goto again;
	case '-':
		await take(r);
		left -= await product(r);
		goto again;
	}
	return left;
}

static async int main_loop(const char *const *texts, int n)
{
	int errors = 0;
	for (int i = 0; i < n; i++) {
		struct reader r = {.at = texts[i]};
		long value = await sum(&r);
		if (!r.error && await peek(&r))
			r.error = "left over";
		printf("%s = ", texts[i]);
		r.error ? (void)printf("%s\n", r.error) : (void)printf("%ld\n", value);
		errors += r.error != NULL;
	}
	return errors;
}

async int main(void)
{
	static const char *const texts[] = {"1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-(4 - 10) % 4", "10 / (5 - 5)", "((7", "1 2",
					    "!0 + !7", "100 - 10 - 1", "", "2 * (3 + (4 - (5 * (6 / 2))))"};
	return await main_loop(texts, sizeof texts / sizeof *texts) - 3;
}
