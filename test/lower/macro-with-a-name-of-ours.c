// A macro that has a name of ours is none around the function, and what the function makes of it is expanded before.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// RUN: %asyncc %s -o %t.c && %gcc -c %t.c -o /dev/null && %clang -c %t.c -o /dev/null
#include <async.h>
#define base 9
#define LIMIT base
static async int step(int n) { await async_sleep(0.1); return n; }
// CHECK: #pragma push_macro("base")
// CHECK-NEXT: #undef base
// CHECK-NOT: step(int n)
// CHECK: async int step(int n)
// CHECK: #pragma pop_macro("base")
// CHECK: #pragma push_macro("base")
// CHECK: step.n = 9;
// CHECK: + 9 + EDGE;
// CHECK: #pragma pop_macro("base")
#define EDGE 2
async int steps(void)
{
	return await step(LIMIT) + base + EDGE;
}
// CHECK: int ordinary(void) { return base; }
int ordinary(void) { return base; }
