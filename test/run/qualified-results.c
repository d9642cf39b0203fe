// A result that is declared const or volatile is a value like any other.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 3 4 5 6 12
// CHECK-NEXT: 7 4 8
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
#include <async.h>
#include <stdio.h>
union both { int i; float f; };
static const union both plain(int n) { return (union both){.i = n}; }
static async const union both never(int n) { return (union both){.i = n}; }
static async const union both maybe(int n) { if (n & 4) await async_sleep(0); return plain(n); }
static async volatile int always(int n) { await async_sleep(0); return n; }
static async const int deep(int n) { return n ? await deep(n - 1) + 2 : 0; }
static async void await_all(void)
{
	const union both a = await never(3), b = await maybe(4), c = await maybe(5);
	printf("%d %d %d %d %d\n", a.i, b.i, c.i, await always(6), await deep(6));
}
int main(void)
{
	await_all();
	const union both a = never(7), b = maybe(4);
	printf("%d %d %d\n", a.i, b.i, always(8)); /* from ordinary C */
	return 0;
}
