// An array of a run-time size that an await outlives: its bound once into the frame, its storage freed on every way out.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: async_status total__resume(
// CHECK: f->a_bound_1 = n++;
// CHECK-NEXT: f->a_1 = __builtin_malloc(sizeof(int [f->a_bound_1]));
// CHECK-NEXT: if (!f->a_1) {
// CHECK-NEXT: status = async__raise(ASYNC_NO_MEMORY, "no memory for 'a'");
// CHECK-NEXT: return ASYNC_FAILED;
// CHECK: returned_1 = (*(int (*)[f->a_bound_1])f->a_1)[0] + (int)sizeof (*(int (*)[f->a_bound_1])f->a_1);
// CHECK-NEXT: __builtin_free(f->a_1);
// CHECK-NEXT: f->result = returned_1;
// CHECK-NEXT: return ASYNC_DONE;
// CHECK: free_1:;
// CHECK-NEXT: __builtin_free(f->a_1);
// CHECK-NEXT: return ASYNC_FAILED;
#include <async.h>

async int total(int n)
{
	int a[n++];
	a[0] = 1;
	await async_sleep(0);
	return a[0] + (int)sizeof a;
}
