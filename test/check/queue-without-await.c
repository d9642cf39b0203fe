// What a queue's awaitables do happens when they are awaited.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>

async int f(async_queue(int) q)
{
	async_queue_put(q, 1);
	return async_queue_get(q);
}
// CHECK: error: async_queue_put is an awaitable: it does nothing unless it is awaited
// CHECK: did you mean 'await async_queue_put(...)'?
// CHECK: error: async_queue_get is an awaitable: it does nothing unless it is awaited
