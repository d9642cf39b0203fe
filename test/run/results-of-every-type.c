// Results of every kind of type, from async and plain functions, by name and through pointers in variables, arrays, structs and
// results of calls.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 1 c -3 4611686018427387904 1.5 0.75 0.375
#include <async.h>
#include <stdio.h>
#include <string.h>
#include <complex.h>
struct small { char c; };
struct pair { long a, b; };
struct large { int v[40]; };
union un { int i; double d; };
enum color { RED, GREEN = 5 };
typedef int v4 __attribute__((vector_size(16)));
typedef int (*unary)(int);
static int susp;
static async void maybe(void) { if (susp++ & 1) await async_sleep(0); }
static async _Bool a_bool(int x) { await maybe(); (void)x; return x; }
static _Bool p_bool(int x) { (void)x; return x; }
static async char a_char(int x) { await maybe(); (void)x; return (char)('a' + x); }
static async short a_short(int x) { await maybe(); (void)x; return (short)-x; }
static async unsigned long long a_ull(int x) { await maybe(); (void)x; return 1ull << (60 + x); }
static async float a_float(int x) { await maybe(); (void)x; return x / 2.0f; }
static async double a_double(int x) { await maybe(); (void)x; return x / 4.0; }
static double p_double(int x) { (void)x; return x / 4.0; }
static async long double a_ldouble(int x) { await maybe(); (void)x; return x / 8.0L; }
static long double p_ldouble(int x) { (void)x; return x / 8.0L; }
static async double complex a_complex(int x) { await maybe(); (void)x; return x + 2.0 * x * I; }
static double complex p_complex(int x) { (void)x; return x + 2.0 * x * I; }
static async __int128 a_int128(int x) { await maybe(); (void)x; return ((__int128)x << 100) - x; }
static __int128 p_int128(int x) { (void)x; return ((__int128)x << 100) - x; }
static async struct small a_small(int x) { await maybe(); (void)x; return ((struct small){(char)('A' + x)}); }
static async struct pair a_pair(int x) { await maybe(); (void)x; return ((struct pair){x, -x}); }
static struct pair p_pair(int x) { (void)x; return ((struct pair){x, -x}); }
static async struct large a_large(int x) { await maybe(); (void)x; return ((struct large){{x, [39] = x}}); }
static struct large p_large(int x) { (void)x; return ((struct large){{x, [39] = x}}); }
static async union un a_union(int x) { await maybe(); (void)x; return ((union un){.d = x + 0.5}); }
static async enum color a_enum(int x) { await maybe(); (void)x; return (enum color)(GREEN * x); }
static async v4 a_v4(int x) { await maybe(); (void)x; return ((v4){x, x + 1, x + 2, x + 3}); }
static v4 p_v4(int x) { (void)x; return ((v4){x, x + 1, x + 2, x + 3}); }
static async const char * a_string(int x) { await maybe(); (void)x; return &"string"[x]; }
static int table[4][3] = {{0, 1, 2}, {3, 4, 5}};
static async int (*a_row(int x))[3] { await maybe(); return &table[x]; }
static int (*p_row(int x))[3] { return &table[x]; }
static async int a_inc(int x) { await maybe(); return x + 1; }
static int p_inc(int x) { return x + 1; }
static async unary a_fn(int x) { await maybe(); return x ? a_inc : p_inc; }
static unary p_fn(int x) { return x ? a_inc : p_inc; }
static async void a_void(int *x) { await maybe(); ++*x; }
static void p_void(int *x) { ++*x; }
struct ops { int (*inc)(int); struct pair (*pair)(int); void (*bump)(int *); unary table[2]; const struct ops *next; };
static const struct ops plain = {p_inc, p_pair, p_void, {p_inc, a_inc}, NULL}, asynch = {a_inc, a_pair, a_void, {a_inc, p_inc}, &plain};
static async int apply(unary f, int x) { return await f(await f(x)); }
static async unary choose(int x) { await maybe(); return x ? a_inc : p_inc; }
static int order(int v) { printf(" o%d", v); return v; }
static const struct ops *ops(int v) { printf(" ops%d", v); return v ? &asynch : &plain; }

static async void results(void)
{
	printf("%d %c %d %llu %g %g %Lg\n", await a_bool(3), await a_char(2), await a_short(3), await a_ull(2), await a_float(3), await a_double(3), await a_ldouble(3));
	for (int i = 0; i < 3; i++) {
		double complex z = await a_complex(i + 1); __int128 h = await a_int128(i) + 1; struct pair pr = await a_pair(i); struct large lg = await a_large(i); union un u = await a_union(i); v4 v = await a_v4(i) + await a_v4(1);
		printf("%g%+gi %lld %ld %d %g %d %c %d %s %d\n", creal(z), cimag(z), (long long)(h >> 64), pr.b, lg.v[39], u.d, v[3], (await a_small(i)).c, await a_enum(i), await a_string(i), (*await a_row(1))[i]);
		printf("%ld %d %d %d %g\n", (await a_pair(i)).a + (await a_pair(i)).b, (await a_large(7)).v[0] + (await a_large(i)).v[39], (await a_row(1))[0][i], (await a_v4(i))[i], (await a_union(i)).d);
	}
	const struct ops *o[2] = {&plain, &asynch};
	for (int i = 0; i < 6; i++) {
		int n = i; const struct ops *q = o[i & 1];
		unary f = q->table[i / 2 % 2]; double (*df)(int) = i & 1 ? a_double : p_double; long double (*ldf)(int) = i & 1 ? a_ldouble : p_ldouble; struct large (*lf)(int) = i & 1 ? a_large : p_large; __int128 (*hf)(int) = i & 1 ? p_int128 : a_int128;
		double complex (*cf)(int) = i & 1 ? a_complex : p_complex; v4 (*vf)(int) = i & 1 ? a_v4 : p_v4; int (*(*rf)(int))[3] = i & 1 ? a_row : p_row; _Bool (*bf)(int) = i & 1 ? a_bool : p_bool;
		await q->bump(&n); await (*q->bump)(&n); await (i & 1 ? a_void : p_void)(&n);
		printf(" %d %d %ld %d %g %Lg %d %lld %g %d %d %d\n", n, await f(i), (await q->pair(i)).b, await q->inc(await q->inc(i)) + await (*f)(1) + await (**q->inc)(2), await df(i), await ldf(i), (await lf(i)).v[39], (long long)((await hf(1)) >> 64), cimag(await cf(i)), (await vf(i))[1], (*await rf(1))[2], await bf(i));
		printf(" %d %d %d %d\n", await apply(f, i), await (await choose(i & 1))(i), await (await a_fn(i & 1))(3) + await p_fn(i & 1)(2), await (i & 1 ? &asynch : &plain)->table[1](i));
	}
	int r = await ops(1)->inc(order(1)) + await ops(1)->next->inc(order(2)); printf(" = %d\n", r);
}

int main(void)
{
	results();
	return 0;
}
