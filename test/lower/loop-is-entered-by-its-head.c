// What comes back from a yield at the end of a loop's body does the loop's increment itself and goes to the loop's head, so that the
// loop has one entry; not where something follows the yield, or a pragma goes with the loop.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -Wno-unknown-pragmas -fsyntax-only %t.c
#include <async.h>

void work(int i);

// CHECK-LABEL: async_status both__run(
// CHECK: i = 0;j = n;
// CHECK-NEXT: loop_1:;
// CHECK-NEXT: for (; i < n; i++, j--) {
// CHECK: await_1:
// CHECK-NEXT: if (status == ASYNC_FAILED) {
// CHECK-NEXT: return
// CHECK-NEXT: }
// CHECK-NEXT: i++, j--;
// CHECK-NEXT: goto loop_1;
// CHECK: await_2:
// CHECK: i++, j--;
// CHECK-NEXT: goto loop_1;
async void both(int n)
{
	for (int i = 0, j = n; i < n; i++, j--) {
		if (i & 1) {
			await async_sleep(0);
		} else {
			work(j);
			await async_sleep(0);
		}
	}
}

// CHECK-LABEL: async_status inner__run(
// CHECK: for (i = 0; i < n; i++) {
// CHECK: loop_1:;
// CHECK-NEXT: while (n > i) {
// CHECK: await_1:
// CHECK: goto loop_1;
// CHECK-NOT: goto loop
// CHECK: ASYNC_GENERATED_END
async void inner(int n)
{
	for (int i = 0; i < n; i++) {
		while (n > i) {
			n -= 2;
			await async_sleep(0);
		}
		await async_sleep(0);
		work(i);
	}
}

// CHECK-LABEL: async_status marked__run(
// CHECK-NOT: goto loop
// CHECK: ASYNC_GENERATED_END
async void marked(int n)
{
	int i;
#pragma GCC ivdep
	for (i = 0; i < n; i++)
		await async_sleep(0);
}
