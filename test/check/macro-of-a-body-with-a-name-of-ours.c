// A macro with a name of ours that is defined in the function itself would be there for our text, too; warnings come once.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>
async int step(int n);
async int f(void)
{
	int n = 1;
// CHECK-COUNT-1: [[#@LINE+1]]:{{.*}}: warning: '__builtin_return_address'
	const void *from = __builtin_return_address(0);
// CHECK-NOT: warning
// CHECK: [[#@LINE+1]]:1: error: asyncc uses the name 'base' in what it makes of 'f': define the macro before the function
#define base 3
// CHECK-NEXT: #define base 3
	n += await step(base);
#undef base
	return n + !from;
}
// CHECK-NOT: {{error|warning}}
