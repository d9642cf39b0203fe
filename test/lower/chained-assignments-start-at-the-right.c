// *P = *Q = R evaluates R, then Q, then P; the value handed on is the converted one, not read back.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status chain__resume(
// CHECK: value_1 = *small(2) = result_1;
// CHECK: *wide(1) = value_1;
// CHECK: step_2 = step__start(6);
// CHECK: *(which ? wide(4) : wide(5)) = result_2;
#include <async.h>

async int step(int n);
int pure(int n);
char *small(int n);
int *wide(int n);

async void chain(int which)
{
	*wide(1) = *small(2) = await step(3);
	*(which ? wide(4) : wide(5)) = await step(6);
}
