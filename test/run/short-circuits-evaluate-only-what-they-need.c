// &&, ||, ?: and GNU ?: with awaits in any operand, nested, with void arms, and converted to their common type.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 0 = 0; p0 = 0;
#include <async.h>
#include <stdio.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }
static int plain3(int a, int b, int c) { printf(" plain(%d,%d,%d)", a, b, c); return a * 100 + b * 10 + c; }
static int g;
static async int bump_async(void) { g += 10; await async_sleep(0); return ++g; }
typedef int (*fn3)(int, int, int);
struct s { int x, y; int a[3]; };

static async void logic(void)
{
	int r;
	for (int a = 0; a < 4; a++) for (int b = 0; b < 3; b++) {
		r = await t(a) && await t(b); printf(" = %d;", r);
		r = p(a) && await t(b); printf(" = %d;", r);
		r = await t(a) && p(b); printf(" = %d;", r);
		r = await t(a) || await t(b); printf(" = %d;", r);
		r = p(a) || await t(b) || p(3); printf(" = %d;", r);
		r = (p(a) && await t(b)) || (await t(b) && p(a)); printf(" = %d;", r);
		r = await t(a) ? await t(b) : p(9); printf(" = %d;", r);
		r = p(a) ? p(b) : await t(9); printf(" = %d;", r);
		r = await t(a) ? p(b) : p(9); printf(" = %d;", r);
		r = await t(a) ?: await t(b); printf(" = %d;", r);
		r = p(a) ?: await t(b) ?: await t(3); printf(" = %d;", r);
		r = await t(a) ?: p(b); printf(" = %d;", r);
		r = (p(a) ? await t(b) : p(1)) + (await t(a) ? p(b) : await t(2) ? await t(3) : await t(4)); printf(" = %d;", r);
		r = !(await t(a) && !await t(b)); printf(" = %d;", r);
		p(a) ? (void)await t(1) : (void)p(2);
		await t(a) ? (void)p(1) : (void)0;
		(void)(p(a) && await t(b)); (void)(await t(a) || p(b));
		(void)(p(a) && (await t(b), p(4)));
		if (await t(a) && p(b) && await t(1)) printf("yes;");
		r = p(a) ? (p(4), await t(b)) : (await t(5), p(b)); printf(" = %d;\n", r);
		r = plain3(p(a) && await t(1), a ? await t(2) : 3, p(5)); printf(" = %d;\n", r);
		g = 0; r = g + (a && await bump_async()) + g; printf(" = %d;\n", r);
		long long w = await t(a) ? await t(b) : 5000000000LL; printf("%lld\n", w);
		double d = p(a) ?: 2.5; d += p(a) ? 1.5 : await t(b); printf("%g\n", d);
	}
}

int main(void)
{
	logic();
	return 0;
}
