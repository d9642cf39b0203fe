// && and || with an await at the right become an if; without a wanted value, one without a temporary.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status logical__run(
// CHECK: if (a) {
// CHECK: truth_1 = !!(result_1);
// CHECK-NEXT: } else {
// CHECK-NEXT: truth_1 = 0;
// CHECK: *async__result = truth_1;
// CHECK-LABEL: async_status discarded__run(
// CHECK-NOT: truth
// CHECK: if (!(a)) {
// CHECK-NOT: truth
// CHECK: return ASYNC_DONE;
#include <async.h>

async int step(int n);
async int logical(int a, int b)
{
	return a && await step(b);
}

async void discarded(int a)
{
	(void)(a || await step(3));
}
