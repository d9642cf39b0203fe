// Constants, addresses, and locals that nobody else can change are not copied to temporaries.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status calm__resume(
// CHECK-NOT: operand
// CHECK: f->result = pure(i, "text", table, &table[0], result_1) + i; return ASYNC_DONE;
#include <async.h>

async int step(int n);
int pure(int i, const char *text, int *a, int *b, int n);
static int table[4];

async int calm(int i)
{
	return pure(i, "text", table, &table[0], await step(i)) + i;
}
