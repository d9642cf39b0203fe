// Operands of an asm are the frame's fields where the locals are; its text is untouched.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status machine__resume(
// CHECK: __asm__ volatile("# %0 %[in]" : "+m"(f->y[0]) : [in] "r"(x) : "memory");
#include <async.h>

async int step(int n);
int pure(int n);
async int machine(int x)
{
	int y[2] = {x, 2};
	await step(1);
	__asm__ volatile("# %0 %[in]" : "+m"(y[0]) : [in] "r"(x) : "memory");
	return y[0];
}
