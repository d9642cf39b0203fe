// The process's status is what an async main returns.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>
// CHECK: [[#@LINE+1]]:1: error: async main has to return an int
async void main(void)
{
	await async_sleep(0);
}
// CHECK-NOT: error
