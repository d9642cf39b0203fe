// What a suspension leaves out is in the frame: values set again in part, in whole, on some ways, in arguments and in text of ours are
// kept, and so are those whose places others use meanwhile.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: in part 9 2 5 1.5 -2.0 4 7 3 8
// CHECK-NEXT: in arguments 4 7 12 21
// CHECK-NEXT: in targets 7 3 11 5
// CHECK-NEXT: on one way 13 7
// CHECK-NEXT: places -1 14 0 11
// CHECK-NEXT: callees 18 34 50
// CHECK-NEXT: loops 13 19 825 1
// CHECK-NEXT: into a loop 14 9
// CHECK-NEXT: without a frame 3 12 6 5
// CHECK-NEXT: expressions 29 17 5 37
// CHECK-NEXT: parameters 66 4.5 b 9
#include <async.h>
#include <stdio.h>
#include <string.h>

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

struct pair {
	int a, b;
};
struct bits {
	unsigned low : 3, high : 5;
};
typedef int four __attribute__((vector_size(16)));

static async void in_part(void)
{
	struct pair p = {1, 2}, *to = &(struct pair){5, 6};
	struct bits bits = {3, 8};
	_Complex double z = 1.5;
	four v = {1, 2, 3, 4};
	await pause(0);
	await pause(0);
	p.a = 9;
	await pause(0);
	__imag__ z = -2;
	await pause(0);
	v[2] = v[3] + 3;
	await pause(0);
	bits.low++;
	await pause(0);
	await pause(0);
	(&*to)->b = 3;
	await pause(0);
	printf("in part %d %d %d %.1f %.1f %d %d %d %d\n", p.a, p.b, to->a, __real__ z, __imag__ z, bits.low, v[2], to->b, bits.high);
}

static async int sum(int a, int b)
{
	await pause(0);
	return a + b;
}

static async void in_arguments(void)
{
	int n = 1, m = 2, k = 3, j = 20;
	await pause(0);
	await pause(n++);
	await sum(n += 2, m *= 2);
	await pause(0);
	m += await sum(m, -1);
	await pause((k = 12, j++));
	await pause(0);
	printf("in arguments %d %d %d %d\n", n, m, k, j);
}

static async void in_targets(void)
{
	int a = 1, b = 2, c = 3, array[2] = {0, 5}, i = 0;
	await pause(0);
	a = await pause(7);
	await pause(0);
	(b) = a > 3 ? await pause(3) : 0;
	c += await pause(8);
	await pause(0);
	array[i++] = await pause(9);
	await pause(0);
	printf("in targets %d %d %d %d\n", a, b, c, array[i]);
}

static async int on_one_way(int n)
{
	int x = n + 1;
	await pause(0);
	if (n > 4)
		x += 5;
	await pause(0);
	(void)(n && (x += 1));
	await pause(0);
	switch (n) {
	case 3:
		await pause(0);
		x++;
		/* fall through */
	case 4:
		x++;
	}
	await pause(0);
	return x;
}

static void fill(char *text, size_t size, int n)
{
	memset(text, n, size);
}

/* All of x, y and z are where text is, which is written while they are needed. */
static async int between(int n)
{
	int x = 3;
	long y = n, z = 4;
	await pause(0);
	if (n) {
		char text[24];
		fill(text, sizeof text, n);
		if (n == 1) {
			await pause(0);
			return -text[3];
		}
		n = text[1] + 1;
	}
	await pause(0);
	return x + (int)(y + z);
}

/* x and text share their place: text is written on a way without an await in its block. */
static async int places(int n)
{
	int x = 3, y = 0;
	await pause(0);
	if (n) {
		char text[24];
		fill(text, sizeof text, n);
		if (n == 1) {
			await pause(0);
			return -text[3];
		}
		x += text[n] == 100;
		y = text[n];
	}
	await pause(0);
	x += y;
	if (n == 2)
		y = await between(y);
	for (int i = 0; i < 2; i++) {
		long first = i + n, second;
		await pause(0);
		second = first + 3;
		y += await pause((int)second) * 0;
	}
	await pause(0);
	return x + y;
}

/* A callee's frame is where x was while x was not needed. */
static async int large(int n)
{
	char room[100];
	fill(room, sizeof room, n);
	await pause(0);
	return room[50];
}

static async int callees(int n)
{
	int x = n, y = 1;
	await pause(0);
	for (int i = 0; i < 3; i++) {
		await pause(0);
		y += x;
		if (i == 1) {
			int got = await large(n + 1);
			x = got;
			await pause(0);
		} else if (i == 2) {
			y += await large(7);
			continue;
		}
		await pause(0);
	}
	await pause(0);
	return y + x;
}

static async int loops(int n)
{
	int kept = n * 2, sum = 0;
	await pause(0);
	for (int i = 0; i < n; i++) {
		await pause(0);
		sum += i;
		if (i == 3)
			continue;
		await pause(kept);
		if (i == n - 1)
			kept++;
	}
	do {
		await pause(0);
		await pause(0);
	} while (sum++ < kept);
	while (kept % 4) {
		kept++;
		await pause(0);
		await pause(0);
	}
	await pause(0);
	return sum + kept - n;
}

static async int into_a_loop(int n)
{
	int x = n, y = 1;
	await pause(0);
	if (n)
		goto in;
	x = 5;
	while (y < 5) {
		await pause(0);
		x++;
	in:
		y++;
		await pause(0);
	}
	await pause(0);
	return x + y;
}

/* Begins without a frame: what is set before there is one. */
static async int without(int n, int m)
{
	if (n < 0)
		return m;
	n++;
	if (m > 3)
		m += 4;
	await pause(n++);
	await pause(0);
	return n + m;
}

static async int expressions(int n)
{
	int x = n;
	await pause(0);
	int y = ({ x++; await pause(1); x; }) + await pause(2);
	await pause(0);
	y += x ?: await pause(3);
	await pause(0);
	_Generic(1, int: x, default: y) = y + 1;
	await pause(0);
	(n ? (void)(x += y) : (void)0);
	await pause(0);
	return x;
}

static async int parameters(int n, double d, char c, struct pair p)
{
	await pause(0);
	n += 3;
	await pause(0);
	await pause(n = n * 2);
	p.b += 4;
	await pause(0);
	d += 1;
	for (; c < 'b'; c++)
		await pause(0);
	await pause(0);
	printf("parameters %d %.1f %c %d\n", n, d, c, p.b);
	return n;
}

async int main(void)
{
	await in_part();
	await in_arguments();
	await in_targets();
	printf("on one way %d", await on_one_way(6));
	printf(" %d\n", await on_one_way(3));
	printf("places");
	for (int n = 1; n < 5; n++)
		printf(" %d", n == 3 ? 0 : await places(n));
	printf("\n");
	printf("callees %d", await callees(2));
	printf(" %d", await callees(6));
	printf(" %d\n", await callees(10));
	printf("loops %d", await loops(3));
	printf(" %d", await loops(5));
	printf(" %d", await loops(40));
	printf(" %d\n", await loops(0));
	printf("into a loop %d", await into_a_loop(0));
	printf(" %d\n", await into_a_loop(1));
	printf("without a frame %d", await without(-1, 3));
	printf(" %d", await without(1, 5));
	printf(" %d", await without(3, 1));
	printf(" %d\n", await without(0, 3));
	printf("expressions %d", await expressions(5));
	printf(" %d", await expressions(2));
	printf(" %d", await expressions(0));
	printf(" %d\n", await expressions(7));
	await parameters(30, 3.5, '^', (struct pair){1, 5});
	return 0;
}
