// An array whose run-time size comes from typeof has no bounds that could be kept across an await.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: error: the run-time size of 'copy' is not in its declaration, and an await follows
#include <async.h>

async int f(int n)
{
	int first[n];
	first[0] = n;
	__typeof__(first) copy;
	copy[0] = first[0];
	await async_sleep(0);
	return copy[0];
}
