// An await is no constant: clang says so itself, about the line the user wrote.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: await-in-a-constant.c:14:31: error: initializer element is not a compile-time constant
// CHECK: c:17:26: error: initializer element is not a compile-time constant
// CHECK: c:19:13: error: expression is not an integer constant expression
// CHECK: c:21:28: error: expression is not an integer constant expression
// CHECK: c:22:19: error: expression is not an integer constant expression
// CHECK: c:23:21: error: expression is not an integer constant expression
// CHECK: c:24:23: error: static assertion expression is not an integral constant expression
#include <async.h>

async int f(int x);

static int file_scope = await f(1);
async int g(int x)
{
	static int once = await f(2);
	switch (x) {
	case await f(3): return 1;
	}
	struct { int bits : await f(4); } s;
	enum { E = await f(5) };
	int a[2] = {[await f(6)] = 1};
	_Static_assert(await f(7), "");
	return once + file_scope + a[0] + E + sizeof s;
}
