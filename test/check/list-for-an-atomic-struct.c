// clang takes no list for an _Atomic struct, gcc does: asyncc says what to do.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
// RUN: %asyncc -DASSIGNED %s -o %t.c && %gcc -c %t.c -o /dev/null && %clang -c %t.c -o /dev/null
#include <async.h>
struct pair { int a, b; };
async int step(int n);
async int f(int n)
{
#ifndef ASSIGNED
// CHECK: [[#@LINE+3]]:{{[0-9]+}}: error: illegal initializer type '_Atomic(struct pair)'
// CHECK: [[#@LINE+2]]:{{[0-9]+}}: note: {{.*}} takes no list for an _Atomic struct: assign it after the declaration
// CHECK-NOT: {{error|note}}
	_Atomic struct pair p = {n, 2};
#else
	_Atomic struct pair p;
	p = (struct pair){n, 2};
#endif
	int k = await step(n);
	struct pair q = p;
	return k + q.a;
}
