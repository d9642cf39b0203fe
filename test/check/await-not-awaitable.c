// Only calls, handles and combinators can be awaited.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: await-not-awaitable.c:8:{{[0-9]+}}: error: cannot await 'x + 1'
#include <async.h>

async int f(int x)
{
	return await (x + 1);
}
