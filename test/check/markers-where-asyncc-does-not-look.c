// What asyncc does not replace, as it stands in a type or a header, is an error of the C compiler that says what to do.
// RUN: %asyncc %s -o %t.c
// RUN: not gcc -I%include -I%S -O0 -c %t.c -o %t.o 2>&1 | FileCheck %s
// RUN: not %clang_bin -I%include -I%S -O0 -c %t.c -o %t.o 2>&1 | FileCheck %s
// CHECK-DAG: asyncc has not replaced this, in an ordinary function of a header or in a type: put it into a function of the source file
// CHECK-DAG: in-a-header.h:3:{{9|16}}
// CHECK-DAG: asyncc-does-not-look.c:15:{{25|32}}
#include <async.h>

async int step(int n);
#include "Inputs/in-a-header.h"

int size(int n)
{
	return (int)sizeof(int[async_run(step(n))]) + in_a_header(n);
}
