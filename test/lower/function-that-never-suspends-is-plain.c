// A function none of whose awaits can suspend is a plain C function: no state, no frame for a call of it, nothing to save around one.
// RUN: %asyncc --no-line %s -o %t.c
// RUN: FileCheck %s < %t.c
// RUN: %gcc -fsyntax-only %t.c
// RUN: %clang -fsyntax-only %t.c
// CHECK-LABEL: static inline async_status add__run(double *async__result, int *a, int b)
// CHECK-NOT: switch
// CHECK: *async__result = *a + b; return ASYNC_DONE;
// CHECK: return add__run(&async__f->result, async__f->a, async__f->b);
// CHECK: static struct add__outcome add__start(int *a, int b)
// CHECK-NOT: enum twice__state
// CHECK-LABEL: struct __attribute__((may_alias)) twice__frame {
// CHECK-NEXT: async_frame base;
// CHECK-NEXT: union { /* the result is stored last */
// CHECK-NEXT: double result;
// CHECK-NEXT: int n;
// CHECK-NEXT: };
// CHECK-NEXT: };
// CHECK-LABEL: twice__run(double *async__result, int n)
// CHECK: int keep = n;
// CHECK-NEXT: add_1 = add__start(&n, n);
// CHECK-NEXT: status = add_1.status;
// CHECK-NEXT: if (status == ASYNC_FAILED) {
// CHECK-NEXT: return async__trace(&twice__async,
// CHECK-NEXT: }
// CHECK-NEXT: result_1 = add_1.result;
// CHECK-LABEL: struct __attribute__((may_alias)) guarded__frame {
// CHECK: async_caught caught_1;
// CHECK-LABEL: guarded__resume(
// CHECK: add_1 = add__start(&f->n, f->n);
#include <async.h>

static async double add(int *a, int b) { return *a + b; }
async double twice(int n)
{
	int keep = n;
	double sum = await add(&n, n);
	return sum + keep;
}
async double guarded(int n)
{
	async_try { n += (int)await add(&n, n); }
	async_except (e) { n = e.code; }
	return n;
}
