// A statement expression with an await becomes a block in front; a return in it is a return of the async function.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status block__resume(
// CHECK: {
// CHECK: twice = 2 * n;
// CHECK: if (twice > 9) { f->result = 0; return ASYNC_DONE; }
// CHECK: value_1 = twice + 1;
// CHECK: f->result = value_1;
#include <async.h>

async int step(int n);
async int block(int n)
{
	return ({ int twice = 2 * n; await step(twice); if (twice > 9) return 0; twice + 1; });
}
