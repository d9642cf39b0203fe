// async_except_error is a handler by which a cancellation passes: it stays in flight, and goes on as if there were no handler.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
#include <async.h>
void tell(int code);
async int half(int n);

// CHECK-LABEL: static async_status patient__resume(
// CHECK: except_1:;
// CHECK-NEXT: if (async__is_cancellation()) {
// CHECK-NEXT: return ASYNC_FAILED;
// CHECK-NEXT: }
// CHECK-NEXT: err = async__hold(&f->caught_1);
// CHECK-NEXT: {
// CHECK-NEXT: tell(err.code);
async int patient(int n)
{
	async_try {
		return await half(n);
	} async_except_error(err) {
		tell(err.code);
	}
	return 0;
}

// The finally of the same async_try runs for it.
// CHECK-LABEL: static async_status tidy__resume(
// CHECK: except_1:;
// CHECK-NEXT: if (async__is_cancellation()) {
// CHECK-NEXT: goto finally_failed_1;
// CHECK-NEXT: }
// CHECK-NEXT: async__hold(&f->caught_1);
// CHECK: finally_failed_1:;
// CHECK-NEXT: (void)async__hold(&f->pending_1);
async void tidy(int n)
{
	async_try {
		await half(n);
	} async_except_error(err) {
		tell(1);
	} async_finally {
		tell(2);
	}
}

// CHECK-LABEL: static async_status any__resume(
// CHECK-NOT: async__is_cancellation
// CHECK: const async_function any__async
async void any(int n)
{
	async_try {
		await half(n);
	} async_except(err) {
		tell(err.code);
	}
}
