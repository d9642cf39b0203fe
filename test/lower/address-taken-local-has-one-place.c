// A local whose address is taken is in the frame for its whole block, and never copied.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status place__resume(
// CHECK-NOT: int kept;
// CHECK: f->kept = 1;
// CHECK: keep(&f->kept);
// CHECK: f->kept++;
// CHECK: step_1 = step__start(f->kept);
// CHECK-NOT: kept = f->kept
// CHECK: f->result = f->kept;
#include <async.h>

async int step(int n);
int pure(int n);
void keep(int *p);

async int place(void)
{
	int kept = 1;
	keep(&kept);
	kept++;
	await step(kept);
	return kept;
}
