// A way out that runs a cleanup of ours runs those of inner blocks before it, though the C compiler could see to them.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// CHECK-LABEL: async_status walk__resume(
// CHECK: int inner = 2;
// CHECK: returned_1 = n;
// CHECK-NEXT: leave(&inner);
// CHECK-NEXT: leave(&f->outer);
// CHECK-NEXT: f->result = returned_1;
// CHECK-NEXT: return ASYNC_DONE;
// CHECK: __attribute__((cleanup(leave))) int alone = 3;
// CHECK-NOT: leave(&alone)
// CHECK: return ASYNC_DONE;
#include <async.h>
void leave(int *n);
async int next(void);
async int walk(int n)
{
	__attribute__((cleanup(leave))) int outer = 1;
	await next();
	{
		__attribute__((cleanup(leave))) int inner = 2;
		if (n)
			return n;
	}
	{
		__attribute__((cleanup(leave))) int alone = 3;
		n += alone;
	}
	return n;
}
