// A volatile target is written once and not read back; += reads and writes it once, after the await.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status out__resume(
// CHECK-NOT: port
// CHECK: sent = port = result_1;
// CHECK-NOT: port
// CHECK: port += result_2;
// CHECK-NEXT: f->result = sent + port;
#include <async.h>

async int step(int n);
int pure(int n);
extern volatile int port;

async int out(void)
{
	int sent = port = await step(1);
	port += await step(2);
	return sent + port;
}
