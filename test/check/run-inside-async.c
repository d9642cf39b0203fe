// A loop runs already where an async function runs.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: async_run inside an async function: a loop is running here already; use await
#include <async.h>

async int step(int n);

async int f(int n)
{
	await step(n);
	return async_run(step(2));
}
