// Local typedefs, structs, enums and unnamed types keep their meaning across awaits.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 0
// CHECK-NEXT: 1
// CHECK-NEXT: 4
// CHECK-NEXT: 7
// CHECK-NEXT: 21
// CHECK-NEXT: 4
// CHECK-NEXT: 5
// CHECK-NEXT: 1
// CHECK-NEXT: 57
// CHECK-NEXT: 6
// CHECK-NEXT: 1
// CHECK-NEXT: 4
// CHECK-NEXT: 7
// CHECK-NEXT: 15
// CHECK-NEXT: 4
// CHECK-NEXT: 5
// CHECK-NEXT: 1
// CHECK-NEXT: 57
// CHECK-NEXT: 3
#include <async.h>
#include <stddef.h>
#include <stdio.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
typedef int same;
#define SHOW(x) printf("%d\n", (int)(x))
static async int shapes(int n)
{
	typedef double same;
	typedef struct { int x, y; } point;
	typedef struct node node;
	struct node { node *next; struct inner { int deep; } inner; union { int a; float b; }; struct { int w; } named; };
	enum { SMALL = 3, LARGE = SMALL * 2 };
	enum state { IDLE, BUSY = LARGE } state = BUSY;
	struct later *opaque = NULL;
	struct later { char name[LARGE]; };
	typedef int (*visitor)(point *, same);
	visitor visit = NULL;
	point p = (point){ await step(1), await step(2) };
	same ratio = 2.5;
	node first = { NULL, { 1 }, { 2 }, { 3 } }, second = { &first, .named.w = await step(5) };
	struct inner copy = second.next->inner;
	int table[LARGE] = { [SMALL] = await step(4) };
	switch (await step(n)) {
	case IDLE:
		SHOW(IDLE);
		break;
	case SMALL ... LARGE:
		SHOW(sizeof(struct later));
		state = IDLE;
		break;
	}
	await step(1);
	for (struct { int i, sum; } l = { 0, 1 }; l.i < SMALL; l.i++, l.sum += await step(3))
		SHOW(l.sum);
	SHOW(p.x + p.y + first.a + second.named.w + copy.deep + table[SMALL] + state);
	SHOW(offsetof(point, y));
	SHOW(ratio * 2);
	SHOW(((struct inner *)&copy)->deep);
	{ /* no await here: nothing moves */
		struct inner { char c[7]; } i = { "x" };
		enum { SMALL = 50 };
		SHOW(sizeof i + SMALL);
	}
	same last = ratio;
	await step(1);
	return visit == NULL && opaque == NULL && sizeof(same) == sizeof last && await step(SMALL);
}
async int main(void) { same s = 1; printf("%d\n", await shapes(0) + await shapes(5) + s); return 0; }
