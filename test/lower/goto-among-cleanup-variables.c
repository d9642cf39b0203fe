// A goto to a label behind several cleanup variables of one declaration runs none of them.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// CHECK-LABEL: async_status f__resume(
// CHECK: again:
// CHECK-NOT: leave(
// CHECK: goto again;
#include <async.h>
void leave(int *n);
async int next(void);
async void f(void)
{
	__attribute__((cleanup(leave))) int a = 1, b = 2, c = 3, d = 4;
again:
	if (await next() < a + b + c + d) goto again;
}
