// A call of an async function inside another needs an await: the error shows where.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: call-without-await.c:14:14: error: async function 'f' called without await inside async function 'g'
// CHECK: call-without-await.c:14:14: note: did you mean 'await f(...)'?
// CHECK-NEXT: int a = 1 + f(x);
// CHECK-NEXT: {{^}}	            ^
// CHECK-NEXT: {{^}}	            await
#include <async.h>

async int f(int x);

async int g(int x)
{
	int a = 1 + f(x);
	return a;
}
