// A task of one type does not become a handle of another: an error, though the compiler of the output would let it pass.
// RUN: not %asyncc %s -o %t.out.c 2>&1 | FileCheck %s --strict-whitespace
#include <async.h>

async int f(void)
{
	return 1;
}

async int g(void)
{
	async_handle any = async_create_task(f());
	async_future(double) wrong = async_create_task(f());
// CHECK: different-types.c:[[#@LINE-1]]:23: error: incompatible pointer types initializing 'async_task(double)' with an expression of type 'async_task(int)'
// CHECK-NEXT: 	async_future(double) wrong = async_create_task(f());
// CHECK-NEXT: 	                     ^
// CHECK-NEXT: different-types.c:[[#@LINE+1]]:6: error: incompatible pointer to integer conversion initializing 'int' with an expression of type 'async_task(int)'
	int number = async_create_task(f());
// CHECK: different-types.c:[[#@LINE+1]]:6: error: incompatible pointer to integer conversion initializing 'int' with an expression of type 'int (void)'
	int call = await f;
// CHECK-NOT: note:
	return number + call + (wrong == any);
}
