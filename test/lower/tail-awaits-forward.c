// An await that is the last thing of its function lets what is awaited answer for it, from -O2 on: a callee that would be embedded takes
// the frame over, any other begins for the function's caller if there is no frame, and the function itself begins again in its own.
// RUN: %asyncc --no-line -O2 %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// RUN: %asyncc --no-line -O1 %s -o - | FileCheck %s --check-prefix=KEEPS
// RUN: %asyncc --no-line -O2 -fno-optimize-sibling-calls %s -o - | FileCheck %s --check-prefix=KEEPS
// RUN: %asyncc --no-line -O0 -foptimize-sibling-calls %s -o - | FileCheck %s
// RUN: %asyncc --no-line --frames -O2 %s | FileCheck %s --check-prefix=FRAMES
// KEEPS-NOT: awaited last
// KEEPS-NOT: if (f){{$}}
#include <async.h>

async int step(int n);
async void done(void);
void look(int *p);
static async int half(int n)
{
	await done();
	return n / 2;
}

// The parameters are where the arguments go: nothing of them is needed any more.
// CHECK-LABEL: struct __attribute__((may_alias)) whole__frame {
// CHECK-NEXT: union {
// CHECK-NEXT: struct {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: int result;
// CHECK-NEXT: int n;
// CHECK-NEXT: };
// CHECK-NEXT: };
// CHECK-NEXT: struct half__frame half; /* awaited last: takes its place */
// CHECK-NEXT: };
// CHECK-LABEL: static async_status whole__resume(
// CHECK: f->half.n = n + 1;
// CHECK-NEXT: status = async__start(&f->half.base, half__points);
// CHECK-NEXT: return status == ASYNC_FAILED ? async__trace(&whole__async, [[#@LINE+5]]) : status;
// FRAMES-LABEL: whole: 16 bytes
// FRAMES: 0 16 half struct half__frame the frame of a callee that is awaited last: it takes the place of all this
async int whole(int n)
{
	return await half(n + 1);
}

// CHECK-LABEL: next__run(
// CHECK: step_1 = step__start(n + 1);
// CHECK: if (status == ASYNC_SUSPENDED) {
// CHECK-NEXT: if (f)
// CHECK-NEXT: async__await_suspended(&f->base, &next__points[next_at_await_1]);
// CHECK-NEXT: return ASYNC_SUSPENDED;
async int next(int n)
{
	return (await step(n + 1));
}

// CHECK-LABEL: count__run(
// CHECK: f->n = n - 1;
// CHECK-NEXT: f->total = total + n;
// CHECK-NEXT: status = async__start(&f->base, count__points);
// CHECK-NEXT: if (status == ASYNC_DONE)
// CHECK-NEXT: *async__result = f->result;
async int count(int n, int total)
{
	if (n == 0)
		return total;
	await async_sleep(0);
	return await count(n - 1, total + n);
}

// Ends of branches, and what only a return follows, of a function without a result.
// CHECK-LABEL: ends__run(
// CHECK: done_1 = done__start();
// CHECK: if (f){{$}}
// CHECK-NEXT: async__await_suspended(&f->base, &ends__points[ends_at_await_1]);
// CHECK: step_1 = step__start(n);
// CHECK: if (f){{$}}
// CHECK: done_2 = done__start();
// CHECK: if (f){{$}}
// CHECK-NOT: if (f){{$}}
// CHECK-LABEL: struct ends__outcome {
async void ends(int n)
{
	if (n == 1) {
		await done();
	} else if (n == 2) {
		await step(n);
		return;
	} else {
		while (n--)
			if (n == 7) {
				await done();
				return;
			}
	}
}

// Not where something is left to do, or to be found: another type, a loop, an error to be caught, a cleanup, a variable's address.
// CHECK-LABEL: async long widened(int n)  (
// CHECK-NOT: awaited last
// CHECK-NOT: if (f){{$}}
async long widened(int n)
{
	return await half(n);
}
async void turns(int n)
{
	while (n--)
		await half(n);
}
async int caught(int n)
{
	async_try
		return await half(n);
	async_except (e)
		return e.code;
}
void tidy(int *p);
async int tidied(int n)
{
	__attribute__((cleanup(tidy))) int kept = n;
	return await half(kept);
}
async int shown(int n)
{
	int kept = n;
	look(&kept);
	return await half(kept);
}
async int both(int n)
{
	n += await half(n);
	return await half(n);
}
