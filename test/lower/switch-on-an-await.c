// The value of a switch is awaited before it; labels in nested blocks, ranges and declarations before the first case stay.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status which__resume(
// CHECK: step_1 = step__start(n);
// CHECK: switch (result_1) {
// CHECK-NEXT: int early;
// CHECK-NEXT: case 1:
// CHECK: early = result_2;
// CHECK: case 2 ... 4: {
// CHECK-NEXT: r = 1;
// CHECK-NEXT: default:
// CHECK: r += result_3;
#include <async.h>

async int step(int n);
int pure(int n);
async int which(int n)
{
	int r = 0;
	switch (await step(n)) {
		int early;
	case 1:
		early = await step(2);
		r += early;
		break;
	case 2 ... 4: {
		r = 1;
	default:
		r += await step(3);
	}
	}
	return r;
}
