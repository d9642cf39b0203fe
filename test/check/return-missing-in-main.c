// What reaches the end of main returns 0, but where there is no library around it.
// RUN: %asyncc %s -o %t.c 2>&1 | count 0
// RUN: %asyncc -ffreestanding %s -o %t.c 2>&1 | FileCheck %s
// CHECK: return-missing-in-main.c:[[@LINE+6]]:1: warning: non-void function does not return a value [-Wreturn-type]
#include <async.h>

async int main(void)
{
	await async_sleep(0);
}
