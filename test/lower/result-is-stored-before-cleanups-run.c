// return e stores e, then runs the cleanups, innermost first, then ends.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status result__resume(
// CHECK: f->result = f->inner + f->outer;
// CHECK-NEXT: bye(&f->inner);
// CHECK-NEXT: bye(&f->outer);
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
