// Awaits in the operands of an asm run before it; an output stays a place.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status machine__resume(
// CHECK: step_1 = step__start(1);
// CHECK: place_1 = where(result_1);
// CHECK: step_2 = step__start(2);
// CHECK: __asm__("# %0 %1" : "=m"(*place_1) : "r"(result_2));
#include <async.h>

async int step(int n);
int *where(int n);

async void machine(void)
{
	__asm__("# %0 %1" : "=m"(*where(await step(1))) : "r"(await step(2)));
}
