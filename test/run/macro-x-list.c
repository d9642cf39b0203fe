// X-macros, # and ##, variadic macros and __VA_OPT__ mean in async functions what they mean elsewhere.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: red=1 green=2 blue=3
// CHECK-NEXT: sum 6
// CHECK-NEXT: [plain] [one 1] [two 1 2]
// CHECK-NEXT: file_value 42 "quoted" a, b
#include <async.h>
#include <stdio.h>

#define COLORS(X) X(red, 1) X(green, 2) X(blue, 3)
#define LOG(format, ...) printf("[" format "]" __VA_OPT__(,) __VA_ARGS__)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(...) #__VA_ARGS__
#define TEXT(x) TEXT_(x)
#define VALUE _value

static async int get(int n)
{
	await async_sleep(0);
	return n;
}

async int main(void)
{
#define FETCH(name, n) int name = await get(n);
	COLORS(FETCH)
#undef FETCH
#define FETCH(name, n) printf("%s" #name "=%d", n == 1 ? "" : " ", name);
	COLORS(FETCH)
#undef FETCH
	printf("\n");
	int sum = 0;
#define FETCH(name, n) sum += await get(name);
	COLORS(FETCH)
	printf("sum %d\n", sum);
	LOG("plain");
	printf(" ");
	LOG("one %d", await get(1));
	printf(" ");
	LOG("two %d %d", await get(1), await get(2));
	int JOIN(file, VALUE) = await get(42);
	printf("\n%s %d %s %s\n", TEXT(JOIN(file, VALUE)), file_value, TEXT("quoted"), TEXT_(a, b));
	return 0;
}
