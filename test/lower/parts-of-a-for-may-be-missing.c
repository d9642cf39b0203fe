// for (;n;) and for (;;n) are told apart by their semicolons.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status parts__resume(
// CHECK: for (; ;)
// CHECK: if (!(result_1)) break;
// CHECK: for (;; )
// CHECK: if (n++ > 3) {
// CHECK-NEXT: break;
// CHECK: step_2 = step__start(n);
// CHECK: step_3 = step__start(1);
// CHECK: for (;;)
#include <async.h>

async int step(int n);
int pure(int n);
async void parts(int n)
{
	for (; await step(n);)
		n--;
	for (;; await step(n))
		if (n++ > 3)
			break;
	for (await step(1);;)
		return;
}
