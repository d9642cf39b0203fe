// A task begins when the call that made it is over: variable arguments and what a va_list leads to would be gone.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:19:20: error: the arguments of a variadic function are gone when it begins as a task: await it, or call it in an async function and start that
// CHECK: c:20:18: error: the arguments of a variadic function
// CHECK: c:21:21: error: the arguments of a variadic function
// CHECK: c:22:21: error: the arguments of a variadic function
// CHECK: c:23:20: error: the arguments of a variadic function
// CHECK: c:24:28: error: what is in a va_list may be gone when the task begins: take it out first
// CHECK: c:27:27: error: the arguments of a variadic function
// CHECK-NOT: error:
#include <async.h>
#include <stdarg.h>

async int sum(int n, ...);
async int vsum(int n, va_list list);

async int f(int (*pointer)(int, ...), va_list list)
{
	async_create_task(sum(1, 2));
	async_coroutine(sum(1, 2));
	await async_gather(sum(1, 2), vsum(0, NULL));
	await async_shield(sum(1, 2));
	async_create_task(pointer(1, 2));
	async_create_task(vsum(0, list));
	await async_wait_for(sum(1, 2), 1); /* this one is no task */
	async_task_group (g) {
		async_create_task_in(g, sum(1, 2));
	}
	return 0;
}
