// A result that nobody wants is not read; one that is converted is converted once.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status convert__resume(
// CHECK-NOT: step_1.result
// CHECK-NOT: step_2.result
// CHECK: await_1:
// CHECK-NOT: step_1.result
// CHECK: await_2:
// CHECK-NOT: step_2.result
// CHECK: result_1 = real_1.result;
// CHECK: c = result_1;
// CHECK: f->result = c + (int)(unsigned char)result_2;
#include <async.h>

async int step(int n);
int pure(int n);
async double real(void);

async int convert(void)
{
	await step(1);
	(void)await step(2);
	char c = await real();
	return c + (int)(unsigned char)await step(3);
}
