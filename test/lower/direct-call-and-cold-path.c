// An await that does not suspend schedules and saves nothing: the saving is on the other path.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: async_status hot__run(
// CHECK: status = async__start(&f->ready.base, ready__points);
// CHECK-NEXT: if (status == ASYNC_SUSPENDED) {
// CHECK-NEXT: f->ready.base.caller_at = &hot__points[hot_at_await_1];
// CHECK-NEXT: f->total = total;
// CHECK-NEXT: f->i = i;
// CHECK-NEXT: return ASYNC_SUSPENDED;
// CHECK-NEXT: }
// CHECK-NEXT: await_1:
// CHECK-NOT: async__push_frame
// CHECK: total += f->ready.result;
#include <async.h>

static async int ready(int n)
{
	if (n < 0)
		await async_sleep(0);
	return n + 1;
}
async int hot(int n)
{
	int total = 0;
	for (int i = 0; i < n; i++)
		total += await ready(i);
	return total;
}
