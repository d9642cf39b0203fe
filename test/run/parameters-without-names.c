// A parameter without a name takes its argument and is never read: awaited, as a task, through a pointer, from ordinary C.
// RUN: %exec %s -Wno-c2x-extensions -Wno-c23-extensions | FileCheck %s
// CHECK: 2 4 6 8
#include <async.h>
#include <stdio.h>

struct big { char bytes[100]; };

static async int second(int, int n, struct big, int (*)(void), const char *[3])
{
	await async_sleep(0);
	return 2 * n;
}
static async void nothing(int)
{
	await async_sleep(0);
}

static async int all(void)
{
	struct big big = {""};
	int (*pointer)(int, int, struct big, int (*)(void), const char *[3]) = second;
	await nothing(1);
	printf("%d ", await second(0, 1, big, NULL, NULL));
	printf("%d ", await *async_create_task(second(0, 2, big, NULL, NULL)));
	printf("%d ", await pointer(0, 3, big, NULL, NULL));
	return 0;
}

int main(void)
{
	all();
	nothing(2);
	printf("%d\n", second(0, 4, (struct big){""}, NULL, NULL));
	return 0;
}
