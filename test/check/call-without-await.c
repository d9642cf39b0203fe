// A call of an async function inside another needs an await: the error shows where.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: call-without-await.c:11:13: error: {{.*}}'f'
// CHECK: did you mean 'await f({{.*}})'?
#include <async.h>

async int f(int x);

async int g(int x)
{
	int a = 1 + f(x);
	return a;
}
