// An await inside an asm is refused: its operands name places.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: await-in-asm.c:10:2: error: an await inside an asm is not supported: keep its result in a variable first
#include <async.h>

async int f(int x);

async int g(int x)
{
	asm("" : : "r"(await f(x)));
	return x;
}
