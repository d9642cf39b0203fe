// A block with a cleanup variable and an await is no block to C: goto runs the cleanup, then jumps.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status out__resume(
// CHECK: f->guard = 1;
// CHECK: goto [[ERROR:cleanup_[0-9]]];
// CHECK: bye(&f->guard);
// CHECK-NEXT: goto end;
// CHECK: n += f->guard;
// CHECK-NEXT: bye(&f->guard);
// CHECK: [[ERROR]]:;
// CHECK-NEXT: bye(&f->guard);
// CHECK: end:
#include <async.h>

async int step(int n);
int pure(int n);
void bye(int *p);

async int out(int n)
{
	{
		__attribute__((cleanup(bye))) int guard = 1;
		if (await step(n))
			goto end;
		n += guard;
	}
	return n;
end:
	return -1;
}
