// Behind a call that does not return, and behind an endless loop, no end is made up that warns.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status never__resume(
// CHECK: exit(1);
// CHECK: for (;;) {
// CHECK: step_2 = step__start(&f->base, 2);
// CHECK: return ASYNC_DONE;
// CHECK-NEXT: }
// CHECK: async__entry(&forever__async,
// CHECK: __builtin_unreachable();
#include <async.h>

async int step(int n);
int pure(int n);
#include <stdlib.h>

async int never(int n)
{
	if (n) {
		await step(n);
		exit(1);
	}
	for (;;)
		await step(2);
}
_Noreturn async void forever(void)
{
	for (;;)
		await step(3);
}
