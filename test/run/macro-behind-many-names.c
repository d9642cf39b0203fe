// A macro that is another's name, thirty deep, and takes the brackets behind it in the end.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 642
#include <async.h>
#include <stdio.h>

#define F(x) ((x) + 100)
#define A30 F
#define A29 A30
#define A28 A29
#define A27 A28
#define A26 A27
#define A25 A26
#define A24 A25
#define A23 A24
#define A22 A23
#define A21 A22
#define A20 A21
#define A19 A20
#define A18 A19
#define A17 A18
#define A16 A17
#define A15 A16
#define A14 A15
#define A13 A14
#define A12 A13
#define A11 A12
#define A10 A11
#define A9 A10
#define A8 A9
#define A7 A8
#define A6 A7
#define A5 A6
#define A4 A5
#define A3 A4
#define A2 A3
#define A1 A2

static async int get(int v)
{
	await async_sleep(0);
	return v;
}

static async int sum(int k)
{
	int y = k * 2, one = A1(await get(y) + k) + y;

	await async_sleep(0);
	int two = A1 (k) + A1
		(await get(y)), three = k + A1 /* brackets */ (await get(A1(k)) + y) + A1 (y);
	return one + two + three;
}

int main(void)
{
	printf("%d\n", sum(3));
}
