// __func__ means the user's function in the resume function, only where something names it.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK: #define __func__ "named"
// CHECK-NEXT: static async_status named__resume(
// CHECK: #undef __func__
// CHECK-NOT: #define __func__ "other"
#include <async.h>
#include <stdio.h>
#define LOG(x) printf("%s: %s\n", __func__, (x))

async void named(void)
{
	await async_sleep(0);
	LOG("done");
}
async void other(void)
{
	await async_sleep(0);
}
