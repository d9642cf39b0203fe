// Calls without an await of their own, in an expression that has one, are not left to the C compiler to order.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status both__resume(
// CHECK: operand_1 = pure(1);
// CHECK-NEXT: operand_2 = add(operand_1, pure(2));
// CHECK: f->result = operand_2 + result_1;
#include <async.h>

async int step(int n);
int pure(int n);
int add(int a, int b);

async int both(void)
{
	return add(pure(1), pure(2)) + await step(3);
}
