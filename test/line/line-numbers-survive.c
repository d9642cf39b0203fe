// __LINE__ and __FILE__ are those of the source, before and after an await, and in code that is not async.
// RUN: %exec %s | FileCheck %s
// CHECK: plain line-numbers-survive.c:13
// CHECK-NEXT: before line-numbers-survive.c:18
// CHECK-NEXT: after line-numbers-survive.c:20
// CHECK-NEXT: in the loop line-numbers-survive.c:23
// CHECK-NEXT: main line-numbers-survive.c:30
#include <async.h>
#include <stdio.h>

static void plain(void)
{
	printf("plain %s:%d\n", __FILE__, __LINE__);
}

async int f(void)
{
	printf("before %s:%d\n", __FILE__, __LINE__);
	await async_sleep(0);
	printf("after %s:%d\n", __FILE__, __LINE__);
	for (int i = 0; i < 1; i++) {
		await async_sleep(0);
		printf("in the loop %s:%d\n", __FILE__, __LINE__);
	} return 0; }

async int main(void)
{
	plain();
	await f();
	printf("main %s:%d\n", __FILE__, __LINE__);
	return 0;
}
