// A local type that would move to file scope cannot depend on a local variable.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: error: this type depends on the variable 'n', and its block contains an await
#include <async.h>

async int f(int n)
{
	struct box { char bytes[sizeof n]; } box = { "" };
	await async_sleep(0);
	return box.bytes[0];
}
