// A scalar result has the place where the parameters begin.  Whatever looks at a parameter while or after the value is computed finds it
// as it was; results of every size arrive, whoever awaits.
// RUN: %exec %s | FileCheck %s
#include <async.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdint.h>

static int turns;
static async void maybe(void)
{
	if (turns++ & 1)
		await async_sleep(0);
}

/* ---- what still runs when the value is known ---- */

struct seen { const int *n; const char *who; };
static void show(struct seen *seen) { printf("%s %d\n", seen->who, *seen->n); }
static async void show_later(struct seen *seen) { await async_sleep(0); printf("%s %d later\n", seen->who, *seen->n); }

static async int cleanup(int n, const char *who)
{
	__attribute__((cleanup(show))) struct seen seen = {&n, who};
	await maybe();
	return n * 2;
}

static async bool awaited_cleanup(int n, const char *who)
{
	__attribute__((cleanup(show_later))) struct seen outer = {&n, who};
	await maybe();
	{
		__attribute__((cleanup(show_later))) struct seen seen = {&n, who};
		if (n > 2)
			return n > 3;
	}
	n++;
	return true;
}

static async double in_finally(double x, const char *who, double *out)
{
	async_try {
		await maybe();
		if (x > 4)
			return x / 2;
		if (x > 3)
			async_raise(7, "too %s", who);
		if (x > 2)
			x = 0.5;
		else
			return x + 0.25;
	}
	async_except (err) {
		return err.code;
	}
	async_finally {
		await async_sleep(0);
		*out += x;
		printf("%s %g\n", who, x);
	}
	return x;
}

static async char nested_finally(char c, unsigned *log)
{
	for (int i = 0;; i++) {
		async_try {
			async_try {
				await maybe();
				if (c + i == 'c')
					return (char)(c + i);
				if (i == 4)
					break;
			}
			async_finally {
				await async_sleep(0);
				*log = *log * 10 + (unsigned char)c;
			}
		}
		async_finally {
			*log = *log * 10 + (unsigned)i;
		}
	}
	return c;
}

static async long overridden(short s, long a)
{
	async_try {
		return a;
	}
	async_finally {
		await async_sleep(0);
		if (s)
			return s + a;
	}
	return -1;
}

static async int in_timeout(int n, int m)
{
	int *p = &n;
	async_timeout (60) {
		await maybe();
		if (m)
			return *p + m;
	}
	return n - m;
}

static async void fill(int *p, int v) { await async_sleep(0); *p += v; }
static async int in_group(int n, int m)
{
	async_task_group (g) {
		async_create_task_in(g, fill(&n, m));
		await maybe();
		return 7 * m; /* the task writes to n afterwards */
	}
}
static async long run_time_size(int n, int m)
{
	long a[n + 1];
	char *b = __builtin_alloca(m + 1);
	a[n] = 3;
	b[m] = 4;
	await maybe();
	return a[n] * 10 + b[m];
}

/* ---- values that are parameters, or change them ---- */

static async int reads(long p, int q) { long *at = &p; await maybe(); *at += q; return p; }
static async long widens(signed char a, signed char b, int c) { signed char *at = &b; await maybe(); *at -= c; return b; }
static async int after(long p, int q) { long *at = &p; await maybe(); *at += q; return p++; }
static async short before(short p, short q) { short *at = &q; await maybe(); *at += p; return --q; }
static async long assigned(int p, long q) { int *at = &p; await maybe(); return *at = p = (int)q; }
static async char added(unsigned long p, int q) { unsigned long *at = &p; await maybe(); return p += q + *at; }
static async int chosen(int p, int q) { int *a = &p, *b = &q; await maybe(); return p > q ? (*a)-- : (*b)++ + *a; }
static async int comma(int p, int q) { int *a = &p; await maybe(); return *a = q, q = 3, p + q; }
static async int in_statements(int p, int q) { int *a = &p; await maybe(); return ({ int r = p; p = 5; *a += q; r + p; }); }
static async double converts(int p, float q) { float *a = &q; await maybe(); *a += p; return q; }
static async int back(double p, int q) { double *a = &p; await maybe(); *a += q; return p; }
static async float vol(volatile int p, volatile float q) { await maybe(); return q + p; }
static async bool flag(bool a, bool b) { bool *p = &a, *q = &b; await maybe(); *p = !*p; return *q ? a : b; }
static async const char *text(const char *s, int skip) { const char **p = &s; await maybe(); *p += skip; return s; }
struct pair { int a, b; };
static async int member(struct pair pair, int q) { struct pair *p = &pair; await maybe(); p->a += q; return pair.b--; }
enum color { RED, GREEN = 300 };
static async enum color colour(unsigned char c, enum color d) { enum color *p = &d; await maybe(); return c ? *p : RED; }
static async long gaps(char c, int i, char d, long l, short s, double x)
{
	char e = (char)(c + 1);
	int j = i + 1;
	short t = (short)(s + 1);
	int *p = &i;
	await maybe();
	e++;
	await maybe();
	*p += e - 'c';
	return c + i + d + l + s + (long)x + e + j + t;
}

/* ---- awaits that come last ---- */

static async long last(long a, int b) { await maybe(); return a * 10 + b; }
static async long swapped(int a, long b) { await maybe(); return await last(b, a); }
static async long down(int n, long sum)
{
	await maybe();
	if (!n)
		return sum;
	return await down(n - 1, sum * 2 + n);
}
static async int euclid(int a, int b) { if (!b) return a; await maybe(); return await euclid(b, a % b); }
static async unsigned char even(unsigned char n);
static async unsigned char odd(unsigned char n) { await maybe(); if (!n) return 0; return await even((unsigned char)(n - 1)); }
static async unsigned char even(unsigned char n) { await maybe(); if (!n) return 1; return await odd((unsigned char)(n - 1)); }

/* ---- every size, by every way ---- */

typedef int *address;

#define EACH(X) X(bool, a_bool, 1) X(char, a_char, 'q') X(short, a_short, -300) X(unsigned, an_unsigned, 4000000000u) X(float, a_float, 1.5f) \
	X(double, a_double, -2.25) X(long long, a_long, -123456789012345) X(uint8_t, a_byte, 200) X(enum color, a_color, GREEN) X(address, a_pointer, &turns)
#define DEFINE(T, name, value) \
	static async T name(T a, char c, T b) { T *p = c == 'a' ? &a : &b; await maybe(); return *p; } \
	static async __attribute__((noinline)) async_noinline_frame T name##_elsewhere(char c, T a) { await maybe(); (void)c; return a; } \
	static T name##_plain(char c, T a) { (void)c; return a; }
EACH(DEFINE)
#define CHECK(T, name, value)                                                                                      \
	static async int check_##name(int round)                                                                   \
	{                                                                                                          \
		T v = value, zero = 0, r1 = 0, r2 = 0;                                                             \
		T (*pointer)(char, T) = round & 1 ? name##_elsewhere : name##_plain;                               \
		int bad = 0;                                                                                       \
		bad += await name(v, 'a', zero) != v;                                                              \
		bad += await name(zero, 'b', v) != v;                                                              \
		bad += await name##_elsewhere('x', v) != v;                                                        \
		bad += await pointer('y', v) != v;                                                                 \
		async_task(T) t = async_create_task(name(v, 'a', zero)), u = async_create_task(name##_elsewhere('z', v)); \
		async_task(T) e = async_create_task_eager(name(zero, 'b', v)), by = async_create_task(pointer('p', v)); \
		async_coro(T) c = async_coroutine(name##_elsewhere('c', v)), d = async_coroutine(name(v, 'a', zero)); \
		bad += await *t != v;                                                                              \
		bad += await *u != v;                                                                              \
		bad += await *e != v;                                                                              \
		bad += await *by != v;                                                                             \
		bad += await *c != v;                                                                              \
		bad += await *d != v;                                                                              \
		await async_gather(r1 = name(v, 'a', zero), r2 = name##_elsewhere('g', v));                        \
		bad += r1 != v || r2 != v;                                                                         \
		bad += await async_wait_for(name(zero, 'b', v), 60) != v;                                          \
		bad += await async_wait_for(name##_elsewhere('w', v), 60) != v;                                    \
		bad += await async_shield(name(v, 'a', zero)) != v;                                                \
		bad += await async_run_in_executor(NULL, name##_plain('e', v)) != v;                               \
		r1 = 0;                                                                                            \
		bad += (await async_catch(r1 = name##_elsewhere('k', v))).code || r1 != v;                         \
		return bad;                                                                                        \
	}                                                                                                          \
	static int block_##name(void) { T v = value; return name(v, 'a', 0) != v || name##_elsewhere('o', v) != v; }
EACH(CHECK)

static async int doubled(int x) { await maybe(); return 2 * x; }

static async void waits(void)
{
	async_handle handles[] = {async_create_task(doubled(1)), async_create_task(doubled(2)), async_create_task(doubled(3))};
	size_t (*wait)(async_handle *, size_t, enum async_return_when, double) = async_wait;
	async_task(size_t) t = async_create_task(async_wait(handles, 3, ASYNC_FIRST_COMPLETED, -1));
	printf("%d", await *t > 0);
	printf(" %zu", await wait(handles, 3, ASYNC_ALL_COMPLETED, -1));
	printf(" %zu\n", await async_wait_for(async_wait(handles, 3, ASYNC_ALL_COMPLETED, -1), 60));
	async_barrier barrier;
	size_t (*meet)(async_barrier *) = async_barrier_wait;
	async_barrier_init(&barrier, 3);
	async_task(size_t) one = async_create_task(async_barrier_wait(&barrier)), two = async_create_task(meet(&barrier));
	size_t mine = await async_barrier_wait(&barrier), first = await *one, second = await *two;
	printf("%zu\n", mine + first + second);
}

static async void all(void)
{
	for (int i = 0; i < 2; i++) { /* suspended, or not */
		double out = 0;
		unsigned log = 0;
		turns = i;
		printf("%d\n", await cleanup(21, "cleanup"));
		printf("%d\n", await awaited_cleanup(3 + i, "awaited"));
		printf("%d\n", await awaited_cleanup(1, "through"));
		printf("%g", await in_finally(5, "returned", &out));
		printf(" %g", await in_finally(3.5, "raised", &out));
		printf(" %g", await in_finally(3, "fell", &out));
		printf(" %g %g\n", await in_finally(1, "else", &out), out);
		printf("%c", await nested_finally('a', &log));
		printf(" %c %u\n", await nested_finally('x', &log), log);
		printf("%ld %ld\n", await overridden(0, 1L << 40), await overridden(2, 40));
		printf("%d %d\n", await in_timeout(3, 4), await in_timeout(3, 0));
		printf("%d %ld\n", await in_group(3, 4), await run_time_size(3, 4));
		printf("%d %ld %d %d %ld %d\n", await reads(40, 2), await widens(1, 2, 3), await after(40, 2), await before(3, 4), await assigned(1, 77), await added(20, 3));
		printf("%d %d %d %d %g %d\n", await chosen(2, 1), await chosen(1, 2), await comma(1, 2), await in_statements(10, 2), await converts(1, 1.5f), await back(2.75, 1));
		printf("%g %d %d %s %d %d\n", await vol(1, 0.5f), await flag(0, 1), await flag(1, 0), await text("a text", 2), await member((struct pair){1, 2}, 3), await colour(1, GREEN));
		printf("%ld\n", await gaps('a', 1, 2, 3, 4, 5.5));
		printf("%ld %ld %d %d %d\n", await swapped(1, 2), await down(5, 1), await euclid(84, 36), await even(200), await odd(4));
	}
#define AWAIT(T, name, value) + await check_##name(i)
	for (int i = 0; i < 3; i++)
		printf("%d\n", 0 EACH(AWAIT));
	await waits();
}

int main(void)
{
	all();
#define BLOCK(T, name, value) + block_##name()
	printf("%d\n", 0 EACH(BLOCK));
	printf("%d %ld\n", cleanup(4, "blocking"), swapped(3, 4));
	return 0;
}
// CHECK: cleanup 21
// CHECK-NEXT: 42
// CHECK-NEXT: awaited 3 later
// CHECK-NEXT: awaited 3 later
// CHECK-NEXT: 0
// CHECK-NEXT: through 1 later
// CHECK-NEXT: through 2 later
// CHECK-NEXT: 1
// CHECK-NEXT: returned 5
// CHECK-NEXT: 2.5raised 3.5
// CHECK-NEXT: 7fell 0.5
// CHECK-NEXT: 0.5else 1
// CHECK-NEXT: 1.25 10
// CHECK-NEXT: c x 1397596672
// CHECK-NEXT: 1099511627776 42
// CHECK-NEXT: 7 3
// CHECK-NEXT: 28 34
// CHECK-NEXT: 42 -1 42 6 77 43
// CHECK-NEXT: 2 3 5 17 2.5 3
// CHECK-NEXT: 1.5 1 0 text 2 300
// CHECK-NEXT: 218
// CHECK-NEXT: 21 161 12 1 0
// CHECK-NEXT: cleanup 21
// CHECK-NEXT: 42
// CHECK-NEXT: awaited 4 later
// CHECK-NEXT: awaited 4 later
// CHECK-NEXT: 1
// CHECK-NEXT: through 1 later
// CHECK-NEXT: through 2 later
// CHECK-NEXT: 1
// CHECK-NEXT: returned 5
// CHECK-NEXT: 2.5raised 3.5
// CHECK-NEXT: 7fell 0.5
// CHECK-NEXT: 0.5else 1
// CHECK-NEXT: 1.25 10
// CHECK-NEXT: c x 1397596672
// CHECK-NEXT: 1099511627776 42
// CHECK-NEXT: 7 3
// CHECK-NEXT: 28 34
// CHECK-NEXT: 42 -1 42 6 77 43
// CHECK-NEXT: 2 3 5 17 2.5 3
// CHECK-NEXT: 1.5 1 0 text 2 300
// CHECK-NEXT: 218
// CHECK-NEXT: 21 161 12 1 0
// CHECK-NEXT: 0
// CHECK-NEXT: 0
// CHECK-NEXT: 0
// CHECK-NEXT: 1 3 3
// CHECK-NEXT: 3
// CHECK-NEXT: 0
// CHECK-NEXT: blocking 4
// CHECK-NEXT: 8 43
