// What has no function of its own to run cannot be started as a task; the message says what to do.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:14:{{[0-9]+}}: error: an async_gather cannot be started as a task of its own yet; put it into an async function
// CHECK: c:15:{{[0-9]+}}: error: an async_catch cannot be started as a task of its own yet
// CHECK: c:16:{{[0-9]+}}: error: this takes a call of an async function
// CHECK: c:17:{{[0-9]+}}: error: async_gather is an awaitable: it does nothing unless it is awaited
#include <async.h>

async int f(int x);

async int g(int (*pointer)(int))
{
	int a = 0, b = 0;
	async_create_task(async_gather(a = f(1), b = f(2)));
	async_create_task(async_catch(f(1)));
	async_coroutine(pointer(1));
	async_gather(a = f(1), f(2));
	return a + b;
}
