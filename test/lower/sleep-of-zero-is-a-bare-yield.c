// async_sleep of a literal zero has no frame and no way on but by being resumed; of anything else it is a call.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: struct __attribute__((may_alias)) polite__frame {
// CHECK-NOT: async_sleep
// CHECK: }
// CHECK-LABEL: polite__run(
// CHECK: f->base.state = polite_at_await_1;
// CHECK-NEXT: f->i = i;
// CHECK-NEXT: return async__yield(&f->base);
// CHECK-NEXT: await_1:
// CHECK-NEXT: if (status == ASYNC_FAILED) {
// CHECK-NEXT: return async__trace(&polite__async, 25);
// CHECK-LABEL: struct __attribute__((may_alias)) late__frame {
// CHECK: struct async_sleep__frame async_sleep;
// CHECK-LABEL: late__resume(
// CHECK: f->async_sleep.seconds = seconds;
// CHECK: f->async_sleep.seconds = 0.5;
// CHECK-NOT: async__yield
// CHECK: late__async = {
#include <async.h>

async void polite(int n)
{
	for (int i = 0; i < n; i++)
		await async_sleep(0);
}

async void late(double seconds)
{
	await async_sleep(seconds);
	await async_sleep(0.5);
}
