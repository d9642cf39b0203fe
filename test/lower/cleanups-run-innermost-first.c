// Every way out of a block calls its variables' cleanup functions, innermost first; an error enters the chain where it belongs.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: async_status f__resume(
// CHECK: if (status == ASYNC_FAILED) {
// CHECK: goto [[INNER:cleanup_[0-9]]];
// CHECK: if (n == 1) {
// CHECK-NEXT: close_b(&frame->b);
// CHECK-NEXT: close_a(&frame->a);
// CHECK-NEXT: break;
// CHECK: close_b(&frame->b);
// CHECK-NEXT: close_a(&frame->a);
// CHECK-NEXT: goto [[END:cleanup_end_[0-9]]];
// CHECK-NEXT: [[INNER]]:;
// CHECK-NEXT: close_b(&frame->b);
// CHECK-NEXT: close_a(&frame->a);
// CHECK-NEXT: return ASYNC_FAILED;
// CHECK-NEXT: [[END]]:;
#include <async.h>

void close_a(int *a);
void close_b(int *b);

async void f(int n)
{
	while (n--) {
		int a __attribute__((cleanup(close_a))) = 1;
		int b __attribute__((cleanup(close_b))) = 2;
		await async_sleep(0);
		if (n == 1)
			break;
	}
}
