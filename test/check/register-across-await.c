// A variable bound to a register cannot be kept across an await.
// RUN: not %asyncc %s 2>&1 | FileCheck %s
// CHECK: error: 'counter' is bound to a register, and its block contains an await
#include <async.h>

async int f(void)
{
	register int counter __asm__("r12") = 3;
	await async_sleep(0);
	return counter;
}
