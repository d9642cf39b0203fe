// The final compiler's warnings point into the source, at the line where the cause is; also from what is evaluated before an await, in lines of
// ours.
// RUN: %asyncc %s -o %t.c
// RUN: gcc -Wall -Wextra -I%include -c %t.c -o %t.o 2>&1 | FileCheck %s
// CHECK-NOT: .tmp.c:
// CHECK: warnings-name-the-source.c:16:{{[0-9]+}}: warning: {{.*}}format
// CHECK-NOT: .tmp.c:
#include <async.h>
#include <stdio.h>
__attribute__((deprecated)) int old(int n);
async int step(int n);

async int f(int x)
{
	await async_sleep(0);
	printf("%s\n", x);
	return x;
}
// CHECK: warnings-name-the-source.c:[[#@LINE+3]]:{{[0-9]+}}: warning: {{.*}}old{{.*}} is deprecated
async int operands(int x)
{
	return old(x) -
// CHECK-NOT: .tmp.c:
// CHECK: warnings-name-the-source.c:[[#@LINE+1]]:{{[0-9]+}}: warning: {{.*}}old{{.*}} is deprecated
		old(x) * old(x) +
// CHECK: warnings-name-the-source.c:[[#@LINE-1]]:{{[0-9]+}}: warning: {{.*}}old{{.*}} is deprecated
		await step(old(2)) -
// CHECK: warnings-name-the-source.c:[[#@LINE-1]]:{{[0-9]+}}: warning: {{.*}}old{{.*}} is deprecated
// CHECK: warnings-name-the-source.c:[[#@LINE+1]]:{{[0-9]+}}: warning: {{.*}}old{{.*}} is deprecated
		await step(1 + old(1)
// CHECK: warnings-name-the-source.c:[[#@LINE+1]]:{{[0-9]+}}: warning: {{.*}}old{{.*}} is deprecated
			+ old(x));
}
// CHECK-NOT: .tmp.c:
