// Behind a result or parameters that leave a part of a word, what is small comes first: padding is not needed twice.
// RUN: %asyncc --frames %s | FileCheck %s
// RUN: %exec_twin %s | FileCheck %s --check-prefix=OUT
// OUT: 21 45 9.5 7 3
#include <async.h>
#include <stdio.h>

static async void pause(void)
{
	await async_sleep(0);
}

// CHECK-LABEL: one: {{[0-9]+}} bytes
// CHECK: result {{.*}}
// CHECK-NEXT: 4 {{ *}}count
// CHECK-NEXT: 4 {{ *}}more
// CHECK-NEXT: 8 {{ *}}large
// CHECK-NOT: padding
// CHECK-LABEL: several: {{[0-9]+}} bytes
async int one(void)
{
	long large = 18;
	int count = 1, more = 2;
	await pause();
	return (int)large + count + more;
}

// CHECK: 1 {{ *}}kind
// CHECK-NEXT: 1 {{ *}}small
// CHECK-NEXT: 2 {{ *}}half
// CHECK-NEXT: 4 {{ *}}whole
// CHECK-NEXT: 8 {{ *}}large
// CHECK-NOT: padding
// CHECK-LABEL: over: {{[0-9]+}} bytes
async void several(char kind)
{
	long large = 1;
	int whole = 2;
	short half = 40;
	char small = kind;
	await pause();
	printf(" %ld", large + whole + half + small - kind + 2);
}

// What is aligned by itself stays where its alignment puts it.
// CHECK: parameter
// CHECK: value
// CHECK: aligned
// CHECK: main
async void over(int n)
{
	_Alignas(16) int aligned = n;
	double value = 9.5;
	await pause();
	printf(" %.1f %d", value, aligned);
}

async int main(void)
{
	printf("%d", await one());
	await several('x');
	await over(7);
	short n = 3;
	long m = 0;
	await pause();
	printf(" %ld\n", n + m);
	return 0;
}
