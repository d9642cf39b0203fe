// A compound assignment is one operator on its target, after the await: bit-fields, _Atomic and volatile included.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status compound__resume(
// CHECK: total += result_1;
// CHECK: b->bits -= result_2;
// CHECK: b->shared += result_3;
// CHECK: b->seen = result_4;
#include <async.h>

async int step(int n);
struct b { unsigned bits : 3; _Atomic int shared; volatile int seen; };
static int total;

async void compound(struct b *b)
{
	total += await step(1);
	b->bits -= await step(2);
	b->shared += await step(3);
	b->seen = await step(4);
}
