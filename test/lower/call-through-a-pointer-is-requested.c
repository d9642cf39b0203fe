// An await through a pointer states its target, then calls it; a task is made of such a call in one expression.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static async_status pointer__resume(
// CHECK: async__request_task((void (*)(void))async__target); __auto_type async__value = async__target(i); async__requested_task(async__outer, &async__value, sizeof async__value);
// CHECK: operand_1 = ops[i++];
// CHECK-NEXT: async__request((void (*)(void))operand_1, 1);
// CHECK-NEXT: result_1 = operand_1(i);
// CHECK-NEXT: status = async__answered();
#include <async.h>

async int step(int n);
async int pointer(int (*const ops[2])(int), int i)
{
	async_create_task(ops[0](i));
	return await ops[i++](i);
}
