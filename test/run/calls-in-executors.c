// What can be called in an executor: through pointers, variadic, without result, with structs, arrays' addresses, nothing at all;
// arguments are evaluated here, in order, before the call.
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point { double x, y; };
struct fixed { const int id; const char *const name; };
struct packet { int n; char bytes[20]; };
union either { int i; float f; };
enum color { RED, GREEN = 7 };

static int twice(int n) { return 2 * n; }
static void set(int *p, int v) { *p = v; }
static int notes;
static void note(void) { notes++; }
static struct point turn(struct point p) { return (struct point){ -p.y, p.x }; }
static struct fixed fixed_of(int id, struct fixed other) { return (struct fixed){ id + other.id, other.name }; }
static struct packet fill(struct packet p, char c) { memset(p.bytes, c, (size_t)p.n); return p; }
static int sum(int n, ...)
{
	va_list list;
	int total = 0;
	va_start(list, n);
	while (n-- > 0)
		total += va_arg(list, int);
	va_end(list);
	return total;
}
static int first(const int array[3]) { return array[0] * 100 + array[1] * 10 + array[2]; }
static int first_of_row(int rows[][2]) { return rows[1][0]; }
static union either as_float(union either e) { e.f = (float)e.i; return e; }
static enum color other(enum color c) { return c == RED ? GREEN : RED; }
static bool negative(long double x) { return x < 0; }
static __int128 wide(__int128 x) { return x * x; }
static char *same(char *s) { return s; }
static int (*choose(int n))(int) { return n ? twice : abs; }
static int apply(int (*f)(int), int n) { return f(n); }
static inline int add(short a, char b, unsigned char c) { return a + b + c; }
static double root(double x) { return x / 3; }
static double _Complex conjugate(double _Complex z) { return __builtin_conj(z); }

static int step(int n) { printf("%d", n); return n; }
static async int later(int n) { await async_sleep(0); printf("%d", n); return n; }
struct ops { int (*run)(int); struct { int (*deep[2])(int); } inner; };

static async void calls(void)
{
	int x = 0, numbers[3] = { 4, 5, 6 }, rows[2][2] = { { 1, 2 }, { 3, 4 } };
	struct ops ops = { twice, { { abs, twice } } }, *p = &ops;
	int (*pointer)(int) = twice;

	// CHECK: pointers 10 12 14 9 16
	printf("pointers %d %d %d %d %d\n", await async_run_in_executor(NULL, pointer(5)), await async_run_in_executor(NULL, (*pointer)(6)),
	       await async_run_in_executor(NULL, p->run(7)), await async_run_in_executor(NULL, ops.inner.deep[0](-9)),
	       await async_run_in_executor(NULL, choose(1)(8)));
	// CHECK: printed 3 and x
	// CHECK: 17 characters
	int n = await async_run_in_executor(NULL, printf("printed %d and %s\n", 3, "x"));
	printf("%d characters\n", n + 1);
	// CHECK: variadic 60 0
	printf("variadic %d %d\n", await async_run_in_executor(NULL, sum(3, 10, 20, 30)), await async_run_in_executor(NULL, sum(0)));
	await async_run_in_executor(NULL, set(&x, 3));
	await async_run_in_executor(NULL, note());
	await async_run_in_executor(NULL, (note)());
	// CHECK: void 3 2
	printf("void %d %d\n", x, notes);
	struct point q = await async_run_in_executor(NULL, turn((struct point){ 1, 2 }));
	// CHECK: structs -2 1 1 xxx..
	struct packet packet = await async_run_in_executor(NULL, fill((struct packet){ 3, "......" }, 'x'));
	printf("structs %g %g %g %.5s\n", q.x, q.y, (await async_run_in_executor(NULL, turn(q))).x * -1, packet.bytes);
	// CHECK: constant members 12 seven 8
	const struct fixed seven = { 7, "seven" };
	struct fixed f = await async_run_in_executor(NULL, fixed_of(5, seven));
	printf("constant members %d %s %d\n", f.id, f.name, (await async_run_in_executor(NULL, fixed_of(1, seven))).id);
	// CHECK: arrays 456 3
	printf("arrays %d %d\n", await async_run_in_executor(NULL, first(numbers)), await async_run_in_executor(NULL, first_of_row(rows)));
	// CHECK: values 3.0 7 1 0 100 same 6 -2
	printf("values %.1f %d %d %d %d %s %d %g\n", (double)(await async_run_in_executor(NULL, as_float((union either){ .i = 3 }))).f,
	       await async_run_in_executor(NULL, other(RED)), await async_run_in_executor(NULL, negative(-1.5L)),
	       await async_run_in_executor(NULL, negative(0)), (int)await async_run_in_executor(NULL, wide(-10)),
	       await async_run_in_executor(NULL, same((char[]){ "same" })), await async_run_in_executor(NULL, add(1, 2, 3)),
	       __imag__ await async_run_in_executor(NULL, conjugate(1 + 2i)));
	// CHECK: functions 5 18 3.0
	printf("functions %d %d %.1f\n", await async_run_in_executor(NULL, apply(abs, -5)), await async_run_in_executor(NULL, apply(choose(1), 9)),
	       await async_run_in_executor(NULL, root(9)));
	// CHECK: run-time sizes 789 5 789
	int sized[n - 12];
	memcpy(sized, (int[]){ 7, 8, 9 }, sizeof sized);
	int (*whole)[n - 12] = &sized;
	printf("run-time sizes %d %d %d\n", await async_run_in_executor(NULL, first(sized)), (int)await async_run_in_executor(NULL, strlen("12345")),
	       await async_run_in_executor(NULL, first(*whole)));
}

static async void order(async_executor *pool)
{
	// CHECK: 1234 sum 10
	int total = await async_run_in_executor((printf("1"), pool), sum(step(2), await later(3), step(4)));
	printf(" sum %d\n", total + 3);
	// CHECK: kept 5
	int n = 5;
	async_task(int) job = async_create_task(async_run_in_executor(pool, twice(n)));
	n = 100;
	printf("kept %d\n", await *job / 2);
	// CHECK: many 2 4 6
	int a, b, c;
	await async_gather(a = async_run_in_executor(pool, twice(1)), b = async_run_in_executor(NULL, twice(2)), c = async_run_in_executor(pool, twice(3)));
	printf("many %d %d %d\n", a, b, c);
	// CHECK: left alone 14 8 22
	n = await async_run_in_executor_abandon(pool, twice(7));
	int m = await async_wait_for(async_run_in_executor_abandon(pool, twice(4)), 5);
	async_task(int) left = async_create_task(async_run_in_executor_abandon(NULL, twice(11)));
	printf("left alone %d %d %d\n", n, m, await *left);
}

async int main(void)
{
	async_executor *pool = async_thread_pool_new(2), *here = async_inline_executor_new();
	await calls();
	await order(pool);
	// CHECK: 1234 sum 10
	await order(here);
	async_executor_shutdown(pool, true);
	async_executor_shutdown(here, true);
	return 0;
}
