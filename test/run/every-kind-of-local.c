// Locals of every type keep their value, address and name across awaits; parameters and results too.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: 4 3 5.5 0 1 1
// CHECK-NEXT: 1 3 5 7 9
// CHECK-NEXT: text 2.5 3 0 0
// CHECK-NEXT: hello 1 2 4 5
// CHECK-NEXT: 11 8 6 3 5
// CHECK-NEXT: 2 b 3 1 2 1 abc
// CHECK-NEXT: 16 1.5 2.25 7 4 3
// CHECK-NEXT: 3 1 4 6
// CHECK-NEXT: 4
// CHECK-NEXT: one
// CHECK-NEXT: one
// CHECK-NEXT: 1016
// CHECK-NEXT: 8 4
// CHECK-NEXT: 4
// CHECK-NEXT: 73 5
#include <async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <complex.h>
static async int step(int n) { if (n & 1) await async_sleep(0); return n; }
struct big { char data[200]; int n; };
struct small { int a, b; };
union u { int i; double d; };
typedef int vec4 __attribute__((vector_size(16)));
static int twice(int n) { return 2 * n; }

static async int shadow(int n)
{
	int x = 1;
	{
		int x = 2;
		x += await step(n);
		{
			int x = 3;
			x += await step(1);
			printf("%d ", x);
		}
		printf("%d ", x);
	}
	{
		double x = 2.5;
		x += await step(3);
		printf("%g ", x);
	}
	for (int x = 0; x < 2; x++)
		printf("%d ", await step(x));
	printf("%d\n", x);
	return x;
}
static async int kinds(void)
{
	int array[3] = { await step(1), 2, 3 };
	int grid[2][3] = { { 1, 2, 3 }, { 4, await step(5), 6 } };
	struct big big = { "text", await step(7) };
	struct small small = { .b = await step(9) };
	union u u = { .d = 2.5 };
	_Alignas(64) int aligned = await step(3);
	_Alignas(32) char buffer[40] = "hello";
	double _Complex z = 1 + 2 * I;
	__int128 wide = (__int128)1 << 100;
	vec4 v = { 1, 2, 3, await step(4) };
	__auto_type automatic = await step(11);
	int (*function)(int) = twice;
	int (*pointer)[3] = &grid[1];
	int *pointers[2] = { &array[0], &array[2] };
	const int constant = await step(5);
	const struct small fixed = { 1, 2 };
	const char *const names[] = { "a", "b" };
	volatile int vol = 1;
	register int reg = await step(1);
	int *restrict res = array;
	_Bool flag = await step(2);
	char text[] = "abc";
	int (*const table[2])(int) = { twice, twice };
	float f = 1.5f;
	long double ld = 2.25L;
	_Atomic int counter = 3;
	await step(1);
	vol += 2;
	counter += 4;
	printf("%d %d %d %d %d\n", array[0], array[2], grid[1][1], big.n, small.b);
	printf("%s %g %d %d %d\n", big.data, u.d, aligned, (int)((uintptr_t)&aligned % 64), (int)((uintptr_t)buffer % 32));
	printf("%s %g %g %d %d\n", buffer, creal(z), cimag(z), (int)(wide >> 98), v[3] + v[0]);
	printf("%d %d %d %d %d\n", automatic, function(4), (*pointer)[2], *pointers[1], constant);
	printf("%d %s %d %d %d %d %s\n", fixed.b, names[1], vol, reg, res[1], flag, text);
	printf("%d %g %g %d %d %d\n", table[1](8), f, (double)ld, counter, 4, 3);
	await step(3);
	printf("%d %d %zu %d\n", vol, reg, sizeof text, (*function)(3));
	return 0;
}
static async int reentry(int n)
{
	int *last = NULL, same = 0;
	for (int i = 0; i < n; i++) {
		int x = i;
		int *p = &x;
		await step(1);
		*p += 1;
		same += x == i + 1;
		(void)last;
		last = p;
	}
	return same;
}
static async int statics(void)
{
	static int count = 5;
	static _Thread_local int local = 1;
	static const char *const words[] = { "zero", "one" };
	extern int outside;
	int twice(int);
	extern int puts(const char *);
	typedef int number;
	number n = await step(1);
	count += n;
	local++;
	puts(words[n]);
	return count + local + outside + twice(3);
}
int outside = 1000;
struct small pair(int a) { return (struct small){ a, a + 1 }; }
static async struct small apair(struct small s, int n) { s.a += await step(n); return s; }
static async struct big abig(struct big s) { s.n += await step(1); return s; }
static async int arrays(int a[static 4], int b[2][3], const char *const argv[], __attribute__((unused)) int unused, int n)
{
	await step(1);
	a[0] += n;
	return a[0] + b[1][2] + argv[0][0];
}
static async int fnparam(int f(int), int (*g)(int)) { int r = f(await step(1)); return r + g(await step(3)); }

async int main(void)
{
	await shadow(1);
	await kinds();
	printf("%d\n", await reentry(4));
	await statics();
	printf("%d\n", await statics());
	struct small s = await apair(pair(3), 5);
	printf("%d %d\n", s.a, s.b);
	struct big b = { .n = 3 };
	b = await abig(b);
	printf("%d\n", b.n);
	int a[4] = { 1 }, g[2][3] = { { 0 }, { 1, 2, 3 } };
	const char *const args[] = { "A" };
	printf("%d %d\n", await arrays(a, g, args, 3, 4), await fnparam(twice, abs));
	return 0;
}
