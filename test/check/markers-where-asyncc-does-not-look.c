// What asyncc does not replace, as it stands in a type, is an error of the C compiler that says what to do.
// RUN: %asyncc %s -o %t.c
// RUN: not gcc -I%include -O0 -c %t.c -o %t.o 2>&1 | FileCheck %s
// RUN: not %clang_bin -I%include -O0 -c %t.c -o %t.o 2>&1 | FileCheck %s
// CHECK: asyncc does not see this where it stands: keep its value in a variable first
#include <async.h>

async int step(int n);

int size(int n)
{
	return (int)sizeof(int[async_run(step(n))]);
}
