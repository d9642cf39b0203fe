// A local that is not set is not set by us; no frame is cleared.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status unset__resume(
// CHECK-NOT: memset({{&?}}f
// CHECK-NOT: = {0}
// CHECK-NOT: later = 0
// CHECK: fill(f->buffer);
// CHECK: later = result_1;
#include <async.h>

async int step(int n);
int pure(int n);
void fill(char *p);

async int unset(void)
{
	char buffer[4096];
	int later;
	fill(buffer);
	later = await step(1);
	return buffer[0] + later;
}
