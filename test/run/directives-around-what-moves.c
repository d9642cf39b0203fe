// What moves out of a function's body is what it was there: under #pragma pack, with macros that the body defines anew; and a pragma about a loop
// that becomes another is gone.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: packed 9, 10, 16, 16: 7 7
// CHECK-NEXT: packed deeply 9: 7
// CHECK-NEXT: 20 28 7 12
// CHECK-NEXT: aligned 0 0 64
// CHECK-NEXT: 46
#include <async.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define WIDTH 2
#define ALIGNMENT 16

static async int step(int n)
{
	if (n & 1)
		await async_sleep(0);
	return n;
}

static async void packs(int n)
{
#pragma pack(push, 1)
	struct tight { char c; long l; } tight = {1, await step(n)};
	_Pragma("pack(2)") struct even { char c; long l; } even = {1, await step(n)};
#pragma pack()
	struct reset { char c; long l; } reset = {1, await step(n)};
#pragma pack(pop)
	struct loose { char c; long l; } loose = {1, await step(n)};
	await async_sleep(0);
	printf("packed %zu, %zu, %zu, %zu: %ld %ld\n", sizeof tight, sizeof even, sizeof reset, sizeof loose, tight.l, loose.l);
	(void)even, (void)reset;
}

static async void packs_deeply(int n)
{
#pragma pack(push, 1)
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)") _Pragma("pack(push, 8)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	_Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)") _Pragma("pack(pop)")
	struct tight { char c; long l; } tight = {1, await step(n)};
#pragma pack(pop)
	await async_sleep(0);
	printf("packed deeply %zu: %ld\n", sizeof tight, tight.l);
}

static async void defines(void)
{
#undef WIDTH
#define WIDTH 5
	struct five { int a[WIDTH]; } five = {{await step(1)}};
	await async_sleep(0);
#undef WIDTH
#define WIDTH 7
	typedef int row[WIDTH];
	row seven = {await step(2)};
	enum { LARGEST = WIDTH + 5 } largest = LARGEST;
	await async_sleep(0);
	printf("%zu %zu %d %d\n", sizeof five, sizeof seven, WIDTH, largest);
	(void)five, (void)seven;
#undef ALIGNMENT
#define ALIGNMENT 64
	_Alignas(ALIGNMENT) char aligned[3] = "ab", *p = aligned;
	struct __attribute__((aligned(ALIGNMENT))) block { int v; } block = {await step(3)}, *q = &block;
	await async_sleep(0);
	printf("aligned %d %d %zu\n", (int)((uintptr_t)p % 64), (int)((uintptr_t)q % 64), _Alignof(struct block));
}

static async int loops(int n)
{
	int sum = 0;
#pragma GCC unroll 4
	for (int i = 0; i < n; i++)
		sum += await step(i);
#pragma GCC unroll 3
	for (int i = await step(0); i < n; i++)
		sum += i;
#pragma GCC unroll 2
	while (await step(sum) < 31)
		sum += 10;
#pragma GCC unroll 3
	for (int i = 0; i < n; i++)
		sum++;
	do
#pragma GCC unroll 2
		for (int i = 0; i < await step(1); i++)
			sum++;
	while (sum < 36);
	if (n)
#pragma GCC unroll 2
		for (int i = 0; i < 2; i++)
			sum += await step(0);
	else
		sum = 0;
	return sum;
}

int main(void)
{
	packs(7);
	packs_deeply(7);
	defines();
	printf("%d\n", loops(5));
}
