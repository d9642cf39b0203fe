// A type that is declared inside an expression has no place at file scope.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: 'p' lives across an await, and its type has no name that the frame could use
#include <async.h>

async int step(int n);

async int f(int n)
{
	__auto_type p = ({ struct inner { int a[9]; } inner = {{n}}; inner; });
	await step(n);
	return p.a[0];
}
