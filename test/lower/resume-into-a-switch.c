// An await inside the user's own switch resumes right there, not at the next case; the switch stays as written.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: async_status pick__run(
// CHECK: case pick_at_await_1:
// CHECK: goto await_1;
// CHECK: switch (n) {
// CHECK-NEXT: case 1:
// CHECK: f->step.base.caller_at = &pick__points[pick_at_await_1];
// CHECK: {{^}}	await_1:
// CHECK: r += f->step.result;
// CHECK-NEXT: break;
// CHECK: case 2 ... 4:
#include <async.h>

static async int step(int n)
{
	await async_sleep(0);
	return n;
}

async int pick(int n)
{
	int r = 0;
	switch (n) {
	case 1:
		r += await step(n);
		break;
	case 2 ... 4:
		r = 2;
	}
	return r;
}
