// A cast inside of a combinator is refused, as it is under an await: the result would lose it.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s --implicit-check-not=error:
// CHECK: c:16:{{[0-9]+}}: error: async_run_in_executor takes a call of an ordinary function
// CHECK: c:17:{{[0-9]+}}: error: cannot await '(float)slow(1)'
// CHECK: c:18:{{[0-9]+}}: error: cannot await '(float)slow(2)'
// CHECK: c:19:{{[0-9]+}}: error: cannot await '(float)slow(3)'
// CHECK: c:20:{{[0-9]+}}: error: cannot await '(float)slow(4)'
#include <async.h>

double half(double x);
async double slow(double x);

async float g(void)
{
	float x = (float)await async_run_in_executor(NULL, half(1)), y = (float)await async_wait_for(slow(1), 2);
	x = await async_run_in_executor(NULL, (float)half(1));
	x = await async_wait_for((float)slow(1), 1);
	await async_gather(x = (float)slow(2));
	async_error e = await async_catch(x = (float)slow(3));
	x = await async_shield((float)slow(4));
	return x + y + e.code;
}
