// A condition with an await is evaluated in the body; continue goes to the increment or the condition.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status loops__resume(
// CHECK: step_1 = step__start(0);
// CHECK: for (i = result_1; ; )
// CHECK: if (!(i < result_2)) break;
// CHECK: if (i == 3) {
// CHECK-NEXT: goto next_1;
// CHECK: next_1:;
// CHECK: step_3 = step__start(1);
// CHECK: i += result_3;
// CHECK: if (sum > 7) {
// CHECK-NEXT: goto next_2;
// CHECK: next_2:;
// CHECK: step_4 = step__start(sum);
// CHECK: while (result_4 < 20);
#include <async.h>

async int step(int n);
int pure(int n);
async int loops(int n)
{
	int sum = 0;
	for (int i = await step(0); i < await step(n); i += await step(1)) {
		if (i == 3)
			continue;
		sum += i;
	}
	do {
		if (sum > 7)
			continue;
		sum++;
	} while (await step(sum) < 20);
	return sum;
}
