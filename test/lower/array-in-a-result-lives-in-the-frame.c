// A pointer into f().a must not outlive the temporary: it is in the frame while the function is suspended.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: struct m temporary_1;
// CHECK-LABEL: static async_status temporary__resume(
// CHECK: f->temporary_1 = plain();
// CHECK: f->result = f->temporary_1.c[result_1]; return ASYNC_DONE;
#include <async.h>

async int step(int n);
struct m { int a, b, c[2]; };
struct m plain(void);

async int temporary(void)
{
	return plain().c[await step(1)];
}
