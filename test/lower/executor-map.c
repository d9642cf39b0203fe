// A map is one function for its job, one that stores an argument and one that takes a result: assignments, as the types may differ.
// RUN: %asyncc --no-line %s | FileCheck %s
#include <async.h>

short shorten(long n);

async void all(async_executor *pool, int *out, const int *in, size_t n, short (*pointer)(long))
{
	// CHECK: struct all__job_1 {
	// CHECK-NEXT: short result;
	// CHECK-NEXT: long arg_1;
	// CHECK: static void all__job_1__fill(void *job, void (*function)(void), const void *arguments, size_t i)
	// CHECK: j->arg_1 = ((const int *)arguments)[i];
	// CHECK: static void all__job_1__take(const void *result, void *results, size_t i)
	// CHECK: ((int *)results)[i] = *(short *)result;
	// CHECK: static const async_map_type all__job_1__map = {&all__job_1__type, all__job_1__fill, all__job_1__take};
	// CHECK: j->function = (short (*)(long))function;
	// CHECK-LABEL: all__resume(
	// CHECK: async__executor_map
	await async_executor_map(pool, 4, out, shorten, in, n);
	await async_executor_map(NULL, 0, out, pointer, in, n);
}
