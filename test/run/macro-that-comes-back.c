// A macro that was undefined and popped again is one as any other: libclang does not tell where such a macro is used.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: passed 2, taken 7, left 0
// CHECK-NEXT: table[0] + other[1] 5
// CHECK-NEXT: kept 4, counted 3, 8
#define LIMIT(x) ((x) + other)
#include <async.h>
#include <stdio.h>
#include "Inputs/undefines-a-macro-for-a-while.h"

#define TAKE(x) await next(x)
#define GIVE(x) return x
#define KEEP(name) int name = 4
#define TEXT(x) #x
#define total all
#pragma push_macro("await")
#pragma push_macro("TAKE")
#pragma push_macro("GIVE")
#pragma push_macro("KEEP")
#pragma push_macro("TEXT")
_Pragma("push_macro(\"total\")")
#undef await
#undef TAKE
#undef GIVE
#undef KEEP
#undef TEXT
#undef total
static int await(int total)
{
	return total;
}

static int pass_on(int TAKE)
{
	return await(TAKE);
}
#pragma pop_macro("await")
#pragma pop_macro("TAKE")
#pragma pop_macro("GIVE")
#pragma pop_macro("KEEP")
#pragma pop_macro("TEXT")
_Pragma("pop_macro(\"total\")")
#if 0
#undef KEEP
#pragma pop_macro("KEEP")
#endif

static async int next(int n)
{
	await async_sleep(0);
	return n + 1;
}

/* `next` comes out of itself: the macro is undefined around the functions that have it expanded, and is there in those behind. */
static int counted;
#define next(x) next((counted++, (x)))

static async int take(int n)
{
	int total = TAKE(n), *p = &total;
	await async_sleep(0);
	total += *p;
	if (n > 5)
		GIVE(0);
	GIVE(total + (await async_sleep(0), 1));
}

static async void name(void)
{
	int table[2] = {1, 2}, other[2] = {3, 4};
	await async_sleep(0);
	printf("%s %d\n", TEXT(table[0] + other[1]), table[0] + *LIMIT(1));
}

static async int keep(void)
{
	KEEP(kept);
	await async_sleep(0);
	printf("kept %d, counted %d, ", kept, counted);
	return (await async_sleep(0), kept) + await (next)(3);
}

int main(void)
{
	int passed = pass_on(2), taken = take(2), left = take(8);
	printf("passed %d, taken %d, left %d\n", passed, taken, left);
	name();
	counted++;
	printf("%d\n", keep());
}
