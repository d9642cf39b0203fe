// A variable whose cleanup function is async guards the rest of its block like an async_finally that awaits the function.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK: *   await_2  close_it(&n)  (line 32)
// CHECK-LABEL: async_status use__resume(
// CHECK: f->n = 1;
// CHECK: goto finally_failed_1;
// CHECK: f->result = f->n;
// CHECK-NEXT: exit_1 = 2;
// CHECK-NEXT: goto finally_1;
// CHECK: finally_failed_1:;
// CHECK-NEXT: (void)async__hold(&f->pending_1);
// CHECK-NEXT: exit_1 = 1;
// CHECK: finally_1:;
// CHECK: close_it_1 = close_it__start(&f->n);
// CHECK: if (status == ASYNC_SUSPENDED) {
// CHECK: finally_done_1:;
// CHECK-NEXT: if (exit_1 == 1) {
// CHECK-NEXT: (void)async__reraise(&f->pending_1);
// CHECK: if (exit_1 == 2) {
// CHECK-NEXT: return ASYNC_DONE;
// CHECK-NEXT: }
// CHECK-NEXT: __builtin_unreachable();
// CHECK-NEXT: }
#include <async.h>

async void close_it(int *n);
async int use(void)
{
	__attribute__((cleanup(close_it))) int n = 1;
	await async_sleep(0);
	return n;
}
