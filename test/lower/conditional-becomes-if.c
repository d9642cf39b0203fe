// ?: with awaits in its arms becomes an if; void arms need no temporary; of a ?: b, a is evaluated once.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status arms__run(
// CHECK-NOT: chosen
// CHECK: if (a) {
// CHECK: } else {
// CHECK-NEXT: (void)pure(2);
// CHECK-LABEL: async_status elvis__run(
// CHECK: first_1 = pure(a);
// CHECK-NEXT: if (first_1) {
// CHECK-NEXT: chosen_1 = first_1;
// CHECK-NEXT: } else {
// CHECK: chosen_1 = result_1;
// CHECK: *async__result = chosen_1;
#include <async.h>

async int step(int n);
int pure(int n);

async void arms(int a)
{
	a ? (void)await step(1) : (void)pure(2);
}

async double elvis(int a)
{
	return pure(a) ?: await step(a);
}
