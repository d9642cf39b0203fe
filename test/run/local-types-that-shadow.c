// Types declared in a block may shadow outer ones and live across awaits.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 1 2 8 7 3 3 2 1 16
// CHECK-NEXT: 5 10 9 4 4
// CHECK-NEXT: inner 11 30
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
struct point { int x; };
enum colour { RED };
async int main(void)
{
	struct point { double x, y; } a = { 1, 2 }, *pa = &a;
	enum colour { RED = 7, GREEN } c = GREEN;
	typedef struct point pt;
	typedef int number;
	struct { int u; } unnamed = { 3 };
	union { int i; char c[4]; } un = { 5 };
	enum { A = 9, B } e = B;
	pt b = { 3, 4 };
	number n = await step(1);
	struct point many[2] = { { 1, 1 }, { 2, 2 } };
	struct list { struct list *next; int v; } node = { NULL, 4 };
	node.next = &node;
	await step(1);
	printf("%g %g %d %d %d %g %g %d %g\n", a.x, pa->y, c, RED, unnamed.u, b.x, many[1].y, n, (double)sizeof(struct point));
	printf("%d %d %d %d %d\n", un.i, e, A, node.next->v, (int)sizeof(number));
	{
		struct point { char name[30]; } inner = { "inner" };
		enum { A = 11 };
		await step(1);
		printf("%s %d %zu\n", inner.name, A, sizeof(struct point));
	}
	return 0;
}
