// #if, #include, #define and #line in the body of an async function.
// RUN: %exec %s -DWITH_AWAIT | FileCheck %s
// CHECK: conditional 1
// CHECK-NEXT: included 5 {{.*}}Inputs/body.h:2
// CHECK-NEXT: 33: 3
// CHECK-NEXT: other.c:101
#include <async.h>
#include <stdio.h>

static async int get(int n)
{
	await async_sleep(0);
	return n;
}

async int main(void)
{
	int n =
#if defined(WITH_AWAIT) /* the chosen one */
		await get(1)
#else
		don't
#endif
		;
	printf("conditional %d\n", n);
#include "Inputs/body.h"
#ifdef __clang__
	int which = 3;
#else
	int which = 3;
#endif
	await async_sleep(0);
	printf("%d: %d\n", __LINE__, which);
#line 100 "other.c"
	await async_sleep(0);
	printf("%s:%d\n", __FILE__, __LINE__);
	return 0;
}
