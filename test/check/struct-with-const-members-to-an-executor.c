// A struct with const members cannot be handed to an executor, nor come out of a call through a pointer: those are assigned.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:14:{{[0-9]+}}: error: the result is a 'struct k', which has const members and cannot be assigned: pass a pointer
// CHECK: c:15:{{[0-9]+}}: error: this argument is a 'struct k'
// CHECK: c:16:{{[0-9]+}}: error: the result is a 'struct k'
#include <async.h>

struct k { const int id; int n; };
int plain(struct k k);
struct k make(int x);

async int g(int x, struct k (*pointer)(int))
{
	struct k k = await pointer(x);
	x = await async_run_in_executor(NULL, plain(k));
	return x + (await async_run_in_executor(NULL, make(1))).n + k.n;
}
