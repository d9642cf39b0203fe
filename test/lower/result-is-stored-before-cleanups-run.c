// return e stores e, then runs the cleanups, innermost first, then ends; where the result lies beside parameters, e is kept aside until then.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status result__resume(
// CHECK: f->result = f->inner + f->outer;
// CHECK-NEXT: bye(&f->inner);
// CHECK-NEXT: bye(&f->outer);
// CHECK-NEXT: return ASYNC_DONE;
// CHECK-LABEL: async_status beside__resume(
// CHECK: returned_1 = inner + n;
// CHECK-NEXT: bye(&inner);
// CHECK-NEXT: bye(&f->outer);
// CHECK-NEXT: f->result = returned_1;
// CHECK-NEXT: return ASYNC_DONE;
#include <async.h>

async int step(int n);
int pure(int n);
void bye(int *p);

async int result(void)
{
	__attribute__((cleanup(bye))) int outer = await step(1);
	{
		__attribute__((cleanup(bye))) int inner = await step(2);
		return inner + outer;
	}
}

async int beside(int n)
{
	__attribute__((cleanup(bye))) int outer = await step(1);
	{
		__attribute__((cleanup(bye))) int inner = 2;
		return inner + n;
	}
}
