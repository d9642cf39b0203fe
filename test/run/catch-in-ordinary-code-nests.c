// An async_catch in ordinary C, inside a function that another one calls, keeps that one's error, which has been there before.
// RUN: %exec %s | FileCheck %s
// CHECK: 12 first
// CHECK-NEXT: inner 0, 3
// CHECK-NEXT: 11 first
// CHECK-NEXT: inner 20, 0
// CHECK-NEXT: 11 first
// CHECK-NEXT: inner 0, 4
// CHECK-NEXT: 0
// CHECK-NEXT: inner 21, 0
// CHECK-NEXT: 0
// CHECK-NEXT: depth 5: 5 first
// CHECK-NEXT: after 7: 0
#include <async.h>
#include <stdio.h>

static async int number(int n)
{
	await async_sleep(0);
	if (n > 9)
		async_raise(n, "first");
	return n;
}

static int plain(int failing, int inner)
{
	int n = 0;

	number(failing);
	async_error e = async_catch(n = number(inner));
	printf("inner %d, %d\n", e.code, n);
	return n;
}

static int deep(int depth)
{
	if (depth == 0)
		return 0;
	number(depth == 5 ? 10 : 1);
	async_error e = async_catch(deep(depth - 1));
	return e.code;
}

static async int fails_with(int code)
{
	await async_sleep(0);
	async_raise(code, "first");
}

static int fails_deep(int depth)
{
	int inner = 0;

	if (depth == 0)
		return 0;
	fails_with(depth);
	async_error e = async_catch(inner = fails_deep(depth - 1));
	return e.code == depth - 1 ? inner : -1;
}

static void show(async_error e)
{
	printf("%d%s%s\n", e.code, e.code ? " " : "", e.message);
}

int main(void)
{
	int n = 0;

	show(async_catch(number(12)));
	show(async_catch(n = plain(11, 3)));
	show(async_catch(plain(11, 20)));
	show(async_catch(n = plain(1, 4)));
	show(async_catch(plain(1, 21)));
	if (async_catch(deep(5)).code != 10)
		return 1;
	async_error e = async_catch(fails_deep(5));
	printf("depth 5: %d %s\n", e.code, e.message);
	e = async_catch(n = number(7));
	printf("after %d: %d\n", n, e.code);
	return 0;
}
