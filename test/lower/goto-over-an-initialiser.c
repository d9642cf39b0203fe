// A jump over an initialiser leaves the variable unset, as in C: its declaration stays, its initialiser becomes an assignment.
// RUN: %asyncc --no-line %s -o - | FileCheck %s
// CHECK-LABEL: async_status f__resume(
// CHECK: if (n)
// CHECK-NEXT: goto inside;
// CHECK: int x; x = 1;
// CHECK: inside:
#include <async.h>

async int f(int n)
{
	int sum = 0;
	if (n)
		goto inside;
	{
		int x = 1;
		sum += x;
inside:
		x = 2;
		sum += x;
		await async_sleep(0);
	}
	return sum;
}
