// An await where nothing is evaluated is refused, wherever libclang hides it.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: await-that-never-runs.c:18:17: error: an await that would never run: this is not evaluated
// CHECK: c:19:13: error: an await that would never run
// CHECK: c:20:30: error: an await that would never run
// CHECK: c:21:31: error: an await that would never run
// CHECK: c:22:19: error: an await that would never run
// CHECK: c:23:27: error: an await that would never run
// CHECK: c:24:29: error: an await that would never run
// CHECK: c:25:24: error: an await that would never run
// CHECK: c:26:20: error: an await that would never run
// CHECK: c:27:22: error: an await in a type, or in what is not evaluated: keep its result in a variable first
#include <async.h>

async int f(int x);
async int g(int x)
{
	int a = sizeof(await f(1));
	__typeof__(await f(2)) b = 0;
	int c = _Alignof(__typeof__(await f(3)));
	int d = __builtin_constant_p(await f(4));
	int e = _Generic(await f(5), default: 1);
	int h[sizeof(char[sizeof(await f(6))])];
	struct { int bits : sizeof(await f(7)); } i = {1};
	_Static_assert(sizeof(await f(8)) == 4, "");
	enum { E = sizeof(await f(9)) };
	a += sizeof(char[1][await f(10)]);
	return a + b + c + d + e + h[0] + i.bits + E + x;
}
