// f(a, await g(await h())): a is kept, h, then g, then f.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status nest__resume(
// CHECK: operand_1 = *p;
// CHECK: step_1 = step__start(1);
// CHECK: step_2 = step__start(result_1);
// CHECK: f->result = three(operand_1, result_2, *p);
#include <async.h>

async int step(int n);
int pure(int n);
int three(int a, int b, int c);

async int nest(int *p)
{
	return three(*p, await step(await step(1)), *p);
}
