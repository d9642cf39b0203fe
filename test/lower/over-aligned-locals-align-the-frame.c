// The frame is as strictly aligned as what it holds, and the descriptor says so.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: __attribute__((aligned(32))) int n;
// CHECK: _Alignas(64) char line[64];
// CHECK-LABEL: async_status aligned__resume(
// CHECK: look(f->line);
// CHECK: .frame_align = _Alignof(struct aligned__frame),
#include <async.h>

async int step(int n);
int pure(int n);
void look(char *p);

async int aligned(void)
{
	_Alignas(64) char line[64] = "";
	__attribute__((aligned(32))) int n = 2;
	look(line);
	look((char *)&n);
	await step(1);
	return line[0] + n;
}
