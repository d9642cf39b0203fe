// A map is one function for its job, one that stores an argument and one that takes a result: assignments, as the types may differ.
// RUN: %asyncc --no-line %s | FileCheck %s
#include <async.h>

short shorten(long n);

async void all(async_executor *pool, int *out, const int *in, size_t n, short (*pointer)(long))
{
	// CHECK: struct all__job_1 {
	// CHECK-NEXT: short result;
	// CHECK-NEXT: long arg_1;
	// CHECK: static void all__job_1__fill(void *async__job, void (*async__function)(void), const void *async__arguments, size_t async__i)
	// CHECK: async__j->arg_1 = ((const int *)async__arguments)[async__i];
	// CHECK: static void all__job_1__take(const void *async__result, void *async__results, size_t async__i)
	// CHECK: ((int *)async__results)[async__i] = *(short *)async__result;
	// CHECK: static const async_map_type all__job_1__map = {&all__job_1__type, all__job_1__fill, all__job_1__take};
	// CHECK: async__j->function = (short (*)(long))async__function;
	// CHECK-LABEL: all__resume(
	// CHECK: async__executor_map
	await async_executor_map(pool, 4, out, shorten, in, n);
	await async_executor_map(NULL, 0, out, pointer, in, n);
}
