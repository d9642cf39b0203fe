// A parameter is stored once, by the caller; one that nobody reads is not loaded.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status few__resume(
// CHECK-NOT: spare
// CHECK-NOT: struct big big
// CHECK: used = f->used;
// CHECK-NOT: spare
// CHECK: f->result = used + f->big.bytes[7] + list[1];
#include <async.h>

async int step(int n);
int pure(int n);
struct big { char bytes[200]; };

async int few(int used, __attribute__((unused)) int spare, struct big big, int list[static 2])
{
	await step(1);
	return used + big.bytes[7] + list[1];
}
