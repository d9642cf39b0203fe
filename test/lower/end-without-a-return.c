// Falling off the end ends the function; of main, with 0.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status nothing__resume(
// CHECK: await_1:
// CHECK: return ASYNC_DONE;
// CHECK-NEXT: }
// CHECK: main__resume(
// CHECK: f->result = 0;
// CHECK-NEXT: return ASYNC_DONE;
// CHECK-NEXT: }
#include <async.h>

async int step(int n);
int pure(int n);
async void nothing(void)
{
	await step(1);
}
async int main(void)
{
	await step(2);
}
