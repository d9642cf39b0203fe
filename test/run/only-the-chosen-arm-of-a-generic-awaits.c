// _Generic and __builtin_choose_expr: the chosen arm may await, the others vanish, the controlling operand is not evaluated;
// builtins, casts, va_arg and offsetof around awaits.
// RUN: %exec --clang-twin %s | FileCheck %s
// CHECK: 1 = 1
#include <async.h>
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
static async int t(int v) { printf(" %d", v); if (v & 1) await async_sleep(0); return v; }
static async double td(double v) { printf(" %g", v); await async_sleep(0); return v; }
static int p(int v) { printf(" p%d", v); return v; }

struct s { int x, y, a[3]; };
static int inc(int v) { return v + 1; }
static async int ainc(int v) { await async_sleep(0); return v + 1; }
static double half(double v) { return v / 2; }
static async double ahalf(double v) { await async_sleep(0); return v / 2; }

static async void generic(void)
{
	int i = 3; double d = 2.5; char c = 1;
	int r = _Generic(i, int: await t(1), double: await td(2), default: p(3)); printf(" = %d\n", r);
	r = _Generic(d, int: await t(1), double: await t(2), default: p(3)) + _Generic(c, int: await t(1), default: await t(5), float: 4); printf(" = %d\n", r);
	d = _Generic(d, int: await t(1), double: await td(2.5)) + _Generic(0L, long: await td(0.5), default: p(3)); printf(" = %g\n", d);
	r = await _Generic(i, int: ainc, double: ahalf)(i) + _Generic(i, int: inc, double: half)(await t(5)); printf(" = %d\n", r);
	d = await _Generic(d, int: ainc, double: ahalf)(d) + _Generic(d, int: inc, double: half)(await t(5)); printf(" = %g\n", d);
	_Generic(i, int: i, double: d) = await t(7); _Generic(d, int: i, double: d) += await t(1); printf(" = %d %g\n", i, d);
	r = _Generic(p(8), default: 1);
	r += __builtin_choose_expr(1, await t(3), await td(4)) + __builtin_choose_expr(sizeof(int) == 2, p(3), await t(6)); printf(" = %d\n", r);
	_Generic(i, int: (void)await t(9), default: (void)await td(8)); printf("\n");
	int lit = _Generic("x", char *: await t(2), const char *: await t(4)); printf(" = %d\n", lit);
	r = __builtin_expect(await t(5), 1) + __builtin_constant_p(3) + (int)__builtin_popcount(await t(7)) + __builtin_types_compatible_p(int, int); printf(" = %d\n", r);
	r = (int)offsetof(struct s, a[await t(1)]) + await t(1) + (int)sizeof(struct s) + (int)_Alignof(double) + (int)sizeof r; printf(" = %d\n", r);
	r = (char)await t(300) + (int)await td(2.9) + (_Bool)await td(0.5) + (int)(long)(char *)(long)await t(5); printf(" = %d\n", r);
}

static async int va(int n, va_list *ap)
{
	int r = va_arg(*ap, int) + await t(1) * n + va_arg(*ap, int); printf(" = %d\n", r);
	double d = va_arg(*(await t(1) ? ap : NULL), double); printf(" = %g\n", d);
	return va_arg(*ap, int) - await t(2);
}

static int variadic(int n, ...)
{
	va_list ap;
	va_start(ap, n);
	int r = va(n, &ap);
	va_end(ap);
	return r;
}

int main(void)
{
	generic();
	printf(" = %d\n", variadic(2, 10, 20, 1.5, 40));
	return 0;
}
