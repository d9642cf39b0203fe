// v[await i] = x assigns to the vector, not to a copy of it.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status vector__resume(
// CHECK: place_1 = where(p);
// CHECK: (*place_1)[result_1] += value_1;
#include <async.h>

async int step(int n);
typedef int v4 __attribute__((vector_size(16)));
v4 *where(v4 *p);
int pure(int n);

async void vector(v4 *p, int x)
{
	(*where(p))[await step(1)] += x * pure(x);
}
