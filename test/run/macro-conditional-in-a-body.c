// #if, #include, #define and #line in the body of an async function.
// RUN: %exec %s -DWITH_AWAIT | FileCheck %s
// CHECK: conditional 1
// CHECK-NEXT: included 5 body.h:2
// CHECK-NEXT: 39: 3 main
// CHECK-NEXT: other.c:101
#include <async.h>
#include <stdio.h>

#define CHECK_(x, line) do { if (!(x)) return line; } while (0)

#ifdef WITHOUT_LENGTH
static async int get(void)
#else
static async int get(int n)
#endif
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
	printf("%d: %d %s\n", __LINE__, which, __func__);
#line 100 "other.c"
	await async_sleep(0);
	printf("%s:%d\n", __FILE__, __LINE__);
	return 0;
}
