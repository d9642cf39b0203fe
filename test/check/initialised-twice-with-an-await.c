// A member that is initialised twice in a list with an await: whether the first value is computed is not for us to choose.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: initialised-twice-with-an-await.c:11:36: error: initialised twice, in a list with an await: say it once
#include <async.h>

struct s { int a[4]; };
async int f(int x);

async int g(void)
{
	struct s s = {.a[1] = await f(3), .a[1] = 4};
	return s.a[1];
}
