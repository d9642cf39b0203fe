// The value first, kept if the target awaits, then the target.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status target__resume(
// CHECK: a[i++] = result_1;
// CHECK-NEXT: value_1 = pure(1);
// CHECK: *(result_2 ? a : &total) += value_1;
#include <async.h>

async int step(int n);
int pure(int n);
static int total;

async void target(int *a, int i)
{
	a[i++] = await step(i);
	*(await step(0) ? a : &total) += pure(1);
}
