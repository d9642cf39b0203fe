// A macro's body may name locals of the function, also those that move into the frame.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: total=6 buffer=abc
// CHECK-NEXT: &buffer[0] point.x n buffer
// CHECK-NEXT: inner 2, outer 1
// CHECK-NEXT: entry 1, entry + 1 2
// CHECK-NEXT: chosen 3
// CHECK-NEXT: skipped
// CHECK-NEXT: (*row)[n - 1] 4, table[0][1] 2
#include <async.h>
#include <stdio.h>
#include <string.h>

#define ADD(...) (total += (__VA_ARGS__))
#define SHOW() printf("total=%d buffer=%s\n", total, buffer)
#define NAME(x) #x
#define USE_NAME(x) ((void)(x), #x)
#define DECLARE(name, value) int name = value
#define LEVEL level

/* Whether the variables are set behind the await is not known: they live in the frame. */
static async void jumped_past(int n)
{
	if (n)
		goto past;
	{
		int entry = 1;
past:
		await async_sleep(0);
		if (!n)
			printf("%s %d, %s %d\n", USE_NAME(entry), entry, USE_NAME(entry + 1), entry + 1);
	}
	switch (n) {
	case 0:;
		int chosen = 3;
		/* fall through */
	case 1:
		await async_sleep(0);
		printf("%s", n ? "skipped" : USE_NAME(chosen));
		if (!n)
			printf(" %d", chosen);
		puts("");
	}
}

static async void of_run_time_size(int n, int table[n][n])
{
	await async_sleep(0);
	int (*row)[n] = table + 1;
	await async_sleep(0);
	printf("%s %d, %s %d\n", USE_NAME((*row)[n - 1]), (*row)[n - 1], USE_NAME(table[0][1]), table[0][1]);
}

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
	await jumped_past(0);
	await jumped_past(1);
	int table[2][2] = {{1, 2}, {3, 4}};
	await of_run_time_size(2, table);
	return 0;
}
