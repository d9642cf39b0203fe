// async_timeout_as is async_timeout, and a pointer to the scope in the frame; unless nobody uses it.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
#include <async.h>

async void work(async_timeout_scope *t);

// CHECK-LABEL: async_status named__resume(
async void named(double seconds)
{
	async_timeout_as (t, seconds) {
		await work(t);
		async_timeout_reschedule(t, 2);
	}
	// CHECK: status = async__timeout_block_begin(&f->timeout_1, seconds);
	// CHECK-NEXT: if (status == ASYNC_FAILED) {
	// CHECK-NEXT: async__trace(&named__async, 10);
	// CHECK-NEXT: return ASYNC_FAILED;
	// CHECK-NEXT: }
	// CHECK-NEXT: t = &f->timeout_1;
	// CHECK: work_1 = work__start(t);
	// CHECK: async_timeout_reschedule(t, 2);
	// CHECK: status = async__timeout_end(&f->timeout_1, status);
}

// CHECK-LABEL: async_status unnamed__resume(
async void unnamed(void)
{
	async_timeout_as (t, 1)
		await work(NULL);
	// CHECK-NOT: {{[^a]}}t = &
	// CHECK: async__timeout_block_begin(&f->timeout_1, 1);
	// CHECK-NOT: {{[^a]}}t = &
}
