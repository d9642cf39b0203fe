// volatile stays on a field; register and restrict do not.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: int *p;
// CHECK: volatile int seen;
// CHECK: {{^}}			int fast;
// CHECK-LABEL: async_status qualifiers__resume(
// CHECK: f->seen = 1;
// CHECK: f->seen += fast;
#include <async.h>

async int step(int n);
int pure(int n);
async int qualifiers(int *restrict p)
{
	volatile int seen = 1;
	register int fast = *p;
	await step(1);
	seen += fast;
	return seen + *p;
}
