// What is about the code goes to the resume function too; what is about the symbol or the callers stays with the entry.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK: __attribute__((hot, target("sse4.2")))
// CHECK-NEXT: static async_status f__resume(
// CHECK: __attribute__((hot, target("sse4.2"), visibility("hidden"))) async int f(int n)
// CHECK-NOT: struct f__frame f;
// CHECK-LABEL: async_status caller__resume(
// CHECK: weak_1 = weak__start(1);
#include <async.h>

__attribute__((hot, target("sse4.2"), visibility("hidden"))) async int f(int n)
{
	await async_sleep(0);
	return n;
}
__attribute__((weak)) async int weak(int n)
{
	await async_sleep(0);
	return n;
}
async int caller(void)
{
	return await weak(1);
}
