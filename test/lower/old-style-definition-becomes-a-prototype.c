// An old-style definition is called with promoted arguments and keeps its own types inside.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -Wno-deprecated-non-prototype -fsyntax-only %t.c
// CHECK: {{^}}	char c;
// CHECK-NEXT: float f;
// CHECK-NEXT: int *p;
// CHECK-LABEL: async_status old__resume(
// CHECK: frame->result = c + (int)f + *p;
// CHECK: async int old(c, f, p)
// CHECK-NEXT: char c;
// CHECK: async__f->c = c;
#include <async.h>

async int step(int n);
int pure(int n);
async int old(c, f, p)
	char c;
	float f;
	int *p;
{
	await step(c);
	return c + (int)f + *p;
}
