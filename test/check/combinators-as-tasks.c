// A task may end when the target of an assignment in it is gone; what is to be a coroutine value has to be a call.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:17:{{[0-9]+}}: error: 'a' may be gone when the task ends: assign what its await gives
// CHECK: c:17:{{[0-9]+}}: error: 'b' may be gone when the task ends
// CHECK: c:18:{{[0-9]+}}: error: 'a' may be gone when the task ends
// CHECK: c:19:{{[0-9]+}}: error: 'a' may be gone when the task ends
// CHECK: c:20:{{[0-9]+}}: error: this takes a call of an async function
// CHECK: c:21:{{[0-9]+}}: error: async_gather is an awaitable: it does nothing unless it is awaited
// CHECK-NOT: error:
#include <async.h>

async int f(int x);

async int g(int (*pointer)(int))
{
	int a = 0, b = 0;
	async_create_task(async_gather(a = f(1), async_gather(b = f(2))));
	async_create_task(async_catch(a = f(1)));
	await async_shield(async_gather(f(1), async_catch(a = f(2))));
	async_coroutine(async_wait_for(pointer(1), 1));
	async_gather(a = f(1), f(2));
	await async_gather(a = f(1), async_catch(b = f(2)));
	return a + b;
}
