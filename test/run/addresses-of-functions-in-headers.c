// An await through the address of a header's async function suspends, wherever the file takes that address: in tables, in ordinary
// functions, as the argument of a macro, and in the header's own async functions.
// RUN: %exec %s -iquote%S | FileCheck %s
// CHECK: second 3
// CHECK-NEXT: first 3
// CHECK-NEXT: second 1
// CHECK-NEXT: first 2
// CHECK-NEXT: second 2
// CHECK-NEXT: second 1
// CHECK-NEXT: second 1
// CHECK-NEXT: 2 2 1 1 second
// CHECK-NEXT: first 2
// CHECK-NEXT: second 1
// CHECK-NEXT: second 2
// CHECK-NEXT: second 1
// CHECK-NEXT: blocking 1 2
#include <async.h>
#include <stdio.h>
#include "Inputs/addressed-async.h"

static turn *const table[] = { second, first };
static turn *choose(int n) { return n ? &first : second; }
#define ENTRY(x) (x)
static turn *out_of_a_macro(void) { return ENTRY(first); }
static const char *name_of(void) { return "second"; }
static async int run(turn *function, int n) { return await function(n); }
static async int both(void)
{
	int a, b, c;
	await async_gather(a = run(table[0], 3), b = run(choose(1), 3), c = only_called(1));
	printf("%d %d %d %d %s\n", a, b, c, out_of_a_macro() == choose(1), name_of());
	async_task(int) task = async_create_task(table[1](2));
	return await *task;
}
int main(void)
{
	int result = both();
	printf("blocking %d %d\n", result, table[0](2));
	return 0;
}
