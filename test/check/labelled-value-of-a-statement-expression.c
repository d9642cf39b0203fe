// The last statement of a statement expression with an await cannot have a label: its value would have to be taken behind it.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: labelled-value-of-a-statement-expression.c:10:24: error: the value of a statement expression with an await in it cannot have a label
#include <async.h>

async int f(int x);

async int g(int x)
{
	return ({ await f(1); end: x; });
}
