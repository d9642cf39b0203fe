/* Numbers of any length: addition, multiplication, division by a digit, powers, factorials, decimal output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASE = 10000, DIGITS = 40 };

typedef struct {
	int n;
	unsigned digit[DIGITS];
} number;

static number from_int(unsigned long v)
{
	number r = {0};
	for (; v; v /= BASE)
		r.digit[r.n++] = v % BASE;
	return r;
}

static number *trim(number *a)
{
	while (a->n && !a->digit[a->n - 1])
		a->n--;
	return a;
}

static int compare(const number *a, const number *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (int i = a->n; i-- > 0;)
		if (a->digit[i] != b->digit[i])
			return a->digit[i] < b->digit[i] ? -1 : 1;
	return 0;
}

static unsigned add_digit(unsigned a, unsigned b, unsigned *carry)
{
	unsigned sum = a + b + *carry;
	*carry = sum / BASE;
	return sum % BASE;
}

static number add(number a, number b)
{
	unsigned carry = 0;
	int n = a.n > b.n ? a.n : b.n;
	for (int i = 0; i < n || carry; i++, a.n = i)
		a.digit[i] = add_digit(i < a.n ? a.digit[i] : 0, i < b.n ? b.digit[i] : 0, &carry);
	return a;
}

static number subtract(number a, const number *b)
{
	int borrow = 0;
	for (int i = 0; i < a.n; i++) {
		int d = (int)a.digit[i] - borrow - (i < b->n ? (int)b->digit[i] : 0);
		borrow = d < 0;
		a.digit[i] = (unsigned)(d < 0 ? d + BASE : d);
	}
	return *trim(&a);
}

static number multiply(const number *a, const number *b)
{
	number r = {.n = a->n + b->n};
	for (int i = 0; i < a->n; i++) {
		unsigned carry = 0;
		for (int j = 0; j < b->n || carry; j++)
			r.digit[i + j] = add_digit(r.digit[i + j], a->digit[i] * (j < b->n ? b->digit[j] : 0), &carry);
	}
	return *trim(&r);
}

static unsigned divide(number *a, unsigned by)
{
	unsigned long rest = 0;
	for (int i = a->n; i-- > 0; a->digit[i] = (unsigned)(rest / by), rest %= by)
		rest = rest * BASE + a->digit[i];
	trim(a);
	return (unsigned)rest;
}

static number power(number base, unsigned e)
{
	number r = from_int(1);
	for (; e; e >>= 1, base = multiply(&base, &base))
		if (e & 1)
			r = multiply(&r, &base);
	return r;
}

static number factorial(unsigned n)
{
	number k = from_int(n), rest;
	return n < 2 ? from_int(1) : (rest = factorial(n - 1), multiply(&k, &rest));
}

static const char *show(const number *a, char *out)
{
	char *at = out + sprintf(out, "%u", a->n ? a->digit[a->n - 1] : 0);
	for (int i = a->n - 1; i-- > 0;)
		at += sprintf(at, "%04u", a->digit[i]);
	return out;
}

int main(void)
{
	char text[4 * DIGITS + 8];
	number f = factorial(40), p = power(from_int(3), 100), sum = add(f, p), back = subtract(sum, &p);
	puts(show(&f, text));
	puts(show(&p, text));
	puts(show(&sum, text));
	printf("%d %d %d\n", compare(&f, &back), compare(&p, &f), compare(&f, &p));
	for (unsigned d = 7; compare(&sum, &(number){0}) && d < 100; d += 9)
		printf("%u ", divide(&sum, d));
	puts(show(&sum, text));
	return 0;
}
