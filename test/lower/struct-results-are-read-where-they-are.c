// A struct result is read in the callee's frame; that of a return goes to the frame's result.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status make__resume(
// CHECK: f->result = (struct big){n, "text"}; return ASYNC_DONE;
// CHECK: pass__resume(
// CHECK: f->big_2 = f->make.result;
// CHECK: f->big_2.n += (f->make.result).bytes[1];
// CHECK: f->result = f->big_2;
#include <async.h>

struct big { int n; char bytes[200]; };

static async struct big make(int n)
{
	await async_sleep(0);
	return (struct big){n, "text"};
}
async struct big pass(void)
{
	struct big big = await make(1);
	big.n += (await make(2)).bytes[1];
	return big;
}
