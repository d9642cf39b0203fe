// A local type that would move to file scope cannot depend on a local variable.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: error: this type depends on the variable 'n', and its block contains an await
// CHECK: error: this type depends on the variable 'kept', and its block contains an await
#include <async.h>

async int f(int n)
{
	struct box { char bytes[sizeof n]; } box = { "" };
	await async_sleep(0);
	return box.bytes[0];
}

char kept[100];

/* At file scope the name would be another one's. */
async int g(void)
{
	static char kept[5];
	struct box { char bytes[sizeof kept]; } box = { "" };
	await async_sleep(0);
	return box.bytes[0];
}
