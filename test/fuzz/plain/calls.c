/* Calls wherever C lets them stand: of functions that macros define, old-style ones, inline ones, through pointers from tables,
 * members, parameters and results, recursion through pointers. */
#include <stdio.h>
#include <string.h>

typedef int operation(int, int);
struct operations {
	const char *name;
	operation *run;
	struct { operation *inverse; } with;
};

#define OPERATION(name, expression) \
	static int name(int a, int b) \
	{ \
		return expression; \
	}
OPERATION(add, a + b)
OPERATION(subtract, a - b)
OPERATION(multiply, a *b)
OPERATION(divide, b ? a / b : 0)
#define TWICE(f, v) f(f(v, 1), 2)
#define CALL(f, ...) f(__VA_ARGS__)
#define BOTH(a, b) ((a) * 100 + (b))

static const struct operations table[] = {
	{"add", add, {subtract}}, {"subtract", subtract, {add}}, {"multiply", multiply, {divide}}, {"divide", divide, {multiply}},
};

static int old_style(v, by)
	int v;
	short by;
{
	return v * 2 + by;
}

static inline int square(int v) { return multiply(v, v); }
static operation *choose(int which) { return table[which & 3].run; }
static const struct operations *row(int which) { return &table[which & 3]; }
static int apply(operation f, int a, int b) { return f(a, b); }
static int (*again)(int, int);
static int countdown(int n, int sum) { return n > 0 ? again(n - 1, add(sum, n)) : sum; }
static int is_odd(int n);
static int is_even(int n) { return n == 0 || is_odd(n - 1); }
static int is_odd(int n) { return n != 0 && is_even(n - 1); }

static int expressions(int v)
{
	int array[4] = {[1] = square(2), [0] = add(v, 1), [3] = choose(v)(9, 3)}, i = 0;
	struct { int a; struct { int b, c; } in; } s = {.in = {.c = square(v), .b = 2}, .a = add(1, v)};
	array[add(1, 1)] = subtract(9, v);
	array[square(1)] += array[subtract(3, 3)] <<= is_even(2);
	i += choose(v)(7, 2) ? square(2) : divide(1, 0);
	i = i ? i : square(3), i++;
	i ^= (*choose(1))(5, 3) | (**choose(2))(5, 3) << row(v)->run(1, 1) % 5;
	i += row(1)->with.inverse(3, 4) - (*row(2)).with.inverse(8, 2) + (v ? add : multiply)(v, v) + apply(row(v)->run, 9, 4);
	i += TWICE(old_style, v) + CALL(apply, add, square(2), 1) + BOTH(square(1), square(2)) + ({ int k = square(v); k + add(k, 1); });
	i += (is_odd(v) && is_even(add(v, 1))) || !is_odd(3);
	i += _Generic(v, int: square(5), default: add(0, 0)) + (int)sizeof(square(1)) + add(add(1, add(2, 3)), -square(2));
	return i + array[1] + array[2] + array[3] + s.a + s.in.b + s.in.c + table[is_odd(v)].name[add(0, 1)];
}

static int statements(int v)
{
	int sum = 0;
	for (int i = add(0, 0), end = square(2); i < add(end, v % 2); i += old_style(0, 1)) {
		if (is_odd(i))
			continue;
		else if (subtract(i, 4) == 0)
			break;
		sum += square(i);
	}
	while (is_even(v) && add(v, sum) < 40)
		sum = add(sum, 7);
	do
		sum -= square(1);
	while (is_odd(sum));
	switch (add(v, 1)) {
	case 1: sum += add(1, 1);
	case 2: sum += square(2); break;
	case 3 ... 5: {
		int again_at = square(v);
		sum += again_at;
		if (is_even(again_at))
			goto out;
	}
	default: return multiply(sum, 3);
	}
out:
	return add(sum, countdown(v, 0));
}

int main(int argc, char **argv)
{
	(void)argv;
	again = countdown;
	for (int v = argc - 1; v < 8; v++)
		printf("%d: %d %d %s\n", v, expressions(v), statements(v), row(v)->name);
	printf("%d %d\n", again(20, 0), apply(choose(add(argc, 1)), 6, 7));
	return 0;
}
