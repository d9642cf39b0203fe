// A program that is only `async` and `await` behaves as the same program compiled without asyncc.
// RUN: %exec_twin %s | FileCheck %s
// CHECK: fib(15) = 610
// CHECK-NEXT: gcd(1071, 462) = 21
// CHECK-NEXT: [exit status 7]
#include <async.h>
#include <stdio.h>

async int fib(int n)
{
	if (n < 2)
		return n;
	return await fib(n - 1) + await fib(n - 2);
}

static async int gcd(int a, int b)
{
	return b ? await gcd(b, a % b) : a;
}

int main(void)
{
	printf("fib(15) = %d\n", fib(15));
	printf("gcd(1071, 462) = %d\n", gcd(1071, 462));
	return 7;
}
