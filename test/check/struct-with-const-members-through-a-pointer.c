// A struct with const members cannot come out of a call through a pointer, which may be one of an ordinary function: it is assigned.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: c:10:{{[0-9]+}}: error: the result is a 'struct k', which has const members and cannot be assigned: pass a pointer
#include <async.h>

struct k { const int id; int n; };

async int g(int x, struct k (*pointer)(int))
{
	struct k k = await pointer(x);
	return k.n;
}
