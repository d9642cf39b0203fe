// What stands left of a comma becomes statements.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status comma__resume(
// CHECK: pure(1);
// CHECK: step_1 = step__start(2);
// CHECK: f->result = (n) + 1; return ASYNC_DONE;
#include <async.h>

async int step(int n);
int pure(int n);

async int comma(int n)
{
	return (pure(1), await step(2), n) + 1;
}
