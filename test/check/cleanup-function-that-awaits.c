// An async function cannot be a variable's cleanup: async_finally awaits.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: the cleanup function 'close_it' is async: not supported yet, use async_finally
#include <async.h>

async void close_it(int *n);

async int f(void)
{
	__attribute__((cleanup(close_it))) int n = 1;
	await async_sleep(0);
	return n;
}
