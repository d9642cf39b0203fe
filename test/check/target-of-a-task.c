// A task may outlive the place that its result would go to.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: cannot await 'r = step(n)'
#include <async.h>

async int step(int n);

async int f(int n)
{
	int r;
	async_create_task(r = step(n));
	await step(1);
	return r;
}
