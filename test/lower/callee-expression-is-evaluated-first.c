// The function that an expression yields is evaluated before the arguments, and kept.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status call__resume(
// CHECK: operand_1 = (*pick(1));
// CHECK: step_1 = step__start(2);
// CHECK: operand_2 = operand_1(result_1);
// CHECK: f->result = operand_2 + pick(3)(4);
#include <async.h>

async int step(int n);
int pure(int n);
int (*pick(int n))(int);

async int call(void)
{
	return (*pick(1))(await step(2)) + pick(3)(4);
}
