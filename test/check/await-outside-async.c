// An await needs an async function around it.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: await-outside-async.c:11:9: error: 'await' outside of an async function
// CHECK-NEXT: return await f();
// CHECK-NEXT: {{^ *.*\^}}
#include <async.h>

async int f(void);
int g(void)
{
	return await f();
}
