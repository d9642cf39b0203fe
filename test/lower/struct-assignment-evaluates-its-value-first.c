// An assignment of structs is no exception: its value comes first, then the place.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status assign__resume(
// CHECK: make_1 = make__start(2);
// CHECK: *where(1) = result_1;
// CHECK: value_1 = pure(4);
// CHECK: step_1 = step__start(3);
// CHECK: where(result_2)->b = value_1;
#include <async.h>

async int step(int n);
int pure(int n);
struct s { int a, b; };
struct s *where(int n);
async struct s make(int n);

async void assign(void)
{
	*where(1) = await make(2);
	where(await step(3))->b = pure(4);
}
