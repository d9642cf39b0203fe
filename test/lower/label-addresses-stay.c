// Computed goto stays one, in one function, its table of labels static as before.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status run__resume(
// CHECK: static void *const table[] = {&&add, &&end};
// CHECK: goto *table[code[0] - '0'];
// CHECK: add:
// CHECK: sum += result_1;
// CHECK: goto *table[code[0] - '0'];
// CHECK: end:
#include <async.h>

async int step(int n);
int pure(int n);
async int run(const char *code)
{
	static void *const table[] = {&&add, &&end};
	int sum = 0;
	goto *table[code[0] - '0'];
add:
	sum += await step(*code++);
	goto *table[code[0] - '0'];
end:
	return sum;
}
