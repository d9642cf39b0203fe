// A macro's body may name locals of the function, also those that move into the frame.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: total=6 buffer=abc
// CHECK-NEXT: &buffer[0] point.x n buffer
// CHECK-NEXT: inner 2, outer 1
#include <async.h>
#include <stdio.h>
#include <string.h>

#define ADD(...) (total += (__VA_ARGS__))
#define SHOW() printf("total=%d buffer=%s\n", total, buffer)
#define NAME(x) #x
#define USE_NAME(x) ((void)(x), #x)
#define DECLARE(name, value) int name = value
#define LEVEL level

async int main(void)
{
	char buffer[8] = "";
	struct { int x, y; } point = {1, 2};
	int n = 3;
	DECLARE(total, 0);
	ADD(n);
	await async_sleep(0);
	strcpy(buffer, "abc");
	ADD((await async_sleep(0), point.x + point.y));
	(void)point;
	SHOW();
	printf("%s %s ", USE_NAME(&buffer[0]), USE_NAME(point.x));
	printf("%s %s\n", USE_NAME(n), NAME(buffer));
	int level = 1;
	{
		int level = 2;
		await async_sleep(0);
		printf("inner %d, ", LEVEL);
	}
	printf("outer %d\n", LEVEL);
	return 0;
}
