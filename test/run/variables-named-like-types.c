// Variables and parameters may be called like the types that our own text has to name where they are.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 6 13 17 41
#include <async.h>
#include <stdio.h>
typedef struct { int v; } box;
typedef int number;
static async box box_of(int box) { __typeof__(box_of(0)) b = {box}; await async_sleep(0); return b; }
static async number count(number count) { await async_sleep(0); return count + 1; }
async box elsewhere(int n);
static async box plainly(int box) { return await box_of(box + 1); }
static async int user(int box, int n)
{
	n += (await box_of(box)).v + (await elsewhere(box)).v;
	return n + await count(box);
}
static async int locals(int n)
{
	box first = await elsewhere(n);
	{
		int box = await count(n), number = 1;
		number += await count(box);
		n += box + number + (await plainly(box)).v;
	}
	box second = {n};
	n += await count(second.v);
	return n + first.v;
}
async box elsewhere(int number) { box b = {await count(number)}; return b; }
async int main(void)
{
	printf("%d %d %d", (await box_of(6)).v, await user(3, 2), (await plainly(16)).v);
	printf(" %d\n", await locals(3));
	return 0;
}
