// gcc takes a list for an _Atomic struct, and functions in functions; of clang, which does not, asyncc says what to do.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
// RUN: %asyncc -DASSIGNED %s -o %t.c && %gcc -DASSIGNED -c %t.c -o /dev/null && %clang -DASSIGNED -c %t.c -o /dev/null
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
#ifndef ASSIGNED
async int g(int n)
{
// CHECK: [[#@LINE+3]]:{{[0-9]+}}: error: function definition is not allowed here
// CHECK: [[#@LINE+2]]:{{[0-9]+}}: note: {{.*}} has no functions in functions: move it out
	extern int nested(int k);
	int nested(int k) { return k; }
	return await step(nested(n));
}
#endif
// CHECK-NOT: {{error|note}}
