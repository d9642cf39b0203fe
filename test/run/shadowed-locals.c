// A local that another of its name hides is kept across awaits in the other's scope, and is itself again behind it.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: inner 2.5 outer 7
// CHECK-NEXT: array abc, loop 1
// CHECK-NEXT: head 3 4, behind 5
// CHECK-NEXT: same type 11 1 22
// CHECK-NEXT: static 1.5 2
// CHECK-NEXT: enumerator 8 8 6
#include <async.h>
#include <stdio.h>

static async int pause(int n)
{
	await async_sleep(0);
	return n;
}

static async void parameter(int b)
{
	if (b) {
		double b;
		b = await pause(5) / 2.0;
		printf("inner %g", b);
	}
	printf(" outer %d\n", b);
}

static async void behind_a_loop(void)
{
	int sum = 0;
	for (int i = 0; i < 2; i++) {
		const int a = i;
		sum += await pause(a);
		sum *= a;
	}
	char a[] = "abc";
	printf("array %s, loop %d\n", a, sum);
}

static async void head(int b)
{
	for (int i = await pause(3), b = i + 1; i < 4; i++)
		printf("head %d %d,", i, b);
	printf(" behind %d\n", b);
}

static async void same_type(void)
{
	int n = await pause(22);
	{
		int n = 10;
		n++;
		await pause(0);
		printf("same type %d", n);
	}
	{
		int n;
		await pause(0);
		n = await pause(1);
		printf(" %d", n);
	}
	printf(" %d\n", n);
}

static async void static_local(int n)
{
	n += await pause(1);
	{
		static double n = 0.5;
		n *= await pause(3);
		printf("static %g", n);
	}
	printf(" %d\n", n);
}

static async void enumerator(int n)
{
	{
		enum { n = 8 };
		int m = await pause(n);
		printf("enumerator %d %d", m, n);
	}
	printf(" %d\n", n);
}

int main(void)
{
	parameter(7);
	behind_a_loop();
	head(5);
	same_type();
	static_local(1);
	enumerator(6);
	return 0;
}
