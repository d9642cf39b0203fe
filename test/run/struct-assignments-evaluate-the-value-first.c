// A struct assignment evaluates its value before its target like any other, in expressions with an await.  (clang alone does it
// the other way round, and only for structs: no twin here.)
// RUN: %exec %s | FileCheck %s
// CHECK: value 1 to 0: 1
// CHECK-NEXT: value 2 to 1 to 0: 2 2
// CHECK-NEXT: value 3 to 1 value 4 to 0: 4 3
#include <async.h>
#include <stdio.h>

struct big { int x; char more[40]; };
static struct big all[2];
static struct big *to(int i) { printf(" to %d", i); return &all[i]; }
static async struct big value(int x)
{
	printf("%svalue %d", x == 4 ? " " : "", x);
	if (x & 1)
		await async_sleep(0);
	return (struct big){.x = x};
}

static async void assign(void)
{
	*to(0) = await value(1);
	printf(": %d\n", all[0].x);
	*to(0) = *to(1) = await value(2);
	printf(": %d %d\n", all[0].x, all[1].x);
	*to(1) = await value(3), *to(0) = await value(4);
	printf(": %d %d\n", all[0].x, all[1].x);
}

int main(void)
{
	assign();
	return 0;
}
