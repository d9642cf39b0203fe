// What an async_executor_map cannot do.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s --implicit-check-not=error:
// CHECK: c:13:{{[0-9]+}}: error: async_executor_map is an awaitable: it does nothing unless it is awaited
// CHECK: c:14:{{[0-9]+}}: error: an async function runs on the loop, not in an executor
#include <async.h>

int plain(int n);
async int slow(int n);

async void g(int *out, const int *in)
{
	await async_executor_map(NULL, 2, out, plain, in, 3);
	async_executor_map(NULL, 2, out, plain, in, 3);
	await async_executor_map(NULL, 2, out, slow, in, 3);
	await async_gather(async_executor_map(NULL, 2, out, plain, in, 3));
}
