// Variadic async functions read their arguments before they first suspend: of every kind, in any order, in other functions' hands;
// awaited by name, in a wait_for or a catch, through pointers that may lead to plain ones, and called by ordinary C.
// RUN: %exec %s -iquote%S | FileCheck %s
#include <async.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "Inputs/variadic.h"

struct pair { int a; double b; };
struct big { long x[5]; };
struct ops { int (*sum)(int n, ...), (*listed)(int n, va_list list); };

static async double kinds_of_mine(int n);
static async int number(int n) { await async_sleep(0); return n; }

static async int sum(int n, ...)
{
	va_list list;
	int total = 0;
	va_start(list, n);
	while (n--)
		total += va_arg(list, int);
	va_end(list);
	await async_sleep(0);
	return total;
}
static int plain_sum(int n, ...)
{
	va_list list;
	va_start(list, n);
	int first = va_arg(list, int);
	va_end(list);
	return 1000 * n + first;
}
static async int listed(int n, va_list list)
{
	int total = 0;
	while (n--)
		total += va_arg(list, int);
	await async_sleep(0);
	return total;
}
static async int by_list(int n, ...)
{
	va_list list;
	va_start(list, n);
	int total = await listed(n, list);
	va_end(list);
	return total;
}
static async int by_pointer(const struct ops *ops, int n, ...)
{
	va_list list;
	va_start(list, n);
	return await ops->listed(n, list);
}
static async __attribute__((format(printf, 2, 3))) int say(char *to, const char *format, ...)
{
	va_list list, again;
	char twice[100];
	va_start(list, format);
	va_copy(again, list);
	int n = vsnprintf(to, 100, format, list);
	vsnprintf(twice, sizeof twice, format, again);
	va_end(again);
	await async_sleep(0.001);
	va_end(list);
	return strcmp(to, twice) ? -1 : n;
}
#define EACH(list, last, read) do { va_start(list, last); read; va_end(list); } while (0)
static async double kinds(const char *what, ...)
{
	va_list list;
	double total = 0;
	EACH(list, what, for (; *what; what++)
		switch (*what) {
		case 'c': total += va_arg(list, int); break;
		case 'f': total += va_arg(list, double); break;
		case 'p': { struct pair p = va_arg(list, struct pair); total += p.a + p.b; break; }
		case 'b': { struct big b = va_arg(list, struct big); total += b.x[0] + b.x[4]; break; }
		case 'L': total += (double)va_arg(list, long double); break;
		case 's': total += (double)strlen(va_arg(list, const char *)); break;
		});
	await async_sleep(0);
	return total;
}
static async int recursive(int depth, ...)
{
	va_list list;
	va_start(list, depth);
	int n = va_arg(list, int);
	va_end(list);
	return depth ? n + await recursive(depth - 1, n + 1) : n;
}
static async void fails(int code, const char *format, ...)
{
	char text[60];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	async_raise(code, "%s", text);
}
static async int at_the_bottom(int depth)
{
	return depth ? 1 + await at_the_bottom(depth - 1) : await sum(2, 3, 4);
}
static async int endless(int depth, ...)
{
	return 1 + await endless(depth + 1, depth);
}
static async int reads_none(int n, ...)
{
	await async_sleep(0);
	return n;
}
static async int all(void)
{
	static const struct ops ops[] = { { sum, listed }, { plain_sum, NULL }, { by_list, NULL } };
	struct pair pair = { 1, 2.5 };
	struct big big = { { 1, 2, 3, 4, 5 } };
	char text[100], c = 3;
	float f = 1.5f;
	// CHECK: sums 60 7 0
	printf("sums %d %d %d\n", await sum(3, 10, 20, 30), await sum(await number(2), await number(3), await number(4)), await sum(0) * await reads_none(1, 2));
	// CHECK-NEXT: 8: 5 five x
	int n = await say(text, "%d %s %c", 5, "five", 'x');
	printf("%d: %s\n", n, text);
	// CHECK-NEXT: kinds 22
	printf("kinds %g\n", await kinds("cfpbLs", c, f, pair, big, 4.0L, "four"));
	// CHECK-NEXT: pointers 7 1007 7 12
	printf("pointers %d %d %d %d\n", await ops[0].sum(1, 7), await ops[1].sum(1, 7), await ops[2].sum(1, await number(7)),
	       await by_pointer(&ops[0], 2, 5, 7));
	// CHECK-NEXT: recursive 66 5007
	printf("recursive %d %d\n", await recursive(10, 1), await at_the_bottom(5000));
	// CHECK-NEXT: combined 3 no-3 5
	int timed = await async_wait_for(sum(2, 1, 2), 10);
	async_error e = await async_catch(fails(5, "%s-%d", "no", 3));
	printf("combined %d %s %d\n", timed, e.message, e.code);
	// CHECK-NEXT: header 11 15
	printf("header %d %d\n", await from_header(2, 5, 6), await from_header(3, 4, 5, 6));
	// CHECK-NEXT: too deep: 1
	e = await async_catch(endless(0));
	printf("too deep: %d\n", e.code == ASYNC_NO_MEMORY);
	async_task(double) task = async_create_task(kinds_of_mine(2));
	// CHECK-NEXT: task 3
	printf("task %g\n", await *task);
	return 0;
}
static async double kinds_of_mine(int n) { return await kinds("cf", n, 1.0); }

int main(void)
{
	int status = all();
	// CHECK-NEXT: blocking 6 10 8
	printf("blocking %d %d %d\n", sum(3, 1, 2, 3), by_list(2, 4, 6), reads_none(8, 9));
	return status;
}
