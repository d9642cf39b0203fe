// i[p] and n + p: left to right as written, whichever is the pointer.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status either__resume(
// CHECK: operand_1 = (result_1)[where(2)];
// CHECK: operand_2 = pure(3);
// CHECK: f->result = operand_1 + *(operand_2 + where(result_2));
#include <async.h>

async int step(int n);
int pure(int n);
int *where(int n);

async int either(void)
{
	return (await step(1))[where(2)] + *(pure(3) + where(await step(4)));
}
