// A line that ends in a backslash may cut a name in two: in functions that are lowered that is refused, await or not.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: name-cut-in-two.c:11:{{[0-9]+}}: error: a name is cut in two by a backslash at the end of a line, in a function with async or await: write it whole
// CHECK: name-cut-in-two.c:18:{{[0-9]+}}: error: a name is cut in two
// CHECK-NOT: error
#include <async.h>

async int step(int n);
async int one(int n)
{
	return aw\
ait step(n);
}

async int two(int n)
{
	int much = await step(n);
	return mu\
ch + \
1;
}

int much\
er(int n)
{
	return n\
;
}
