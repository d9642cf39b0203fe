// setjmp in an async function that awaits is refused: the stack it remembers is gone after an await.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: setjmp-across-awaits.c:[[@LINE+8]]:6: error: {{.*}}setjmp' in an async function: after an await there is no stack to return to
#include <async.h>
#include <setjmp.h>

jmp_buf place;
async int f(void)
{
	await async_sleep(0);
	if (setjmp(place))
		return 1;
	return 0;
}
