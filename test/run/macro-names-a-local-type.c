// A macro's body may name types and enumerators of the function, and make text of their names, also of those that move.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 4 1 8 2 7
// CHECK-NEXT: point is 8, LAST is 3, grid is 24
#include <async.h>
#include <stddef.h>
#include <stdio.h>

#define INT(x) ((int)(x))
#define OFFSET INT(offsetof(point, y))
#define SIZE INT(sizeof(point))
#define SECOND(p) ((point *)(p))->y
#define MOST LAST
#define SHOW(T, n) "" #T " is %d", (int)(n)
#define ROW ((grid *)rows)[1]

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

static async void types(int n)
{
	typedef struct { int x, y; } point;
	enum { FIRST = 1, LAST = 3 };
	typedef int grid[n];
	point p = {1, 2};
	int rows[2][n];
	rows[1][0] = await pause(7);
	printf("%d %d %d %d %d\n", OFFSET, p.x, SIZE, SECOND(&p), ROW[0]);
	printf(SHOW(point, sizeof(point)));
	printf(", " SHOW(LAST, MOST));
	printf(", " SHOW(grid, sizeof(grid)));
	printf("\n");
}

int main(void)
{
	types(6);
	return 0;
}
