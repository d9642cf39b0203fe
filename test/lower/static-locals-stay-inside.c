// Static and thread-local variables stay where they are: one object in the resume function.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-NOT: int calls;
// CHECK-LABEL: async_status count__resume(
// CHECK: static int calls = 3;
// CHECK-NEXT: static _Thread_local int mine;
// CHECK: f->result = calls + mine++;
#include <async.h>

async int step(int n);
int pure(int n);
async int count(void)
{
	static int calls = 3;
	static _Thread_local int mine;
	calls++;
	await step(1);
	return calls + mine++;
}
