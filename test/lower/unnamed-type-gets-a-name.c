// A struct without a name that has to be in the frame gets one; several declarators share it.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: struct unnamed__struct { int x, y; };
// CHECK: struct unnamed__struct *q;
// CHECK: struct unnamed__struct p;
// CHECK: struct unnamed__struct list[2];
// CHECK-LABEL: async_status unnamed__resume(
// CHECK: f->p = (struct unnamed__struct){1, 2}; q = &f->p;
#include <async.h>

async int step(int n);
int pure(int n);
void look(void *p);

async int unnamed(void)
{
	struct { int x, y; } p = {1, 2}, *q = &p, list[2] = {{3, 4}};
	look(q);
	await step(1);
	return p.x + q->y + list[0].x;
}
