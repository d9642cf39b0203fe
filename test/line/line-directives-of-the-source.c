// A #line in the source counts: text after it belongs to the file it names, and errors do too.
// RUN: %exec %s | FileCheck %s
// CHECK: grammar.y:101
// CHECK-NEXT: grammar.y:103
// RUN: not %asyncc %s -DWRONG 2>&1 | FileCheck %s --check-prefix=ERROR
// ERROR: grammar.y:{{[0-9]+}}:{{[0-9]+}}: error:
#include <async.h>
#include <stdio.h>

#line 98 "grammar.y"
async int main(void)
{

	printf("%s:%d\n", __FILE__, __LINE__);
	await async_sleep(0);
	printf("%s:%d\n", __FILE__, __LINE__);
#ifdef WRONG
	async_sleep(0);
#endif
	return 0;
}
