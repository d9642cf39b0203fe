// The type of a local may come out of a macro, with and without a name, and live across an await.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 3 2 5
// CHECK-NEXT: 2 4 2
// CHECK-NEXT: 7 1
#include <async.h>
#include <stdio.h>

#define OBJECT(T) \
	struct { \
		T v; \
		int k; \
	}
#define PAIR struct { int a, b; }
#define POINT struct point { int x, y; }
#define COLOR enum { RED = 1, BLUE = 7 }

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

static async void unnamed(int n)
{
	OBJECT(int) o = {n, 2};
	PAIR pair = {.b = await pause(5)};
	o.v += await pause(0);
	printf("%d %d %d\n", o.v, o.k, pair.b);
}

static async void named(int n)
{
	POINT p = {n, await pause(4)};
	struct point q = p;
	q.y = await pause(q.x);
	printf("%d %d %d\n", q.x, p.y, q.y);
}

static async void numbered(void)
{
	COLOR color = BLUE;
	int red = await pause(RED);
	printf("%d %d\n", color, red);
}

int main(void)
{
	unnamed(3);
	named(2);
	numbered();
	return 0;
}
