// A computed goto may go anywhere: the regions it would leave are not known.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: a computed goto cannot leave an async_try, an async_timeout or a variable with a cleanup
#include <async.h>

async int step(int n);

async int f(int n)
{
	void *to[] = {&&out, &&in};
	async_try {
		await step(n);
		goto *to[n];
	in:
		n++;
	}
	async_finally {
		await step(1);
	}
out:
	return n;
}
