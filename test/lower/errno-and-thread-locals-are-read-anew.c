// errno is the macro it was, read again behind an await.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status number__resume(
// CHECK: errno = 0;
// CHECK: f->result = errno;
#include <async.h>

async int step(int n);
int pure(int n);
#include <errno.h>

async int number(void)
{
	errno = 0;
	await step(1);
	return errno;
}
