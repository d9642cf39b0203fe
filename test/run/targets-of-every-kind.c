// Bit-fields, _Atomic, volatile, vector elements, structs, _Complex parts, pointers: assigned, compound-assigned and incremented
// around awaits.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 13 = 5 5
#include <async.h>
#include <stdio.h>
#include <stdatomic.h>
#include <complex.h>
#include <string.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static async double td(double v) { await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }
struct bits { unsigned a : 3; int b : 5; _Bool c : 1; unsigned long long d : 40; };
typedef int v4 __attribute__((vector_size(16)));
struct big { int x; char pad[40]; v4 v; };
union un { int i; float f; char c[4]; };
enum e { E1 = 1, E2 };
static struct bits gb;
static struct big gbig[2];
static v4 gv = {1, 2, 3, 4};
static v4 *gvp(int i) { printf(" gvp%d", i); return &gv; }
static _Atomic int ga;
static volatile int gvol;
static struct big *bp(int i) { printf(" bp%d", i); return &gbig[i]; }
static async struct big mkbig(int x) { if (x & 1) await async_sleep(0); return (struct big){x, "pad", {x, x, x, x}}; }

static async void bits(void)
{
	struct bits lb = {0};
	int r = lb.a = await t(13); printf(" = %d %d\n", r, lb.a);
	lb.b = await t(-3); lb.b += await t(5); lb.c = await t(2); lb.d = (unsigned long long)await t(7) << 38; printf(" %d %d %llu\n", lb.b, lb.c, (unsigned long long)lb.d);
	r = (gb.a = await t(15)) + (gb.a += await t(3)) + gb.a++; printf(" = %d %d\n", r, gb.a);
	gb.b -= await t(1); gb.b = gb.b * 2 + await t(2); r = gb.b = await t(77); printf(" %d %d\n", gb.b, r);
	struct bits *q = &lb; q->a = q->b = await t(3); printf(" %d %d\n", lb.a, lb.b);
	q->a ^= await t(1); q->a <<= await t(1); q->d |= await t(1); printf(" %d %llu\n", lb.a, (unsigned long long)lb.d);
	printf("%d %d\n", (lb.a = await t(9)), ++lb.a);
}

static async void atomics(void)
{
	_Atomic int la = 1;
	ga = await t(3); ga += await t(4); la -= await t(1); int r = (ga = await t(6)) + (la |= await t(9)); printf(" %d %d %d\n", r, ga, la);
	r = ga++ + await t(2) + --ga; printf(" %d %d\n", r, ga);
	_Atomic double ad = 1.5; ad = await td(2.25); printf(" %g\n", ad);
	_Atomic(struct bits *) ap = &gb; ap = await t(1) ? &gb : NULL; printf(" %d\n", ap == &gb);
	r = atomic_fetch_add(&ga, await t(5)) + atomic_load(&ga); printf(" %d %d\n", r, ga);
	_Bool b = await t(4); b += await t(3); b ^= await t(1); printf(" %d\n", b);
	int expected = 3; la = 3; r = atomic_compare_exchange_strong(&la, &expected, await t(8)); printf(" %d %d\n", r, la);
}

static async void volatiles(void)
{
	volatile int lv = 1; volatile int *vp = &lv;
	gvol = await t(3); gvol += await t(2); lv = gvol = await t(7); *vp += await t(1) + gvol; printf(" %d %d\n", gvol, lv);
	int r = (lv = await t(300)) + (gvol++ + await t(1)); printf(" %d %d %d\n", r, lv, gvol);
	volatile char vc; r = vc = await t(300); printf(" %d %d\n", r, vc);
	volatile struct bits vb = {0}; vb.a = await t(5); vb.a += await t(1); printf(" %d\n", vb.a);
	volatile int va[3] = {1, await t(2), 3}; va[await t(1)] += va[2]; printf(" %d\n", va[0] + va[1]);
}

static async void vectors(void)
{
	v4 v = {await t(1), p(2), await t(3), 4}, w = v + await t(1);
	v[await t(2)] = await t(9); v[p(1)] += await t(5); gv[await t(1)] = p(4); printf(" %d %d %d %d %d\n", v[0], v[1], v[2], v[3], gv[1]);
	(*gvp(1))[await t(2)] = p(8); gvp(2)[0][await t(3)] += await t(2); printf(" %d %d\n", gv[2], gv[3]);
	bp(await t(1))->v[await t(0)] = await t(6); printf(" %d\n", gbig[1].v[0]);
	int r = v[1] + (v[1] = await t(3)) + v[1] + gv[2] + (gv[2] = await t(1)) + gv[2]; printf(" %d\n", r);
	r = (v + w)[await t(1)] + (*gvp(1))[await t(1)]; printf(" %d\n", r);
	w = await t(1) ? v : gv; w = w == v; printf(" %d\n", w[0]);
	w *= await t(3); w = (v4){await t(1)} + -w; printf("%d\n", w[0]);
	v[await t(0)]++; r = ++v[await t(1)] + v[await t(1)]--; printf(" %d %d\n", r, v[1]);
}

static async void structs(void)
{
	struct big a = await mkbig(1), b; b = a; b = await mkbig(2); b.x += await t(1);
	*bp(0) = await mkbig(3); gbig[await t(1)] = await mkbig(4); printf(" %d %d %d\n", b.x, gbig[0].x, gbig[1].x);
	gbig[0] = *bp(await t(1)); a = b = await mkbig(5); printf(" %d %d %d\n", a.x, b.x, gbig[0].x);
	gbig[0] = gbig[1] = await mkbig(6); bp(p(0))->x = (await mkbig(7)).x; printf(" %d %d\n", gbig[0].x, gbig[1].x);
	printf("%s %c %d\n", (await mkbig(1)).pad, (await mkbig(2)).pad[await t(1)], (await mkbig(3)).v[await t(1)]);
	a = await t(1) ? await mkbig(8) : b; b = await t(0) ? await mkbig(1) : a; a = await t(1) ? b : await mkbig(3); printf(" %d %d\n", a.x, b.x);
	a = (p(1), await mkbig(9)); b = (await t(1), a); printf(" %d %d %d\n", a.x, b.x, (await t(2), a).x + (b = await mkbig(3)).x + (a = b).x);
	a.pad[await t(2)] = 'X'; a.pad[await t(1)] -= p(1); printf(" %s\n", a.pad);
	(await t(1) ? &a : &b)->pad[0] = p('q'); printf(" %s\n", a.pad);
	struct big arr[2] = {await mkbig(1), [1] = a}; arr[await t(1)].v[p(2)] = await t(4); printf(" %d %d\n", arr[0].x, arr[1].v[2]);
	union un u = {.f = await t(1)}; u.c[await t(3)] ^= 0; printf(" %g\n", u.f);
}

static async void others(void)
{
	double complex z = await td(1.5) + await t(2) * I; __real__ z += await t(1); __imag__ z = await td(4) + __real__ z; printf(" %g %g\n", creal(z), cimag(z));
	double r = __real__ z + (z = await t(3), cimag(z)) + creal(z) + __imag__ (await td(2) * z); printf(" %g\n", r);
	unsigned __int128 h = (unsigned __int128)await t(1) << 100; h += await t(3); h |= (unsigned __int128)await t(1) << 64; printf(" %llx %llx\n", (unsigned long long)(h >> 64), (unsigned long long)h);
	long double ld = await td(0.5); ld *= await t(3); float f = await td(0.1); f += await td(0.2); printf(" %Lg %g\n", ld, f);
	enum e e = await t(2); e |= await t(1); printf(" %d\n", e);
	signed char c = await t(200); c += await t(100); short s = await t(70001); s <<= await t(1); printf(" %d %d\n", c, s);
	unsigned u = 1; u -= await t(2); u /= await t(3); u %= (unsigned)await t(7); u >>= await t(1); printf(" %u\n", u);
	int i = 7; i *= await td(1.5); i /= await td(0.75); i %= await t(5); printf(" %d\n", i);
	char *str = "hello"; str += await t(1); printf(" %s %c %c\n", str, *(str + await t(1)), str[await t(2)]);
	int m[2][3] = {{1, 2, 3}, {4, 5, await t(6)}}, (*row)[3] = m; row += await t(1); (*row)[await t(0)] = await t(11); m[await t(0)][await t(1)] += m[await t(1)][p(2)]; printf(" %d %d\n", m[1][0], m[0][1]);
	row = &m[await t(0)]; int *q = &m[await t(1)][await t(2)]; printf(" %d %d\n", **row, *q);
	long diff = &m[1][await t(2)] - &m[await t(0)][0]; printf(" %ld\n", diff);
	const char *names[] = {"a", await t(1) ? "b" : "c", [3] = await t(2) ? "d" : 0}; printf(" %s %s %zu\n", names[1], names[3], sizeof names / sizeof *names);
}

int main(void)
{
	bits();
	atomics();
	volatiles();
	vectors();
	structs();
	others();
	return 0;
}
