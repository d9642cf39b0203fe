// async_sleep has no frame: who awaits it waits.  Of a literal zero, it has no way on but by being resumed.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: struct __attribute__((may_alias)) polite__frame {
// CHECK-NOT: async_sleep
// CHECK: }
// CHECK-LABEL: polite__run(
// CHECK: f->i = i;
// CHECK-NEXT: return async__yield(&f->base, &polite__points[polite_at_await_1]);
// CHECK-NEXT: await_1:
// CHECK-NEXT: if (status == ASYNC_FAILED) {
// CHECK-NEXT: return async__trace(&polite__async, 30);
// CHECK-LABEL: struct __attribute__((may_alias)) late__frame {
// CHECK-NOT: async_sleep
// CHECK: }
// CHECK-LABEL: late__resume(
// CHECK: status = async_sleep__await(&f->base, &late__points[late_at_await_1], seconds);
// CHECK-NEXT: if (status == ASYNC_SUSPENDED) {
// CHECK-NEXT: return ASYNC_SUSPENDED;
// CHECK-NEXT: }
// CHECK-NEXT: await_1:
// CHECK-NEXT: if (status == ASYNC_FAILED) {
// CHECK: status = async_sleep__await(&f->base, &late__points[late_at_await_2], 0.5);
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
