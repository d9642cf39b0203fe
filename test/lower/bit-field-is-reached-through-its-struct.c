// Of a bit-field no address is taken: the pointer to its struct is kept.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status bits__resume(
// CHECK: where(1)->high += result_1;
// CHECK: value_1 = pure(4);
// CHECK: operand_1 = (where(result_2)->low = value_1);
// CHECK: f->result = operand_1 + result_3;
#include <async.h>

async int step(int n);
int pure(int n);
struct b { unsigned low : 3, high : 5; };
struct b *where(int n);

async int bits(void)
{
	where(1)->high += await step(2);
	return (where(await step(3))->low = pure(4)) + await step(5);
}
