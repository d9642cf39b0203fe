// a += await f() stays one atomic operation, behind the await.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status add__resume(
// CHECK: operand_1 = count++;
// CHECK: f->result = before + (count |= result_2);
#include <async.h>

async int step(int n);
int pure(int n);
extern _Atomic int count;

async int add(void)
{
	int before = count++ + await step(1);
	return before + (count |= await step(2));
}
