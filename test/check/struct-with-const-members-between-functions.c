// A struct with const members may be a local, but not a parameter or result: those are assigned.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: struct-with-const-members-between-functions.c:13:1: error: the result is a 'struct k', which has const members and cannot be assigned: pass a pointer
// CHECK: c:19:15: error: this parameter is a 'struct k'
// CHECK: c:27:{{[0-9]+}}: error: the result is a 'struct k'
// CHECK: c:29:{{[0-9]+}}: error: this argument is a 'struct k'
// CHECK: c:30:{{[0-9]+}}: error: this argument is a 'struct k'
#include <async.h>

struct k { const int id; int n; };
static int plain(struct k k) { return k.n; }

async struct k mk(int x)
{
	await async_sleep(0);
	return (struct k){x, x};
}

async int use(struct k k)
{
	await async_sleep(0);
	return k.n;
}

async int g(int x)
{
	struct k k = await mk(x);
	k.n++;
	x = await use(k);
	return x + await async_run_in_executor(NULL, plain(k));
}
