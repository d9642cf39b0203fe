// The final compiler's warnings point into the source, at the line where the cause is.
// RUN: %asyncc %s -o %t.c
// RUN: gcc -Wall -Wextra -I%include -c %t.c -o %t.o 2>&1 | FileCheck %s
// CHECK-NOT: .tmp.c:
// CHECK: warnings-name-the-source.c:13:{{[0-9]+}}: warning: {{.*}}format
// CHECK-NOT: .tmp.c:
#include <async.h>
#include <stdio.h>

async int f(int x)
{
	await async_sleep(0);
	printf("%s\n", x);
	return x;
}
