// What stands left of an await is evaluated before it; what stands right of it stays as written.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status arguments__resume(
// CHECK: operand_1 = pure(*p);
// CHECK: step_1 = step__start(i);
// CHECK: f->result = operand_1 + pure(result_1) * i; return ASYNC_DONE;
#include <async.h>

async int step(int n);
int pure(int n);

async int arguments(int i, int *p)
{
	return pure(*p) + pure(await step(i)) * i;
}
