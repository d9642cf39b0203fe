// Designated initialisers out of order: the awaits run in the order of the members, the text stays. An array is copied from a literal.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status members__resume(
// CHECK: step_1 = step__start(1);
// CHECK: operand_1 = pure(2);
// CHECK: step_2 = step__start(3);
// CHECK: = (struct m){.c[1] = result_2, .b = operand_1, .a = result_1};
// CHECK: __builtin_memcpy(f->list, (int [2]){operand_2, result_3}, sizeof f->list);
#include <async.h>

async int step(int n);
int pure(int n);
struct m { int a, b, c[2]; };

async int members(void)
{
	struct m m = {.c[1] = await step(3), .b = pure(2), .a = await step(1)};
	int list[] = {pure(1), await step(2)};
	return m.a + list[0];
}
