// What a handle stands for is not there yet: to read it without await is refused, at each place alike.  (7, 8)
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:14:{{[0-9]+}}: error: the value of a task or future is read without await
// CHECK: note: did you mean 'await *t'?
// CHECK: c:15:{{[0-9]+}}: error: the value of a task or future is read without await
// CHECK: c:16:{{[0-9]+}}: error: the value of a task or future is read without await
// CHECK: c:17:{{[0-9]+}}: error: cannot await 'v'
// CHECK: c:18:{{[0-9]+}}: error: cannot await 'v'
// CHECK-NOT: error
#include <async.h>

async int f(async_task(int) t, async_future(int) g)
{
	int v = *t;
	v += *g + 1;
	*g = 3;
	await v;
	await v;
	async_set_result(g, sizeof *t == sizeof v);
	return async_result(t) + await *t;
}
